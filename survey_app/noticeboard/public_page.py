"""The public page of a home: what members see of result, order and answers, never more than may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from scoring import Audience, ReasonCode
from survey_app.core.clock import beijing_day
from survey_app.core.errors import NotFound
from survey_app.noticeboard import queries
from survey_app.noticeboard.models import HomePage
from survey_app.noticeboard.queries import MOST_YEARS
from survey_app.rectification.queries import PublicOrder, public_story
from survey_app.results import charts
from survey_app.results.charts import BandChart, BandRow, Drawing
from survey_app.results.models import RatingSnapshot, Result
from survey_app.results.pictures import lines_of, overall_picture
from survey_app.results.view import ResultView, view_for
from survey_app.rounds.models import Round
from survey_app.units.models import Unit
from survey_app.web.i18n import gettext


@dataclass(frozen=True)
class PublicPage:
    """Everything on the page; `view` is None while nothing is published."""

    home: Unit
    superior: Unit | None
    content: HomePage | None
    view: ResultView | None
    picture: Drawing | None
    note: str
    orders: list[PublicOrder]
    answers: list[tuple[str, str]]
    years: list[int]
    running: Round | None
    contact: str

    @property
    def tag(self) -> str:
        """The class in the words of a public page: too few who took part is not a judgement."""
        if self.view is None:
            return "not_rated"
        return "turnout_short" if self.view.rating.reason is ReasonCode.I2 else self.view.reading.tag


def home_name(home: Unit) -> str:
    """What stands before 职工之家: the employer's name, without 工会."""
    return home.short_name.removesuffix("工会") or home.short_name


def upper_first(text: str) -> str:
    """A text as a heading: English begins with a capital, Chinese stays as it is."""
    return text[:1].upper() + text[1:]


def public_page(session: Session, home_id: int, year: int | None, at: datetime) -> PublicPage:
    """The page of a home, of its newest published year or of a given one; NotFound without such a year."""
    home = queries.home_of(session, home_id)
    found = queries.published_results(session, home_id)
    chosen = next((pair for pair in found if year in (None, pair[0].year)), None)
    if year is not None and chosen is None:
        raise NotFound("year")
    view = view_for(session, chosen[0], home, chosen[1], Audience.PUBLIC) if chosen else None
    picture, note = _trend(session, view, [result for result, _round in found]) if view else (None, "")
    superior = session.get(Unit, home.parent_id) if home.parent_id else None
    running = queries.running_round(session, home_id) if year is None else None
    return PublicPage(
        home=home,
        superior=superior,
        content=queries.page_content(session, home_id),
        view=view,
        picture=picture,
        note=note,
        orders=_orders(session, home_id, year, at),
        answers=queries.answered_words(session, view.round.id, home_id) if view else [],
        years=[result.year for result, _round in found],
        running=running,
        contact=_contact(superior, view.round if view else running),
    )


def _orders(session: Session, home_id: int, year: int | None, at: datetime) -> list[PublicOrder]:
    """The newest order, or those issued in the year that is looked at."""
    story = public_story(session, home_id, beijing_day(at))
    if year is None:
        return story[:1]
    return [order for order in story if order.issued_on and order.issued_on.year == year]


def _contact(superior: Unit | None, round_: Round | None) -> str:
    """Whom to ask: the round's contact for members, else the superior's telephone."""
    if round_ is not None and round_.privacy_contact:
        return round_.privacy_contact
    return superior.chair_phone if superior else ""


def _trend(session: Session, view: ResultView, results: list[Result]) -> tuple[Drawing | None, str]:
    """The published years up to the one shown; one year alone is drawn as a single band."""
    years = [one for one in results if one.year <= view.result.year]
    until = sorted(years, key=lambda one: one.year)[-MOST_YEARS:]
    rows = tuple(_year_row(result) for result in until)
    if len(until) < 2 or all(row.value is None for row in rows):
        return overall_picture(view), ""
    note = _break_of(session, until) or gettext("范围有重叠的年份，看不出差别。")
    description = gettext("；").join(f"{row.name} {row.figure or row.words}" for row in rows)
    chart = BandChart(gettext("历年综合满意率"), description, rows, lines_of(view))
    return charts.trend(chart), note


def _year_row(result: Result) -> BandRow:
    name = gettext("%(year)s年", year=result.year)
    if result.combined is None:
        return BandRow(name, None, None, None, "", gettext("没有可以显示的数"))
    return BandRow(name, result.combined, result.low, result.high, f"{result.combined:.1f}")


def _break_of(session: Session, results: list[Result]) -> str:
    """The sentence for years that asked other questions or were computed in another way."""
    ways = {}
    for snapshot in session.scalars(
        select(RatingSnapshot).where(RatingSnapshot.id.in_([one.snapshot_id for one in results]))
    ):
        ways[snapshot.id] = (snapshot.questionnaire_fingerprint, snapshot.method_version)
    for before, after in pairwise(results):
        if ways.get(before.snapshot_id or 0) != ways.get(after.snapshot_id or 0):
            return gettext("%(year)s年起题目或算法改了，前后不能直接比。", year=after.year)
    return ""
