"""The lives of orders, reminders and problems as tables; they move, draw the buttons and the diagram."""

from __future__ import annotations

from enum import StrEnum

from survey_app.core.states import Move, TransitionTable
from survey_app.rectification.models import Order, OrderKind
from survey_app.rectification.models import OrderState as S
from survey_app.rectification.models import ProblemState as P

Moves = dict[tuple[StrEnum, str], Move]

ISSUE = "order.issue"
REVIEW = "order.review"
INSPECT = "order.inspect"
ANSWER = "order.answer"

UNDER_WAY = (
    S.SERVED,
    S.PLAN_DUE,
    S.PLAN_UNDER_REVIEW,
    S.PLAN_RETURNED,
    S.RECTIFYING,
    S.AWAITING_INSPECTION,
    S.INSPECTION_FAILED,
    S.PASSED,
    S.REEVALUATION,
    S.VOTE_SHORT,
    S.NOTED,
)
"""Every state between service and the end: an order in one of them is open."""

ENDED = (S.CLOSED, S.WITHDRAWN, S.REFUSED)

_SIGNING: Moves = {
    (S.DRAFT, "edit"): Move(S.DRAFT, ISSUE),
    (S.DRAFT, "submit"): Move(S.AWAITING_SIGNATURE, ISSUE),
    (S.DRAFT, "issue"): Move(S.SERVED, ISSUE),
    (S.DRAFT, "refuse"): Move(S.REFUSED, ISSUE),
    (S.AWAITING_SIGNATURE, "issue"): Move(S.SERVED, ISSUE),
    (S.AWAITING_SIGNATURE, "hand_back"): Move(S.DRAFT, ISSUE),
    (S.AWAITING_SIGNATURE, "refuse"): Move(S.REFUSED, ISSUE),
    (S.SERVED, "acknowledge"): Move(S.PLAN_DUE, ANSWER),
    (S.SERVED, "record_service"): Move(S.PLAN_DUE, ISSUE),
    (S.SERVED, "deem_served"): Move(S.PLAN_DUE),
}

_BESIDE = ("supervise", "hand_over", "tag_resources", "grant_resources")
_BESIDE_PERMISSION = {"tag_resources": ANSWER}

ORDER = TransitionTable(
    "order",
    {
        **_SIGNING,
        (S.PLAN_DUE, "submit_plan"): Move(S.PLAN_UNDER_REVIEW, ANSWER),
        (S.PLAN_UNDER_REVIEW, "approve_plan"): Move(S.RECTIFYING, REVIEW),
        (S.PLAN_UNDER_REVIEW, "return_plan"): Move(S.PLAN_RETURNED, REVIEW),
        (S.PLAN_RETURNED, "submit_plan"): Move(S.PLAN_UNDER_REVIEW, ANSWER),
        (S.RECTIFYING, "add_progress"): Move(S.RECTIFYING, ANSWER),
        (S.RECTIFYING, "report_problem"): Move(S.RECTIFYING, ANSWER),
        (S.RECTIFYING, "request_extension"): Move(S.RECTIFYING, ANSWER),
        (S.RECTIFYING, "answer_extension"): Move(S.RECTIFYING, REVIEW),
        (S.RECTIFYING, "submit_report"): Move(S.AWAITING_INSPECTION, ANSWER),
        (S.AWAITING_INSPECTION, "pass_inspection"): Move(S.PASSED, INSPECT),
        (S.AWAITING_INSPECTION, "fail_inspection"): Move(S.INSPECTION_FAILED, INSPECT),
        (S.INSPECTION_FAILED, "resume"): Move(S.RECTIFYING, ANSWER),
        (S.PASSED, "begin_re_evaluation"): Move(S.REEVALUATION, ISSUE),
        (S.PASSED, "close_by_decision"): Move(S.CLOSED, REVIEW),
        (S.REEVALUATION, "close_by_rule"): Move(S.CLOSED),
        (S.REEVALUATION, "vote_fell_short"): Move(S.VOTE_SHORT),
        (S.REEVALUATION, "call_off_vote"): Move(S.PASSED),
        (S.VOTE_SHORT, "close_by_decision"): Move(S.CLOSED, REVIEW),
        (S.VOTE_SHORT, "fall_short"): Move(S.RECTIFYING, REVIEW),
        (S.CLOSED, "reopen"): Move(S.CLOSED, ISSUE),
        **{(state, "withdraw"): Move(S.WITHDRAWN, ISSUE) for state in UNDER_WAY if state is not S.NOTED},
        **{
            (state, action): Move(state, _BESIDE_PERMISSION.get(action, REVIEW))
            for state in UNDER_WAY
            for action in _BESIDE
            if state is not S.NOTED
        },
    },
)

# A reminder has no number, no inspection and no second vote: a plan, one note, and the superior's word.
REMINDER = TransitionTable(
    "reminder",
    {
        **_SIGNING,
        (S.PLAN_DUE, "submit_plan"): Move(S.RECTIFYING, ANSWER),
        (S.RECTIFYING, "submit_note"): Move(S.NOTED, ANSWER),
        (S.NOTED, "return_note"): Move(S.RECTIFYING, REVIEW),
        (S.NOTED, "close_reminder"): Move(S.CLOSED, REVIEW),
        **{
            (state, "withdraw"): Move(S.WITHDRAWN, ISSUE)
            for state in (S.SERVED, S.PLAN_DUE, S.RECTIFYING, S.NOTED)
        },
    },
)

PROBLEM = TransitionTable(
    "problem",
    {
        (P.OPEN, "report"): Move(P.REPORTED, ANSWER),
        (P.FAILED, "resume"): Move(P.OPEN, ANSWER),
        (P.REPORTED, "pass"): Move(P.VERIFIED, INSPECT),
        (P.REPORTED, "fail"): Move(P.FAILED, INSPECT),
        (P.REPORTED, "keep_long_term"): Move(P.LONG_TERM, INSPECT),
        (P.VERIFIED, "close"): Move(P.CLOSED),
        (P.VERIFIED, "fall_short"): Move(P.OPEN, REVIEW),
        (P.LONG_TERM, "fall_short"): Move(P.OPEN, REVIEW),
        (P.OPEN, "note"): Move(P.CLOSED),
        **{
            (state, "withdraw"): Move(P.WITHDRAWN, ISSUE)
            for state in (P.OPEN, P.REPORTED, P.FAILED, P.VERIFIED, P.LONG_TERM)
        },
    },
)


def table_of(order: Order) -> TransitionTable:
    """The table that governs an order of its kind."""
    return REMINDER if order.kind == OrderKind.REMINDER else ORDER


def mermaid(table: TransitionTable) -> str:
    """The table as a state diagram for the docs; actions that lead back to their state are listed once."""
    lines = ["stateDiagram-v2"]
    beside: dict[str, list[str]] = {}
    for (state, action), move in table.moves.items():
        if move.to == state:
            beside.setdefault(str(state), []).append(action)
        else:
            lines.append(f"    {state} --> {move.to}: {action}")
    lines += [f"    {name} --> {name}: {', '.join(actions)}" for name, actions in beside.items()]
    return "\n".join(lines)
