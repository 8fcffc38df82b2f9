"""URLs of the superior: what waits for confirmation, one rating, objections, holds, publishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields import SelectChoice

from survey_app.accounts.step_up import require_fresh_sign_in
from survey_app.core.actor import Role
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.counting.operations import accept_hold, void_home
from survey_app.counting.rule import may_be_accepted
from survey_app.results import area_summary, explained, listing, operations
from survey_app.results.area import area_workbook
from survey_app.results.flag_words import ANY, SIGN_TITLES, flags_of
from survey_app.results.forms import ConfirmForm, DecisionForm, HoldForm, TokenForm
from survey_app.results.listing import PAGE, VIEWS, Filter
from survey_app.results.models import ResultState
from survey_app.results.page import page_of
from survey_app.results.peer_group import peer_funnel
from survey_app.results.queries import open_objection, other_officers, visible_result
from survey_app.results.rating import VISIT_FIRST
from survey_app.results.view import load_view
from survey_app.units.models import Line
from survey_app.units.queries import is_below
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.errors import invalid
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext, page_language
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.years import asked_year

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CLASSES = {
    "": _l("全部"),
    "DISSATISFIED": _l("不满意"),
    "REMINDER": _l("合格·提醒"),
    "QUALIFIED": _l("合格"),
    "ELIGIBLE": _l("可申报"),
    "INSUFFICIENT": _l("证据不足"),
    "HELD": _l("暂停，待核实"),
}
CHECKS = {
    "": _l("全部"),
    VISIT_FIRST: _l("先实地核实"),
    ANY: _l("有建议核查的"),
    **{sign.value: title for sign, title in SIGN_TITLES.items()},
}
VIEW_TITLES = {
    "waiting": _l("等我办的"),
    "window": _l("异议期内"),
    "final": _l("等公布的"),
    "published": _l("已公布"),
    "all": _l("全部"),
}


def add_to(pages: Blueprint) -> None:
    """Add these URLs to the blueprint of results, and their place in the rail."""
    for rule, methods, view in ROUTES:
        pages.add_url_rule(rule, view_func=view, methods=methods)
    add_place(
        Place(
            "results.ratings",
            _l("评定"),
            "star",
            25,
            lambda person: person.role in (Role.OFFICER, Role.AUDITOR),
            "/ratings",
            False,
        )
    )


def _superior() -> None:
    """These lists are a superior's; a chair has the pages of the own result."""
    if actor().role is Role.CHAIR:
        raise NotFound()


def _wanted() -> Filter:
    args = request.args
    view = args.get("view", "waiting")
    rating_class, check = args.get("class", ""), args.get("check", "")
    return Filter(
        view=view if view in VIEWS else "waiting",
        year=asked_year(None),
        rating_class=rating_class if rating_class in CLASSES else "",
        text=args.get("q", "").strip()[:60],
        page=args.get("page", 1, type=int),
        check=check if check in CHECKS else "",
    )


@requires("result.read")
def ratings() -> str:
    _superior()
    wanted = _wanted()
    found = listing.ratings(reader(), actor(), wanted, beijing_day(now()))
    return render_template(
        "results/ratings.html",
        found=found,
        wanted=wanted,
        views=VIEW_TITLES,
        classes=CLASSES,
        checks=CHECKS,
        visits=area_summary.first_visits(reader(), actor(), wanted.year or beijing_day(now()).year),
        page_url=lambda page: url_for("results.ratings", **{**request.args.to_dict(), "page": page}),
        form=TokenForm(),
        may_confirm=actor().may("result.confirm"),
    )


@requires("result.read")
def summary() -> str:
    _superior()
    year = asked_year(beijing_day(now()).year)
    return render_template(
        "results/summary.html",
        found=area_summary.area_summary(reader(), actor(), year),
        checks=CHECKS,
    )


@requires("result.read")
def area() -> Response:
    _superior()
    content = area_workbook(reader(), actor(), _wanted(), installation().settings, today=beijing_day(now()))
    answer = Response(content, mimetype=XLSX)
    answer.headers["Content-Disposition"] = 'attachment; filename="ratings.xlsx"'
    return answer


@requires("result.confirm")
def confirm_many() -> AnyResponse:
    require_fresh_sign_in(url_for("results.ratings"))
    chosen = _chosen()
    with committing(roster()) as session:
        pairs = [
            (visible_result(session, actor(), result_id, lock=True)[0], version)
            for result_id, version in chosen
        ]
        count = operations.confirm_plain(session, actor(), pairs, at=now())
    say(gettext("已确认%(n)s家。", n=count), "done")
    return redirect(url_for("results.ratings"), 303)


@requires("result.confirm")
def publish_many() -> AnyResponse:
    chosen = _chosen()
    with committing(roster()) as session:
        for result_id, _version in chosen:
            result, _unit, _round = visible_result(session, actor(), result_id, lock=True)
            operations.publish(session, actor(), result, at=now())
    say(gettext("已向会员公布%(n)s家的结果。", n=len(chosen)), "done")
    return redirect(url_for("results.ratings", view="final"), 303)


def _chosen() -> list[tuple[int, int]]:
    """The ticked rows as (id, version seen), in a fixed order so that two officers never lock crosswise."""
    pairs = []
    for raw in request.form.getlist("chosen")[:PAGE]:
        number, _, version = raw[:40].partition(":")
        if number.isdecimal() and version.isdecimal():
            pairs.append((int(number), int(version)))
    if not pairs:
        raise invalid("nothing_chosen")
    return sorted(pairs)


