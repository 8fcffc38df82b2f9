"""URLs of the calendar for the administrator: which years are known, import a notice, change a day."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, url_for
from werkzeug.wrappers import Response

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.holidays import operations, queries
from survey_app.holidays.forms import DayForm, NoticeForm
from survey_app.holidays.models import DayChange
from survey_app.holidays.notice_text import read_notice
from survey_app.holidays.wording import VERBS, WORDS
from survey_app.journal.wording import learn_verbs
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.workdays import bundled_notices

pages = Blueprint("holidays", __name__)


def register(app: Flask) -> None:
    """Add the page, its sentences and its place in the rail."""
    app.register_blueprint(pages)
    errors.learn(WORDS)
    learn_verbs(VERBS)
    add_place(
        Place(
            "holidays.index",
            _l("放假安排"),
            "calendar",
            82,
            lambda person: person.may("calendar.edit"),
            prefix="/calendar-days",
            on_phone=False,
        )
    )


@pages.get("/calendar-days")
@requires("calendar.edit")
def index() -> str:
    return _page(NoticeForm(formdata=None), DayForm(formdata=None, prefix="one"))


def _page(notice: NoticeForm, day: DayForm) -> str:
    session = reader()
    imported = {row.year: row for row in queries.current_notices(session)}
    bundled = {one.year: one for one in bundled_notices()}
    this_year = beijing_day(now()).year
    known = sorted({*imported, *(year for year in bundled if year >= this_year - 2)}, reverse=True)
    if notice.year.data is None:
        notice.year.data = max(known) + 1
    return render_template(
        "holidays/index.html",
        notice=notice,
        day=day,
        years=[(year, imported.get(year), bundled.get(year)) for year in known],
        changes=queries.current_changes(session),
        next_unknown=max(known) + 1,
    )


@pages.post("/calendar-days/notice")
@requires("calendar.edit")
def import_notice() -> str | Response:
    form = NoticeForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            notice = read_notice(form.year.data, form.source.data, form.text.data)
            operations.import_notice(session, actor(), notice, at=now())
        if not form.errors:
            say(
                gettext(
                    "%(year)s年的放假安排已导入：放假%(off)s天，调休上班%(on)s天。没到期的期限会重算，只往后改。",
                    year=notice.year,
                    off=len(notice.off_days),
                    on=len(notice.makeup_days),
                ),
                "done",
            )
            return redirect(url_for("holidays.index"), 303)
    return _page(form, DayForm(formdata=None, prefix="one"))


@pages.post("/calendar-days/day")
@requires("calendar.edit")
def change_day() -> str | Response:
    form = DayForm(prefix="one")
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            operations.change_day(
                session,
                actor(),
                form.day.data,
                working=form.working.data == "1",
                source=form.source.data,
                at=now(),
            )
        if not form.errors:
            say(gettext("已改。没到期的期限会重算，只往后改。"), "done")
            return redirect(url_for("holidays.index"), 303)
    return _page(NoticeForm(formdata=None), form)


@pages.post("/calendar-days/day/<int:change_id>/withdraw")
@requires("calendar.edit")
def withdraw_change(change_id: int) -> Response:
    with committing(roster()) as session:
        row = session.get(DayChange, change_id)
        if row is None:
            raise NotFound("day")
        operations.withdraw_change(session, actor(), row, at=now())
    say(gettext("已撤回。已经写在文书上的日期不往前改。"), "done")
    return redirect(url_for("holidays.index"), 303)
