"""URLs of the superior's officers: sign, serve, review, inspect, answer, decide the next step, end."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey_app.accounts.step_up import require_fresh_sign_in
from survey_app.core.clock import at_beijing, beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import (
    closing,
    escalating,
    extending,
    letters,
    planning,
    proposing,
    rectifying,
    serving,
)
from survey_app.rectification.forms import (
    AnswerForm,
    FallShortForm,
    PlainForm,
    ReasonForm,
    SecondVoteForm,
    ServiceForm,
    TextForm,
    decide_form,
    kept_problems,
    proposal_form,
    review_form,
)
from survey_app.rectification.loading import back, home_of, locked, shown, shown_for
from survey_app.rectification.models import Escalation, Limit, Order, Problem
from survey_app.rectification.notices import limit_name
from survey_app.rectification.orders import policy_of, problems_of
from survey_app.rectification.page import grade_days
from survey_app.rectification.queries import days_left, problem_in
from survey_app.rectification.second_vote import plan_second_vote
from survey_app.rectification.simple_acts import SIMPLE_ACTS, SimpleAct
from survey_app.rectification.wording import STEP_QUESTIONS, STEPS
from survey_app.rosters.secrets import RosterKeys
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext

pages = Blueprint("rectification_officer", __name__)


@pages.route("/orders/<int:order_id>/sign", methods=["GET", "POST"])
@requires("order.issue")
def sign(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "issue"), PlainForm()
    if form.validate_on_submit():
        require_fresh_sign_in(url_for("rectification_officer.sign", order_id=order_id))
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            proposing.issue(session, actor(), subject, at=now())
        if not form.errors:
            number = subject.number or gettext("提醒")
            return back(order_id, gettext("已签发：%(number)s。对方收到了消息。", number=number))
    problems = problems_of(reader(), order)
    return render_template(
        "rectification/sign.html",
        order=order,
        form=form,
        home=home_of(order),
        problems=problems,
        policy=policy_of(order),
    )


@pages.route("/orders/<int:order_id>/proposal", methods=["GET", "POST"])
@requires("order.issue")
def proposal(order_id: int) -> str | Response:
    order = shown_for(order_id, "edit")
    problems = problems_of(reader(), order)
    form = proposal_form(problems)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            proposing.edit_proposal(session, actor(), subject, kept_problems(form, problems), at=now())
        if not form.errors:
            return back(order_id, gettext("拟稿已改。"))
    return render_template(
        "rectification/proposal.html",
        order=order,
        form=form,
        problems=problems,
        grades=grade_days(policy_of(order)),
    )


@pages.route("/orders/<int:order_id>/service", methods=["GET", "POST"])
@requires("order.issue")
def service(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "record_service"), ServiceForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            serving.record_service(
                session,
                actor(),
                subject,
                served_on=form.served_on.data,
                proof=form.proof.data,
                how=form.how.data,
                at=now(),
            )
        if not form.errors:
            return back(order_id, gettext("已登记送达，期限从送达算起。"))
    mailed = letters.served_by_mail(reader(), order.id)
    if mailed is not None and not form.is_submitted():
        form.how.data, form.proof.data = serving.MAIL, gettext("邮件发到%(who)s登记的邮箱", who=mailed.who)
        form.served_on.data = beijing_day(mailed.sent_at or now())
    return render_template("rectification/service.html", order=order, form=form, mailed=mailed)


@pages.route("/orders/<int:order_id>/review", methods=["GET", "POST"])
@requires("order.review")
def review(order_id: int) -> str | Response:
    order = shown_for(order_id, "approve_plan")
    problems = problems_of(reader(), order)
    form = review_form(problems)
    if form.validate_on_submit():
        approve = request.form.get("decision") == "approve"
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            if approve:
                planning.approve_plan(session, actor(), subject, reason=form.reason.data or "", at=now())
            else:
                wrong = {one.ordinal: form[f"wrong_{one.id}"].data or "" for one in problems}
                planning.return_plan(
                    session, actor(), subject, reason=form.reason.data or "", reasons=wrong, at=now()
                )
        if not form.errors:
            return back(order_id, gettext("方案通过，对方照着办。") if approve else gettext("方案已退回。"))
    plan = planning.open_plan(reader(), order)
    items = {item["problem_id"]: item for item in plan.items}
    return render_template(
        "rectification/review.html",
        order=order,
        form=form,
        problems=problems,
        plan=plan,
        items=items,
        day=date.fromisoformat,
    )


@pages.route("/orders/<int:order_id>/extension/answer", methods=["GET", "POST"])
@requires("order.review")
def answer_extension(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "answer_extension"), AnswerForm()
    waiting = extending.open_extension(reader(), order)
    if form.validate_on_submit():
        granted = form.granted.data == "1"
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            row = extending.open_extension(session, subject)
            extending.answer_extension(
                session, actor(), subject, row, granted=granted, answer=form.answer.data, at=now()
            )
        if not form.errors:
            return back(
                order_id, gettext("已批复：同意延期。") if granted else gettext("已批复：不同意延期。")
            )
    problems = [one for one in problems_of(reader(), order) if one.id in waiting.problem_ids]
    return render_template(
        "rectification/extension_answer.html", order=order, form=form, waiting=waiting, problems=problems
    )


@pages.route("/orders/<int:order_id>/escalations/<int:row_id>/send", methods=["GET", "POST"])
@requires("order.review")
def send_step(order_id: int, row_id: int) -> str | Response:
    return _decide(order_id, row_id, send=True)


@pages.route("/orders/<int:order_id>/escalations/<int:row_id>/decline", methods=["GET", "POST"])
@requires("order.review")
def decline_step(order_id: int, row_id: int) -> str | Response:
    return _decide(order_id, row_id, send=False)


def _decide(order_id: int, row_id: int, *, send: bool) -> str | Response:
    order = shown_for(order_id, "supervise")
    row = _step(reader(), order, row_id)
    form = decide_form(row.step, send=send)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            escalating.decide(
                session,
                actor(),
                subject,
                _step(session, subject, row_id),
                send=send,
                reason=form.reason.data or "",
                terms=form.terms(),
                at=now(),
            )
        if not form.errors:
            words = (
                gettext("已发出%(paper)s。", paper=STEPS[row.step])
                if send
                else gettext("已记下暂不办的理由。")
            )
            return back(order_id, words)
    session = reader()
    limit = session.get_one(Limit, row.limit_id)
    return render_template(
        "rectification/step.html",
        order=order,
        form=form,
        row=row,
        send=send,
        home=home_of(order),
        act=gettext("发出%(paper)s", paper=STEPS[row.step]),
        question=STEP_QUESTIONS[row.step],
        paper=STEPS[row.step],
        limit=limit,
        limit_name=limit_name(limit, problems_of(session, order)),
        days=days_left(calendar_of(session), limit.due_on, beijing_day(now())),
    )


def _step(session: Any, order: Order, row_id: int) -> Escalation:
    row = session.get(Escalation, row_id)
    if row is None or row.order_id != order.id:
        raise NotFound("escalation")
    return row


@pages.route("/orders/<int:order_id>/problems/<int:problem_id>/grant", methods=["GET", "POST"])
@requires("order.review")
def grant(order_id: int, problem_id: int) -> str | Response:
    order, form = shown_for(order_id, "grant_resources"), TextForm()
    problem: Problem = problem_in(reader(), order, problem_id)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            mine = problem_in(session, subject, problem_id)
            rectifying.grant_resources(session, actor(), subject, mine, granted=form.text.data, at=now())
        if not form.errors:
            return back(order_id, gettext("已答复对方。"))
    return render_template(
        "rectification/text.html",
        order=order,
        form=form,
        title=gettext("第%(n)s项：上级给什么", n=problem.ordinal),
        problem=problem,
        act=gettext("答复"),
    )


@pages.route("/orders/<int:order_id>/re-evaluation", methods=["GET", "POST"])
@requires("order.issue")
def re_evaluation(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "begin_re_evaluation"), SecondVoteForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            plan_second_vote(
                session,
                actor(),
                locked(session, order_id),
                RosterKeys.of(installation().settings),
                form.left(),
                opens_at=at_beijing(form.opens_on.data, time(8)),
                closes_at=at_beijing(form.closes_on.data, time(18)),
                at=now(),
            )
        if not form.errors:
            return back(order_id, gettext("再评的轮次建好了。接着到“评议”里定开箱人、准备、开放投票。"))
    problems = problems_of(reader(), order)
    return render_template("rectification/re_evaluation.html", order=order, form=form, problems=problems)


@pages.route("/orders/<int:order_id>/fall-short", methods=["GET", "POST"])
@requires("order.review")
def fall_short(order_id: int) -> str | Response:
    order, form = shown_for(order_id, "fall_short"), FallShortForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            closing.fall_short(
                session,
                actor(),
                locked(session, order_id),
                reason=form.reason.data,
                new_due_on=form.new_due_on.data,
                at=now(),
            )
        if not form.errors:
            return back(order_id, gettext("已退回重新整改。"))
    return render_template("rectification/fall_short.html", order=order, form=form, home=home_of(order))


@pages.route("/orders/<int:order_id>/do/<action>", methods=["GET", "POST"])
@requires("order.read")
def simple(order_id: int, action: str) -> str | Response:
    act = SIMPLE_ACTS.get(action)
    if act is None:
        raise NotFound("act")
    order = shown_for(order_id, action)
    form: Any = ReasonForm() if act.reason == "needed" else _optional_reason(act)
    if form.validate_on_submit():
        if act.final:
            require_fresh_sign_in(url_for("rectification_officer.simple", order_id=order_id, action=action))
        with refill(form), committing(roster()) as session:
            subject = locked(session, order_id)
            reason = form.reason.data if "reason" in form else ""
            made = act.run(session, actor(), subject, reason or "", now())
        if not form.errors:
            return back(made.id if isinstance(made, Order) else order_id, str(act.done))
    question = str(act.question) % {"home": home_of(order).name}
    return render_template("rectification/simple.html", order=order, form=form, act=act, question=question)


def _optional_reason(act: SimpleAct) -> Any:
    form: Any = PlainForm() if act.reason == "none" else ReasonForm()
    if act.reason == "optional":
        form.reason.validators = ()
        form.reason.flags.required = False
    return form


@pages.post("/orders/<int:order_id>/message")
@requires("order.read")
def message(order_id: int) -> Response:
    rectifying.need_correspondent(reader(), actor(), shown(order_id))
    form = TextForm()
    if not form.validate_on_submit():
        say(gettext("请写上要说的话。"), "late")
        return redirect(url_for("rectification.order", order_id=order_id), 303)
    with committing(roster()) as session:
        subject = locked(session, order_id)
        rectifying.send_message(session, actor(), subject, text=form.text.data, at=now())
    return back(order_id, gettext("已发给对方。"))