@requires("result.read")
def rating(result_id: int) -> str | AnyResponse:
    _superior()
    view = load_view(reader(), actor(), result_id)
    form = ConfirmForm()
    if form.is_submitted():
        actor().need("result.confirm")
        operations.on_own_line(reader(), actor(), view.result)
    if form.validate_on_submit():
        require_fresh_sign_in(url_for("results.rating", result_id=result_id))
        with refill(form), committing(roster()) as session:
            result, _unit, _round = visible_result(session, actor(), result_id, lock=True)
            version = request.form.get("version", 0, type=int)
            operations.confirm(
                session, actor(), result, version=version, reason=form.reason.data or "", at=now()
            )
        if not form.errors:
            say(gettext("已确认终评，已告诉本单位。"), "done")
            return redirect(url_for("results.rating", result_id=result_id), 303)
    elif not form.is_submitted():
        form.version.data = view.result.version
    today = beijing_day(now())
    decision = _decision_form()
    page = page_of(reader(), actor(), view, "en" if page_language() == "en" else "zh", today)
    return render_template(
        "results/rating.html",
        view=view,
        page=page,
        flags=flags_of(reader(), actor(), view.result),
        peers=peer_funnel(reader(), actor(), view.result, view.unit),
        form=form,
        decision=decision,
        explained=explained,
        window_open=view.result.no_objection_at is None and today <= view.result.objection_until,
        acceptable=may_be_accepted(view.count.held),
        answered_by_me=any(one.decided_by == actor().account_id for one in page.objections),
        others=other_officers(reader(), actor(), view.round),
        may_confirm=actor().may("result.confirm")
        and is_below(reader(), view.result.home_id, actor().unit_id, Line.AFFILIATION),
    )


def _decision_form() -> DecisionForm:
    form = DecisionForm()
    form.upheld.choices = [
        SelectChoice("no", gettext("异议不成立，结果不变")),
        SelectChoice("yes", gettext("异议成立，这次评议作废，票不算数，可以安排补评")),
    ]
    return form


@requires("result.decide_objection")
def decide(result_id: int) -> str | AnyResponse:
    view = load_view(reader(), actor(), result_id)
    operations.on_own_line(reader(), actor(), view.result)
    form = _decision_form()
    if form.validate_on_submit():
        require_fresh_sign_in(url_for("results.rating", result_id=result_id))
        with refill(form), committing(roster()) as session:
            result, _unit, _round = visible_result(session, actor(), result_id, lock=True)
            operations.decide_objection(
                session,
                actor(),
                result,
                open_objection(session, result),
                upheld=form.upheld.data == "yes",
                reason=form.reason.data,
                at=now(),
            )
        if not form.errors:
            say(gettext("已答复，本单位看得到。"), "done")
            return redirect(url_for("results.rating", result_id=result_id), 303)
    if not form.is_submitted():
        open_objection(reader(), view.result)
    page = page_of(reader(), actor(), view, "zh", beijing_day(now()))
    return render_template("results/decide.html", view=view, page=page, form=form)


@requires("result.confirm")
def publish(result_id: int) -> AnyResponse:
    with committing(roster()) as session:
        result, _unit, _round = visible_result(session, actor(), result_id, lock=True)
        operations.publish(session, actor(), result, at=now())
    say(gettext("已向会员公布。"), "done")
    return redirect(url_for("results.rating", result_id=result_id), 303)


@requires("result.confirm")
def accept(result_id: int) -> str | AnyResponse:
    return _hold(result_id, accept_hold, "results/accept.html")


@requires("result.confirm")
def void(result_id: int) -> str | AnyResponse:
    return _hold(result_id, void_home, "results/void.html")


def _hold(result_id: int, act: Callable[..., Any], template: str) -> str | AnyResponse:
    """One of the two exits from a held count, on a page of its own."""
    view = load_view(reader(), actor(), result_id)
    operations.on_own_line(reader(), actor(), view.result)
    form = HoldForm()
    if view.result.state != ResultState.HELD:
        raise NotFound("result")
    if form.validate_on_submit():
        require_fresh_sign_in()
        with refill(form), committing(roster()) as session:
            _act_on_hold(session, result_id, act, form.reason.data)
        if not form.errors:
            say(gettext("已记下。办好以后这里会更新。"), "done")
            return redirect(url_for("results.rating", result_id=result_id), 303)
    return render_template(template, view=view, form=form, acceptable=may_be_accepted(view.count.held))


def _act_on_hold(session: Session, result_id: int, act: Callable[..., Any], reason: str) -> None:
    result, _unit, round_ = visible_result(session, actor(), result_id, lock=True)
    operations.on_own_line(session, actor(), result)
    act(session, actor(), round_, result.home_id, reason=reason, at=now())


ROUTES: tuple[tuple[str, list[str], Callable[..., Any]], ...] = (
    ("/ratings", ["GET"], ratings),
    ("/ratings/summary", ["GET"], summary),
    ("/ratings/area.xlsx", ["GET"], area),
    ("/ratings/confirm", ["POST"], confirm_many),
    ("/ratings/publish", ["POST"], publish_many),
    ("/ratings/<int:result_id>", ["GET", "POST"], rating),
    ("/ratings/<int:result_id>/objection", ["GET", "POST"], decide),
    ("/ratings/<int:result_id>/publish", ["POST"], publish),
    ("/ratings/<int:result_id>/accept", ["GET", "POST"], accept),
    ("/ratings/<int:result_id>/void", ["GET", "POST"], void),
)
