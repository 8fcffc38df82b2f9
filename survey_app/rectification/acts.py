"""The lawful actions of an order for one actor, in the order in which a page offers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Fault
from survey_app.rectification import extending
from survey_app.rectification.closing import reopened
from survey_app.rectification.inspecting import inspections_of
from survey_app.rectification.inspectors import accounts_in
from survey_app.rectification.models import Escalation, Order, OrderState, Problem, ProblemState
from survey_app.rectification.orders import may_take
from survey_app.rectification.wording import STEP_ACTS
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

S = OrderState


@dataclass(frozen=True)
class Act:
    """One thing that may be done now, and where."""

    action: str
    label: str
    url: str

    @property
    def is_next(self) -> bool:
        """Whether this is the step that carries the order on: it may stand as the page's main button."""
        return self.action in NEXT_STEPS


NEXT_STEPS = frozenset(
    {
        "supervise",
        "issue",
        "acknowledge",
        "submit_plan",
        "approve_plan",
        "resume",
        "submit_report",
        "submit_note",
        "close_reminder",
        "answer_extension",
        "pass_inspection",
        "begin_re_evaluation",
    }
)

# action of the table -> its words and its page; the first next step is the page's main button.
PAGES: tuple[tuple[str, Lazy, str], ...] = (
    ("issue", _l("签发"), "sign"),
    ("edit", _l("改拟稿"), "proposal"),
    ("submit", _l("送签"), "do/submit"),
    ("hand_back", _l("退回拟稿"), "do/hand_back"),
    ("refuse", _l("不签发，写明理由"), "do/refuse"),
    ("acknowledge", _l("签收"), "acknowledge"),
    ("record_service", _l("登记送达"), "service"),
    ("submit_plan", _l("填写方案"), "plan"),
    ("approve_plan", _l("审方案"), "review"),
    ("resume", _l("接着改"), "do/resume"),
    ("submit_report", _l("交整改报告"), "report"),
    ("submit_note", _l("报改进情况"), "note"),
    ("close_reminder", _l("办结"), "do/close_reminder"),
    ("return_note", _l("请补充"), "do/return_note"),
    ("answer_extension", _l("答复延期请示"), "extension/answer"),
    ("pass_inspection", _l("记复查意见"), "inspection"),
    ("begin_re_evaluation", _l("安排会员再评"), "re-evaluation"),
    ("close_by_decision", _l("决定销号，写明理由"), "do/close_by_decision"),
    ("fall_short", _l("退回重新整改"), "fall-short"),
    ("request_extension", _l("请示延期"), "extension"),
    ("evidence", _l("交佐证"), "evidence"),
    ("display", _l("交张贴照片"), "display"),
    ("hand_over", _l("移交牵头"), "do/hand_over"),
    ("reopen", _l("问题又出现，重新提出"), "do/reopen"),
    ("withdraw", _l("撤销通知"), "do/withdraw"),
)


def open_acts(
    session: Session,
    actor: Actor,
    order: Order,
    problems: Sequence[Problem],
    waiting: Sequence[Escalation],
    today: date,
) -> list[Act]:
    """What this actor may do now."""
    acts = []
    if waiting and may_take(session, actor, order, "supervise"):
        step = waiting[0]
        acts.append(
            Act("supervise", str(STEP_ACTS[step.step]), f"/orders/{order.id}/escalations/{step.id}/send")
        )
    for action, label, page in PAGES:
        if _open(session, actor, order, action, problems, today):
            acts.append(Act(action, str(label), f"/orders/{order.id}/{page}"))
    return acts


def main_act(acts: Sequence[Act]) -> Act | None:
    """The one filled button of the page, if there is a next step for this actor."""
    return next((act for act in acts if act.is_next), None)


def extension_hindrance(
    session: Session, actor: Actor, order: Order, problems: Sequence[Problem], today: date
) -> Fault | None:
    """Why this actor, who answers for the home, cannot ask for more time although work is under way."""
    if not may_take(session, actor, order, "request_extension"):
        return None
    return extending.hindrance(session, order, problems, today)


def _open(
    session: Session, actor: Actor, order: Order, action: str, problems: Sequence[Problem], today: date
) -> bool:
    if action in ("evidence", "display"):
        # The chair alone brings files; the state decides in the operation, these are the usual ones.
        stage = (S.RECTIFYING, S.INSPECTION_FAILED, S.AWAITING_INSPECTION)
        shown = stage if action == "evidence" else (*stage, S.PLAN_DUE, S.PLAN_UNDER_REVIEW, S.PLAN_RETURNED)
        return actor.role is Role.CHAIR and order.state in shown
    if not may_take(session, actor, order, action):
        return False
    if action == "request_extension":
        return extending.hindrance(session, order, problems, today) is None
    if action == "close_by_decision":
        return actor.account_id not in accounts_in(inspections_of(session, order.id))
    if action == "reopen":
        return reopened(session, order) is None
    return _sensible(actor, order, action, problems)


def _sensible(actor: Actor, order: Order, action: str, problems: Sequence[Problem]) -> bool:
    """What the table allows but the facts or the four eyes forbid is not offered."""
    if action == "issue":
        own = order.state == S.AWAITING_SIGNATURE and order.submitted_by == actor.account_id
        return not own
    if action == "submit_report":
        return all(one.state != ProblemState.OPEN for one in problems)
    if action == "pass_inspection":
        return order.issued_by != actor.account_id
    if action == "answer_extension":
        return order.extension_pending
    if action == "hand_over":
        return order.co_id is not None
    return True
