"""Words of a sending: what it is for, whom it reaches, over which way, how far it is."""

from __future__ import annotations

from enum import StrEnum

from survey_app.outbox.transport import Channel

# The kinds of letter (outbox.sending.LetterKind).
LETTER = "invitations.letter"
NUDGE = "invitations.nudge"
CLAIM = "invitations.claim"


class Purpose(StrEnum):
    """Links on request, the notice at the opening, a reminder, or one member's link once more."""

    LINKS = "links"
    OPENING = "opening"
    REMINDER = "reminder"
    ONE = "one"


class Audience(StrEnum):
    """Everyone with a contact, or those who have not voted when their letter is written."""

    EVERYONE = "everyone"
    NOT_VOTED = "not_voted"


class Route(StrEnum):
    """By the contact on the roster (phone: SMS, address: mail), or by WeCom to the phone number."""

    CONTACT = "contact"
    WECOM = "wecom"


class SendingState(StrEnum):
    """asked -> posted (its deliveries are rows) -> ended (no row says any more for whom it was)."""

    ASKED = "asked"
    POSTED = "posted"
    ENDED = "ended"


def channel_for(contact: str, route: Route) -> Channel:
    """The way to a contact."""
    if "@" in contact:
        return Channel.MAIL
    return Channel.WECOM if route is Route.WECOM else Channel.SMS


def ways(route: Route) -> frozenset[Channel]:
    """The channels a route may use."""
    return frozenset({Channel.WECOM, Channel.MAIL} if route is Route.WECOM else {Channel.SMS, Channel.MAIL})
