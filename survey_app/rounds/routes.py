"""URLs of rounds for the organiser: plan, texts, homes, duties, extend, cancel; the work report."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from survey_app.accounts.models import Account, Post
from survey_app.accounts.step_up import require_fresh_sign_in
from survey_app.core.actor import Role
from survey_app.core.clock import at_beijing, beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.instruments.queries import usable_versions
from survey_app.rounds import appointments, channel_routes, operations, queries, scheme_routes
from survey_app.rounds.attaching import register_attaching
from survey_app.rounds.forms import (
    ELECTORATES,
    KINDS,
    DutyForm,
    ExtendForm,
    HomesForm,
    NewRoundForm,
    ReasonForm,
    RoundTextsForm,
    WorkReportForm,
)
from survey_app.rounds.listing import candidate_homes, round_rows
from survey_app.rounds.models import Round, RoundState
from survey_app.rounds.requirements import register_requirements
from survey_app.rounds.wording import DUTY_TITLES, WORDS
from survey_app.units.models import Unit
from survey_app.units.queries import path
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.uploads import read_upload

pages = Blueprint("rounds", __name__)
REPORT_KINDS = frozenset({"pdf", "docx", "jpeg", "png"})


def register(app: Flask) -> None:
    """Add the pages, sentences, requirements and the rail's place."""
    app.register_blueprint(pages)
    app.register_blueprint(scheme_routes.pages)
    app.register_blueprint(channel_routes.pages)
    errors.learn(WORDS)
    register_requirements()
    register_attaching()
    add_place(
        Place(
            "rounds.index",
            _l("评议"),
            "poll",
            20,
            lambda person: person.may("round.edit"),
            prefix=("/rounds", "/schemes"),
        )
    )


@pages.get("/rounds")
@requires("round.read")
def index() -> str:
    rows = round_rows(reader(), actor())
    return render_template("rounds/index.html", rows=rows, may_edit=actor().may("round.edit"))


@pages.route("/rounds/new", methods=["GET", "POST"])
@requires("round.edit")
def new() -> str | Response:
    session = reader()
    line = [unit.id for unit in path(session, actor().unit_id)]
    form = NewRoundForm()
    today = beijing_day(now())
    form.kind.choices = [SelectChoice(kind, title) for kind, title in KINDS.items()]
    form.electorate.choices = [SelectChoice(kind, title) for kind, title in ELECTORATES.items()]
    schemes = queries.schemes_for(session, line, today.year)
    form.scheme_id.choices = [
        SelectChoice(scheme.id, f"{scheme.title}（{scheme.year}）") for scheme in schemes
    ]
    versions = usable_versions(session, line)
    form.questionnaire_id.choices = [SelectChoice(version.id, version.title) for version in versions]
    if form.validate_on_submit():
        with refill(form), committing(roster()) as writing:
            organiser = writing.get_one(Unit, actor().unit_id)
            chosen = {scheme.id: scheme for scheme in schemes}[form.scheme_id.data]
            version = {version.id: version for version in versions}[form.questionnaire_id.data]
            values = {
                "title": form.title.data.strip(),
                "year": form.year.data,
                "kind": form.kind.data,
                "electorate": form.electorate.data,
                **form.window(),
            }
            made = operations.create_round(
                writing, actor(), organiser, chosen, version, values=values, at=now()
            )
        if not form.errors:
            say(gettext("已建好。接着选单位、写通知、定开箱人。"), "done")
            return redirect(url_for("rounds.homes", round_id=made.id), 303)
    years = sorted({scheme.year for scheme in schemes})
    if not form.is_submitted():
        # The first year that a scheme is there for: any other ends in a refusal.
        year = years[0] if years else today.year
        form.year.data, form.title.data = year, gettext("%(year)s年度会员评议职工之家", year=year)
    wanted = {today.year, today.year + 1, form.year.data or today.year} - set(years)
    return render_template(
        "rounds/new.html",
        form=form,
        years=years,
        without=sorted(year for year in wanted if year >= today.year),
        may_issue=actor().may("scheme.issue"),
    )


@pages.route("/rounds/<round_id>/edit", methods=["GET", "POST"])
@requires("round.edit")
def edit(round_id: str) -> str | Response:
    round_ = queries.organised_round(reader(), actor(), round_id)
    form = RoundTextsForm()
    version = request.form.get("version", round_.version, type=int)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = queries.organised_round(session, actor(), round_id, lock=True)
            operations.edit_round(session, actor(), subject, values=form.values(), version=version, at=now())
        if not form.errors:
            say(gettext("已保存。"), "done")
            return redirect(url_for("overview.round_page", round_id=round_id), 303)
    elif not form.is_submitted():
        form.fill(round_)
    return render_template("rounds/edit.html", form=form, round=round_, version=version)


@pages.route("/rounds/<round_id>/homes", methods=["GET", "POST"])
@requires("round.edit")
def homes(round_id: str) -> str | Response:
    round_ = queries.organised_round(reader(), actor(), round_id)
    rows = candidate_homes(reader(), round_)
    form = HomesForm()
    form.homes.choices = [SelectChoice(row.id, row.name) for row in rows]
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = queries.organised_round(session, actor(), round_id, lock=True)
            operations.set_homes(session, actor(), subject, form.homes.data or [], at=now())
        if not form.errors:
            say(gettext("已选%(n)s家。", n=len(form.homes.data or [])), "done")
            return redirect(url_for("overview.round_page", round_id=round_id), 303)
    return render_template("rounds/homes.html", form=form, round=round_, rows=rows)


