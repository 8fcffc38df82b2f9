"""Reads of accounts: the actor of a post, who holds which post, and the list of the administration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.accounts.permissions import permissions_of
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound
from survey_app.outbox.digest import Recipient
from survey_app.units.models import Line, Unit
from survey_app.units.queries import below, scope


def actor_of_post(session: Session, post_id: int) -> Actor:
    """The actor who holds a post; NotFound when there is none."""
    row = session.execute(
        select(Post, Account.name, Unit.name)
        .join(Account, Account.id == Post.account_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.id == post_id)
    ).one_or_none()
    if row is None:
        raise NotFound("post")
    post, name, unit_name = row
    role = Role(post.role)
    return Actor(
        account_id=post.account_id,
        name=name,
        post_id=post.id,
        role=role,
        unit_id=post.unit_id,
        unit_name=unit_name,
        permissions=permissions_of(role),
        round_id=post.round_id,
    )


def held_on(day: date) -> ColumnElement[bool]:
    """The condition under which a post is held on a day; the day it ends is its last."""
    return and_(Post.since <= day, or_(Post.until.is_(None), Post.until >= day))


def posts_of(session: Session, account_id: int, on: date) -> Sequence[Post]:
    """The posts an account holds on a day, oldest first."""
    query = select(Post).where(Post.account_id == account_id, held_on(on))
    return session.scalars(query.order_by(Post.since, Post.id)).all()


@dataclass(frozen=True)
class HeldPost:
    """One of the posts among which a person may choose."""

    id: int
    role: Role
    title: str
    unit_name: str
    unit_id: int
    account_id: int
    round_id: str | None


def held_posts(session: Session, account_id: int, on: date) -> list[HeldPost]:
    """The posts an account holds on a day with the names of their units, oldest first."""
    rows = session.execute(
        select(Post, Unit.short_name)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.account_id == account_id, held_on(on))
        .order_by(Post.since, Post.id)
    )
    return [
        HeldPost(post.id, Role(post.role), post.title, name, post.unit_id, post.account_id, post.round_id)
        for post, name in rows
    ]


def posts_at(session: Session, unit_id: int, role: Role, on: date | None = None) -> Sequence[Post]:
    """The posts of a role at a unit; those held on `on`, or those without an end when no day is given."""
    query = select(Post).where(Post.unit_id == unit_id, Post.role == role)
    query = query.where(Post.until.is_(None) if on is None else held_on(on))
    return session.scalars(query.order_by(Post.id)).all()


def is_rated_at(session: Session, account_id: int, home_id: int) -> bool:
    """Whether this person is judged when the home is: its chair by any post held, or by the unit's own entry.

    The person counts, not the post that is active: whoever holds several acts as one of them at a time.
    """
    chairs = select(Post.id).where(
        Post.account_id == account_id, Post.unit_id == home_id, Post.role == Role.CHAIR, Post.until.is_(None)
    )
    if session.scalars(chairs.limit(1)).first() is not None:
        return True
    account, home = session.get_one(Account, account_id), session.get_one(Unit, home_id)
    pairs = ((account.phone, home.chair_phone), (account.email.lower(), home.chair_email.lower()))
    return any(mine and mine == theirs for mine, theirs in pairs)


@dataclass(frozen=True)
class AccountRow:
    """A line of the administration's list: a person with the posts that lie in the scope."""

    account: Account
    posts: list[tuple[Post, str]]


def visible_accounts(
    session: Session,
    actor: Actor,
    *,
    on: date,
    text: str = "",
    role: str = "",
    unit_id: int | None = None,
    state: str = "",
    page: int = 1,
    per_page: int = 50,
) -> tuple[list[AccountRow], int]:
    """One page of the people with a post in the scope, by name, and how many there are."""
    within = select(Post.account_id).where(Post.unit_id.in_(scope(actor, Line.AFFILIATION)), held_on(on))
    if role:
        within = within.where(Post.role == role)
    if unit_id is not None:
        within = within.where(Post.unit_id == unit_id)
    query = select(Account).where(Account.id.in_(within))
    if text:
        like = [column.contains(text, autoescape=True) for column in (Account.name, Account.login)]
        query = query.where(or_(*like))
    if state:
        shut = Account.disabled_at.is_not(None)
        query = query.where({"open": ~shut, "disabled": shut, "first": Account.must_change_password}[state])
    total = session.scalars(select(func.count()).select_from(query.subquery())).one()
    found = session.scalars(
        query.order_by(Account.name, Account.id).offset((page - 1) * per_page).limit(per_page)
    ).all()
    posts = _posts_by_account(session, actor, [account.id for account in found], on)
    return [AccountRow(account, posts.get(account.id, [])) for account in found], total


def visible_account(session: Session, actor: Actor, account_id: int, on: date) -> AccountRow:
    """One person with a post in the scope; NotFound for anybody else."""
    posts = _posts_by_account(session, actor, [account_id], on)
    account = session.get(Account, account_id)
    if account is None or not posts:
        raise NotFound("account")
    return AccountRow(account, posts[account_id])


def _posts_by_account(
    session: Session, actor: Actor, ids: list[int], on: date
) -> dict[int, list[tuple[Post, str]]]:
    rows = session.execute(
        select(Post, Unit.name)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.account_id.in_(ids), held_on(on), Post.unit_id.in_(scope(actor, Line.AFFILIATION)))
        .order_by(Post.since, Post.id)
    )
    found: dict[int, list[tuple[Post, str]]] = {}
    for post, name in rows:
        found.setdefault(post.account_id, []).append((post, name))
    return found


def homes_without_chair(session: Session, actor: Actor, unit_id: int, on: date) -> list[Unit]:
    """The homes below a unit of the scope whose chair is named but has no account yet."""
    served = select(Post.unit_id).where(Post.role == Role.CHAIR, held_on(on))
    return list(
        session.scalars(
            select(Unit)
            .where(
                Unit.id.in_(below(unit_id, Line.AFFILIATION)),
                Unit.id.in_(scope(actor, Line.AFFILIATION)),
                Unit.is_home,
                Unit.closed_on.is_(None),
                Unit.chair_name != "",
                Unit.id.not_in(served),
            )
            .order_by(Unit.name, Unit.id)
        )
    )


def round_posts(session: Session, round_id: str, role: Role | None = None) -> Sequence[Post]:
    """The posts of a round that have not ended, of one role or of all."""
    query = select(Post).where(Post.round_id == round_id, Post.until.is_(None))
    if role is not None:
        query = query.where(Post.role == role)
    return session.scalars(query.order_by(Post.id)).all()


def mail_recipients(session: Session, post_ids: Collection[int], on: date) -> dict[int, Recipient]:
    """Whom a mail about these posts reaches: their holders on a day who have an address."""
    found: dict[int, Recipient] = {}
    ids = sorted(post_ids)
    for start in range(0, len(ids), 5_000):
        rows = session.execute(
            select(Post, Account, Unit.name)
            .join(Account, Account.id == Post.account_id)
            .join(Unit, Unit.id == Post.unit_id)
            .where(Post.id.in_(ids[start : start + 5_000]), held_on(on))
            .where(Account.email != "", Account.disabled_at.is_(None))
        )
        for post, account, unit in rows:
            label = f"{unit}　{post.title}".rstrip("　")
            found[post.id] = Recipient(account.id, account.name, account.email, label)
    return found
