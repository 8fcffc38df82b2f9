"""The workbook of an area: every home as far as it may be shown, with the same words where it may not."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from scoring import Audience, ShownQuestion, ShownRating, Suppressed
from survey_app.core.actor import Actor
from survey_app.core.settings import Settings
from survey_app.counting.models import HomeCount
from survey_app.journal.chain import head
from survey_app.papers.marks import Marks
from survey_app.papers.workbook import Column, DataSheet, workbook_bytes
from survey_app.results.documents import GRADES
from survey_app.results.figures import UNOPENED, absence, raw_words, share_words, turnout_words
from survey_app.results.listing import Filter, area_figures, filtered_results
from survey_app.results.models import Result
from survey_app.results.queries import objections_of, shown
from survey_app.results.reading import class_tag
from survey_app.results.wording import state_title
from survey_app.units.models import Unit
from survey_app.web.i18n import in_chinese

COLUMNS = (
    Column("单位", 32),
    Column("年度", 8),
    Column("状态", 14),
    Column("等次", 20),
    Column("会员数", 10),
    Column("有效票", 18),
    Column("参评率", 14),
    Column("满意率（原始）", 22),
    Column("综合满意率（原始）", 22),
    Column("综合满意率（折算）", 22),
    Column("误差范围下限", 14),
    Column("误差范围上限", 14),
    Column("标记", 22),
)
MARK_WORDS = {"V1": "两数不在一边", "V2": "先实地核实"}


def area_workbook(
    session: Session, actor: Actor, wanted: Filter, settings: Settings, *, today: date
) -> bytes:
    """The results of the actor's scope as the filter of the page chose them."""
    with in_chinese():
        rows = [
            _row(session, result, unit)
            for result, unit, _round in filtered_results(session, actor, wanted, today)
        ]
        year = wanted.year or today.year
        sheets = [
            DataSheet("各家评定", f"{actor.unit_name}会员评议评定", COLUMNS, rows, _note()),
            _total(session, actor, year),
        ]
    marks = Marks(demo=settings.demo, journal_head=head(session)[1][:16])
    return workbook_bytes(sheets, title=f"{actor.unit_name}会员评议评定", marks=marks)


def _note() -> str:
    return (
        "有效票不足10张的不显示；不足30张的，接近一致的比例只写85%以上或15%以下。合计只含数字全部公布的单位。"
    )


def _row(session: Session, result: Result, unit: Unit) -> list[str | int | float | None]:
    view = shown(session, result, Audience.SUPERIOR)
    question = view.overall if isinstance(view.overall, ShownQuestion) else None
    missing = absence(view.overall, view.ballots) if isinstance(view.overall, Suppressed) else ""
    received = _received_unopened(session, result)
    tag = "not_rated" if result.code == "I0" else class_tag(result.rating_class, result.reminder)
    return [
        unit.name,
        result.year,
        str(state_title(result.state, answered=bool(objections_of(session, result)))),
        GRADES[tag],
        view.members,
        _ballots(view, received),
        turnout_words(view.turnout_percent, view.ballots, unopened=received is not None),
        raw_words(question.strict, view.ballots) if question else missing,
        raw_words(question.combined, view.ballots) if question else missing,
        share_words(question.combined, view.ballots) if question else missing,
        result.low,
        result.high,
        "、".join(MARK_WORDS[mark] for mark in result.marks),
    ]


def _received_unopened(session: Session, result: Result) -> int | None:
    """How many ballots came to a box that stayed shut; None where it was opened."""
    count = session.get(HomeCount, (result.round_id, result.home_id))
    return count.sealed + count.paper if count is not None and count.unopened else None


def _ballots(view: ShownRating, received: int | None) -> int | str:
    if received is not None:
        return f"收到{received}张，{UNOPENED}"
    return view.ballots if isinstance(view.ballots, int) else absence(view.ballots, view.ballots)


def _total(session: Session, actor: Actor, year: int) -> DataSheet:
    """Counts by class, and the sum of what is itself shown in full."""
    area = area_figures(session, actor, year)
    rows: list[list[str | int | float | None]] = [
        [GRADES[tag], count, ""] for tag, count in sorted(area.by_tag.items(), key=lambda pair: -pair[1])
    ]
    rate = f"{100 * area.combined:.1f}%" if area.combined is not None else "没有数字全部公布的单位"
    rows.append([f"已公布的{area.homes_in_full}家合计", area.opinions, f"综合满意率（原始）{rate}"])
    columns = (Column("等次", 28), Column("家数或有看法的票", 18), Column("说明", 36))
    return DataSheet("合计", f"{year}年度合计", columns, rows)
