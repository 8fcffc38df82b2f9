"""The words of rosters: states, columns, warnings, and what a clerk must change in which row."""

from __future__ import annotations

from survey_app.rosters.models import RosterState
from survey_app.web.i18n import lazy_gettext as _l

STATES = {
    RosterState.DRAFT: _l("草稿"),
    RosterState.SUBMITTED: _l("等上级确认"),
    RosterState.CONFIRMED: _l("已确认"),
    RosterState.FROZEN: _l("已冻结"),
}
FIELDS = {
    "number": _l("会员号"),
    "name": _l("姓名"),
    "contact": _l("手机或邮箱"),
    "employment": _l("用工形式"),
    "age_band": _l("年龄段"),
    "gender": _l("性别"),
    "department": _l("部门、车间"),
}
WARNINGS = {
    "figure_differs": _l("名册有%(members)s人，单位自己报的会员数是%(stated)s人，差得超过5%%。"),
    "contact_shared": _l(
        "有%(contacts)s个手机或邮箱被3人以上共用，一共%(members)s人。他们会收到同一部手机上的链接。"
    ),
    "much_changed": _l("比%(year)s年多了%(joined)s人，少了%(left)s人，变动超过两成。"),
}
VERBS = {
    "roster.import": _l("导入花名册"),
    "roster.submit": _l("报送花名册"),
    "roster.confirm": _l("确认花名册"),
    "roster.return": _l("退回花名册"),
    "roster.delete": _l("删除花名册草稿"),
}
MESSAGES = {
    "roster.submitted": _l("%(home)s报来花名册，%(members)s人，请确认。"),
    "roster.confirmed": _l("上级确认了%(year)s年花名册。"),
    "roster.returned": _l("上级退回了%(year)s年花名册：%(reason)s"),
}
WORDS = {
    **WARNINGS,
    "eligible_on_far": _l("%(year)s年度的花名册，要以%(first)s到%(last)s之间的一天为准。"),
    "not_a_home": _l("%(unit)s不是职工之家，没有花名册。"),
    "roster_empty": _l("花名册里还没有人，先导入再报。"),
    "own_roster": _l("自己单位的花名册要由上级工会确认。"),
    "confirm_reason_missing": _l("有提醒还要确认，请写明为什么没有问题，至少4个字。"),
    "return_reason_missing": _l("请写明要改什么，至少4个字，对方才好改。"),
    "roster_file_has_faults": _l("文件里还有问题，没有导入。请改好再传一次。"),
    "number_missing": _l("没有会员号，请补上。"),
    "number_is_id_card": _l("会员号不能用身份证号。请换成会员证号或工号。"),
    "number_twice": _l("会员号%(number)s和第%(row)s行重复。一人只能有一行。"),
    "number_twice_plain": _l("会员号%(number)s有两行。一人只能有一行。"),
    "name_missing_row": _l("没有姓名，请补上。"),
    "phone_wrong": _l("“%(text)s”不是手机号。请填11位手机号、带区号的电话或邮箱，没有就空着。"),
    "mail_wrong": _l("“%(text)s”不是完整的邮箱地址。"),
    "age_wrong": _l("“%(text)s”看不懂。请填年龄、出生日期，或者“36-50岁”这样的年龄段。"),
    "gender_wrong": _l("“%(text)s”看不懂。请填男或女，没有就空着。"),
    "too_many_levels": _l("%(field)s有%(count)s种写法，最多%(most)s种。请统一写法，写得太细会认出人来。"),
}
