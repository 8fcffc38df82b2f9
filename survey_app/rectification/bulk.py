"""Many orders decided in one go: each with its own verdict and reason, in a transaction of its own.

A refused one writes nothing and keeps nobody else back; the rules are those of the single acts, for the
same operations run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.db import committing
from survey_app.core.errors import Conflict, Fault, PingjiaError, Refused
from survey_app.rectification import escalating, extending, planning, proposing
from survey_app.rectification.models import Order, OrderState
from survey_app.rectification.queries import visible_order
from survey_app.rectification.simple_acts import SIMPLE_ACTS, Decision, Operation
from survey_app.rectification.states import table_of
from survey_app.web.i18n import lazy_gettext as _l

OpenSession = Callable[[], Session]


def _answer(*, granted: bool) -> Operation:
    def answer(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
        row = extending.open_extension(session, order)
        extending.answer_extension(session, actor, order, row, granted=granted, answer=reason, at=at)

    return answer


def _take_step(*, send: bool) -> Operation:
    def decide(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
        waiting = escalating.waiting(session, order)
        if not waiting:
            raise Conflict("order_changed_meanwhile")
        escalating.decide(session, actor, order, waiting[0], send=send, reason=reason, at=at)

    return decide


# name -> action of the transition table and the decision; what agrees stands before what refuses.
VERDICTS: dict[str, tuple[str, Decision]] = {
    "issue": ("issue", Decision(label=_l("签发"), operation=proposing.issue, reason="none", final=True)),
    "submit": ("submit", SIMPLE_ACTS["submit"]),
    "hand_back": ("hand_back", SIMPLE_ACTS["hand_back"]),
    "refuse": ("refuse", SIMPLE_ACTS["refuse"]),
    "approve_plan": (
        "approve_plan",
        Decision(label=_l("通过方案"), operation=planning.approve_plan, reason="optional"),
    ),
    "return_plan": ("return_plan", Decision(label=_l("退回方案"), operation=planning.return_plan)),
    "close_reminder": ("close_reminder", SIMPLE_ACTS["close_reminder"]),
    "return_note": ("return_note", SIMPLE_ACTS["return_note"]),
    "grant_extension": (
        "answer_extension",
        Decision(label=_l("同意延期"), operation=_answer(granted=True)),
    ),
    "refuse_extension": (
        "answer_extension",
        Decision(label=_l("不同意延期"), operation=_answer(granted=False)),
    ),
    "send_step": (
        "supervise",
        Decision(label=_l("发出"), operation=_take_step(send=True), reason="optional"),
    ),
    "decline_step": ("supervise", Decision(label=_l("暂不办"), operation=_take_step(send=False))),
}


def open_verdicts(actor: Actor, order: Order) -> list[str]:
    """What a list may offer this officer for an order his union leads; the operations have the last word."""
    moves = table_of(order).moves
    return [
        name
        for name, (action, _decision) in VERDICTS.items()
        if (move := moves.get((OrderState(order.state), action))) is not None
        and move.permission is not None
        and actor.may(move.permission)
        and _is_asked(actor, order, action)
    ]


def _is_asked(actor: Actor, order: Order, action: str) -> bool:
    if action == "answer_extension":
        return order.extension_pending
    if action == "supervise":
        return order.escalation_pending
    own_draft = order.state == OrderState.AWAITING_SIGNATURE and order.submitted_by == actor.account_id
    return not (action == "issue" and own_draft)


@dataclass(frozen=True)
class Wanted:
    """What was chosen for one order, and the version it was chosen on."""

    order_id: int
    version: int
    verdict: str
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one: the order as it stands after it, or why nothing was written."""

    wanted: Wanted
    order: Order | None = None
    error: PingjiaError | None = None


def decide_all(
    open_session: OpenSession, actor: Actor, wanted: Sequence[Wanted], *, at: datetime
) -> list[Outcome]:
    """Take every decision by itself, in the order given; what one refuses is told and changes nothing."""
    return [_decide(open_session, actor, one, at) for one in wanted]


def _decide(open_session: OpenSession, actor: Actor, wanted: Wanted, at: datetime) -> Outcome:
    try:
        with committing(open_session()) as session:
            order = visible_order(session, actor, wanted.order_id, lock=True, version=wanted.version)
            if wanted.verdict not in VERDICTS:
                raise Refused("verdict_missing")
            VERDICTS[wanted.verdict][1].run(session, actor, order, wanted.reason, at)
        return Outcome(wanted, order=order)
    except PingjiaError as error:
        return Outcome(wanted, error=error)
    except OperationalError:
        # A database that was busy for too long refuses this one; the others had their chance.
        return Outcome(wanted, error=Conflict("order_not_reached"))


def faults_of(error: PingjiaError) -> Sequence[Fault | PingjiaError]:
    """What to say of an error: its faults one by one, or itself."""
    return getattr(error, "faults", ()) or (error,)
