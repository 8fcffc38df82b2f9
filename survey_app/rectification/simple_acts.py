"""Acts that need one page with a question, at most a reason, and one button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.rectification import closing, proposing, rectifying
from survey_app.rectification.models import Order
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

Run = Callable[[Session, Actor, Order, str, datetime], object]


@dataclass(frozen=True)
class SimpleAct:
    """The question, what will happen, the button, what the next page says, and the operation.

    A `final` act cannot be taken back: the password is asked again.
    """

    question: Lazy
    text: Lazy
    label: Lazy
    done: Lazy
    run: Run
    reason: str = "needed"
    final: bool = False


SIMPLE_ACTS: dict[str, SimpleAct] = {
    "submit": SimpleAct(
        _l("确定把%(home)s的拟稿送签吗？"),
        _l("送签以后由另一位经办人签发，您自己不能签。"),
        _l("送签"),
        _l("已送签。"),
        lambda session, actor, order, _reason, at: proposing.submit(session, actor, order, at=at),
        reason="none",
    ),
    "hand_back": SimpleAct(
        _l("确定退回%(home)s的拟稿吗？"),
        _l("拟稿回到草拟，理由写在经过里。"),
        _l("退回拟稿"),
        _l("已退回。"),
        lambda session, actor, order, reason, at: proposing.hand_back(
            session, actor, order, reason=reason, at=at
        ),
    ),
    "refuse": SimpleAct(
        _l("确定不给%(home)s签发吗？"),
        _l("评定不变，这一次不提出整改。理由一直留着，以后查得到。"),
        _l("不签发"),
        _l("已决定不签发。"),
        lambda session, actor, order, reason, at: proposing.refuse(
            session, actor, order, reason=reason, at=at
        ),
    ),
    "withdraw": SimpleAct(
        _l("确定撤销给%(home)s的通知吗？"),
        _l("文号保留，标作废，不再用。各项期限停止，对方会收到理由。撤销了不能恢复。"),
        _l("撤销通知"),
        _l("已撤销，对方收到了消息。"),
        lambda session, actor, order, reason, at: closing.withdraw(
            session, actor, order, reason=reason, at=at
        ),
        final=True,
    ),
    "hand_over": SimpleAct(
        _l("确定移交%(home)s的牵头吗？"),
        _l("牵头和协办对调。移交以后由对方办，您这里只能看。"),
        _l("移交牵头"),
        _l("已移交。"),
        lambda session, actor, order, reason, at: closing.hand_over(
            session, actor, order, reason=reason, at=at
        ),
    ),
    "reopen": SimpleAct(
        _l("确定对%(home)s重新提出整改吗？"),
        _l("会拟一份新的通知，两份互相能查到。原来的销号不变。"),
        _l("重新提出"),
        _l("已拟好新的一份，请看过再签发。"),
        lambda session, actor, order, reason, at: closing.reopen(session, actor, order, reason=reason, at=at),
    ),
    "close_by_decision": SimpleAct(
        _l("确定由上级决定给%(home)s销号吗？"),
        _l("会员没有说合格而销号的，公开页上会写明是上级决定、为什么。复查过的人不能决定。销了不能撤回。"),
        _l("决定销号"),
        _l("已销号。"),
        lambda session, actor, order, reason, at: closing.close_by_decision(
            session, actor, order, reason=reason, at=at
        ),
        final=True,
    ),
    "close_reminder": SimpleAct(
        _l("确定办结%(home)s的提醒吗？"),
        _l("改进情况说清楚了就办结。"),
        _l("办结"),
        _l("已办结。"),
        lambda session, actor, order, reason, at: closing.close_reminder(
            session, actor, order, remark=reason, at=at
        ),
        reason="optional",
    ),
    "return_note": SimpleAct(
        _l("确定请%(home)s补充吗？"),
        _l("对方会收到您的意见，补充以后再报一次。"),
        _l("请补充"),
        _l("已请对方补充。"),
        lambda session, actor, order, reason, at: rectifying.return_note(
            session, actor, order, reason=reason, at=at
        ),
    ),
    "resume": SimpleAct(
        _l("看过复查意见，接着改吗？"),
        _l("没通过的问题重新打开，按新期限整改。"),
        _l("接着改"),
        _l("已记下。照新期限改，做完一项报一项。"),
        lambda session, actor, order, _reason, at: rectifying.resume(session, actor, order, at=at),
        reason="none",
    ),
}
