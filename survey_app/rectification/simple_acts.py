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

Operation = Callable[..., object]
"""`operation(session, actor, order, at=...)`, with `reason=...` where the act takes one."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One act on an order: its button, its operation, and whether a reason is needed, optional or none.

    A `final` one cannot be taken back: the password is asked again.
    """

    label: Lazy
    operation: Operation
    reason: str = "needed"
    final: bool = False

    def run(self, session: Session, actor: Actor, order: Order, reason: str, at: datetime) -> object:
        """Do it, with the reason where the act takes one."""
        words = {} if self.reason == "none" else {"reason": reason}
        return self.operation(session, actor, order, **words, at=at)


@dataclass(frozen=True, kw_only=True)
class SimpleAct(Decision):
    """A decision with a page of its own: the question, what will happen, what the next page says."""

    question: Lazy
    text: Lazy
    done: Lazy


SIMPLE_ACTS: dict[str, SimpleAct] = {
    "submit": SimpleAct(
        question=_l("确定把%(home)s的拟稿送签吗？"),
        text=_l("送签以后由另一位经办人签发，您自己不能签。"),
        label=_l("送签"),
        done=_l("已送签。"),
        operation=proposing.submit,
        reason="none",
    ),
    "hand_back": SimpleAct(
        question=_l("确定退回%(home)s的拟稿吗？"),
        text=_l("拟稿回到草拟，理由写在经过里。"),
        label=_l("退回拟稿"),
        done=_l("已退回。"),
        operation=proposing.hand_back,
    ),
    "refuse": SimpleAct(
        question=_l("确定不给%(home)s签发吗？"),
        text=_l("评定不变，这一次不提出整改。理由一直留着，以后查得到。"),
        label=_l("不签发"),
        done=_l("已决定不签发。"),
        operation=proposing.refuse,
    ),
    "withdraw": SimpleAct(
        question=_l("确定撤销给%(home)s的通知吗？"),
        text=_l("文号保留，标作废，不再用。各项期限停止，对方会收到理由。撤销了不能恢复。"),
        label=_l("撤销通知"),
        done=_l("已撤销，对方收到了消息。"),
        operation=closing.withdraw,
        final=True,
    ),
    "hand_over": SimpleAct(
        question=_l("确定移交%(home)s的牵头吗？"),
        text=_l("牵头和协办对调。移交以后由对方办，您这里只能看。"),
        label=_l("移交牵头"),
        done=_l("已移交。"),
        operation=closing.hand_over,
    ),
    "reopen": SimpleAct(
        question=_l("确定对%(home)s重新提出整改吗？"),
        text=_l("会拟一份新的通知，两份互相能查到。原来的销号不变。"),
        label=_l("重新提出"),
        done=_l("已拟好新的一份，请看过再签发。"),
        operation=closing.reopen,
    ),
    "close_by_decision": SimpleAct(
        question=_l("确定由上级决定给%(home)s销号吗？"),
        text=_l(
            "会员没有说合格而销号的，公开页上会写明是上级决定、为什么。复查过的人不能决定。销了不能撤回。"
        ),
        label=_l("决定销号"),
        done=_l("已销号。"),
        operation=closing.close_by_decision,
        final=True,
    ),
    "close_reminder": SimpleAct(
        question=_l("确定办结%(home)s的提醒吗？"),
        text=_l("改进情况说清楚了就办结。"),
        label=_l("办结"),
        done=_l("已办结。"),
        operation=closing.close_reminder,
        reason="optional",
    ),
    "return_note": SimpleAct(
        question=_l("确定请%(home)s补充吗？"),
        text=_l("对方会收到您的意见，补充以后再报一次。"),
        label=_l("请补充"),
        done=_l("已请对方补充。"),
        operation=rectifying.return_note,
    ),
    "resume": SimpleAct(
        question=_l("看过复查意见，接着改吗？"),
        text=_l("没通过的问题重新打开，按新期限整改。"),
        label=_l("接着改"),
        done=_l("已记下。照新期限改，做完一项报一项。"),
        operation=rectifying.resume,
        reason="none",
    ),
}
