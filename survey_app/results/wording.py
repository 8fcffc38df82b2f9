"""Words of results: states, refusals, messages."""

from __future__ import annotations

from survey_app.results.models import ResultState
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

STATE_TITLES: dict[ResultState, Lazy] = {
    ResultState.HELD: _l("暂停，待核实"),
    ResultState.PROVISIONAL: _l("初评"),
    ResultState.OBJECTED: _l("有异议，待答复"),
    ResultState.FINAL: _l("终评"),
    ResultState.PUBLISHED: _l("已公布"),
    ResultState.VOIDED: _l("已作废"),
    ResultState.SUPERSEDED: _l("已由补评代替"),
}

ANSWERED = _l("异议已答复，等终评")


def state_title(state: str, *, answered: bool) -> Lazy:
    """The state in words; a provisional result that met an objection is no longer as it was before it."""
    known = ResultState(state)
    return ANSWERED if answered and known is ResultState.PROVISIONAL else STATE_TITLES[known]


WORDS: dict[str, str | Lazy] = {
    "objection_text_missing": _l("请写明哪里不对、为什么。"),
    "objection_window_over": _l("异议期到%(until)s为止，已经过了。"),
    "objection_waived_before": _l("您已经表示没有异议，或者异议已经答复过，不能再提。"),
    "reason_missing_two_sides": _l("两个数在线的两边，请写明确认的理由。"),
    "objection_window_open": _l("异议期到%(until)s为止，还没过，不能确认。"),
    "another_officer_confirms": _l("异议是您答复的，请由另一位经办人确认。"),
    "bulk_needs_plain": _l("%(unit)s有标记或者提过异议，请单独打开确认。"),
    "comment_empty": _l("给本单位看的文字不能是空的；不想给看，请按“不给看”。"),
    "comment_longer_than_original": _l("只能隐去，不能添写。文字比原文长太多。"),
    "comment_answered_before": _l("本单位已经答复了这条话，不能再改。"),
    "nothing_chosen": _l("还没有选单位。"),
}

KINDS: dict[str, Lazy] = {
    "result.held": _l("%(year)s年度评议有一家的票数与发出数不符，请核实。"),
    "result.objected": _l("%(unit)s对评议结果提出了异议，请答复。"),
}
