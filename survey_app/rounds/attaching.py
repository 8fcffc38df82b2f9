"""Which roster a home votes by: the newest confirmed one of the year, as long as the round is a draft."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from survey_app.core.errors import Refused
from survey_app.rosters.models import Roster, RosterState
from survey_app.rosters.operations import before_new_edition, on_change
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState

OVER = (RoundState.COUNTED, RoundState.ARCHIVED)
NOT_BEGUN = (RoundState.DRAFT, RoundState.CANCELLED)


def register_attaching() -> None:
    """Have drafts take what is confirmed, and rounds under way keep what they were frozen with."""
    on_change(follow_roster)
    before_new_edition(refuse_while_in_use)


def attach_rosters(session: Session, round_: Round) -> None:
    """Point every home of a draft at its newest confirmed roster of the year (or at none).

    A round that follows another keeps the rosters of the first: those who voted then vote again.
    """
    if round_.follows_round_id is not None:
        return
    for row in session.scalars(select(RoundHome).where(RoundHome.round_id == round_.id)):
        _attach(session, row, round_.year)
    session.flush()


def attach_missing(session: Session, round_: Round) -> None:
    """The same for homes without a roster only: one confirmed by an earlier program told no draft."""
    if round_.follows_round_id is not None:
        return
    without = select(RoundHome).where(RoundHome.round_id == round_.id, RoundHome.roster_id.is_(None))
    for row in session.scalars(without):
        _attach(session, row, round_.year)
    session.flush()


def follow_roster(session: Session, roster: Roster) -> None:
    """A roster was confirmed, returned or deleted: drafts with this home take the newest confirmed one.

    A round that follows another keeps the rosters it was planned with.
    """
    drafts = (
        select(RoundHome)
        .join(Round, Round.id == RoundHome.round_id)
        .where(
            RoundHome.home_id == roster.home_id,
            Round.year == roster.year,
            Round.state == RoundState.DRAFT,
            Round.follows_round_id.is_(None),
        )
    )
    for row in session.scalars(drafts):
        _attach(session, row, roster.year)
    if roster.state == RosterState.DRAFT:
        for row in session.scalars(select(RoundHome).where(RoundHome.roster_id == roster.id)):
            row.roster_id = None
    session.flush()


def refuse_while_in_use(session: Session, home_id: int, year: int) -> None:
    """A frozen roster gets no new edition while a round votes by it, or once it was counted.

    A planned repeat is the exception: who had been left out must come onto its roster.
    """
    using = session.execute(_rounds_of(home_id, year)).all()
    live = [title for title, kind, state in using if state not in OVER and kind != RoundKind.PRACTICE]
    counted = [title for title, kind, state in using if state in OVER and kind != RoundKind.PRACTICE]
    if live or (counted and not _repeat_is_planned(session, home_id, year)):
        raise Refused("roster_in_use", year=year, round=(live or counted)[0])


def _rounds_of(home_id: int, year: int) -> Select[str, str, str]:
    return (
        select(Round.title, Round.kind, Round.state)
        .join(RoundHome, RoundHome.round_id == Round.id)
        .where(RoundHome.home_id == home_id, Round.year == year, Round.state.not_in(NOT_BEGUN))
        .order_by(Round.opens_at.desc())
    )


def _repeat_is_planned(session: Session, home_id: int, year: int) -> bool:
    planned = (
        select(Round.id)
        .join(RoundHome, RoundHome.round_id == Round.id)
        .where(
            RoundHome.home_id == home_id,
            Round.year == year,
            Round.kind == RoundKind.REPEAT,
            Round.state == RoundState.DRAFT,
        )
    )
    return session.scalars(planned.limit(1)).first() is not None


def _attach(session: Session, row: RoundHome, year: int) -> None:
    roster = session.scalars(
        select(Roster)
        .where(
            Roster.home_id == row.home_id,
            Roster.year == year,
            Roster.state.in_((RosterState.CONFIRMED, RosterState.FROZEN)),
        )
        .order_by(Roster.edition.desc())
        .limit(1)
    ).one_or_none()
    row.roster_id = roster.id if roster else None
    row.members = roster.members if roster else 0
