"""Words of the journal's verbs. A verb without a word shows itself, and a test says so."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

VERBS: dict[str, Lazy] = {
    "round.created": _l("新建一轮评议"),
    "round.edited": _l("改了通知和时间"),
    "round.homes_chosen": _l("选了参加评议的单位"),
    "round.appointed": _l("定了人"),
    "round.dismissed": _l("撤下一人"),
    "round.extended": _l("延长投票"),
    "round.cancelled": _l("取消这一轮"),
    "round.returned_to_draft": _l("退回草拟"),
    "round.prepare_requested": _l("开始准备"),
    "round.open_requested": _l("开放投票"),
    "round.close_requested": _l("收票"),
    "report.written": _l("写了述职报告"),
    "scheme.issued": _l("印发评议办法"),
    "questionnaire.stored": _l("存入测评表"),
    "result.rated": _l("算出初评结果"),
    "result.objected": _l("提出异议"),
    "result.objection_waived": _l("表示没有异议"),
    "result.objection_decided": _l("答复异议"),
    "result.confirmed": _l("确认评定"),
    "result.published": _l("向会员公布"),
    "result.superseded": _l("由补评结果代替"),
    "account.sign_in": _l("登录"),
    "account.locked": _l("多次输错密码，账号锁定"),
    "account.create": _l("新建账号"),
    "post.grant": _l("授予身份"),
    "post.end": _l("收回身份"),
    "account.change_password": _l("改了密码"),
    "account.reset_password": _l("重设一次性密码"),
    "account.force_sign_out": _l("强制退出"),
    "account.disable": _l("停用账号"),
    "account.enable": _l("恢复账号"),
    "account.second_factor_on": _l("开启两步登录"),
    "account.second_factor_off": _l("关闭两步登录"),
    "round.opening_key_made": _l("制作开箱钥匙"),
    "round.opening_rehearsed": _l("试开成功"),
    "round.slips_destroyed": _l("确认撕毁口令条"),
    "round.counted": _l("计票完成"),
    "home.counted": _l("开箱一家"),
    "round.count_started": _l("开始开箱"),
    "round.count_resumed": _l("接着开箱"),
    "round.opening_key_erased": _l("销毁开箱钥匙"),
    "count.hold_accepted": _l("接受待核实的票数"),
    "count.voided": _l("作废一家的票"),
    "round.prepared": _l("准备完成"),
    "round.closed": _l("收票完成"),
    "round.opened": _l("投票已开放"),
    "invitation.reissued": _l("换发链接"),
    "invitation.replaced": _l("补发选票"),
    "slips.printed": _l("打印票条"),
    "result.voided": _l("结果作废"),
    "roster.import": _l("导入花名册"),
    "roster.submit": _l("报送花名册"),
    "roster.confirm": _l("确认花名册"),
    "roster.return": _l("退回花名册"),
    "unit.add": _l("新建单位"),
    "unit.edit": _l("改了单位资料"),
    "unit.move": _l("单位改隶属"),
    "unit.close": _l("撤销单位"),
    "comment.released": _l("放行评语"),
    "comment.withheld": _l("不放行评语"),
}


KINDS: dict[str, Lazy] = {
    "account": _l("账号"),
    "post": _l("身份"),
    "questionnaire": _l("测评表"),
    "result": _l("评定"),
    "roster": _l("花名册"),
    "round": _l("评议"),
    "round_home": _l("评议里的一家"),
    "scheme": _l("评议办法"),
    "unit": _l("单位"),
    "home": _l("单位"),
    "order": _l("整改"),
    "calendar": _l("工作日历"),
}


def learn_verbs(words: dict[str, Lazy]) -> None:
    """Add a feature's verbs."""
    VERBS.update(words)


def kind_title(kind: str) -> str:
    """The word for a kind of thing in the language of the request."""
    return str(KINDS.get(kind, kind))


def verb_title(verb: str) -> str:
    """The word of a verb in the language of the request."""
    return str(VERBS.get(verb, verb))
