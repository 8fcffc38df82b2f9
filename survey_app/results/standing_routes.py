"""URLs of the places homes may hold beside each other: page and workbook, for the superior."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from survey_app.core.actor import Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import NotFound
from survey_app.results.peer_group import size_words
from survey_app.results.peers import SIZE_BANDS
from survey_app.results.standing import Order, order_of, picture, standing_workbook
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader
from survey_app.web.years import asked_year

pages = Blueprint("standing", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 1_000  # a quota above this is a slip of the finger


def _year() -> int:
    return asked_year(beijing_day(now()).year)


def _found() -> Order:
    if actor().role is Role.CHAIR:
        raise NotFound()
    band, quota = request.args.get("size", type=int), request.args.get("quota", 0, type=int)
    return order_of(
        reader(),
        actor(),
        _year(),
        band=band if band in range(len(SIZE_BANDS)) else None,
        quota=quota if 0 < quota <= MOST else 0,
    )


@pages.get("/ratings/places")
@requires("result.read")
def places() -> str:
    found, number = _found(), max(1, request.args.get("page", 1, type=int))
    number = min(number, found.pages)
    homes = found.page(number)
    return render_template(
        "results/standing.html",
        found=found,
        homes=homes,
        year=_year(),
        number=number,
        size=request.args.get("size", ""),
        sizes=[(str(band), size_words(band)) for band in range(len(SIZE_BANDS))],
        picture=picture(homes),
        page_url=lambda page: url_for("standing.places", **{**request.args.to_dict(), "page": page}),
    )


@pages.get("/ratings/places.xlsx")
@requires("result.read")
def workbook() -> Response:
    content = standing_workbook(actor(), _found(), _year(), installation().settings, reader())
    answer = Response(content, mimetype=XLSX)
    answer.headers["Content-Disposition"] = 'attachment; filename="places.xlsx"'
    return answer
