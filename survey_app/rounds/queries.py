"""Reads of rounds, within the actor's scope."""

from __future__ import annotations

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound
from survey_app.rounds.models import CustodianStep, Round, RoundHome, RoundSecret, RoundState, SchemeVersion
from survey_app.rounds.policy import Policy
from survey_app.units.models import Unit
from survey_app.units.queries import scope

ROUND_ROLES = frozenset({Role.CUSTODIAN, Role.WORKING_GROUP, Role.TELLER})


def visible_rounds(_session: Session, actor: Actor) -> Select[Round]:
    """Rounds the actor may read: his own round's in a round post, else those that touch his scope.

    An organiser sees every state; others see a round from `ready` on, when it has become a fact.
    """
    if actor.role in ROUND_ROLES:
        return select(Round).where(Round.id == actor.round_id)
    within = scope(actor)
    touching = select(RoundHome.round_id).where(RoundHome.home_id.in_(within))
    known = Round.state.not_in((RoundState.DRAFT, RoundState.PREPARING))
    return select(Round).where(or_(Round.organiser_id.in_(within), Round.id.in_(touching) & known))


def visible_round(session: Session, actor: Actor, round_id: str) -> Round:
    """One round within the scope, or NotFound."""
    found = session.scalars(visible_rounds(session, actor).where(Round.id == round_id)).one_or_none()
    if found is None:
        raise NotFound("round")
    return found


def organised_round(session: Session, actor: Actor, round_id: str, *, lock: bool = False) -> Round:
    """A round whose organiser stands in the actor's scope: the only ones he may run."""
    statement = select(Round).where(Round.id == round_id, Round.organiser_id.in_(scope(actor)))
    found = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("round")
    return found


def round_homes(session: Session, round_id: str) -> list[tuple[RoundHome, Unit]]:
    """The homes of a round with their units, in the units' order."""
    rows = session.execute(
        select(RoundHome, Unit)
        .join(Unit, Unit.id == RoundHome.home_id)
        .where(RoundHome.round_id == round_id)
        .order_by(Unit.name, Unit.id)
    )
    return [(home, unit) for home, unit in rows]


def visible_round_home(session: Session, actor: Actor, round_id: str, home_id: int) -> tuple[RoundHome, Unit]:
    """One home of a round, both within the scope."""
    visible_round(session, actor, round_id)
    statement = (
        select(RoundHome, Unit)
        .join(Unit, Unit.id == RoundHome.home_id)
        .where(RoundHome.round_id == round_id, RoundHome.home_id == home_id)
    )
    if actor.role is not Role.CUSTODIAN:
        statement = statement.where(RoundHome.home_id.in_(scope(actor)))
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("home")
    return row[0], row[1]


def reporting_home(session: Session, actor: Actor, round_id: str, home_id: int) -> tuple[RoundHome, Unit]:
    """The chair's own home, in a draft too: the work report is written before the round becomes a fact."""
    actor.need("report.write")
    row = session.execute(
        select(RoundHome, Unit)
        .join(Unit, Unit.id == RoundHome.home_id)
        .where(
            RoundHome.round_id == round_id, RoundHome.home_id == home_id, RoundHome.home_id.in_(scope(actor))
        )
    ).one_or_none()
    if row is None:
        raise NotFound("home")
    return row[0], row[1]


def policy_of(round_: Round) -> Policy:
    """The policy the round carries (frozen at `ready`)."""
    return Policy.from_dict(round_.policy)


def schemes_for(session: Session, unit_ids: list[int], since: int) -> list[SchemeVersion]:
    """Schemes of the given units (an organiser and its superiors) for `since` and later, newest first."""
    return list(
        session.scalars(
            select(SchemeVersion)
            .where(SchemeVersion.issuer_unit_id.in_(unit_ids), SchemeVersion.year >= since)
            .order_by(SchemeVersion.issued_at.desc())
        )
    )


def secret_of(session: Session, round_id: str) -> RoundSecret | None:
    """The round's secrets row, if it has one."""
    return session.get(RoundSecret, round_id)


def custodian_steps(session: Session, round_id: str) -> dict[str, set[int]]:
    """Which accounts confirmed which step of the ceremony."""
    found: dict[str, set[int]] = {}
    for step in session.scalars(select(CustodianStep).where(CustodianStep.round_id == round_id)):
        found.setdefault(step.step, set()).add(step.account_id)
    return found
