"""URLs of the noticeboard: the start page, a home's public page and papers, its editor, pages about us."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.journal.wording import learn_verbs
from survey_app.noticeboard import operations, queries
from survey_app.noticeboard.documents import home_poster, sheet_pdf
from survey_app.noticeboard.forms import AnswerForm, HomePageForm
from survey_app.noticeboard.models import HomePage
from survey_app.noticeboard.procedures import lines_of, read_procedures, write_procedures
from survey_app.noticeboard.public_page import home_name, public_page, shown_picture, upper_first
from survey_app.noticeboard.wording import VERBS, WORDS
from survey_app.results import tables
from survey_app.results.pictures import dimensions_picture
from survey_app.results.reading import class_tag
from survey_app.rounds.queries import visible_round, visible_round_home
from survey_app.web import errors
from survey_app.web.access import actor, public, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext, page_language
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("noticeboard", __name__)


def register(app: Flask) -> None:
    """Add the pages, sentences and the rail's place."""
    app.register_blueprint(pages)
    errors.learn(WORDS)
    learn_verbs(VERBS)
    app.jinja_env.filters.update(listed=lines_of, home_name=home_name, upper_first=upper_first)
    app.jinja_env.filters["rating_class_tag"] = lambda name: class_tag(name, reminder=False)
    may_edit = "home_page.edit"
    add_place(
        Place("noticeboard.edit", _l("公开页"), "eye", 45, lambda person: person.may(may_edit), "/home-page")
    )


@pages.get("/")
@public
def start() -> str:
    """What this is, and the ways on; a search for homes that show something."""
    text = request.args.get("home", "").strip()[:60]
    found = queries.find_homes(reader(), text)
    return render_template("noticeboard/start.html", text=text, found=found)


@pages.get("/about/anonymity")
@public
def about_anonymity() -> str:
    return render_template("noticeboard/anonymity.html")


@pages.get("/about/method")
@public
def about_method() -> str:
    return render_template("noticeboard/method.html")


@pages.get("/h/<int:home_id>")
@pages.get("/h/<int:home_id>/<int:year>")
@public
def home(home_id: int, year: int | None = None) -> str:
    page = public_page(reader(), home_id, year, now())
    return render_template("noticeboard/home.html", page=page, year=year)


@pages.get("/h/<int:home_id>/<int:year>/items")
@public
def items(home_id: int, year: int) -> str:
    """The four dimensions and every item of a published year."""
    page = public_page(reader(), home_id, year, now())
    if page.view is None:
        raise NotFound("year")
    lang = "en" if page_language() == "en" else "zh"
    return render_template(
        "noticeboard/items.html",
        page=page,
        picture=dimensions_picture(page.view, lang),
        dimensions=tables.dimension_table(page.view, lang),
        items=tables.item_table(page.view, lang),
    )


@pages.get("/h/<int:home_id>/pictures/<int:evidence_id>", defaults={"size": "large"})
@pages.get("/h/<int:home_id>/pictures/<int:evidence_id>/<any(small):size>")
@public
def picture(home_id: int, evidence_id: int, size: str) -> Response:
    """A reduced picture that the page shows now; the original and everything else is not found."""
    row = shown_picture(reader(), home_id, evidence_id, now())
    content = installation().files.get(row.thumbnail if size == "small" else row.reduced)
    return Response(content, mimetype="image/jpeg", headers={"X-Content-Type-Options": "nosniff"})


@pages.get("/h/<int:home_id>/sheet.pdf")
@public
def sheet(home_id: int) -> Response:
    page = public_page(reader(), home_id, None, now())
    made = sheet_pdf(page, installation().settings, installation().files, beijing_day(now()))
    return _paper(made, "sheet.pdf")


@pages.get("/rounds/<round_id>/homes/<int:home_id>/poster.pdf")
@requires("round.read")
def poster(round_id: str, home_id: int) -> Response:
    """The poster, from `ready` on: before that there is no 核对码 to print."""
    place, unit = visible_round_home(reader(), actor(), round_id, home_id)
    if place.sheet_fingerprint is None:
        raise NotFound("poster")
    round_ = visible_round(reader(), actor(), round_id)
    small = request.args.get("size") == "a4"
    content = home_poster(reader(), round_, place, unit, installation().settings, "a4" if small else "a3")
    return _paper(content, "poster.pdf")


def _paper(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    return response


@pages.route("/home-page", methods=["GET", "POST"])
@requires("home_page.edit")
def edit() -> str | AnyResponse:
    """The five 亮 with their preview; saving publishes."""
    unit = queries.home_of(reader(), actor().unit_id)
    stored = queries.page_content(reader(), unit.id)
    form = HomePageForm()
    if form.validate_on_submit() and "preview" not in request.form:
        version = request.form.get("version", 0, type=int)
        with refill(form), committing(roster()) as session:
            operations.save_page(session, actor(), unit.id, values=form.values(), version=version, at=now())
        if not form.errors:
            say(gettext("已保存，会员现在看得到。"), "done")
            return redirect(url_for("noticeboard.edit"), 303)
    elif not form.is_submitted():
        _fill(form, stored or queries.unpublished(unit, now()))
    return render_template(
        "noticeboard/edit.html",
        form=form,
        unit=unit,
        stored=stored,
        preview=_preview(form, unit.id),
        words=queries.words_to_answer(reader(), actor()),
        answer=AnswerForm(formdata=None),
    )


def _fill(form: HomePageForm, content: HomePage) -> None:
    for name in operations.PLAIN:
        form[name].data = getattr(content, name)
    form.procedures.data = write_procedures(content.procedures)


def _preview(form: HomePageForm, home_id: int) -> HomePage:
    """What members would see of what stands in the form now; never stored."""
    values = form.values()
    procedures = read_procedures(values.pop("procedures"))
    return HomePage(
        home_id=home_id, procedures=procedures, updated_at=now(), updated_by=0, version=0, **values
    )


@pages.post("/home-page/answers/<comment_id>")
@requires("home_page.edit")
def answer(comment_id: str) -> AnyResponse:
    form = AnswerForm()
    if form.validate_on_submit():
        with committing(roster()) as session:
            comment = queries.own_comment(session, actor(), comment_id)
            operations.answer_comment(session, actor(), comment, answer=form.answer.data or "", at=now())
        say(gettext("已答复，会员在公开页上看得到。"), "done")
    else:
        say(gettext("答复最多500个字，没有保存。"), "late")
    return redirect(url_for("noticeboard.edit", _anchor="words"), 303)
