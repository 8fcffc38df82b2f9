"""URLs of an order's files: papers as PDF and .docx, evidence one by one, released, and as a bundle."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.papers.marks import Marks
from survey_app.papers.official.docx import official_docx
from survey_app.papers.official.pdf import official_pdf
from survey_app.papers.typesetting import Typesetter
from survey_app.rectification.evidence import bundle, evidence_of
from survey_app.rectification.evidence import release as release_picture
from survey_app.rectification.loading import back, locked, shown
from survey_app.rectification.orders import problems_of
from survey_app.rectification.paper_list import paper_in
from survey_app.rectification.papers import paper_of
from survey_app.rectification.queries import evidence_in
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.i18n import gettext

pages = Blueprint("rectification_papers", __name__)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": WORD,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pages.get("/orders/<int:order_id>/papers/<paper>/<int:subject_id>.<any(pdf, docx):form>")
@requires("order.read")
def paper(order_id: int, paper: str, subject_id: int, form: str) -> Response:
    order = shown(order_id)
    link = paper_in(reader(), order, paper, subject_id)
    made = paper_of(reader(), order, paper, subject_id, link.number, beijing_day(now()))
    marks = Marks(demo=installation().settings.demo, void=link.void)
    name = f"{link.label}{link.number}.{form}"
    if form == "docx":
        return _file(official_docx(made, marks=marks), WORD, name)
    setter = Typesetter(installation().settings.fonts_folder, now())
    return _file(official_pdf(made, setter, marks=marks), "application/pdf", name)


@pages.get("/orders/<int:order_id>/evidence/<int:evidence_id>")
@requires("order.read")
def evidence(order_id: int, evidence_id: int) -> Response:
    row = evidence_in(reader(), shown(order_id), evidence_id)
    return _file(installation().files.get(row.checksum), TYPES[row.kind], row.name)


@pages.get("/orders/<int:order_id>/evidence/<int:evidence_id>/small")
@requires("order.read")
def thumbnail(order_id: int, evidence_id: int) -> Response:
    row = evidence_in(reader(), shown(order_id), evidence_id)
    if not row.thumbnail:
        raise NotFound("file")
    return Response(installation().files.get(row.thumbnail), mimetype="image/jpeg")


@pages.post("/orders/<int:order_id>/evidence/<int:evidence_id>/<any(release, take_back):act>")
@requires("order.read")
def release(order_id: int, evidence_id: int, act: str) -> BaseResponse:
    """Let the members' page show a picture, or take it back."""
    with committing(roster()) as session:
        order = locked(session, order_id)
        row = evidence_in(session, order, evidence_id)
        release_picture(session, actor(), order, row, shown=act == "release", at=now())
    done = gettext("会员在公开页上看得到这张照片了。") if act == "release" else gettext("已从公开页撤下。")
    return back(order_id, done)


@pages.get("/orders/<int:order_id>/evidence.zip")
@requires("order.read")
def whole(order_id: int) -> Response:
    order = shown(order_id)
    rows = evidence_of(reader(), order.id)
    if not rows:
        raise NotFound("file")
    content = bundle(problems_of(reader(), order), rows, installation().files)
    return _file(content, "application/zip", f"佐证{order.number or order.id}.zip")


def _file(content: bytes, mimetype: str, name: str) -> Response:
    """A download with its Chinese name; never shown inside our own pages, whatever it contains."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(content, mimetype=mimetype, headers=headers)
