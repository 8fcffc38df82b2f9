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
}


def learn_verbs(words: dict[str, Lazy]) -> None:
    """Add a feature's verbs."""
    VERBS.update(words)


def verb_title(verb: str) -> str:
    """The word of a verb in the language of the request."""
    return str(VERBS.get(verb, verb))
