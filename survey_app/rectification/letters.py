"""Order events as letters: what was told on the desk also goes out by mail, SMS or WeCom, with its proof.

A letter belongs to one in-app message, and its row in the outbox says when it went, how often it was tried,
and whether it may have arrived twice. It waits for a working day: nobody is pressed on a rest day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.ways import Way, ways_to
from survey_app.core.clock import at_beijing, beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.outbox import deliveries
from survey_app.outbox.deliveries import DeliveryState
from survey_app.outbox.models import Delivery, Message
from survey_app.outbox.post_office import channels_of
from survey_app.outbox.sending import Draft, LetterKind, Withdrawn
from survey_app.outbox.transport import Channel, Letter
from survey_app.outbox.wording import message_text
from survey_app.rectification.models import Event

KIND = "rectification.told"
MORNING = time(8, 30)


@dataclass(frozen=True)
class Sent:
    """What became of one letter: to whom, by which way, and how it stands."""

    who: str
    channel: str
    state: str
    sent_at: datetime | None
    doubtful: int
    error: str
    message_id: int
    reference: str


def batch_of(order_id: int) -> str:
    """The batch under which all letters about an order lie."""
    return f"order/{order_id}"


def post_letters(session: Session, order_id: int, messages: Sequence[Message], *, at: datetime) -> int:
    """Ask for a letter by every way each person chose; a mail takes the place of a line in the digest."""
    ways = ways_to(session, {one.post_id for one in messages}, beijing_day(at))
    if not any(ways.values()):
        return 0
    due, count = _due(session, at), 0
    for message in messages:
        for way in ways.get(message.post_id, []):
            payload = {"message": message.id, "account": way.account_id, "who": way.name}
            deliveries.post(session, way.channel, KIND, payload, at=due, batch=batch_of(order_id))
            count += 1
            if way.channel is Channel.MAIL:
                message.mailed_at = at
    return count


def _due(session: Session, at: datetime) -> datetime:
    today, calendar = beijing_day(at), calendar_of(session)
    return at if calendar.is_workday(today) else at_beijing(calendar.shift(today, 1), MORNING)


def compose(draft: Draft) -> Letter | None:
    """The letter in the words of the message, to the address of today; none where the way is not open."""
    if draft.channel not in channels_of(draft.workshop.settings):
        return None
    message = draft.session.get(Message, draft.payload["message"])
    way = _way(draft, message) if message is not None else None
    if message is None or way is None:
        raise Withdrawn("no_address")
    words = f"{message_text(message)} {draft.workshop.settings.base_url}{message.link}"
    if draft.channel is not Channel.MAIL:
        return Letter(draft.channel, way.address, f"【评家】{words}")
    text = f"{way.name}，您好。\n\n{words}\n\n评家。登录以后办理；不用回信。"
    return Letter(Channel.MAIL, way.address, text, f"评家：{message_text(message)[:60]}")


def _way(draft: Draft, message: Message) -> Way | None:
    found = ways_to(draft.session, {message.post_id}, beijing_day(draft.at)).get(message.post_id, [])
    mine = [one for one in found if one.account_id == draft.payload["account"]]
    return next((one for one in mine if one.channel is draft.channel), None)


def letters_of(session: Session, order_id: int) -> list[Sent]:
    """Every letter about an order, oldest first: the proof of who was told when."""
    rows = session.scalars(select(Delivery).where(Delivery.batch == batch_of(order_id)).order_by(Delivery.id))
    return [
        Sent(
            row.payload["who"],
            row.channel,
            row.state,
            row.sent_at,
            row.doubtful,
            row.error or "",
            row.payload["message"],
            f"pingjia-delivery-{row.id}",
        )
        for row in rows
    ]


def served_by_mail(session: Session, order_id: int) -> Sent | None:
    """The mail that brought the order to the chair, once the mail server has taken it."""
    issued = select(Event.told).where(Event.order_id == order_id, Event.kind == "issued")
    told = session.scalars(issued.order_by(Event.id.desc())).first() or []
    mails = [one for one in letters_of(session, order_id) if one.channel == Channel.MAIL]
    return next((one for one in mails if one.state == DeliveryState.SENT and one.message_id in told), None)


LETTER = LetterKind(compose)
