"""The daily digest: one mail a day to a person for whom something waits, with the head of the journal.

What lies further up the house is told to this room by the worker (`learn`): who holds which post and has
which address, which days are worked, where the journal's chain ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing, write_session
from survey_app.outbox import deliveries
from survey_app.outbox.jobs import LeasedJob, Workshop
from survey_app.outbox.models import Message
from survey_app.outbox.sending import Draft, LetterKind, Withdrawn
from survey_app.outbox.transport import Channel, Letter
from survey_app.outbox.wording import message_text
from survey_app.web.formats import day

KIND = "outbox.digest"
# Order matters rest when offices rest: nobody is pressed on a day that does not count.
ORDER_MATTERS = ("order.", "deadline.")
OLDEST = timedelta(days=30)


@dataclass(frozen=True)
class Recipient:
    """The person in a post: the account, its address, and what the post is called in a mail."""

    account_id: int
    name: str
    email: str
    post: str


@dataclass(frozen=True)
class Sources:
    """What the digest asks of rooms further up."""

    recipients: Callable[[Session, Collection[int], date], Mapping[int, Recipient]]
    is_workday: Callable[[Session, date], bool]
    head: Callable[[Session], tuple[int, str]]


_learnt: list[Sources] = []


def learn(sources: Sources) -> None:
    """Tell the digest where its facts come from."""
    _learnt[:] = [sources]


def _sources() -> Sources:
    if not _learnt:
        raise RuntimeError("nobody told the digest where its facts come from")
    return _learnt[0]


def gather(workshop: Workshop, _leased: LeasedJob) -> None:
    """Post one mail for every person with an address for whom unread messages wait."""
    settings = workshop.settings
    if not (settings.mail_digest and settings.smtp_url):
        return
    with committing(write_session(workshop.databases.roster)) as session:
        post_digests(session, at=workshop.clock())


def post_digests(session: Session, *, at: datetime) -> int:
    """The mails of a day and the mark on what they tell, in one transaction: repeating it changes nothing."""
    waiting = _waiting(session, at)
    people = _sources().recipients(session, {one.post_id for one in waiting}, beijing_day(at))
    by_account: dict[int, list[int]] = defaultdict(list)
    for one in waiting:
        person = people.get(one.post_id)
        if person is not None:
            by_account[person.account_id].append(one.id)
    for account_id, message_ids in sorted(by_account.items()):
        payload = {"account": account_id, "messages": message_ids}
        deliveries.post(session, Channel.MAIL, KIND, payload, at=at, batch=f"digest/{beijing_day(at)}")
        session.execute(update(Message).where(Message.id.in_(message_ids)).values(mailed_at=at))
    return len(by_account)


def _waiting(session: Session, at: datetime) -> list[Message]:
    rows = session.scalars(
        select(Message)
        .where(Message.read_at.is_(None), Message.mailed_at.is_(None), Message.at > at - OLDEST)
        .order_by(Message.at, Message.id)
    )
    worked = _sources().is_workday(session, beijing_day(at))
    return [row for row in rows if worked or not row.kind.startswith(ORDER_MATTERS)]


def compose(draft: Draft) -> Letter:
    """The mail as it stands at sending: messages in words, the address of today, the journal's head."""
    session = draft.session
    ids = draft.payload["messages"]
    rows = session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.at, Message.id)).all()
    people = _sources().recipients(session, {row.post_id for row in rows}, beijing_day(draft.at))
    mine = {post: one for post, one in people.items() if one.account_id == draft.payload["account"]}
    told = [row for row in rows if row.post_id in mine]
    if not told:
        raise Withdrawn("no_address")
    person = mine[told[0].post_id]
    lines = [f"{person.name}，您好。", "", f"有{len(told)}件事等您看：", ""]
    for post_id in dict.fromkeys(row.post_id for row in told):
        lines.append(mine[post_id].post)
        lines += [
            f"· {message_text(row)} {draft.workshop.settings.base_url}{row.link}".rstrip()
            for row in told
            if row.post_id == post_id
        ]
        lines.append("")
    number, head = _sources().head(session)
    lines += [
        f"日志记到第{number}行，链头：",
        head,
        "把链头和纸上印的对一对，就知道日志有没有被改过。",
        "",
        "评家。每天一封，有事才发；不用回信。",
    ]
    subject = f"评家：{day(beijing_day(draft.at))}有{len(told)}件事等您看"
    return Letter(Channel.MAIL, person.email, "\n".join(lines), subject)


LETTER = LetterKind(compose)
