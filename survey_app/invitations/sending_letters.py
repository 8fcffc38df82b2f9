"""The letters to members: written when they are sent, with the link derived at that moment.

They are Chinese: a member's language is not on the roster, and the page behind the link speaks both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.core.clock import beijing
from survey_app.core.errors import Refused
from survey_app.invitations.codes import CodeBook, personal_link
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.invitations.operations import HANDED_OUT
from survey_app.invitations.sending_states import CLAIM, LETTER, NUDGE, Purpose, Route, channel_for
from survey_app.outbox.sending import Draft, Forgets, LetterKind, NotYet, Withdrawn
from survey_app.outbox.transport import Channel, Letter
from survey_app.rosters.queries import contact_of
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundSecret, RoundState
from survey_app.seals.codes import verification_code
from survey_app.units.models import Unit

LOOK_AGAIN = timedelta(minutes=10)
ONLY_WHILE_VOTING = frozenset({Purpose.OPENING, Purpose.REMINDER})


@dataclass(frozen=True)
class Facts:
    """What a letter says."""

    organiser: str
    home: str
    opens_at: datetime
    closes_at: datetime
    early: bool
    reminder: bool
    mark: str
    check_code: str
    ask: str
    link: str = field(repr=False)


def compose(draft: Draft) -> Letter:
    """The letter of one member, to the contact that stands on the roster now."""
    invitation, round_ = _entitlement(draft)
    return _letter(draft, invitation, round_)


def compose_nudge(draft: Draft) -> Letter | None:
    """The same letter, but none to a member who has voted meanwhile."""
    invitation, round_ = _entitlement(draft)
    if invitation.state != InvitationState.OPEN:
        return None
    return _letter(draft, invitation, round_)


LETTERS = {
    LETTER: LetterKind(compose, Forgets.WHEN_SENT),
    NUDGE: LetterKind(compose_nudge, Forgets.ALWAYS),
    CLAIM: LetterKind(compose, Forgets.ALWAYS),
}


def _entitlement(draft: Draft) -> tuple[Invitation, Round]:
    invitation = draft.session.get(Invitation, draft.payload["invitation"])
    if invitation is None:
        raise Withdrawn("link_void")
    round_ = draft.session.get_one(Round, invitation.round_id)
    if round_.state not in HANDED_OUT or draft.at >= round_.closes_at:
        raise Withdrawn("round_over")
    opened = round_.state == RoundState.VOTING and draft.at >= round_.opens_at
    if not opened and draft.payload["purpose"] in ONLY_WHILE_VOTING:
        raise NotYet(max(round_.opens_at, draft.at + LOOK_AGAIN))
    return invitation, round_


def _letter(draft: Draft, invitation: Invitation, round_: Round) -> Letter:
    session, settings = draft.session, draft.workshop.settings
    contact = contact_of(session, settings.wrapping_key, invitation.member_id)
    if not contact:
        raise Withdrawn("no_contact")
    try:
        book = CodeBook.of(settings, session.get(RoundSecret, round_.id))
    except Refused:
        raise Withdrawn("round_over") from None
    home = session.get_one(RoundHome, (round_.id, invitation.home_id))
    code = book.code(invitation.id, invitation.generation)
    link = personal_link(settings.base_url, code, home.sheet_fingerprint or b"")
    facts = _facts(session, round_, home, draft, link)
    channel = channel_for(contact, Route(draft.payload.get("route", Route.CONTACT)))
    if channel is Channel.MAIL:
        return Letter(channel, contact, mail_text(facts), mail_subject(facts))
    return Letter(channel, contact, short_text(facts))


def _facts(session: Session, round_: Round, home: RoundHome, draft: Draft, link: str) -> Facts:
    practice, demo = round_.kind == RoundKind.PRACTICE, draft.workshop.settings.demo
    return Facts(
        organiser=session.get_one(Unit, round_.organiser_id).short_name,
        home=session.get_one(Unit, home.home_id).name,
        opens_at=round_.opens_at,
        closes_at=round_.closes_at,
        early=draft.at < round_.opens_at or round_.state != RoundState.VOTING,
        reminder=draft.payload["purpose"] == Purpose.REMINDER,
        mark=("（演示）" if demo else "") + ("（演练，不算数）" if practice else ""),
        check_code=verification_code(home.sheet_fingerprint or b""),
        ask=round_.privacy_contact,
        link=link,
    )


def short_text(facts: Facts) -> str:
    """The text for a phone: who asks, until when, that it is one's own ballot, the link last."""
    if facts.reminder:
        asks = f"{facts.home}的评议{_when(facts.closes_at)}截止。还没评的请评一评，评过的不用再评。"
    else:
        asks = f"请您评一评咱们的职工之家（{facts.home}），不记名，约2分钟，{_window(facts)}"
    return f"【{facts.organiser}】{facts.mark}{asks}这是您的票，别转给别人：{facts.link}"


def mail_subject(facts: Facts) -> str:
    """What stands in the list of a mailbox; no link, no code."""
    act = "评议快截止了，还没评的请评一评" if facts.reminder else "请您评一评咱们的职工之家"
    return f"{facts.mark}{act}：{facts.home}"


def mail_text(facts: Facts) -> str:
    """The text of a mail: the promise, the link, whom to ask."""
    lines = [
        "您好。",
        "",
        f"{facts.organiser}请您评一评咱们的职工之家（{facts.home}）。{facts.mark}",
        f"不用登录，不用填姓名，约2分钟。{_window(facts)}",
        "评过的不用再评。" if facts.reminder else "没有人有权要您截图，也没有人有权替您选。",
        "",
        "您的链接（这是您的票，别转给别人）：",
        facts.link,
        "",
        f"打开后页面上的核对码应当是 {facts.check_code}，和海报上的一样。",
        f"有事请问：{facts.ask}" if facts.ask else "",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _window(facts: Facts) -> str:
    opens = f"{_when(facts.opens_at)}开始，" if facts.early else ""
    return f"{opens}{_when(facts.closes_at)}截止。"


def _when(instant: datetime) -> str:
    local = beijing(instant)
    return f"{local.month}月{local.day}日{local.hour}:{local.minute:02d}"
