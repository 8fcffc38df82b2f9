"""Evidence (佐证): files with their own date and checksum, replaced and never overwritten, one bundle."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Conflict, Fault, Invalid, Refused
from survey_app.core.files import FileStore
from survey_app.rectification import story
from survey_app.rectification.models import Evidence, Order, OrderState, Problem
from survey_app.rectification.orders import authorise, refresh
from survey_app.rectification.pictures import FORMATS, clean
from survey_app.rectification.states import ANSWER, REVIEW

KINDS = frozenset({"jpeg", "png", "pdf", "docx", "xlsx"})
EVIDENCE, DISPLAY = "evidence", "display"
OPEN_TO_EVIDENCE = (
    OrderState.PLAN_DUE,
    OrderState.PLAN_UNDER_REVIEW,
    OrderState.PLAN_RETURNED,
    OrderState.RECTIFYING,
    OrderState.AWAITING_INSPECTION,
    OrderState.INSPECTION_FAILED,
    OrderState.PASSED,
    OrderState.REEVALUATION,
    OrderState.VOTE_SHORT,
    OrderState.NOTED,
)


@dataclass(frozen=True)
class HandedFile:
    """A file as it came, its kind known by its content."""

    name: str
    kind: str
    content: bytes


def hand_in(
    session: Session,
    actor: Actor,
    order: Order,
    problem: Problem | None,
    files: FileStore,
    handed: Sequence[HandedFile],
    *,
    own_date: date,
    place: str = "",
    purpose: str = EVIDENCE,
    at: datetime,
) -> list[Evidence]:
    """Store files that answer a problem, or that show the notice on the board (`purpose="display"`)."""
    _refuse_bad(order, handed, own_date, at)
    authorise(session, actor, order, ANSWER)
    rows = [_stored(actor, order, problem, files, one, own_date, place, purpose, at) for one in handed]
    session.add_all(rows)
    session.flush()
    kind = "display_proved" if purpose == DISPLAY else "evidence_added"
    story.write(
        session,
        actor,
        order,
        kind,
        at=at,
        told=story.SUPERIOR,
        n=problem.ordinal if problem else 0,
        files=[row.id for row in rows],
    )
    refresh(session, order)
    return rows


def replace(
    session: Session,
    actor: Actor,
    order: Order,
    old: Evidence,
    files: FileStore,
    handed: HandedFile,
    *,
    own_date: date,
    at: datetime,
) -> Evidence:
    """Put a better file in the place of one; the old one stays readable and says so."""
    if old.replaced_by_id is not None:
        raise Conflict("evidence_replaced_before")
    _refuse_bad(order, [handed], own_date, at)
    authorise(session, actor, order, ANSWER)
    problem = session.get(Problem, old.problem_id) if old.problem_id else None
    row = _stored(actor, order, problem, files, handed, own_date, old.place, old.purpose, at)
    session.add(row)
    session.flush()
    old.replaced_by_id = row.id
    story.write(
        session,
        actor,
        order,
        "evidence_replaced",
        at=at,
        told=story.SUPERIOR,
        n=problem.ordinal if problem else 0,
        files=[row.id],
        old=old.name,
    )
    refresh(session, order)
    return row


def release(
    session: Session, actor: Actor, order: Order, row: Evidence, *, shown: bool, at: datetime
) -> None:
    """Let the members' page show a picture, or take it back; the chair or the superior's officer decides."""
    authorise(session, actor, order, ANSWER if actor.role is Role.CHAIR else REVIEW)
    if shown:
        _refuse_release(order, row)
    if shown == (row.released_at is not None):
        return
    row.released_at = at if shown else None
    kind = "evidence_released" if shown else "evidence_taken_back"
    story.write(session, actor, order, kind, at=at, files=[row.id], name=row.name)
    refresh(session, order)


def _refuse_release(order: Order, row: Evidence) -> None:
    if row.replaced_by_id is not None:
        raise Conflict("evidence_replaced_before")
    if not row.reduced:
        raise Refused("only_pictures_are_shown")
    if order.state not in (*OPEN_TO_EVIDENCE, OrderState.CLOSED):
        raise Refused("wrong_state", thing="order", state=order.state, action="evidence")


def _refuse_bad(order: Order, handed: Sequence[HandedFile], own_date: date, at: datetime) -> None:
    if order.state not in OPEN_TO_EVIDENCE:
        raise Refused("wrong_state", thing="order", state=order.state, action="evidence")
    faults = [] if handed else [Fault("evidence_missing", {}, "files")]
    faults += [
        Fault("file_kind", {"name": one.name, "kinds": sorted(KINDS)}, "files")
        for one in handed
        if one.kind not in KINDS
    ]
    if own_date > beijing_day(at):
        faults.append(Fault("own_date_in_future", {}, "own_date"))
    if faults:
        raise Invalid(faults)


def _stored(
    actor: Actor,
    order: Order,
    problem: Problem | None,
    files: FileStore,
    one: HandedFile,
    own_date: date,
    place: str,
    purpose: str,
    at: datetime,
) -> Evidence:
    content, thumbnail, reduced = one.content, "", ""
    if one.kind in FORMATS:
        picture = clean(one.content, one.kind, one.name)
        content, thumbnail, reduced = picture.whole, files.put(picture.thumbnail), files.put(picture.reduced)
    return Evidence(
        order_id=order.id,
        problem_id=problem.id if problem else None,
        purpose=purpose,
        name=one.name[:200],
        kind=one.kind,
        size=len(content),
        checksum=files.put(content),
        thumbnail=thumbnail,
        reduced=reduced,
        own_date=own_date,
        place=place.strip()[:120],
        uploaded_at=at,
        uploaded_by=actor.name,
    )


def evidence_of(session: Session, order_id: int) -> list[Evidence]:
    """Every file of an order, oldest first, replaced ones too."""
    return list(session.scalars(select(Evidence).where(Evidence.order_id == order_id).order_by(Evidence.id)))


def bundle(problems: Sequence[Problem], rows: Sequence[Evidence], files: FileStore) -> bytes:
    """All files in one archive with an index that opens in a spreadsheet: problem, date, who, checksum."""
    ordinals = {problem.id: problem.ordinal for problem in problems}
    target, listing = io.BytesIO(), io.StringIO()
    index = csv.writer(listing)
    index.writerow(("序号", "问题", "文件", "材料日期", "地点", "上传人", "上传时间", "SHA-256", "说明"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, row in enumerate(rows, start=1):
            name = f"{number:02d}-{_safe(row.name)}"
            archive.writestr(name, files.get(row.checksum))
            index.writerow(_index_row(number, name, row, ordinals))
        # The mark at the front makes Excel read the Chinese as UTF-8.
        archive.writestr("目录.csv", "\ufeff" + listing.getvalue())
    return target.getvalue()


def _index_row(number: int, name: str, row: Evidence, ordinals: dict[int, int]) -> tuple[object, ...]:
    problem = f"第{ordinals[row.problem_id]}项" if row.problem_id in ordinals else "—"
    note = "已被替换" if row.replaced_by_id else ""
    cells = (problem, name, row.own_date, row.place, row.uploaded_by, row.uploaded_at.isoformat())
    return (number, *(_neutral(cell) for cell in cells), row.checksum, note)


def _neutral(cell: object) -> object:
    """A text that begins like a formula is told to be text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell


def _safe(name: str) -> str:
    return re.sub(r"[^\w.\-（）()一-鿿]", "_", name)[-120:]
