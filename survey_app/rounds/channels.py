"""By which channels a home's members vote, and who came: set in the draft, counted when voting is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import Fault, Invalid, Refused
from survey_app.journal.operations import record
from survey_app.rounds.appointments import refuse_own_home
from survey_app.rounds.models import (
    BallotClass,
    Channel,
    Electorate,
    Round,
    RoundHome,
    RoundState,
)
from survey_app.rounds.operations import move
from survey_app.rounds.readiness import Missing
from survey_app.rounds.states import ROUND
from survey_app.units.models import Unit

MOST_CARDS = 10_000


def set_channel(
    session: Session,
    actor: Actor,
    round_: Round,
    home_ids: Collection[int],
    *,
    channel: Channel,
    cards: int,
    at: datetime,
) -> int:
    """Choose the channel of some homes of a draft, and how many cards each ballot class gets printed."""
    actor.need("round.edit")
    ROUND.target(RoundState(round_.state), "edit")
    faults = []
    if not 0 <= cards <= MOST_CARDS:
        faults.append(Fault("cards_out_of_range", {"most": MOST_CARDS}, "cards"))
    if channel is Channel.CARDS and cards == 0:
        faults.append(Fault("cards_needed", {}, "cards"))
    if channel is Channel.PAPER and cards:
        faults.append(Fault("cards_without_use", {}, "cards"))
    homes = session.scalars(
        select(RoundHome).where(RoundHome.round_id == round_.id, RoundHome.home_id.in_(home_ids))
    ).all()
    if not homes:
        faults.append(Fault("homes_missing", {}, "homes"))
    if faults:
        raise Invalid(faults)
    for home in homes:
        home.channel, home.cards = channel, cards
    move(session, round_, "edit")
    record(
        session,
        actor,
        "round.channel_chosen",
        "round",
        round_.id,
        at=at,
        homes=len(homes),
        channel=str(channel),
        cards=cards,
    )
    return len(homes)


def needs_present(round_: Round, home: RoundHome) -> bool:
    """Whether the number of those who came must be known before counting."""
    return round_.electorate == Electorate.DELEGATES or home.channel != Channel.LINKS


def count_desk(
    session: Session,
    actor: Actor,
    round_: Round,
    home: RoundHome,
    *,
    present: int | None,
    cards_left: Mapping[str, int],
    at: datetime,
) -> None:
    """What the desk counts when voting is over: who came, and the cards left in each class's envelope."""
    actor.need("card.hand_out")
    refuse_own_home(session, actor, home.home_id)
    if round_.state != RoundState.CLOSED:
        raise Refused("wrong_state", thing="round", state=round_.state, action="count_desk")
    faults = []
    if needs_present(round_, home):
        if present is None or not 0 <= present <= home.members:
            faults.append(Fault("present_out_of_range", {"most": home.members}, "present"))
        home.present = present
    for row in session.scalars(classes_of(round_.id, home.home_id)) if home.cards else ():
        left = cards_left.get(row.id)
        if left is None or not 0 <= left <= home.cards:
            faults.append(Fault("cards_left_out_of_range", {"most": home.cards}, f"left-{row.id}"))
        row.cards_left = left
    if faults:
        raise Invalid(faults)
    session.flush()
    subject = f"{round_.id}/{home.home_id}"
    record(
        session,
        actor,
        "desk.counted",
        "round_home",
        subject,
        at=at,
        present=present,
        cards_left=sum(cards_left.values()),
    )


def classes_of(round_id: str, home_id: int) -> Select[BallotClass]:
    """The ballot classes of a home in their order."""
    return (
        select(BallotClass)
        .where(BallotClass.round_id == round_id, BallotClass.home_id == home_id)
        .order_by(BallotClass.ordinal)
    )


def letter_of(ordinal: int) -> str:
    """The letter on paper forms by which a teller knows the class: A for the first."""
    return chr(ord("A") + ordinal - 1)


def desk_uncounted(session: Session, round_: Round) -> list[Missing]:
    """Homes whose desk has not counted those who came, or the cards left over (before counting)."""
    return [
        Missing("desk_uncounted", {"name": name}, "working_group", link)
        for home, name in _rows(session, round_)
        if _is_uncounted(session, round_, home)
        for link in [("invitations.desk_count", {"round_id": round_.id, "home_id": home.home_id})]
    ]


def _rows(session: Session, round_: Round) -> list[tuple[RoundHome, str]]:

    rows = session.execute(
        select(RoundHome, Unit.name)
        .join(Unit, Unit.id == RoundHome.home_id)
        .where(RoundHome.round_id == round_.id)
        .order_by(Unit.name)
    )
    return [(home, name) for home, name in rows]


def _is_uncounted(session: Session, round_: Round, home: RoundHome) -> bool:
    if needs_present(round_, home) and home.present is None:
        return True
    if not home.cards:
        return False
    rows = session.scalars(classes_of(round_.id, home.home_id))
    return any(row.cards_left is None for row in rows)
