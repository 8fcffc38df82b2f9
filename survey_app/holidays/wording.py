"""Sentences of the calendar's faults, and the words of its journal lines."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

WORDS: dict[str, Lazy] = {
    "notice_names_no_day": _l("没有读出放假的日子。请把通知里“一、元旦……七、国庆节……”几行整段贴进来。"),
    "notice_day_does_not_exist": _l("没有%(day)s这一天，请对照原文改。"),
    "notice_no_source": _l("请写明依据：通知的名称和文号。"),
    "notice_other_year": _l("%(day)s不在这一年里，请看年份写对没有。"),
    "notice_off_and_worked": _l("%(day)s既放假又上班，请对照原文改。"),
    "notice_weekday_made_up": _l("%(day)s本来就上班，不用调休，请对照原文改。"),
    "notice_statutory_day_missing": _l("%(day)s是法定假日，通知里没有读到，请对照原文补上。"),
    "notice_unbalanced": _l("放的假和补的班对不上，差%(number)s天。请看有没有漏行。"),
}

VERBS: dict[str, Lazy] = {
    "calendar.imported": _l("导入放假安排"),
    "calendar.day_changed": _l("改了一天的上班安排"),
    "calendar.day_restored": _l("撤回一天的改动"),
}
