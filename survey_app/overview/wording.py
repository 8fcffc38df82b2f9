"""Words of the desks: buttons of the things to do, classes of a list, what a year that begins asks for."""

from __future__ import annotations

from survey_app.overview.chair_situation import Situation
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

# What the list of homes can be narrowed to, as the tags of its rows say it.
HOME_CLASSES: dict[str, Lazy] = {
    "": _l("全部等次"),
    "model_eligible": _l("可申报"),
    "qualified": _l("合格"),
    "qualified_reminder": _l("合格·提醒"),
    "insufficient_evidence": _l("证据不足"),
    "dissatisfied": _l("不满意"),
    "not_rated": _l("未评定"),
}
HOME_ORDERS: dict[str, Lazy] = {
    "name": _l("按名称"),
    "-name": _l("按名称，倒过来"),
    "-turnout": _l("参评率从高到低"),
    "turnout": _l("参评率从低到高"),
    "-members": _l("会员从多到少"),
    "members": _l("会员从少到多"),
    "-late": _l("逾期从多到少"),
    "late": _l("逾期从少到多"),
}

# What a year that is only being prepared asks of the chair, while the desk still shows the year before.
BEGINNINGS: dict[Situation, Lazy] = {
    Situation.ROSTER_MISSING: _l("花名册还没导入"),
    Situation.ROSTER_RETURNED: _l("花名册退回来了，请改好再报"),
    Situation.ROSTER_NOT_SUBMITTED: _l("花名册还没报上级"),
    Situation.ROSTER_WAITING: _l("花名册等上级确认"),
    Situation.REPORT: _l("请写述职报告"),
}
BEGUN = _l("正在准备")
