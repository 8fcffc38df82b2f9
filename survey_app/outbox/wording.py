"""Words of the in-app messages by kind; features add theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from survey_app.outbox.models import Message
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

KINDS: dict[str, Lazy] = {
    "result.provisional": _l("%(year)s年度评议的初评结果到了，请看过以后答复有没有异议。"),
    "result.final": _l("%(year)s年度评议的终评结果定了。"),
    "result.published": _l("%(year)s年度评议的结果已向会员公布。"),
    "result.objection_decided": _l("您对%(year)s年度评议结果的异议有答复了。"),
}


Values = dict[str, Any]
_speakers: dict[str, Callable[[Values], Values]] = {}


def learn_kinds(words: dict[str, Lazy], speak: Callable[[Values], Values] | None = None) -> None:
    """Add a feature's kinds of message; `speak` puts stored values into the language of the request."""
    KINDS.update(words)
    if speak is not None:
        _speakers.update(dict.fromkeys(words, speak))


def message_text(message: Message) -> str:
    """The sentence of a message in the language of the request."""
    template = str(KINDS.get(message.kind, message.kind))
    speak = _speakers.get(message.kind)
    values = speak(message.values) if speak and message.values else message.values
    return template % values if values else template
