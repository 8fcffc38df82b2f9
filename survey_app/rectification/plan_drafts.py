"""A plan that is still being written: kept on the server with all its gaps until it is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import Refused
from survey_app.rectification.models import Order, PlanDraft
from survey_app.rectification.orders import may_take
from survey_app.rectification.proposing import LONGEST


def save_plan_draft(
    session: Session, actor: Actor, order: Order, answers: Mapping[str, str], *, at: datetime
) -> None:
    """Keep the answers as they stand; nobody is told, and the superior does not see them."""
    if not may_take(session, actor, order, "submit_plan"):
        raise Refused("wrong_state", thing="order", state=order.state, action="submit_plan")
    draft = plan_draft_of(session, order.id) or PlanDraft(order_id=order.id)
    draft.answers = {name: words[:LONGEST] for name, words in answers.items()}
    draft.saved_at, draft.saved_by = at, actor.name
    session.add(draft)


def plan_draft_of(session: Session, order_id: int) -> PlanDraft | None:
    """What was kept, if anything."""
    return session.get(PlanDraft, order_id)


def drop_plan_draft(session: Session, order_id: int) -> None:
    """The plan has been handed in: nothing of the draft is needed any more."""
    draft = plan_draft_of(session, order_id)
    if draft is not None:
        session.delete(draft)
