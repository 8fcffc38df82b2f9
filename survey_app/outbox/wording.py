"""Words of the in-app messages by kind; features add theirs."""

from __future__ import annotations

from survey_app.outbox.models import Message
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

KINDS: dict[str, Lazy] = {
    "result.provisional": _l("%(year)s年度评议的初评结果到了，请看过以后答复有没有异议。"),
    "result.final": _l("%(year)s年度评议的终评结果定了。"),
    "result.published": _l("%(year)s年度评议的结果已向会员公布。"),
    "result.objection_decided": _l("您对%(year)s年度评议结果的异议有答复了。"),
}


def learn_kinds(words: dict[str, Lazy]) -> None:
    """Add a feature's kinds of message."""
    KINDS.update(words)


def message_text(message: Message) -> str:
    """The sentence of a message in the language of the request."""
    template = str(KINDS.get(message.kind, message.kind))
    return template % message.values if message.values else template
