"""The page of one round for its organiser: where it stands, what is missing, what comes next, every home."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Fault
from survey_app.counting.models import CountingRun, HomeCount
from survey_app.counting.queries import counting_run
from survey_app.counting.run import OpeningStands, opening_stands
from survey_app.invitations.turnout import Turnout, turnouts
from survey_app.outbox.models import Job
from survey_app.rosters.models import Roster
from survey_app.rounds.appointments import duties
from survey_app.rounds.models import Round, RoundState
from survey_app.rounds.queries import round_homes, visible_round
from survey_app.rounds.readiness import Missing, Stage, missing_before
from survey_app.rounds.states import ROUND
from survey_app.rounds.wording import DUTY_TITLES, OWNER_TITLES
from survey_app.units.models import Unit
from survey_app.units.queries import is_below
from survey_app.web.errors import sentence

STEPS = (RoundState.DRAFT, RoundState.READY, RoundState.VOTING, RoundState.CLOSED, RoundState.COUNTED)
STANDS_AT = {
    RoundState.DRAFT: 0,
    RoundState.PREPARING: 0,
    RoundState.READY: 1,
    RoundState.OPENING: 1,
    RoundState.VOTING: 2,
    RoundState.CLOSING: 2,
    RoundState.CLOSED: 3,
    RoundState.COUNTING: 3,
    RoundState.COUNTED: 4,
    RoundState.ARCHIVED: 4,
    RoundState.CANCELLED: 0,
}
NEXT_STAGE: dict[RoundState, Stage] = {
    RoundState.DRAFT: "ready",
    RoundState.READY: "open",
    RoundState.CLOSED: "count",
}


@dataclass(frozen=True)
class MissingLine:
    """A missing thing in words, with who must do it and where."""

    text: str
    owner: str
    link: tuple[str, dict[str, Any]] | None


@dataclass(frozen=True)
class HomeLine:
    """A home of the round: roster, turnout as it may be shown, and the count once there is one."""

    id: int
    name: str
    members: int
    roster_state: str | None
    turnout: Turnout | None
    count: HomeCount | None


@dataclass(frozen=True)
class RoundView:
    """Everything the page of a round shows."""

    round: Round
    organiser: str
    may_run: bool
    state: RoundState
    step: int
    missing: list[MissingLine]
    homes: list[HomeLine]
    people: dict[str, list[str]]
    actions: frozenset[str]
    progress: tuple[int, int] | None
    opening: tuple[OpeningStands, CountingRun | None] | None
    totals: dict[str, int] = field(default_factory=dict)


def round_view(session: Session, actor: Actor, round_id: str, *, at: datetime) -> RoundView:
    """The page of a round; outside the scope NotFound. Homes beyond the actor's own scope are left out."""
    round_ = visible_round(session, actor, round_id)
    state = RoundState(round_.state)
    runs = actor.may("round.run") and is_below(session, round_.organiser_id, actor.unit_id)
    stage = NEXT_STAGE.get(state)
    missing = missing_before(session, round_, stage) if stage and runs else []
    homes = _home_lines(session, actor, round_, state, at)
    return RoundView(
        round=round_,
        organiser=session.scalars(select(Unit.name).where(Unit.id == round_.organiser_id)).one(),
        may_run=runs,
        state=state,
        step=STANDS_AT[state],
        missing=[_line(item) for item in missing],
        homes=homes,
        people=_people(session, actor, round_id),
        actions=frozenset(ROUND.actions(state, actor.permissions)) if runs else frozenset(),
        progress=_progress(session, round_id),
        opening=_opening(session, round_id, at) if state is RoundState.COUNTING else None,
        totals={
            "members": sum(home.members for home in homes),
            "used": sum(home.turnout.used for home in homes if home.turnout),
        },
    )


def _line(item: Missing) -> MissingLine:
    link = (item.link[0], dict(item.link[1])) if item.link else None
    text = sentence(Fault(item.code, dict(item.details)))
    return MissingLine(text, str(OWNER_TITLES.get(item.owner, item.owner)), link)


def _home_lines(
    session: Session, actor: Actor, round_: Round, state: RoundState, at: datetime
) -> list[HomeLine]:
    rows = [
        (home, unit)
        for home, unit in round_homes(session, round_.id)
        if actor.role is Role.CUSTODIAN or is_below(session, unit.id, actor.unit_id)
    ]
    ids = [unit.id for _home, unit in rows]
    voted = state not in {RoundState.DRAFT, RoundState.PREPARING, RoundState.READY, RoundState.OPENING}
    shares = turnouts(session, round_.id, ids, at=at, state=state) if voted else {}
    rosters: dict[int, str] = dict(
        session.execute(
            select(Roster.id, Roster.state).where(
                Roster.id.in_([home.roster_id for home, _unit in rows if home.roster_id])
            )
        ).all()
    )
    counts = {
        count.home_id: count
        for count in session.scalars(select(HomeCount).where(HomeCount.round_id == round_.id))
    }
    return [
        HomeLine(
            id=unit.id,
            name=unit.name,
            members=home.members,
            roster_state=rosters.get(home.roster_id) if home.roster_id else None,
            turnout=shares.get(unit.id),
            count=counts.get(unit.id),
        )
        for home, unit in rows
    ]


def _people(session: Session, actor: Actor, round_id: str) -> dict[str, list[str]]:
    """Who serves the round; who serves one home is named only to those who see that home."""
    held = [
        duty
        for duty in duties(session, round_id)
        if duty[0].role == Role.CUSTODIAN or is_below(session, duty[0].unit_id, actor.unit_id)
    ]
    return {
        str(title): [account.name for post, account, _unit in held if post.role == role]
        for role, title in DUTY_TITLES.items()
    }


def _opening(session: Session, round_id: str, at: datetime) -> tuple[OpeningStands, CountingRun | None]:
    """Where the opening stands: it is people who keep it going, not the worker."""
    run = counting_run(session, round_id)
    return opening_stands(run, at), run


def _progress(session: Session, round_id: str) -> tuple[int, int] | None:
    """How far the worker is with the step in hand."""
    jobs = session.scalars(
        select(Job).where(Job.slot.like(f"counting.%/{round_id}/%"), Job.state.in_(("waiting", "running")))
    ).all()
    return next(((job.done, job.total) for job in jobs if job.total), None) if jobs else None
