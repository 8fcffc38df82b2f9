"""Sentences of sendings and reminders."""

from __future__ import annotations

from survey_app.invitations.sending_states import Audience, Purpose
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

SENDING_WORDS: dict[str, str | Lazy] = {
    "no_channel": _l("短信、邮件和企业微信都还没有配置，发不出去。请管理员先配置，或者印票条。"),
    "no_contact": _l("花名册上没有这位会员的联系方式，请填一个新的，或者印票条。"),
    "sendings_used_up": _l("这一轮的链接已经给全体会员发过%(most)s次。个别没收到的，请按会员号补发。"),
    "singles_used_up": _l("这一家已经单独补发过%(most)s次，和会员一样多了。请改印票条。"),
    "reminders_used_up": _l("这一轮最多提醒%(most)s次，已经用完。"),
    "contact_missing": _l("请填新的手机号或邮箱。"),
}
PURPOSES: dict[str, Lazy] = {
    Purpose.LINKS: _l("发链接"),
    Purpose.OPENING: _l("开始投票时发链接"),
    Purpose.REMINDER: _l("提醒参评"),
    Purpose.ONE: _l("单独补发"),
}
AUDIENCES: dict[str, Lazy] = {
    Audience.EVERYONE: _l("全体会员"),
    Audience.NOT_VOTED: _l("还没评的会员"),
}
VERBS: dict[str, Lazy] = {
    "links.asked": _l("给会员发链接"),
    "links.sent_again": _l("再发没送达的链接"),
    "reminder.asked": _l("提醒会员参评"),
    "contact.mended": _l("改了一位会员的联系方式"),
}
