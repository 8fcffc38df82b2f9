"""Writes of results by people: object, decide, confirm, publish. The rating itself is `results.rating`'s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.queries import posts_at
from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Conflict, Fault, Invalid, Refused
from survey_app.journal.operations import record
from survey_app.outbox.messages import tell
from survey_app.results.models import Objection, Result, ResultState
from survey_app.results.rating import TWO_SIDES
from survey_app.results.states import RESULT
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below, path

LONGEST_TEXT = 4000


def on_own_line(session: Session, actor: Actor, result: Result) -> None:
    """A territorial superior reads; what decides is done on the line of affiliation."""
    if not is_below(session, result.home_id, actor.unit_id, Line.AFFILIATION):
        raise Refused("other_line", unit=session.get_one(Unit, result.home_id).name)


def _move(result: Result, action: str) -> None:
    result.state = RESULT.target(ResultState(result.state), action)
    result.version += 1


def raise_objection(
    session: Session,
    actor: Actor,
    result: Result,
    *,
    text: str,
    file_name: str = "",
    checksum: str = "",
    at: datetime,
) -> Objection:
    """Object to a provisional result within its window: a text and one file."""
    actor.need("result.object")
    on_own_line(session, actor, result)
    if not text.strip():
        raise Invalid([Fault("objection_text_missing", {}, "text")])
    if beijing_day(at) > result.objection_until:
        raise Refused("objection_window_over", until=result.objection_until)
    if result.no_objection_at is not None:
        raise Refused("objection_waived_before")
    _move(result, "object")
    objection = Objection(
        result_id=result.id,
        raised_at=at,
        raised_by=actor.account_id,
        text=text.strip()[:LONGEST_TEXT],
        file_name=file_name,
        file_checksum=checksum,
    )
    session.add(objection)
    session.flush()
    record(session, actor, "result.objected", "result", result.id, at=at, file=bool(file_name))
    _tell_superiors(session, result, "result.objected", at)
    return objection


def waive_objection(session: Session, actor: Actor, result: Result, *, at: datetime) -> None:
    """The chair has none: the confirmation need not wait for the end of the window."""
    actor.need("result.object")
    on_own_line(session, actor, result)
    if result.no_objection_at is not None:
        return
    _move(result, "waive_objection")
    result.no_objection_at = at
    session.flush()
    record(session, actor, "result.objection_waived", "result", result.id, at=at)


def decide_objection(
    session: Session,
    actor: Actor,
    result: Result,
    objection: Objection,
    *,
    upheld: bool,
    reason: str,
    at: datetime,
) -> None:
    """Answer an objection in writing. Upheld: the vote of this home is void and may be repeated."""
    actor.need("result.decide_objection")
    on_own_line(session, actor, result)
    if objection.decided_at is not None:
        raise Conflict("changed_meanwhile")
    if not reason.strip():
        raise Invalid([Fault("reason_missing", {}, "reason")])
    _move(result, "uphold_objection" if upheld else "reject_objection")
    objection.decided_at, objection.decided_by = at, actor.account_id
    objection.upheld, objection.decision = upheld, reason.strip()[:LONGEST_TEXT]
    if not upheld:
        # The objection has been heard: the same result meets no second one.
        result.no_objection_at = at
    session.flush()
    record(session, actor, "result.objection_decided", "result", result.id, at=at, upheld=upheld)
    _tell_chair(session, result, "result.objection_decided", at)


def confirm(
    session: Session, actor: Actor, result: Result, *, version: int, reason: str = "", at: datetime
) -> None:
    """Make a result final after its window. V1 needs a written reason; who decided the objection may not."""
    actor.need("result.confirm")
    on_own_line(session, actor, result)
    if result.version != version:
        raise Conflict("changed_meanwhile")
    if TWO_SIDES in result.marks and not reason.strip():
        raise Invalid([Fault("reason_missing_two_sides", {}, "reason")])
    if result.no_objection_at is None and beijing_day(at) <= result.objection_until:
        raise Refused("objection_window_open", until=result.objection_until)
    deciders = session.scalars(select(Objection.decided_by).where(Objection.result_id == result.id))
    if actor.account_id in set(deciders):
        raise Refused("another_officer_confirms")
    _move(result, "confirm")
    result.confirmed_at, result.confirmed_by = at, actor.account_id
    result.confirm_reason = reason.strip()[:LONGEST_TEXT]
    session.flush()
    record(
        session,
        actor,
        "result.confirmed",
        "result",
        result.id,
        at=at,
        code=result.code,
        reason=bool(reason.strip()),
    )
    _tell_chair(session, result, "result.final", at)


def confirm_plain(
    session: Session, actor: Actor, results: Sequence[tuple[Result, int]], *, at: datetime
) -> int:
    """Confirm several results at once, each at the version the officer saw: only those nobody questioned."""
    for result, version in results:
        objected = session.scalars(select(Objection.id).where(Objection.result_id == result.id)).first()
        if result.marks or objected is not None:
            raise Refused("bulk_needs_plain", unit=session.get_one(Unit, result.home_id).name)
        confirm(session, actor, result, version=version, at=at)
    return len(results)


def publish(session: Session, actor: Actor, result: Result, *, at: datetime) -> None:
    """Show a final result to the members on the home's page."""
    actor.need("result.confirm")
    on_own_line(session, actor, result)
    _move(result, "publish")
    result.published_at = at
    session.flush()
    record(session, actor, "result.published", "result", result.id, at=at)
    _tell_chair(session, result, "result.published", at)


def _tell_superiors(session: Session, result: Result, kind: str, at: datetime) -> None:
    """Tell the officers nearest above the home: those who will decide."""
    name = session.get_one(Unit, result.home_id).short_name
    for unit in reversed(path(session, result.home_id)[:-1]):
        officers = [post.id for post in posts_at(session, unit.id, Role.OFFICER)]
        if officers:
            tell(session, officers, kind, {"unit": name}, f"/ratings/{result.id}", at=at)
            return


def _tell_chair(session: Session, result: Result, kind: str, at: datetime) -> None:
    chairs = [post.id for post in posts_at(session, result.home_id, Role.CHAIR)]
    tell(session, chairs, kind, {"year": result.year}, f"/results/{result.id}", at=at)
