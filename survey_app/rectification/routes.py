"""URLs of rectification: the ledger in its three views, its workbook, the drafts, one order's page."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.holidays.queries import calendar_of
from survey_app.journal.kept_figures import kept
from survey_app.journal.wording import learn_verbs
from survey_app.outbox.wording import learn_kinds
from survey_app.rectification import (
    bulk_routes,
    filter_routes,
    home_routes,
    inspection_routes,
    ledger,
    ledger_calendar,
    officer_routes,
    paper_routes,
    proposing,
    statistics_routes,
)
from survey_app.rectification.bulk import open_verdicts
from survey_app.rectification.bulk_list import waiting_counts
from survey_app.rectification.event_wording import KINDS, VERBS
from survey_app.rectification.ledger_sheet import ledger_workbook
from survey_app.rectification.loading import shown
from survey_app.rectification.models import OrderState
from survey_app.rectification.own_filters import LONGEST_NAME, filter_parts, own_filters
from survey_app.rectification.page import order_page
from survey_app.rectification.queries import days_left, undrafted_results
from survey_app.rectification.spoken import FILTERS, message_values
from survey_app.rectification.wording import BULK_KINDS, HOLDERS, LIMITS, STATES, WORDS
from survey_app.results.operations import on_own_line
from survey_app.results.queries import visible_result
from survey_app.units.models import Unit
from survey_app.units.queries import visible_unit
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.i18n import gettext, page_language
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.workdays import DaysLeft

pages = Blueprint("rectification", __name__)
Card = tuple[ledger.LedgerRow, DaysLeft | None]
VIEWS = ("table", "board", "calendar")
ADDRESS = ("view", "unit", "state", "own", "item", "grade", "q", "saved", "sort", "dir", "page", "month")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register(app: Flask) -> None:
    """Add the pages, the words and the place in the rail."""
    for blueprint in (
        pages,
        bulk_routes.pages,
        filter_routes.pages,
        home_routes.pages,
        inspection_routes.pages,
        officer_routes.pages,
        paper_routes.pages,
        statistics_routes.pages,
    ):
        app.register_blueprint(blueprint)
    errors.learn(WORDS)
    learn_verbs(VERBS)
    learn_kinds(KINDS, message_values)
    app.jinja_env.filters.update(FILTERS)
    add_place(
        Place(
            "rectification.index",
            _l("整改"),
            "order",
            30,
            lambda person: person.may("order.read"),
            prefix="/orders",
        )
    )


@pages.get("/orders")
@requires("order.read")
def index() -> str:
    session, today = reader(), beijing_day(now())
    wanted = _filter()
    view = request.args.get("view", "table")
    common: dict[str, Any] = {
        "view": view if view in VIEWS else "table",
        "wanted": wanted,
        "states": STATES,
        "holders": HOLDERS,
        "limit_names": LIMITS,
        "bulk_kinds": BULK_KINDS,
        "address": _address,
        "own_filters": own_filters(session, actor()),
        "longest_name": LONGEST_NAME,
        "filter_parts": filter_parts(request.args.to_dict()),
        "export_url": url_for("rectification.workbook", **_kept(request.args.to_dict())),
        **kept(session, ("ledger", actor().post_id, today), now(), lambda: _above(session, today)),
    }
    if view == "board":
        return render_template("rectification/board.html", columns=_board(wanted, today), **common)
    if view == "calendar":
        month = _month(today)
        page = ledger_calendar.month_page(session, actor(), wanted, month, today)
        return render_template("rectification/calendar.html", found=page, **common)
    page_of_rows = ledger.ledger_page(session, actor(), wanted, today)
    calendar = calendar_of(session)
    left = {row.order.id: days_left(calendar, row.order.next_due_on, today) for row in page_of_rows.rows}
    may_tick = actor().may("order.review")
    decidable = {row.order.id for row in page_of_rows.rows if may_tick and open_verdicts(actor(), row.order)}
    return render_template(
        "rectification/ledger.html", found=page_of_rows, left=left, decidable=decidable, **common
    )


def _above(session: Session, today: date) -> dict[str, Any]:
    """What stands above every view of the ledger, whatever is filtered."""
    person = actor()
    figures = ledger.ledger_counts(session, person, today)
    return {
        "figures": figures,
        "unit_options": ledger.units_in_scope(session, person),
        "items": ledger.items_in_ledger(session, person),
        "drafts": figures.by_state.get(OrderState.DRAFT, 0)
        + figures.by_state.get(OrderState.AWAITING_SIGNATURE, 0)
        + len(undrafted_results(session, person)),
        "under": ledger.units_below(session, person),
        "waiting": waiting_counts(session, person) if person.may("order.review") else {},
        "unit_name": visible_unit(session, person, person.unit_id).name,
    }


def _filter() -> ledger.Filter:
    """The filter as the address says it; what it cannot mean is left out."""
    args = request.args
    return ledger.Filter(
        unit_id=args.get("unit", type=int),
        state=args.get("state", "") if args.get("state") in {*STATES, "overdue", "all"} else "",
        holder=args.get("own", "") if args.get("own") in HOLDERS else "",
        item=args.get("item", "")[:40],
        grade=args.get("grade", "") if args.get("grade") in {"A", "B", "C"} else "",
        text=args.get("q", "").strip()[:60],
        saved=args.get("saved", "") if args.get("saved") in ledger.SAVED else "",
        sort=args.get("sort", "due"),
        descending=args.get("dir") == "desc",
        page=args.get("page", 1, type=int),
    )


def _address(**changes: Any) -> str:
    """The present view with some of its values changed."""
    return url_for("rectification.index", **_kept({**request.args.to_dict(), **changes}))


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    """What an address really has to say."""
    return {name: value for name, value in values.items() if name in ADDRESS and value not in ("", None)}


def _month(today: date) -> date:
    text = request.args.get("month", "")
    try:
        return date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
    except ValueError:
        return today.replace(day=1)


def _board(wanted: ledger.Filter, today: date) -> list[tuple[str, int, list[Card]]]:
    """One column a state in the order of an order's life, with its count and its nearest cards."""
    session = reader()
    calendar = calendar_of(session)
    return [
        (
            state,
            count,
            [(row, days_left(calendar, row.order.next_due_on, today)) for row in rows],
        )
        for state, count, rows in ledger.board(session, actor(), wanted, today)
    ]