@pages.route("/rounds/<round_id>/duties", methods=["GET", "POST"])
@requires("round.appoint")
def duties(round_id: str) -> str | Response:
    round_ = queries.organised_round(reader(), actor(), round_id)
    units = [unit for _home, unit in queries.round_homes(reader(), round_id)]
    form = DutyForm()
    form.duty.choices = [SelectChoice(role, title) for role, title in DUTY_TITLES.items()]
    form.home_id.choices = [SelectChoice(0, "—"), *[SelectChoice(unit.id, unit.name) for unit in units]]
    if form.validate_on_submit():
        require_fresh_sign_in(url_for("rounds.duties", round_id=round_id))
        with refill(form), committing(roster()) as session:
            _appoint(session, round_id, form)
        if not form.errors:
            say(gettext("已定好。"), "done")
            return redirect(url_for("rounds.duties", round_id=round_id), 303)
    return render_template(
        "rounds/duties.html",
        form=form,
        round=round_,
        held=appointments.duties(reader(), round_id),
        titles=DUTY_TITLES,
        offered=appointments.candidates(reader(), actor(), round_, beijing_day(now())),
        most=appointments.OFFERED_AT_MOST,
        may_invite=actor().may("account.invite"),
    )


def _appoint(session: Any, round_id: str, form: DutyForm) -> None:
    subject = queries.organised_round(session, actor(), round_id, lock=True)
    account = session.scalars(
        select(Account).where(Account.login == form.login.data.strip(), Account.disabled_at.is_(None))
    ).one_or_none()
    if account is None:
        raise errors.invalid("account_unknown", where="login", login=form.login.data.strip())
    role = Role(form.duty.data)
    unit_id = subject.organiser_id if role is Role.CUSTODIAN else form.home_id.data
    if not unit_id:
        raise errors.invalid("duty_needs_a_home", where="home_id")
    appointments.appoint(session, actor(), subject, account, role, session.get_one(Unit, unit_id), at=now())


@pages.post("/rounds/<round_id>/duties/<int:post_id>/end")
@requires("round.appoint")
def end_duty(round_id: str, post_id: int) -> Response:
    with committing(roster()) as session:
        subject = queries.organised_round(session, actor(), round_id, lock=True)
        post = session.get(Post, post_id)
        if post is None or post.round_id != round_id:
            raise NotFound("post")
        appointments.dismiss(session, actor(), subject, post, at=now())
    say(gettext("已撤下。"), "done")
    return redirect(url_for("rounds.duties", round_id=round_id), 303)


@pages.route("/rounds/<round_id>/extend", methods=["GET", "POST"])
@requires("round.run")
def extend(round_id: str) -> str | Response:
    round_ = queries.organised_round(reader(), actor(), round_id)
    form = ExtendForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = queries.organised_round(session, actor(), round_id, lock=True)
            closes_at = at_beijing(form.closes_on.data, form.closes_time.data)
            operations.extend_round(
                session, actor(), subject, closes_at=closes_at, reason=form.reason.data, at=now()
            )
        if not form.errors:
            say(gettext("已延期，会员的页面上已写明原因。"), "done")
            return redirect(url_for("overview.round_page", round_id=round_id), 303)
    return render_template("rounds/extend.html", form=form, round=round_)


@pages.route("/rounds/<round_id>/cancel", methods=["GET", "POST"])
@requires("round.run")
def cancel(round_id: str) -> str | Response:
    return _with_reason(round_id, operations.cancel_round, "rounds/cancel.html", gettext("已取消这一轮。"))


@pages.route("/rounds/<round_id>/return", methods=["GET", "POST"])
@requires("round.run")
def return_to_draft(round_id: str) -> str | Response:
    done = gettext("已退回草拟，原来的链接全部作废。")
    return _with_reason(round_id, operations.return_to_draft, "rounds/return.html", done)


def _with_reason(round_id: str, operation: Any, template: str, done: str) -> str | Response:
    round_: Round = queries.organised_round(reader(), actor(), round_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = queries.organised_round(session, actor(), round_id, lock=True)
            operation(session, actor(), subject, reason=form.reason.data, at=now())
        if not form.errors:
            say(done, "done")
            return redirect(url_for("overview.round_page", round_id=round_id), 303)
    return render_template(template, form=form, round=round_)


@pages.route("/rounds/<round_id>/report/<int:home_id>", methods=["GET", "POST"])
@requires("report.write")
def work_report(round_id: str, home_id: int) -> str | Response:
    home, unit = queries.reporting_home(reader(), actor(), round_id, home_id)
    round_ = reader().get_one(Round, round_id)
    form = WorkReportForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject, _unit = queries.reporting_home(session, actor(), round_id, home_id)
            upload = read_upload(form.file.data, REPORT_KINDS, where="file")
            operations.set_work_report(
                session,
                actor(),
                subject,
                text=form.text.data or "",
                file_name=upload.name if upload else "",
                checksum=installation().files.put(upload.content) if upload else "",
                at=now(),
            )
        if not form.errors and not form.form_errors:
            say(gettext("述职报告已放到会员的评议页上。"), "done")
            return redirect(url_for("overview.desk"), 303)
    elif not form.is_submitted():
        form.text.data = home.work_report_text
    editable = round_.state == RoundState.DRAFT
    return render_template(
        "rounds/report.html", form=form, round=round_, home=home, unit=unit, editable=editable
    )
