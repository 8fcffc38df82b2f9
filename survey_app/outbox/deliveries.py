"""Deliveries as rows: post in the caller's transaction, lease one, write its end, try failed ones again.

A row says what happened to it: `attempts`, the last trouble in `error`, and in `doubtful` how many attempts
ended without anybody seeing how. Nothing is sent twice without one of them telling.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from survey_app.outbox.models import Delivery
from survey_app.outbox.transport import Channel

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 10
LONGEST_PAUSE = timedelta(hours=4)
BATCH = 2_000


class DeliveryState(StrEnum):
    """waiting -> sending -> sent; failed: the other side will never take it; given up: we stopped trying."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given_up"


AT_REST = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.GIVEN_UP)
NOT_ARRIVED = (DeliveryState.FAILED, DeliveryState.GIVEN_UP)


@dataclass(frozen=True)
class LeasedDelivery:
    """A delivery in hand; `lease` proves that it is still ours when its end is written."""

    id: int
    channel: Channel
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease: str


def post(
    session: Session,
    channel: Channel,
    kind: str,
    payload: dict[str, Any],
    *,
    at: datetime,
    batch: str | None = None,
) -> Delivery:
    """Ask for one delivery in this transaction, not before `at`. The payload never holds a link or a code."""
    row = Delivery(channel=channel, kind=kind, payload=payload, state="waiting", run_at=at, batch=batch)
    session.add(row)
    session.flush()
    return row


def post_all(
    session: Session,
    kind: str,
    letters: Iterable[tuple[Channel, dict[str, Any]]],
    *,
    at: datetime,
    batch: str,
) -> int:
    """Ask for many deliveries of one batch; their rows keep the order in which they are given."""
    rows = [
        {
            "channel": channel,
            "kind": kind,
            "payload": payload,
            "state": DeliveryState.WAITING,
            "run_at": at,
            "batch": batch,
            "attempts": 0,
            "doubtful": 0,
        }
        for channel, payload in letters
    ]
    for start in range(0, len(rows), BATCH):
        session.execute(insert(Delivery), rows[start : start + BATCH])
    return len(rows)


def lease_next(session: Session, *, at: datetime, resting: Collection[Channel] = ()) -> LeasedDelivery | None:
    """Take the next due delivery, or one whose worker died while sending: then the row says so."""
    row = session.scalars(
        select(Delivery)
        .where(
            Delivery.run_at <= at,
            Delivery.channel.not_in(resting),
            or_(
                Delivery.state == DeliveryState.WAITING,
                (Delivery.state == DeliveryState.SENDING) & (Delivery.leased_until < at),
            ),
        )
        .order_by(Delivery.run_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    if row.state == DeliveryState.SENDING:
        row.doubtful += 1
        row.error = "worker_died"
        if row.attempts >= MOST_ATTEMPTS:
            _rest(row, DeliveryState.GIVEN_UP, forget=False)
            session.flush()
            return lease_next(session, at=at, resting=resting)
    row.state, row.leased_until, row.lease = DeliveryState.SENDING, at + LEASE, secrets.token_hex(16)
    row.attempts += 1
    return LeasedDelivery(row.id, Channel(row.channel), row.kind, dict(row.payload), row.attempts, row.lease)


def finish(session: Session, leased: LeasedDelivery, *, at: datetime, forget: bool) -> None:
    """It was sent; with `forget` the row keeps its batch and nothing of whom it was for."""
    row = still_ours(session, leased)
    if row is not None:
        _rest(row, DeliveryState.SENT, forget)
        row.sent_at = at


def fail(
    session: Session,
    leased: LeasedDelivery,
    reason: str,
    *,
    at: datetime,
    final: bool,
    doubtful: bool,
    forget: bool,
) -> None:
    """The attempt failed: again after a growing pause, or never, with the reason."""
    row = still_ours(session, leased)
    if row is None:
        return
    row.error = reason
    row.doubtful += doubtful
    if final:
        _rest(row, DeliveryState.FAILED, forget)
    elif row.attempts >= MOST_ATTEMPTS:
        _rest(row, DeliveryState.GIVEN_UP, forget)
    else:
        row.state, row.leased_until = DeliveryState.WAITING, None
        row.run_at = at + min(timedelta(minutes=2 ** (row.attempts - 1)), LONGEST_PAUSE)


def give_up(session: Session, leased: LeasedDelivery, reason: str, *, forget: bool) -> None:
    """There is nothing to send any more, for a reason on our side."""
    row = still_ours(session, leased)
    if row is not None:
        row.error = reason
        _rest(row, DeliveryState.GIVEN_UP, forget)


def put_off(session: Session, leased: LeasedDelivery, until: datetime) -> None:
    """Nothing was tried: it waits, and the attempt does not count."""
    row = still_ours(session, leased)
    if row is not None:
        row.attempts -= 1
        row.state, row.leased_until, row.run_at = DeliveryState.WAITING, None, until


def drop(session: Session, leased: LeasedDelivery) -> None:
    """Nobody is to be written to: no message, no record."""
    row = still_ours(session, leased)
    if row is not None:
        session.delete(row)


def still_ours(session: Session, leased: LeasedDelivery) -> Delivery | None:
    """The row, unless another worker has taken it over meanwhile."""
    row = session.get(Delivery, leased.id, with_for_update=True)
    return row if row is not None and row.lease == leased.lease and row.state == "sending" else None


def _rest(row: Delivery, state: DeliveryState, forget: bool) -> None:
    row.state, row.leased_until = state, None
    if forget:
        row.payload = {}


def counts(session: Session, batch: str) -> Counter[str]:
    """How many deliveries of a batch stand in which state; 'doubtful' may have arrived more than once."""
    rows = session.execute(
        select(Delivery.state, func.count(), func.count().filter(Delivery.doubtful > 0))
        .where(Delivery.batch == batch)
        .group_by(Delivery.state)
    ).all()
    found = Counter({str(state): count for state, count, _doubtful in rows})
    found["doubtful"] = sum(doubtful for state, _count, doubtful in rows if state == DeliveryState.SENT)
    return found


def not_arrived(session: Session, batch: str) -> list[Delivery]:
    """The deliveries of a batch that came to nothing and still say for whom they were."""
    rows = session.scalars(
        select(Delivery).where(Delivery.batch == batch, Delivery.state.in_(NOT_ARRIVED)).order_by(Delivery.id)
    )
    return [row for row in rows if row.payload]


def try_again(session: Session, batch: str, *, at: datetime) -> int:
    """Let every failed delivery of a batch wait again; how many there are."""
    rows = not_arrived(session, batch)
    for row in rows:
        row.state, row.run_at, row.attempts = DeliveryState.WAITING, at, 0
    session.flush()
    return len(rows)


def forget(session: Session, batches: Collection[str], reason: str) -> None:
    """End these batches: what waits is given up, and no row says any more for whom it was."""
    within = Delivery.batch.in_(batches)
    session.execute(
        update(Delivery)
        .where(within, Delivery.state.in_((DeliveryState.WAITING, DeliveryState.SENDING)))
        .values(state=DeliveryState.GIVEN_UP, error=reason, leased_until=None)
    )
    session.execute(update(Delivery).where(within, Delivery.state.in_(NOT_ARRIVED)).values(payload={}))