@pages.get("/orders/ledger.xlsx")
@requires("order.read")
def workbook() -> Response:
    today = beijing_day(now())
    content = ledger_workbook(
        reader(), actor(), _filter(), today, demo=installation().settings.demo, made_at=now()
    )
    name = f"ledger-{today.isoformat()}.xlsx"
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.get("/orders/proposals")
@requires("order.issue")
def proposals() -> str:
    session, today = reader(), beijing_day(now())
    drafts = ledger.drafts_page(session, actor(), request.args.get("page", 1, type=int))
    fresh = [
        (result, session.get_one(Unit, result.home_id)) for result in undrafted_results(session, actor())
    ]
    calendar = calendar_of(session)
    left = {row.order.id: days_left(calendar, row.order.next_due_on, today) for row in drafts.rows}
    return render_template("rectification/proposals.html", drafts=drafts, fresh=fresh, left=left)


@pages.post("/orders/proposals/<int:result_id>/draft")
@requires("order.issue")
def draft(result_id: int) -> BaseResponse:
    with committing(roster()) as session:
        result, _home, _round = visible_result(session, actor(), result_id)
        on_own_line(session, actor(), result)
        made = proposing.propose(session, actor(), result, at=now())
        if made is None:
            raise NotFound("order")
    say(gettext("拟好了稿，请看过再签发。"), "done")
    return redirect(url_for("rectification.order", order_id=made.id), 303)


@pages.get("/orders/<int:order_id>")
@requires("order.read")
def order(order_id: int) -> str:
    subject = shown(order_id)
    page = order_page(reader(), actor(), subject, beijing_day(now()), page_language())
    return render_template("rectification/order.html", view=page, states=STATES)
