"""The public page of a home: what members see of result, order and answers, never more than may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from scoring import Audience, ReasonCode
from survey_app.core.clock import beijing_day
from survey_app.core.errors import NotFound
from survey_app.noticeboard import queries
from survey_app.noticeboard.models import HomePage
from survey_app.rectification.models import Evidence, OrderKind, OrderState
from survey_app.rectification.public_story import PublicOrder, public_story
from survey_app.results.charts import Drawing
from survey_app.results.models import ResultState
from survey_app.results.pictures import lines_of, overall_picture
from survey_app.results.trends import trend_note, trend_picture, years_of
from survey_app.results.view import ResultView, view_for
from survey_app.rounds.models import Round
from survey_app.units.models import Unit


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

    @property
    def ordered(self) -> bool:
        """Whether an order that is still open follows from the rating shown."""
        open_ones = [
            order
            for order in self.orders
            if order.kind == OrderKind.RECTIFICATION and order.state != OrderState.CLOSED
        ]
        return self.view is not None and any(order.year == self.view.result.year for order in open_ones)


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
    picture, note = _trend(session, view) if view else (None, "")
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
    """The newest order and every older one that is open, or those of the rated year that is looked at."""
    story = public_story(session, home_id, beijing_day(at))
    if year is None:
        return [order for order in story if order is story[0] or order.state != OrderState.CLOSED]
    return [order for order in story if order.year == year]


def shown_picture(session: Session, home_id: int, evidence_id: int, at: datetime) -> Evidence:
    """A picture that stands on the home's page now, in whatever year; NotFound for every other file."""
    queries.home_of(session, home_id)
    for order in public_story(session, home_id, beijing_day(at)):
        for row in order.pictures:
            if row.id == evidence_id:
                return row
    raise NotFound("file")


def _contact(superior: Unit | None, round_: Round | None) -> str:
    """Whom to ask: the round's contact for members, else the superior's telephone."""
    if round_ is not None and round_.privacy_contact:
        return round_.privacy_contact
    return superior.chair_phone if superior else ""


def _trend(session: Session, view: ResultView) -> tuple[Drawing | None, str]:
    """The published years up to the one shown; one year alone is drawn as a single band."""
    years = years_of(session, view.unit.id, view.result.year, (ResultState.PUBLISHED,))
    picture = trend_picture(years, lines_of(view))
    return (picture, trend_note(years)) if picture else (overall_picture(view), "")
