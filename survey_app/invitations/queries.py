"""Reads of the identified side: a code's entitlement, and the sums of a home that the count rule needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from survey_app.invitations.models import (
    Exchange,
    Invitation,
    InvitationState,
    ReplacementCount,
    RetiredCode,
)
from survey_app.invitations.window import Hours
from survey_app.rosters.models import RosterMember
from survey_app.rounds.ballot_classes import level_of, level_words, merged_levels
from survey_app.rounds.models import BallotClass, Channel, Round, RoundHome

USED = (InvitationState.ISSUED, InvitationState.EXCHANGED)


@dataclass(frozen=True)
class Entitlement:
    """What a code stands for."""

    state: str
    round_id: str
    home_id: int
    class_id: str
    hours: Hours


# Every member asks this: written once for the process, and no column more than the answer needs.
_invitation, _round, _retired = Invitation.__table__.c, Round.__table__.c, RetiredCode.__table__.c
_OF_CODE = (
    select(
        *(_invitation.state, _invitation.round_id, _invitation.home_id, _invitation.class_id),
        *(_round.state, _round.opens_at, _round.closes_at),
    )
    .join_from(Invitation.__table__, Round.__table__, _round.id == _invitation.round_id)
    .where(_invitation.code_mac == bindparam("code_mac"))
)
_RETIRED = select(_retired.round_id).where(_retired.code_mac == bindparam("code_mac"))


def entitlement_of(session: Session, code_mac: bytes) -> Entitlement | None:
    """The entitlement of a valid code."""
    row = session.execute(_OF_CODE, {"code_mac": code_mac}).one_or_none()
    return None if row is None else Entitlement(*row[:4], Hours(*row[4:]))


def is_retired(session: Session, code_mac: bytes) -> bool:
    """Whether the code was replaced by a newer one."""
    return session.execute(_RETIRED, {"code_mac": code_mac}).one_or_none() is not None


def invitation_of_number(session: Session, round_id: str, home_id: int, number: str) -> Invitation | None:
    """The entitlement of the member with this roster number: one, never a list."""
    return session.scalars(
        select(Invitation)
        .join(RosterMember, RosterMember.id == Invitation.member_id)
        .where(
            Invitation.round_id == round_id,
            Invitation.home_id == home_id,
            RosterMember.number == number.strip(),
        )
    ).one_or_none()


@dataclass(frozen=True)
class ClassEntitlements:
    """M, I, R and X of the count rule for one ballot class, and the cards that left its envelope."""

    class_id: str
    label: str
    members: int
    issued: int
    replaced: int
    exchanged_card: int
    exchanged_paper: int
    cards_handed_out: int = 0


def entitlements(session: Session, round_id: str, home_id: int) -> list[ClassEntitlements]:
    """The sums of every class of a home; a signature that was replaced stays a signature given.

    Where nobody has a link, the number of those who came stands for the exchanges.
    """
    home = session.get_one(RoundHome, (round_id, home_id))
    came = home.present or 0
    classes = session.scalars(
        select(BallotClass)
        .where(BallotClass.round_id == round_id, BallotClass.home_id == home_id)
        .order_by(BallotClass.ordinal)
    ).all()
    counted = {
        (class_id, state, exchanged_for): n
        for class_id, state, exchanged_for, n in session.execute(
            select(Invitation.class_id, Invitation.state, Invitation.exchanged_for, func.count())
            .where(Invitation.round_id == round_id, Invitation.home_id == home_id)
            .group_by(Invitation.class_id, Invitation.state, Invitation.exchanged_for)
        )
    }
    replaced = {
        row.class_id: row.granted
        for row in session.scalars(
            select(ReplacementCount).where(ReplacementCount.class_id.in_([row.id for row in classes]))
        )
    }
    return [
        ClassEntitlements(
            class_id=row.id,
            label=row.label,
            members=row.members,
            issued=counted.get((row.id, InvitationState.ISSUED, None), 0) + replaced.get(row.id, 0),
            replaced=replaced.get(row.id, 0),
            exchanged_card=came
            if home.channel == Channel.CARDS
            else counted.get((row.id, InvitationState.EXCHANGED, Exchange.CARD), 0),
            exchanged_paper=came
            if home.channel == Channel.PAPER
            else counted.get((row.id, InvitationState.EXCHANGED, Exchange.PAPER), 0),
            cards_handed_out=home.cards - (row.cards_left or 0),
        )
        for row in classes
    ]


@dataclass(frozen=True)
class Group:
    """Merged levels of the roster, never a few people, and how many members used their entitlement."""

    variable: str
    label: str
    members: int
    redeemed: int


def redeemed_groups(
    session: Session, round_id: str, home_id: int, variables: Sequence[str], *, least: int
) -> list[Group]:
    """Participation by roster level, for the gate that a group stayed away (scoring.md 0, I4).

    Levels are merged like those of ballot classes until each has `least` members: this record outlives the
    roster, and a group of one would say for years whether that person voted.
    """
    rows = session.execute(
        select(RosterMember, Invitation.state)
        .join(Invitation, Invitation.member_id == RosterMember.id)
        .where(Invitation.round_id == round_id, Invitation.home_id == home_id)
    ).all()
    if len(rows) < least:
        return []
    groups = []
    for variable in variables:
        merged = merged_levels(variable, [member for member, _ in rows], least)
        members = Counter(merged[level_of(member, variable)] for member, _ in rows)
        redeemed = Counter(merged[level_of(member, variable)] for member, state in rows if state in USED)
        groups += [
            Group(variable, level_words(level), members[level], redeemed[level])
            for level in dict.fromkeys(merged.values())
        ]
    return groups
