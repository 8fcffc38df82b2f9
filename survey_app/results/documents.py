"""Papers of one home: the official result sheet 汇总表 and the one-page report, from what may be shown.

Papers are Chinese. Every number passes the disclosure rules and is worded by `figures`, as on the pages.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from scoring import Percent, ShownQuestion, Suppressed
from survey_app.accounts.models import Account, Post
from survey_app.core.actor import Role
from survey_app.core.settings import Settings
from survey_app.journal.chain import head
from survey_app.papers.marks import Marks
from survey_app.papers.result_sheet import ResultRow, ResultSheet, result_sheet_pdf
from survey_app.papers.result_workbook import result_sheet_xlsx
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.unit_report import ReportItem, UnitReport, unit_report_pdf
from survey_app.results.charts import on_paper
from survey_app.results.figures import (
    UNOPENED,
    absence,
    count_words,
    percent_or_reason,
    raw_words,
    score_words,
    share_words,
    turnout_words,
)
from survey_app.results.models import ResultState
from survey_app.results.pictures import OPTIONS, combined_words, overall_picture
from survey_app.results.reading import base_words
from survey_app.results.view import AskedItem, ResultView
from survey_app.rounds.models import Electorate, RoundKind
from survey_app.units.models import Unit
from survey_app.web.i18n import in_chinese

GRADES = {
    "model_eligible": "可申报模范职工之家",
    "qualified": "合格",
    "qualified_reminder": "合格·提醒",
    "insufficient_evidence": "证据不足",
    "dissatisfied": "不满意",
    "held": "暂停，待核实",
    "not_rated": "未评定",
}


def sheet_pdf(session: Session, view: ResultView, settings: Settings, *, today: date) -> bytes:
    """The result sheet to be signed and sealed."""
    sheet = result_sheet(session, view, today)
    marks = marks_of(session, view, settings)
    return result_sheet_pdf(sheet, Typesetter(settings.fonts_folder), marks=marks)


def sheet_xlsx(session: Session, view: ResultView, settings: Settings, *, today: date) -> bytes:
    """The same sheet as a workbook."""
    return result_sheet_xlsx(result_sheet(session, view, today), marks=marks_of(session, view, settings))


def marks_of(session: Session, view: ResultView, settings: Settings) -> Marks:
    """What lies on every paper of this result besides its content."""
    return Marks(
        demo=settings.demo,
        practice=view.round.kind == RoundKind.PRACTICE,
        void=view.result.state in (ResultState.VOIDED, ResultState.SUPERSEDED),
        journal_head=head(session)[1][:16],
    )


def result_sheet(session: Session, view: ResultView, today: date) -> ResultSheet:
    """The figures of the sheet: counts and both rates on the raw count, whatever the rating rests on."""
    count = view.count
    with in_chinese():
        rows = tuple(_sheet_row(view, asked) for one in view.sections for asked in one.items)
        delegates = view.round.electorate == Electorate.DELEGATES
        return ResultSheet(
            home=view.unit.name,
            round_title=view.round.title,
            issuer=session.get_one(Unit, view.round.organiser_id).name,
            members=count.members,
            entitled=count.members,
            present=view.home.present if delegates else None,
            issued=count.members,
            returned=count.sealed + count.paper,
            valid=None if count.unopened else count.valid,
            invalid=None if count.unopened else count.void,
            rows=rows,
            scrutineers=_people(session, view, Role.WORKING_GROUP),
            tellers=_people(session, view, Role.TELLER),
            made_on=today,
            notes=_sheet_notes(view),
        )


def _sheet_notes(view: ResultView) -> tuple[str, ...]:
    returned = percent_or_reason(view.shown.return_percent, view.shown.ballots)
    if view.count.unopened:
        return (f"{UNOPENED}：收到{view.received}张，没有有效票可数，没有参评率。",)
    turnout = percent_or_reason(view.shown.turnout_percent, view.shown.ballots)
    notes = [f"回收率{returned}（收回÷发出），参评率{turnout}（有效票÷会员数）。"]
    base = base_words(view.shown)
    return (*notes, *([base] if base else []))


def _sheet_row(view: ResultView, asked: AskedItem) -> ResultRow:
    number, name, shown = str(asked.number), asked.item.label.text("zh"), asked.shown
    if shown is None:
        return ResultRow(number, name, hidden="没有结果")
    if isinstance(shown.combined, Suppressed) or isinstance(shown.counts[OPTIONS[0]], Suppressed):
        return ResultRow(number, name, hidden=combined_words(view, shown))
    satisfied, basic, dissatisfied, unknown, blank = (
        count_words(shown.counts[option], view.shown.ballots) for option in (*OPTIONS, "BLANK")
    )
    return ResultRow(
        number,
        name,
        satisfied,
        basic,
        dissatisfied,
        unknown,
        blank,
        raw_words(shown.strict, view.shown.ballots),
        raw_words(shown.combined, view.shown.ballots),
    )


def _people(session: Session, view: ResultView, role: Role) -> tuple[str, ...]:
    """Who held a duty at this home in this round, by name."""
    return tuple(
        session.scalars(
            select(Account.name)
            .join(Post, Post.account_id == Account.id)
            .where(Post.round_id == view.round.id, Post.unit_id == view.unit.id, Post.role == role)
            .order_by(Post.id)
        )
    )


def report_pdf(session: Session, view: ResultView, settings: Settings, *, today: date) -> bytes:
    """The one-page report."""
    with in_chinese():
        report = unit_report(session, view, today)
    marks = marks_of(session, view, settings)
    return unit_report_pdf(report, Typesetter(settings.fonts_folder), marks=marks)


def unit_report(session: Session, view: ResultView, today: date) -> UnitReport:
    """The result on one page: sentence first, then the class, then the numbers."""
    reading, shown = view.reading, view.shown
    overall = shown.overall if isinstance(shown.overall, ShownQuestion) else None
    figures = [
        ("会员", f"{shown.members}人"),
        ("有效票", count_or_reason(view)),
        ("参评率", turnout_words(shown.turnout_percent, shown.ballots, unopened=view.count.unopened)),
    ]
    on_raw = view.policy.basis == "raw"
    if overall is not None:
        # Rated on the raw count nothing was weighted, so no figure may be called so.
        weighted = [] if on_raw else [("综合满意率（折算）", share_words(overall.combined, shown.ballots))]
        figures += [
            *weighted,
            ("综合满意率（原始）", raw_words(overall.combined, shown.ballots)),
            ("满意率（原始）", raw_words(overall.strict, shown.ballots)),
        ]
    titles = {section.id: section.title.text("zh") for section in view.questionnaire.dimensions}
    return UnitReport(
        home=view.unit.name,
        year=view.round.year,
        superior=session.get_one(Unit, view.round.organiser_id).name,
        grade=GRADES[reading.tag],
        sentence=reading.sentence or reading.why,
        interval_sentence=reading.range,
        reading=reading.why if reading.sentence else "",
        figures=tuple(figures),
        dimensions=tuple(
            (titles.get(one.name, one.name), score_words(one.score, shown.ballots))
            for one in shown.dimensions
        ),
        items=tuple(_report_item(view, asked) for asked in view.duties) if shown.questions else (),
        made_on=today,
        notes=_report_notes(view),
        rate_heading="综合满意率（原始）" if on_raw else "综合满意率（折算）",
        interval_svg=on_paper(picture.wide) if (picture := overall_picture(view)) else "",
    )


def _report_notes(view: ResultView) -> tuple[str, ...]:
    """The base of the percentages; and why counts are missing, where they are."""
    notes = [base_words(view.shown)] if base_words(view.shown) else []
    missing = [
        count
        for asked in view.duties
        if asked.shown is not None
        for count in asked.shown.counts.values()
        if isinstance(count, Suppressed)
    ]
    if missing and view.shown.questions:
        notes.append(f"票数栏的“—”：{absence(missing[0], view.shown.ballots)}。")
    return tuple(notes)


def count_or_reason(view: ResultView) -> str:
    """The number of valid ballots, unless a held count hides it."""
    ballots = view.shown.ballots
    if view.count.unopened:
        return str(UNOPENED)
    return f"{ballots}张" if isinstance(ballots, int) else percent_or_reason(ballots, ballots)


def _report_item(view: ResultView, asked: AskedItem) -> ReportItem:
    number, name, shown = str(asked.number), asked.item.label.text("zh"), asked.shown
    if shown is None:
        return ReportItem(number, name, "没有结果", "—")
    counts = [shown.counts[option] for option in OPTIONS]
    plain = [count for count in counts if isinstance(count, int)]
    words = raw_words if view.policy.basis == "raw" else share_words
    rate = words(shown.combined, view.shown.ballots)
    if len(plain) < len(counts):
        return ReportItem(number, name, "—", rate)
    total = sum(plain) or 1
    shares = (plain[0] / total, plain[1] / total, plain[2] / total, plain[3] / total)
    fits = isinstance(shown.combined, Percent)
    return ReportItem(number, name, "／".join(map(str, plain)), rate, shares if fits else None)
