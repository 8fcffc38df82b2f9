"""The ways in which a person is told of order matters at once: mail, SMS, WeCom, as each one chose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.accounts.queries import held_on
from survey_app.core.actor import Actor
from survey_app.core.errors import Refused
from survey_app.journal.operations import record
from survey_app.outbox.transport import Channel

ADDRESS = {Channel.MAIL: "email", Channel.SMS: "phone", Channel.WECOM: "phone"}


@dataclass(frozen=True)
class Way:
    """One way to one person in a post."""

    account_id: int
    name: str
    channel: Channel
    address: str


def ways_to(session: Session, post_ids: Collection[int], on: date) -> dict[int, list[Way]]:
    """The ways to the people who hold these posts on a day; who has no address has none."""
    rows = session.execute(
        select(Post.id, Account)
        .join(Account, Account.id == Post.account_id)
        .where(Post.id.in_(sorted(post_ids)), held_on(on), Account.disabled_at.is_(None))
    )
    return {post_id: ways_of(account) for post_id, account in rows}


def ways_of(account: Account) -> list[Way]:
    """The ways a person chose and has an address for."""
    return [
        Way(account.id, account.name, channel, address)
        for channel, column in ADDRESS.items()
        if getattr(account, f"told_by_{channel}") and (address := getattr(account, column).strip())
    ]


def choose_ways(
    session: Session, actor: Actor, account: Account, channels: Collection[Channel], *, at: datetime
) -> None:
    """Remember how this person wants to be told, never for another; the desk tells everybody anyway."""
    if account.id != actor.account_id:
        raise Refused("role_may_not")
    for channel in ADDRESS:
        setattr(account, f"told_by_{channel}", channel in channels)
    session.flush()
    chosen = sorted(str(channel) for channel in channels)
    record(session, actor, "account.ways_chosen", "account", account.id, at=at, channels=chosen)
