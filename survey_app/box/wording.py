"""Sentences of the anonymous side."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

WORDS: dict[str, str | Lazy] = {
    "bad_call": _l("这一页发来的内容不对，没有写入任何内容。请关掉这一页，用原来的链接重新打开。"),
    "signature_bad": _l("这张票的签章对不上，没有投进去。请用原来的链接重新打开再投。"),
    "casting_shut": _l("投票已经截止，票箱已经关上。"),
    "casting_not_open": _l("还没开始，票箱还没打开。"),
}
