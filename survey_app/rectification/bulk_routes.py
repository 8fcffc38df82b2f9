"""URLs of deciding in one go: the list with a verdict and a reason for each order, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey_app.accounts.step_up import is_fresh, require_fresh_sign_in
from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.journal.kept_figures import kept
from survey_app.rectification.bulk import VERDICTS, Outcome, Wanted, decide_all, faults_of
from survey_app.rectification.bulk_list import (
    KINDS,
    PER_PAGE,
    BulkList,
    chosen_list,
    waiting_counts,
    waiting_list,
)
from survey_app.rectification.forms import PlainForm
from survey_app.rectification.queries import days_left
from survey_app.rectification.wording import BULK_KINDS
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import say
from survey_app.web.errors import sentence
from survey_app.web.i18n import gettext

pages = Blueprint("rectification_bulk", __name__)
LONGEST_REASON = 500


@dataclass(frozen=True)
class Typed:
    """What a person did with one row: ticked or not, the verdict, the reason, and why it was refused."""

    ticked: bool = False
    verdict: str = ""
    reason: str = ""
    refusal: str = ""


@pages.get("/orders/bulk")
@requires("order.review")
def index() -> str:
    found = _list()
    if any(VERDICTS[name][1].final for row in found.rows for name in row.verdicts):
        # Asked before anything is typed: afterwards it would be lost on the way.
        require_fresh_sign_in(request.full_path.rstrip("?"))
    all_ticked = request.args.get("all") == "1" or bool(request.args.getlist("order"))
    return _page(found, {row.order.id: Typed(ticked=all_ticked) for row in found.rows}, [])


@pages.post("/orders/bulk")
@requires("order.review")
def decide() -> str | Response:
    form = PlainForm()
    typed = _typed()
    faults = [] if form.validate() else [gettext("请再按一次。")]
    wanted = [
        Wanted(number, request.form.get(f"version_{number}", 0, type=int), one.verdict, one.reason)
        for number, one in typed.items()
        if one.ticked
    ]
    if not wanted:
        faults.append(gettext("请先勾上要办的。"))
    if not is_fresh() and any(_is_final(one) for one in wanted):
        faults.append(gettext("离上次输密码有一阵了。请先在新窗口确认密码，再回这里按一次；写的都还在。"))
    if faults:
        return _page(chosen_list(reader(), actor(), list(typed)), typed, [], faults)
    outcomes = decide_all(roster, actor(), wanted, at=now())
    return _told(typed, outcomes)


def _is_final(wanted: Wanted) -> bool:
    return wanted.verdict in VERDICTS and VERDICTS[wanted.verdict][1].final


def _told(typed: dict[int, Typed], outcomes: list[Outcome]) -> str | Response:
    """Everything done: back to the list. Something refused: the page again, with what was typed and why."""
    done = [one for one in outcomes if one.error is None]
    if len(done) == len(outcomes):
        say(gettext("办好了%(n)s份。", n=len(done)), "done")
        return redirect(url_for("rectification_bulk.index", **_kind()), 303)
    for one in outcomes:
        number = one.wanted.order_id
        if one.error is None:
            del typed[number]
        else:
            why = "".join(sentence(fault) for fault in faults_of(one.error))
            typed[number] = replace(typed[number], refusal=why)
    return _page(chosen_list(reader(), actor(), list(typed)), typed, done)


def _typed() -> dict[int, Typed]:
    """What came in, row by row in the order of the page; twice the same row counts once."""
    ticked = set(request.form.getlist("tick", type=int))
    return {
        number: Typed(
            ticked=number in ticked,
            verdict=request.form.get(f"verdict_{number}", ""),
            reason=request.form.get(f"reason_{number}", "")[:LONGEST_REASON],
        )
        for number in request.form.getlist("order", type=int)[:PER_PAGE]
    }


def _kind() -> dict[str, Any]:
    kind = request.args.get("kind", "")
    return {"kind": kind} if kind in KINDS else {}


def _shown_kind(counts: dict[str, int]) -> str:
    """The kind that was asked for, or the first for which something waits."""
    return _kind().get("kind") or next(iter(counts), "sign")


def _counts() -> dict[str, int]:
    """What waits for each kind, counted once a line of the journal."""
    return kept(reader(), ("waiting", actor().post_id), now(), lambda: waiting_counts(reader(), actor()))


def _list() -> BulkList:
    chosen = request.args.getlist("order", type=int)
    if chosen:
        return chosen_list(reader(), actor(), chosen)
    counts = _counts()
    kind = _shown_kind(counts)
    return waiting_list(reader(), actor(), kind, request.args.get("page", 1, type=int))


def _page(
    found: BulkList, typed: dict[int, Typed], done: list[Outcome], faults: list[str] | None = None
) -> str:
    counts = _counts()
    calendar, today = calendar_of(reader()), beijing_day(now())
    shown = "" if request.args.getlist("order") else _shown_kind(counts)
    tabs = [
        (
            f"{BULK_KINDS[kind]} {count}",
            url_for("rectification_bulk.index", kind=kind),
            shown == kind,
        )
        for kind, count in counts.items()
    ]
    refused = sum(bool(one.refusal) for one in typed.values())
    return render_template(
        "rectification/bulk.html",
        found=found,
        typed=typed,
        done=done,
        faults=faults or [],
        refused=refused,
        verdicts=VERDICTS,
        tabs=tabs,
        left={row.order.id: days_left(calendar, row.order.next_due_on, today) for row in found.rows},
        fresh=is_fresh(),
        longest=LONGEST_REASON,
        page_url=lambda **values: url_for("rectification_bulk.index", **{**_kind(), **values}),
    )
