"""The destruction report: what was destroyed when, in the rounds this person may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.counting.models import HomeCount
from survey_app.retention.models import Destruction
from survey_app.rounds.models import Round, RoundSecret, RoundState
from survey_app.rounds.queries import visible_rounds
from survey_app.units.models import Unit
from survey_app.units.queries import scope

PER_PAGE = 50


@dataclass(frozen=True)
class RoundRecord:
    """The keys and sealed ballots of a round: when they ended."""

    title: str
    signing_keys: datetime | None
    opening_key: datetime | None
    sealed: int | None
    counted: datetime | None


@dataclass(frozen=True)
class Line:
    """One destruction."""

    at: datetime
    kind: str
    home: str
    round: str
    amount: int


def round_records(session: Session, actor: Actor) -> list[RoundRecord]:
    """What ends with closing and counting, by round, newest first."""
    rounds = session.scalars(
        visible_rounds(session, actor)
        .where(Round.state.not_in((RoundState.DRAFT, RoundState.PREPARING, RoundState.READY)))
        .order_by(Round.closes_at.desc())
        .limit(PER_PAGE)
    ).all()
    found = []
    for round_ in rounds:
        secret = session.get(RoundSecret, round_.id)
        sealed = session.scalar(
            select(func.sum(HomeCount.sealed + HomeCount.paper)).where(
                HomeCount.round_id == round_.id, HomeCount.home_id.in_(scope(actor))
            )
        )
        erased = secret.erased_at if secret else None
        found.append(RoundRecord(round_.title, round_.closed_at or erased, erased, sealed, round_.counted_at))
    return found


def destructions(session: Session, actor: Actor, page: int) -> tuple[list[Line], int]:
    """One page of the report, newest first, and how many pages there are."""
    mine = visible_rounds(session, actor).with_only_columns(Round.id)
    within = Destruction.round_id.in_(mine) & Destruction.home_id.in_(scope(actor))
    total = session.scalar(select(func.count()).select_from(Destruction).where(within)) or 0
    rows = session.execute(
        select(Destruction, Unit.name, Round.title)
        .join(Unit, Unit.id == Destruction.home_id)
        .join(Round, Round.id == Destruction.round_id)
        .where(within)
        .order_by(Destruction.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    lines = [Line(row.at, row.kind, home, title, row.amount) for row, home, title in rows]
    return lines, max(1, -(-total // PER_PAGE))
