"""Why a message did not arrive, in the words of the counter."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

REASONS: dict[str, Lazy] = {
    "no_such_address": _l("没有这个号码或邮箱"),
    "address_stopped": _l("号码停用"),
    "mailbox_full": _l("对方邮箱满了"),
    "refused": _l("对方拒收"),
    "too_large": _l("邮件太大，对方不收"),
    "server_busy": _l("对方服务器一直忙"),
    "server_unreachable": _l("发信服务器连不上"),
    "sign_in_refused": _l("发信账号或口令不对，请管理员检查设置"),
    "certificate_refused": _l("发信服务器的证书不可信，没有连，请管理员检查设置"),
    "sender_refused": _l("发信服务器不认我们的发信地址，请管理员检查设置"),
    "no_answer": _l("对方一直没有回话，不知道收到没有"),
    "cut_off": _l("话没说完就断了，不知道收到没有"),
    "answer_unclear": _l("短信平台的回话看不懂，不知道收到没有"),
    "not_configured": _l("这个渠道还没有配置"),
    "link_forbidden": _l("群机器人只能发不带链接的文字"),
    "worker_died": _l("发到一半程序停了，不知道收到没有"),
    "no_address": _l("没有登记邮箱"),
    "no_contact": _l("花名册上没有联系方式"),
    "link_void": _l("这一轮退回过草拟，原来的链接作废了"),
    "round_over": _l("投票已经截止，不再发了"),
    "kind_unknown": _l("程序里没有这一种消息"),
    "unexpected": _l("程序出了故障，请把时间告诉管理员"),
}


def reason_text(code: str | None) -> str:
    """The sentence for a reason; a code without words stands for itself."""
    return str(REASONS.get(code, code)) if code else ""
