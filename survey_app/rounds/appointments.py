"""Who holds which duty in a round: custodians, working groups, tellers. The rated chair can hold none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.accounts.operations import end_post, grant_post
from survey_app.accounts.queries import held_on, is_rated_at
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Fault, Invalid, Refused
from survey_app.journal.operations import record
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.units.models import Line, Unit
from survey_app.units.queries import below, scope

DUTY_NAMES = {Role.CUSTODIAN: "开箱人", Role.WORKING_GROUP: "评议工作小组", Role.TELLER: "计票人"}
DUTIES = frozenset(DUTY_NAMES)
OFFERED_AT_MOST = 300
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


@dataclass(frozen=True)
class Candidate:
    """Somebody offered for a duty: the login that is entered, the name and the units that people know."""

    login: str
    name: str
    units: Sequence[str]


def candidates(session: Session, actor: Actor, round_: Round, on: date) -> list[Candidate]:
    """Whom the page offers: open accounts in the organiser's line that the actor may see, the nearest first.

    Chairs come last: most of them are rated in this round. Nobody outside is named; any login can be typed.
    """
    near = case((Post.role == Role.CHAIR, 2), (Post.unit_id == round_.organiser_id, 0), else_=1)
    rows = session.execute(
        select(Account.login, Account.name, Unit.short_name)
        .join(Post, Post.account_id == Account.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Post.unit_id.in_(below(round_.organiser_id, Line.AFFILIATION)),
            Post.unit_id.in_(scope(actor, Line.AFFILIATION)),
            held_on(on),
            Account.disabled_at.is_(None),
        )
        .order_by(near, Account.name, Account.id, Post.id)
    )
    found: dict[str, Candidate] = {}
    for login, name, unit in rows:
        known = found.get(login, Candidate(login, name, ()))
        found[login] = Candidate(login, name, tuple(dict.fromkeys((*known.units, unit))))
    return list(found.values())[:OFFERED_AT_MOST]


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
