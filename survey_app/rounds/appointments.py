"""Who holds which duty in a round: custodians, working groups, tellers. The rated chair can hold none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.accounts.operations import end_post, grant_post
from survey_app.accounts.queries import is_rated_at
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Fault, Invalid, Refused
from survey_app.journal.operations import record
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.units.models import Unit

DUTY_NAMES = {Role.CUSTODIAN: "开箱人", Role.WORKING_GROUP: "评议工作小组", Role.TELLER: "计票人"}
DUTIES = frozenset(DUTY_NAMES)
SETTLED = frozenset({RoundState.COUNTING, RoundState.COUNTED, RoundState.ARCHIVED, RoundState.CANCELLED})


def appoint(
    session: Session,
    actor: Actor,
    round_: Round,
    account: Account,
    role: Role,
    unit: Unit,
    *,
    at: datetime,
) -> Post:
    """Give `account` a duty: custodians at the organiser, working group and tellers at one home."""
    actor.need("round.appoint")
    if role not in DUTIES:
        raise Refused("not_a_round_duty", role=str(role))
    _refuse_settled(round_, role)
    faults = [
        *_rated_chair(session, round_, account, role, unit),
        *_held_already(session, round_, account, role, unit),
    ]
    if faults:
        raise Invalid(faults)
    # The role menu shows this title: a person may hold the same duty in several rounds.
    title = f"{DUTY_NAMES[role]}（{round_.title}）"[:60]
    post = grant_post(session, actor, account, role, unit, round_id=round_.id, title=title, at=at)
    record(
        session,
        actor,
        "round.appointed",
        "round",
        round_.id,
        at=at,
        role=str(role),
        account=account.id,
        unit=unit.id,
    )
    return post


def dismiss(session: Session, actor: Actor, round_: Round, post: Post, *, at: datetime) -> None:
    """Take a duty back before it has been used."""
    actor.need("round.appoint")
    if post.round_id != round_.id:
        raise Refused("not_a_round_duty", role=post.role)
    _refuse_settled(round_, Role(post.role))
    end_post(session, actor, post, by_round=True, at=at)
    record(
        session, actor, "round.dismissed", "round", round_.id, at=at, role=post.role, account=post.account_id
    )


def duties(session: Session, round_id: str, role: Role | None = None) -> list[tuple[Post, Account, Unit]]:
    """Everybody who holds a duty in the round now."""
    statement = (
        select(Post, Account, Unit)
        .join(Account, Account.id == Post.account_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.round_id == round_id, Post.until.is_(None))
        .order_by(Post.role, Unit.name, Account.name)
    )
    if role is not None:
        statement = statement.where(Post.role == role)
    return [(post, account, unit) for post, account, unit in session.execute(statement)]


def _refuse_settled(round_: Round, role: Role) -> None:
    # The custodians of a key that exists cannot be exchanged: whoever made it holds its halves.
    frozen = round_.state in SETTLED or (role is Role.CUSTODIAN and round_.state != RoundState.DRAFT)
    if frozen:
        raise Refused("wrong_state", thing="round", state=round_.state, action="appoint")


def refuse_own_home(session: Session, actor: Actor, home_id: int) -> None:
    """Codes, slips, cards and paper of a home never pass through the hands of the person it rates.

    Whatever post is active: a chair may be in the working group of another home, never of the own.
    """
    if not actor.is_system and is_rated_at(session, actor.account_id, home_id):
        raise Refused("own_home_is_rated")


def _rated_chair(session: Session, round_: Round, account: Account, role: Role, unit: Unit) -> list[Fault]:
    rated = [unit.id]
    if role is Role.CUSTODIAN:
        rated = list(session.scalars(select(RoundHome.home_id).where(RoundHome.round_id == round_.id)))
    if any(is_rated_at(session, account.id, home_id) for home_id in rated):
        return [Fault("rated_chair_holds_no_duty", {"name": account.name}, "account")]
    return []


def _held_already(session: Session, round_: Round, account: Account, role: Role, unit: Unit) -> list[Fault]:
    held = session.scalars(
        select(Post.id).where(
            Post.account_id == account.id,
            Post.role == role,
            Post.unit_id == unit.id,
            Post.round_id == round_.id,
            Post.until.is_(None),
        )
    ).first()
    return [Fault("duty_held_already", {"name": account.name}, "account")] if held else []
