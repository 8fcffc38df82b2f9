"""The URL of an inspection: who came along, what was seen, and the opinion on every problem."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import Refused
from survey_app.rectification import inspecting
from survey_app.rectification.evidence import evidence_of
from survey_app.rectification.forms import findings_in, inspection_form, inspectors_in
from survey_app.rectification.inspectors import colleagues
from survey_app.rectification.loading import back, locked, shown_for
from survey_app.rectification.models import Order, ProblemState
from survey_app.rectification.orders import policy_of, problems_of
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext

pages = Blueprint("rectification_inspection", __name__)


@pages.route("/orders/<int:order_id>/inspection", methods=["GET", "POST"])
@requires("order.inspect")
def inspection(order_id: int) -> str | Response:
    order = shown_for(order_id, "pass_inspection")
    if order.issued_by == actor().account_id:
        raise Refused("issuer_may_not_inspect")
    problems = [one for one in problems_of(reader(), order) if one.state == ProblemState.REPORTED]
    policy = policy_of(order)
    beside = max(policy.inspectors - 1, 1)
    people = colleagues(reader(), actor(), order)
    form = inspection_form(problems, people, inspecting.without_evidence(reader(), problems), beside)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            made = inspecting.inspect(
                session,
                actor(),
                locked(session, order_id),
                findings_in(form, problems),
                inspected_on=form.inspected_on.data,
                way=form.way.data,
                others=inspectors_in(form, people, beside),
                at=now(),
            )
        if not form.errors:
            done = (
                gettext("复查通过，接下来请会员再评。")
                if made.passed
                else gettext("有没通过的，已退回重改。")
            )
            return back(order_id, done)
    elif not form.is_submitted():
        form.inspected_on.data = beijing_day(now())
    return render_template(
        "rectification/inspection.html",
        order=order,
        form=form,
        problems=problems,
        policy=policy,
        beside=beside,
        files=_files_by_problem(order),
    )


def _files_by_problem(order: Order) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in evidence_of(reader(), order.id):
        if row.replaced_by_id is None and row.problem_id is not None:
            found.setdefault(row.problem_id, []).append(row)
    return found
