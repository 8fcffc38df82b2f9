"""Writes of the noticeboard: save and publish a home's page, answer a member's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import Conflict, Fault, Invalid, Refused
from survey_app.journal.operations import record
from survey_app.noticeboard.models import HomePage
from survey_app.noticeboard.procedures import LONGEST, MOST_PROCEDURES, MOST_STEPS, read_procedures
from survey_app.results.models import CommentState, ReviewedComment

PLAIN = ("place", "hours", "chair_name", "chair_phone", "chair_email", "reception", "rules", "services")


def save_page(
    session: Session, actor: Actor, home_id: int, *, values: Mapping[str, str], version: int, at: datetime
) -> HomePage:
    """Save and publish; `version` 0 means that there was none. The journal keeps what each version said."""
    actor.need("home_page.edit")
    procedures = read_procedures(values["procedures"])
    faults = _faults(procedures)
    if faults:
        raise Invalid(faults)
    page = session.get(HomePage, home_id, with_for_update=True)
    if (page.version if page else 0) != version:
        raise Conflict("changed_meanwhile")
    if page is None:
        page = HomePage(home_id=home_id, procedures=[], updated_at=at, updated_by=actor.account_id, version=0)
        session.add(page)
    changed = {name: values[name] for name in PLAIN if getattr(page, name) != values[name]}
    for name, value in changed.items():
        setattr(page, name, value)
    if page.procedures != procedures:
        page.procedures = procedures
        changed["procedures"] = values["procedures"]
    page.updated_at, page.updated_by, page.version = at, actor.account_id, page.version + 1
    session.flush()
    record(session, actor, "home_page.saved", "home", home_id, at=at, version=page.version, changed=changed)
    return page


def _faults(procedures: list[dict[str, object]]) -> list[Fault]:
    """Why no charts can be drawn from what was typed."""
    faults = []
    if len(procedures) > MOST_PROCEDURES:
        faults.append(Fault("procedures_too_many", {"most": MOST_PROCEDURES}, "procedures"))
    for one in procedures:
        steps = list(one["steps"])  # type: ignore[call-overload]  # read_procedures makes lists
        if not steps:
            faults.append(Fault("procedure_without_steps", {"name": one["name"]}, "procedures"))
        if len(steps) > MOST_STEPS:
            faults.append(
                Fault("procedure_too_long", {"name": one["name"], "most": MOST_STEPS}, "procedures")
            )
        if any(len(str(line)) > LONGEST for line in (one["name"], *steps)):
            faults.append(Fault("step_too_long", {"name": one["name"], "most": LONGEST}, "procedures"))
    return faults


def answer_comment(
    session: Session, actor: Actor, comment: ReviewedComment, *, answer: str, at: datetime
) -> None:
    """Answer released words: 您说，我们办. The line in the journal names the home, never the words."""
    actor.need("home_page.edit")
    if comment.state != CommentState.RELEASED:
        raise Refused("comment_not_released")
    comment.answer = answer.strip()
    session.flush()
    verb = "comment.answered" if comment.answer else "comment.answer_taken_back"
    record(session, actor, verb, "round_home", f"{comment.round_id}/{comment.home_id}", at=at)
