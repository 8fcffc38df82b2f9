"""URLs of the home's chair: sign for an order, plan, report, bring evidence, ask for time and resources."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import Refused
from survey_app.rectification import evidence, extending, plan_drafts, planning, rectifying, serving
from survey_app.rectification.forms import (
    SEEN_BY_MEMBERS,
    EvidenceForm,
    ExtensionForm,
    OpinionForm,
    ReplaceForm,
    ReportProblemForm,
    SummaryForm,
    TextForm,
    plan_form,
    planned_items,
)
from survey_app.rectification.inspecting import without_evidence
from survey_app.rectification.limits import open_limits
from survey_app.rectification.loading import back, home_of, locked, shown, shown_for
from survey_app.rectification.models import LimitKind, Order, Problem, ProblemState
from survey_app.rectification.orders import policy_of, problems_of
from survey_app.rectification.page import order_page
from survey_app.rectification.queries import evidence_in, problem_in
from survey_app.rectification.spoken import duty_words
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext, page_language
from survey_app.web.uploads import read_upload

pages = Blueprint("rectification_home", __name__)
NO_ANSWERS = ("csrf_token", "version", "draft")


@pages.route("/orders/<int:order_id>/acknowledge", methods=["GET", "POST"])
@requires("order.answer")
def acknowledge(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "acknowledge"), OpinionForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            serving.acknowledge(session, actor(), subject, opinion=form.opinion.data or "", at=now())
        if not form.errors:
            return back(order_id, gettext("已签收。下一步报整改方案。"))
    view = order_page(reader(), actor(), order, beijing_day(now()), page_language())
    return render_template("rectification/acknowledge.html", order=order, form=form, view=view)


@pages.route("/orders/<int:order_id>/plan", methods=["GET", "POST"])
@requires("order.answer")
def plan(order_id: int) -> str | Response:
    order = shown_for(order_id, "submit_plan")
    session = reader()
    problems = problems_of(session, order)
    last = _last_days(order)
    if "draft" in request.form:
        return _keep_plan(order_id)
    draft = None if request.method == "POST" else plan_drafts.plan_draft_of(session, order.id)
    form = plan_form(problems, last, draft.answers if draft else None)
    plans = planning.plans_of(session, order.id)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as writing:
            planning.submit_plan(
                writing,
                actor(),
                locked(writing, order_id),
                planned_items(form, problems),
                organisation=form.organisation.data or "",
                at=now(),
            )
        if not form.errors:
            return back(order_id, gettext("方案已报，等上级审。"))
    elif not form.is_submitted() and plans and draft is None:
        _fill_plan(form, plans[-1].items, plans[-1].organisation)
    returned = plans[-1] if plans and plans[-1].approved is False else None
    return render_template(
        "rectification/plan.html",
        order=order,
        form=form,
        problems=problems,
        last=last,
        returned=returned,
        draft=draft,
    )


def _keep_plan(order_id: int) -> Response:
    """Keep what is written, gaps and all, and go on with it."""
    answers = {name: words for name, words in request.form.items() if name not in NO_ANSWERS}
    with committing(roster()) as session:
        plan_drafts.save_plan_draft(session, actor(), locked(session, order_id), answers, at=now())
    say(gettext("草稿已存。写全了再报。"), "done")
    return redirect(url_for("rectification_home.plan", order_id=order_id), 303)


def _last_days(order: Order) -> dict[int, Any]:
    running = reader().scalars(open_limits(order)).all()
    completion = {one.problem_id: one.due_on for one in running if one.kind == LimitKind.COMPLETION}
    note = next((one.due_on for one in running if one.kind == LimitKind.NOTE), None)
    problems = problems_of(reader(), order)
    return {one.id: completion.get(one.id) or note for one in problems}


def _fill_plan(form: Any, items: list[dict[str, Any]], organisation: str) -> None:
    """Begin the next version with the last one."""
    form.organisation.data = organisation
    for item in items:
        for name in ("cause", "measure", "leader", "person", "expected"):
            form[f"{name}_{item['problem_id']}"].data = item[name]
        form[f"due_on_{item['problem_id']}"].data = date.fromisoformat(item["due_on"])


@pages.route("/orders/<int:order_id>/problems/<int:problem_id>/progress", methods=["GET", "POST"])
@requires("order.answer")
def progress(order_id: int, problem_id: int) -> str | Response:
    order, form = shown_for(order_id, "add_progress"), TextForm()
    form.text.description = SEEN_BY_MEMBERS
    problem = problem_in(reader(), order, problem_id)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            mine = problem_in(session, subject, problem_id)
            rectifying.add_progress(session, actor(), subject, mine, text=form.text.data, at=now())
        if not form.errors:
            return back(order_id, gettext("进展已记下。"))
    return _text_page(order, form, gettext("第%(n)s项进展", n=problem.ordinal), problem, gettext("记下进展"))


@pages.route("/orders/<int:order_id>/problems/<int:problem_id>/resources", methods=["GET", "POST"])
@requires("order.answer")
def resources(order_id: int, problem_id: int) -> str | Response:
    order, form = shown_for(order_id, "tag_resources"), TextForm()
    problem = problem_in(reader(), order, problem_id)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            mine = problem_in(session, subject, problem_id)
            rectifying.tag_resources(session, actor(), subject, mine, wanted=form.text.data, at=now())
        if not form.errors:
            return back(order_id, gettext("已请上级给资源，等答复。期限照旧。"))
    title = gettext("第%(n)s项需要上级给什么", n=problem.ordinal)
    return _text_page(order, form, title, problem, gettext("请上级给资源"))


def _text_page(order: Order, form: TextForm, title: str, problem: Problem | None, act: str) -> str:
    return render_template(
        "rectification/text.html", order=order, form=form, title=title, problem=problem, act=act
    )


@pages.route("/orders/<int:order_id>/problems/<int:problem_id>/report", methods=["GET", "POST"])
@requires("order.answer")
def report_problem(order_id: int, problem_id: int) -> str | Response:
    order, form = shown_for(order_id, "report_problem"), ReportProblemForm()
    problem = problem_in(reader(), order, problem_id)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            rectifying.report_problem(
                session,
                actor(),
                subject,
                problem_in(session, subject, problem_id),
                done=form.done.data,
                member_feedback=form.member_feedback.data or "",
                left_over=form.left_over.data or "",
                at=now(),
            )
        if not form.errors:
            return back(order_id, gettext("第%(n)s项已报完成，等复查。", n=problem.ordinal))
    return render_template(
        "rectification/report_problem.html",
        order=order,
        form=form,
        problem=problem,
        reported=problem.state != ProblemState.OPEN,
        bare=without_evidence(reader(), [problem]),
        files=[
            row
            for row in evidence.evidence_of(reader(), order.id)
            if row.problem_id == problem.id and row.replaced_by_id is None
        ],
    )


@pages.route("/orders/<int:order_id>/report", methods=["GET", "POST"])
@requires("order.answer")
def report(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "submit_report"), SummaryForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            rectifying.submit_report(session, actor(), subject, summary=form.summary.data or "", at=now())
        if not form.errors:
            return back(order_id, gettext("整改报告已交，等上级来复查。"))
    problems = problems_of(reader(), order)
    bare = without_evidence(reader(), problems)
    return render_template("rectification/report.html", order=order, form=form, problems=problems, bare=bare)


@pages.route("/orders/<int:order_id>/note", methods=["GET", "POST"])
@requires("order.answer")
def note(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "submit_note"), TextForm()
    form.text.description = SEEN_BY_MEMBERS
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            rectifying.submit_note(session, actor(), subject, text=form.text.data, at=now())
        if not form.errors:
            return back(order_id, gettext("改进情况已报，等上级看。"))
    return _text_page(order, form, gettext("报改进情况"), None, gettext("报改进情况"))


@pages.route("/orders/<int:order_id>/evidence", methods=["GET", "POST"], defaults={"purpose": "evidence"})
@pages.route("/orders/<int:order_id>/display", methods=["GET", "POST"], defaults={"purpose": "display"})
@requires("order.answer")
def hand_in(order_id: int, purpose: str) -> str | Response:
    order, form = _open_to_files(order_id), EvidenceForm()
    problems = problems_of(reader(), order)
    form.problem_id.choices = [
        *_named(problems),
        SelectChoice(0, gettext("都不是，关于整份整改")),
    ]
    if purpose == evidence.DISPLAY:
        form.problem_id.choices = [SelectChoice(0, gettext("公告栏张贴"))]
    if form.validate_on_submit():
        with refill(form):
            handed = _handed(form.files.data or [], "files")
            with committing(roster()) as session:
                subject = locked(session, order_id)
                about = form.problem_id.data
                evidence.hand_in(
                    session,
                    actor(),
                    subject,
                    problem_in(session, subject, about) if about else None,
                    installation().files,
                    handed,
                    own_date=form.own_date.data,
                    place=form.place.data or "",
                    purpose=purpose,
                    at=now(),
                )
        if not form.errors:
            return back(order_id, gettext("收到%(n)s个文件。", n=len(handed)))
    elif not form.is_submitted():
        form.own_date.data = beijing_day(now())
    return render_template("rectification/evidence.html", order=order, form=form, purpose=purpose)


def _named(problems: list[Problem]) -> list[SelectChoice]:
    return [
        SelectChoice(one.id, gettext("第%(n)s项　%(duty)s", n=one.ordinal, duty=duty_words(one.duty)))
        for one in problems
    ]


@pages.route("/orders/<int:order_id>/evidence/<int:evidence_id>/replace", methods=["GET", "POST"])
@requires("order.answer")
def replace(order_id: int, evidence_id: int) -> str | Response:
    order, form = _open_to_files(order_id), ReplaceForm()
    old = evidence_in(reader(), order, evidence_id)
    if form.validate_on_submit():
        with refill(form):
            handed = _handed([form.file.data], "file")
            if not handed:
                raise errors.invalid("evidence_missing", where="file")
            with committing(roster()) as session:
                subject = locked(session, order_id)
                mine = evidence_in(session, subject, evidence_id)
                evidence.replace(
                    session,
                    actor(),
                    subject,
                    mine,
                    installation().files,
                    handed[0],
                    own_date=form.own_date.data,
                    at=now(),
                )
        if not form.errors:
            return back(order_id, gettext("已替换。原来的文件还在，标“已被替换”。"))
    elif not form.is_submitted():
        form.own_date.data = old.own_date
    return render_template("rectification/replace.html", order=order, form=form, old=old)


def _open_to_files(order_id: int) -> Order:
    order = shown(order_id)
    if order.state not in evidence.OPEN_TO_EVIDENCE:
        raise Refused("wrong_state", thing="order", state=order.state, action="evidence")
    return order


def _handed(storages: list[FileStorage], where: str) -> list[evidence.HandedFile]:
    read = [read_upload(storage, evidence.KINDS, where=where) for storage in storages]
    return [evidence.HandedFile(one.name, one.kind, one.content) for one in read if one is not None]


@pages.route("/orders/<int:order_id>/extension", methods=["GET", "POST"])
@requires("order.answer")
def extension(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "request_extension"), ExtensionForm()
    today, problems = beijing_day(now()), problems_of(reader(), order)
    open_ones = [one for one in problems if one.state == ProblemState.OPEN]
    offered = extending.in_time(reader(), order, open_ones, today)
    hindrance = extending.hindrance(reader(), order, problems, today)
    if hindrance is not None and not form.is_submitted():
        raise Refused(hindrance.code, **hindrance.details)
    # What was sent is judged by the operation, which says why; the page offers what can be granted.
    form.problems.choices = _named(open_ones if form.is_submitted() else offered)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            chosen = session.scalars(
                select(Problem).where(
                    Problem.id.in_(form.problems.data or []), Problem.order_id == subject.id
                )
            ).all()
            extending.request_extension(
                session,
                actor(),
                subject,
                chosen,
                days=form.days.data,
                reason=form.reason.data,
                progress=form.progress.data,
                interim_measures=form.interim_measures.data,
                at=now(),
            )
        if not form.errors:
            return back(order_id, gettext("请示已送出，等批复。批复以前，原期限照旧。"))
    return render_template(
        "rectification/extension.html",
        order=order,
        form=form,
        policy=policy_of(order),
        home=home_of(order),
        too_late=[one for one in open_ones if one not in offered],
    )
