"""Reads of accounts: the actor of a post, who holds which post, and the list of the administration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.accounts.permissions import permissions_of
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound
from survey_app.outbox.digest import Recipient
from survey_app.units.models import Unit


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


def held_posts(session: Session, account_id: int, on: date) -> list[HeldPost]:
    """The posts an account holds on a day with the names of their units, oldest first."""
    rows = session.execute(
        select(Post, Unit.short_name)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.account_id == account_id, held_on(on))
        .order_by(Post.since, Post.id)
    )
    return [HeldPost(post.id, Role(post.role), post.title, name) for post, name in rows]


def posts_at(session: Session, unit_id: int, role: Role, on: date | None = None) -> Sequence[Post]:
    """The posts of a role at a unit; those held on `on`, or those without an end when no day is given."""
    query = select(Post).where(Post.unit_id == unit_id, Post.role == role)
    query = query.where(Post.until.is_(None) if on is None else held_on(on))
    return session.scalars(query.order_by(Post.id)).all()


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
