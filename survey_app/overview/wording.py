"""Words of the desks: the buttons of the things to do."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

ACTS: dict[str, Lazy] = {
    "confirm": _l("去确认"),
    "objection": _l("去答复"),
    "hold": _l("去核实"),
    "publish": _l("去公布"),
    "comments": _l("去审阅"),
    "roster": _l("去确认"),
    "rosters": _l("看名单"),
    "prepare": _l("去准备"),
    "open": _l("去开放"),
    "close": _l("去收票"),
}
OTHER_ACT = _l("去办理")
