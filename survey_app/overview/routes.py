"""URLs of the desks: the overview of each role, the page of one round, the places that do not fit a phone."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request, url_for
from werkzeug.wrappers import Response

from survey_app.accounts.duty_calls import learn
from survey_app.core.actor import Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import NotFound
from survey_app.counting import step_routes
from survey_app.invitations.reminders import reminders_left
from survey_app.journal.kept_figures import kept
from survey_app.journal.subjects import learn_names
from survey_app.overview.chair_desk import chair_desk
from survey_app.overview.chair_situation import standing_of
from survey_app.overview.duty_calls import call_of_round
from survey_app.overview.duty_desks import duty_desk
from survey_app.overview.home_list import HomeFilter, home_list
from survey_app.overview.officer_desk import MOST_DRAWN, officer_desk, years_of
from survey_app.overview.round_page import round_view
from survey_app.overview.subject_names import NAMERS
from survey_app.overview.todo import MOST
from survey_app.overview.wording import HOME_CLASSES, HOME_ORDERS
from survey_app.rectification.wording import BULK_KINDS
from survey_app.rounds.models import Round, RoundState
from survey_app.rounds.queries import policy_of
from survey_app.units.models import Line
from survey_app.units.queries import visible_unit
from survey_app.web.access import actor, requires, signed_in
from survey_app.web.books import now, reader
from survey_app.web.desk import Place, add_place
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.i18n import page_language
from survey_app.web.years import asked_year

pages = Blueprint("overview", __name__)


def register(app: Flask) -> None:
    """Add the desks and their place in the rail."""
    app.register_blueprint(step_routes.pages)
    app.register_blueprint(pages)
    learn_names(NAMERS)
    learn(call_of_round)
    add_place(Place("overview.desk", _l("总览"), "home", 10, lambda _person: True))


@pages.get("/desk")
@signed_in
def desk() -> str | Response:
    """What this person must do now, and how things stand."""
    role = actor().role
    if role in (Role.OFFICER, Role.AUDITOR):
        return _officer()
    if role is Role.CHAIR:
        return _chair("overview/chair.html", asked_year(None))
    return render_template("overview/duty.html", desk=duty_desk(reader(), actor(), now()))


def _chair(template: str, year: int | None, **further: object) -> str:
    lang = "en" if page_language() == "en" else "zh"
    view = chair_desk(reader(), actor(), lang, now(), year)
    return render_template(template, desk=view, view=view.view, page=view.page, lang=lang, **further)


def _officer() -> str:
    line = Line.TERRITORY if request.args.get("line") == Line.TERRITORY else Line.AFFILIATION
    here = request.args.get("at", type=int)
    asked = asked_year(None)
    view = officer_desk(reader(), actor(), here, line, now(), asked)
    seen_line, seen_year = request.args.get("line"), view.year if asked else None

    def at_unit(unit_id: int) -> str:
        own = unit_id == actor().unit_id
        return url_for("overview.desk", at=None if own else unit_id, line=seen_line, year=seen_year)

    return render_template(
        "overview/officer.html",
        desk=view,
        read_only=actor().role is Role.AUDITOR,
        crumbs=[(unit.name, at_unit(unit.id)) for unit in view.path[:-1]],
        unit_url=at_unit,
        line_url=lambda line: url_for("overview.desk", at=here, line=line, year=seen_year),
        year_url=lambda year: url_for("overview.desk", at=here, line=seen_line, year=year),
        ratings_url=url_for("results.ratings", view="all"),
        most_drawn=MOST_DRAWN,
        most_listed=MOST,
        bulk_kinds=BULK_KINDS,
    )


@pages.get("/desk/homes")
@requires("result.read")
def homes() -> str:
    """Every home below a unit of the scope with turnout, class and overdue orders, in one list."""
    if actor().role is Role.CHAIR:
        raise NotFound("unit")
    unit = visible_unit(reader(), actor(), request.args.get("at", actor().unit_id, type=int))
    alive, years = years_of(reader(), unit.id, beijing_day(now()))
    asked = asked_year(alive)
    year = asked if asked in years else alive
    wanted = _wanted_homes()
    found = kept(
        reader(),
        ("homes", unit.id, year, wanted),
        now(),
        lambda: home_list(reader(), unit.id, year, wanted, now()),
    )
    shown = {"at": unit.id, "year": year, "text": wanted.text, "class": wanted.rating, "sort": wanted.sort}
    return render_template(
        "overview/homes.html",
        unit=unit,
        year=year,
        years=years,
        wanted=wanted,
        found=found,
        classes=HOME_CLASSES,
        orders=HOME_ORDERS,
        link=lambda **changes: url_for("overview.homes", **{**shown, **changes}),
        year_link=lambda one: url_for("overview.homes", **{**shown, "year": one}),
    )


def _wanted_homes() -> HomeFilter:
    rating, sort = request.args.get("class", ""), request.args.get("sort", "name")
    return HomeFilter(
        text=request.args.get("text", "").strip()[:60],
        rating=rating if rating in HOME_CLASSES else "",
        sort=sort if sort in HOME_ORDERS else "name",
        page=request.args.get("page", 1, type=int),
    )


@pages.get("/round/<round_id>")
@requires("report.write")
def chair_round(round_id: str) -> str:
    """The round of a home for its chair; only the newest of its year, and only his own."""
    asked = reader().get(Round, round_id)
    year = asked.year if asked else None
    standing = standing_of(reader(), actor().unit_id, now(), year)
    if standing.round is None or standing.round.id != round_id or standing.home is None:
        raise NotFound("round")
    round_, home = standing.round, standing.home
    reminds = actor().may("round.remind") and round_.state == RoundState.VOTING
    return _chair(
        "overview/chair_round.html",
        year,
        poster=home.sheet_fingerprint is not None,
        left=reminders_left(reader(), round_, home.home_id) if reminds else None,
        most=policy_of(round_).reminders,
    )


@pages.get("/more")
@signed_in
def more() -> str:
    return render_template("overview/more.html")


@pages.get("/rounds/<round_id>")
@requires("round.read")
def round_page(round_id: str) -> str:
    view = round_view(reader(), actor(), round_id, at=now())
    return render_template("overview/round.html", view=view)
