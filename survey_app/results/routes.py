"""URLs of results for the rated union: the result, how it came about, tables, papers, objection."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from scoring.decision import BY_BOUNDS
from survey_app.core.actor import Role
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.outbox.wording import learn_kinds
from survey_app.results import (
    explained,
    line_rules,
    operations,
    rating_routes,
    repeat_routes,
    review_routes,
    standing_routes,
    tables,
)
from survey_app.results.documents import report_pdf, sheet_pdf, sheet_xlsx
from survey_app.results.figures import (
    absence,
    percent_or_reason,
    range_words,
    rate_words,
    raw_words,
    score_words,
    share_words,
)
from survey_app.results.forms import ObjectionForm, TokenForm
from survey_app.results.models import Objection, ResultState
from survey_app.results.page import page_of, short_digest
from survey_app.results.queries import objections_of, visible_result
from survey_app.results.reading import base_words, two_sides_words
from survey_app.results.repeat_routes import WORDS as REPEAT_WORDS
from survey_app.results.view import ResultView, load_view
from survey_app.results.wording import KINDS, WORDS, state_title
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext, page_language
from survey_app.web.uploads import read_upload

pages = Blueprint("results", __name__)
rating_routes.add_to(pages)
review_routes.add_to(pages)
OBJECTION_KINDS = frozenset({"pdf", "docx", "jpeg", "png"})
MEDIA = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def register(app: Flask) -> None:
    """Add the pages of results to the application."""
    app.register_blueprint(pages)
    app.register_blueprint(repeat_routes.pages)
    app.register_blueprint(standing_routes.pages)
    errors.learn(WORDS)
    errors.learn(REPEAT_WORDS)
    learn_kinds(KINDS)
    app.jinja_env.globals.update(
        share_words=share_words,
        rate_words=rate_words,
        range_words=range_words,
        raw_words=raw_words,
        score_words=score_words,
        percent_or_reason=percent_or_reason,
        absence=absence,
        short_digest=short_digest,
        base_words=base_words,
        extremes_of=explained.extremes,
        two_sides_words=two_sides_words,
        result_state_title=state_title,
    )


def language() -> str:
    """The language of questionnaire texts on this page."""
    return "en" if page_language() == "en" else "zh"


@pages.get("/results/<int:result_id>")
@requires("result.read")
def show(result_id: int) -> str:
    view = load_view(reader(), actor(), result_id)
    page = page_of(reader(), actor(), view, language(), beijing_day(now()))
    return render_template("results/show.html", view=view, page=page, lang=language(), form=TokenForm())


@pages.get("/results/<int:result_id>/why")
@requires("result.read")
def why(result_id: int) -> str:
    view = load_view(reader(), actor(), result_id)
    page = page_of(reader(), actor(), view, language(), beijing_day(now()))
    not_chair = actor().role is not Role.CHAIR
    return render_template(
        "results/why.html",
        view=view,
        page=page,
        explained=explained,
        rules=line_rules.rules(view),
        gated=view.rating.reason not in BY_BOUNDS,
        not_chair=not_chair,
    )


@pages.get("/results/<int:result_id>/table")
@requires("result.read")
def table(result_id: int) -> str:
    view = load_view(reader(), actor(), result_id)
    return render_template(
        "results/table.html",
        view=view,
        items=tables.item_table(view, language()),
        dimensions=tables.dimension_table(view, language()),
    )


@pages.get("/results/<int:result_id>/sheet.<any(pdf,xlsx):kind>")
@requires("result.read")
def sheet(result_id: int, kind: str) -> Response:
    view = _printable(result_id)
    make = sheet_pdf if kind == "pdf" else sheet_xlsx
    content = make(reader(), view, installation().settings, today=beijing_day(now()))
    return _file(content, kind, f"sheet-{view.round.year}-{view.unit.id}")


@pages.get("/results/<int:result_id>/report.pdf")
@requires("result.read")
def report(result_id: int) -> Response:
    view = _printable(result_id)
    content = report_pdf(reader(), view, installation().settings, today=beijing_day(now()))
    return _file(content, "pdf", f"report-{view.round.year}-{view.unit.id}")


def _printable(result_id: int) -> ResultView:
    """A held or voided count has no paper at all."""
    view = load_view(reader(), actor(), result_id)
    if view.result.state in (ResultState.HELD, ResultState.VOIDED):
        raise NotFound("result")
    return view


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, mimetype=MEDIA[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/results/<int:result_id>/no-objection")
@requires("result.object")
def waive(result_id: int) -> AnyResponse:
    with committing(roster()) as session:
        result, _unit, _round = visible_result(session, actor(), result_id, lock=True)
        operations.waive_objection(session, actor(), result, at=now())
    say(gettext("已答复：没有异议。上级可以确认终评了。"), "done")
    return redirect(url_for("results.show", result_id=result_id), 303)


@pages.route("/objection/<int:result_id>", methods=["GET", "POST"])
@requires("result.object")
def objection(result_id: int) -> str | AnyResponse:
    view = load_view(reader(), actor(), result_id)
    form = ObjectionForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            result, _unit, _round = visible_result(session, actor(), result_id, lock=True)
            upload = read_upload(form.file.data, OBJECTION_KINDS, where="file")
            operations.raise_objection(
                session,
                actor(),
                result,
                text=form.text.data,
                file_name=upload.name if upload else "",
                checksum=installation().files.put(upload.content) if upload else "",
                at=now(),
            )
        if not form.errors:
            say(gettext("异议已提交。上级答复以前，结果不会确认。"), "done")
            return redirect(url_for("results.show", result_id=result_id), 303)
    page = page_of(reader(), actor(), view, language(), beijing_day(now()))
    return render_template("results/objection.html", view=view, page=page, form=form)


@pages.get("/results/<int:result_id>/objections/<int:objection_id>/file")
@requires("result.read")
def objection_file(result_id: int, objection_id: int) -> Response:
    result, _unit, _round = visible_result(reader(), actor(), result_id)
    found: Objection | None = next(
        (one.objection for one in objections_of(reader(), result) if one.objection.id == objection_id), None
    )
    if found is None or not found.file_checksum:
        raise NotFound("file")
    answer = Response(installation().files.get(found.file_checksum), mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=found.file_name)
    return answer
