"""Words of rounds: states, duties, refusals, and what is missing."""

from __future__ import annotations

from survey_app.core.actor import Role
from survey_app.rounds.models import Channel, RoundState
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

STATE_TITLES: dict[RoundState, Lazy] = {
    RoundState.DRAFT: _l("草拟"),
    RoundState.PREPARING: _l("正在准备"),
    RoundState.READY: _l("准备就绪"),
    RoundState.OPENING: _l("正在开放"),
    RoundState.VOTING: _l("投票中"),
    RoundState.CLOSING: _l("正在收票"),
    RoundState.CLOSED: _l("等待开箱"),
    RoundState.COUNTING: _l("正在计票"),
    RoundState.COUNTED: _l("已计票"),
    RoundState.ARCHIVED: _l("已归档"),
    RoundState.CANCELLED: _l("已取消"),
}

DUTY_TITLES: dict[Role, Lazy] = {
    Role.CUSTODIAN: _l("开箱人"),
    Role.WORKING_GROUP: _l("评议工作小组"),
    Role.TELLER: _l("计票人"),
}

OWNER_TITLES: dict[str, Lazy] = {
    "organiser": _l("组织单位"),
    "superior": _l("组织单位"),
    "chair": _l("工会主席"),
    "custodians": _l("开箱人"),
    "working_group": _l("评议工作小组"),
    "tellers": _l("计票人"),
}

CHANNEL_TITLES: dict[Channel, Lazy] = {
    Channel.LINKS: _l("链接"),
    Channel.CARDS: _l("只用票卡"),
    Channel.PAPER: _l("只用纸质票"),
}

WORDS: dict[str, str | Lazy] = {
    "notice_missing": _l("还没写评议通知。"),
    "privacy_handler_missing": _l("还没写个人信息由谁处理。"),
    "privacy_contact_missing": _l("还没写会员有问题找谁。"),
    "opening_day_missing": _l("还没定哪天开箱。"),
    "deputies_missing": _l("还没写两位备用保管人：他们各保管半份封好的口令条副本，开箱人来不了时用。"),
    "homes_missing": _l("还没选参加评议的职工之家。"),
    "roster_waits_for_you": _l("%(name)s的花名册等您确认。"),
    "roster_not_submitted": _l("%(name)s的花名册还没报上来。"),
    "roster_not_imported": _l("%(name)s的花名册还没导入。"),
    "roster_in_use": _l(
        "%(year)s年的名册已经冻结，“%(round)s”用的就是它，不能再换。要传下一年的，请把年度改成下一年。"
    ),
    "more_rosters_missing": _l("还有%(count)s家的花名册没确认。"),
    "custodians_missing": _l("还差%(count)s位开箱人。"),
    "opening_key_missing": _l("开箱人还没做开箱钥匙。"),
    "rehearsal_missing": _l(
        "还有开箱人没有试开过。每一位都要用自己的账号试开一次：拿一张假票试，证明口令条没有抄错。"
    ),
    "round_not_complete": _l("还有%(count)s件事没办好，办好才能走下一步。"),
    "round_opens_in_the_past": _l("开始的日子已经过了，请填今天或以后。"),
    "round_opening_before_close": _l("计划开箱要在投票截止那天或以后。"),
    "round_deputies_same": _l("两位备用保管人要是两个人。"),
    "round_closes_before_opening": _l("截止要晚于开始。"),
    "round_closes_in_the_past": _l("截止时间已经过了，请改晚一些。"),
    "round_extended_before": _l("已经延过一次，不能再延。"),
    "round_close_has_passed": _l("截止时间已过，不能再延。"),
    "round_extension_not_later": _l("延期后的时间要比原来的截止晚。"),
    "scheme_of_other_year": _l("这份办法是%(year)s年度的，请选和评议年度一样的。"),
    "reason_missing": _l("请写明原因。"),
    "title_missing": _l("请写名称。"),
    "home_not_in_line": _l("%(name)s不在您隶属的范围里，不能选进来。"),
    "home_has_a_round": _l("%(name)s今年已经在“%(round)s”里，一年只评一次。"),
    "not_a_round_duty": _l("这不是评议中的职责。"),
    "own_home_is_rated": _l("您是这一家的主席。这一家的票码、票条、票卡和纸质票，都不能经您的手。"),
    "rated_chair_holds_no_duty": _l("%(name)s是被评议工会的主席，不能担任开箱人、工作小组成员或计票人。"),
    "duty_held_already": _l("%(name)s已经担任这个职责。"),
    "account_unknown": _l(
        "没有“%(login)s”这个账号，或者已经停用。请输入姓名，从提示里选；还没有账号的人，请先在“账号”里请他，再回来定。"
    ),
    "duty_needs_a_home": _l("请选是哪一家的职责。"),
    "questionnaire_altered": _l("这份测评表的内容和指纹对不上，已停用。请告诉管理员。"),
    "policy_lines_out_of_order": _l("三条线要从低到高：整改线、提醒线、申报线。"),
    "policy_out_of_range": _l("“%(name)s”超出了允许的范围。"),
    "policy_below_floor": _l("“%(name)s”不能低于%(least)s，这是保护填票人的底线。"),
    "policy_weights_not_100": _l("四个方面的权重加起来要等于100。"),
    "policy_class_variables": _l("分类项目里有不认识的或者重复的。"),
    "policy_plan_takes_too_long": _l("%(grade)s类问题报方案和审方案占去了一半以上的时间，请放宽整改期限。"),
    "policy_loosened": _l("“%(name)s”比上级的评议办法宽。下级只能收紧，不能放宽。"),
    "policy_unknown_field": _l("评议办法里有不认识的项目“%(name)s”。"),
    "cards_out_of_range": _l("每类票卡最多印%(most)s张。"),
    "cards_needed": _l("只用票卡的单位，要写印多少张。"),
    "cards_without_use": _l("只用纸质票的单位，不印票卡。"),
    "present_out_of_range": _l("实到人数要填0到%(most)s之间的整数。"),
    "cards_left_out_of_range": _l("剩下的票卡要填0到%(most)s之间的整数。"),
    "desk_uncounted": _l("%(name)s还没点清实到人数或剩下的票卡。"),
    "upload_empty": _l("“%(name)s”是空文件。"),
    "file_too_large": _l("“%(name)s”超过%(most)sMB，请压缩后再传。"),
    "file_kind": _l("“%(name)s”不是能收的格式（%(kinds)s）。"),
}
