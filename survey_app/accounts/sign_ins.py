"""Signed-in browsers: a random token in a cookie, its hash in a row that can be revoked."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.accounts.duty_calls import by_urgency
from survey_app.accounts.models import Account, SignIn
from survey_app.accounts.queries import HeldPost, actor_of_post, held_posts, posts_of
from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import NotFound, Refused

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)
NOTED_EVERY = timedelta(minutes=5)
FRESH = timedelta(minutes=15)


@dataclass(frozen=True)
class SignedIn:
    """Who stands behind a token: the actor in his post, and what the session still asks of him."""

    actor: Actor
    posts: list[HeldPost]
    must_change_password: bool
    has_second_factor: bool
    confirmed_at: datetime | None
    seen_at: datetime


def token_hash(token: str) -> bytes:
    """What is stored of a token: whoever reads the table cannot sign in with it."""
    return hashlib.sha256(token.encode()).digest()


def open_sign_in(session: Session, account: Account, *, at: datetime, post_id: int | None = None) -> str:
    """Begin a session and return its token, in the given post or the first one held; Refused without any."""
    held = held_posts(session, account.id, beijing_day(at))
    if not held:
        raise Refused("no_post")
    if post_id is None:
        # A lasting post before the duties of a round, and of those the one that waits for this person.
        lasting = [post for post in held if post.round_id is None]
        post_id = lasting[0].id if lasting else by_urgency(session, held, at)[0][0].id
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=token_hash(token),
            account_id=account.id,
            post_id=post_id,
            created_at=at,
            seen_at=at,
            confirmed_at=at,
            expires_at=at + LONGEST,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, token: str, *, at: datetime) -> SignedIn | None:
    """Who is signed in by `token` at `at`; None when unknown, revoked, expired or disabled."""
    row = session.execute(
        select(SignIn, Account)
        .join(Account, Account.id == SignIn.account_id)
        .where(SignIn.token_hash == token_hash(token))
    ).one_or_none()
    if row is None:
        return None
    found, account = row
    if account.disabled_at is not None or at >= found.expires_at or at - found.seen_at > IDLE:
        return None
    held = held_posts(session, account.id, beijing_day(at))
    if not held:
        return None
    ids = [post.id for post in held]
    return SignedIn(
        actor=actor_of_post(session, found.post_id if found.post_id in ids else ids[0]),
        posts=held,
        must_change_password=account.must_change_password,
        has_second_factor=account.totp_secret is not None,
        confirmed_at=found.confirmed_at,
        seen_at=found.seen_at,
    )


def note_seen(session: Session, token: str, *, at: datetime) -> None:
    """Remember that the session is in use."""
    found = session.get(SignIn, token_hash(token))
    if found is not None:
        found.seen_at = at


def note_confirmed(session: Session, token: str, *, at: datetime) -> None:
    """Remember that the person has just given the password again."""
    found = session.get(SignIn, token_hash(token))
    if found is not None:
        found.confirmed_at = at


def switch_post(session: Session, token: str, post_id: int, *, at: datetime) -> Actor:
    """Go on in another post of the same person; NotFound for a post that is not his or has ended."""
    found = session.get(SignIn, token_hash(token))
    if found is None:
        raise NotFound("post")
    held: set[int] = {post.id for post in posts_of(session, found.account_id, beijing_day(at))}
    if post_id not in held:
        raise NotFound("post")
    found.post_id = post_id
    return actor_of_post(session, post_id)


def close_sign_in(session: Session, token: str) -> None:
    """Sign this browser out."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def close_all(session: Session, account_id: int, *, but: str | None = None) -> None:
    """Sign every browser of an account out, except the one with the token `but`."""
    query = delete(SignIn).where(SignIn.account_id == account_id)
    if but is not None:
        query = query.where(SignIn.token_hash != token_hash(but))
    session.execute(query)


def close_expired(session: Session, *, at: datetime) -> None:
    """Remove the rows of sessions that have run out."""
    session.execute(delete(SignIn).where(SignIn.expires_at <= at))
