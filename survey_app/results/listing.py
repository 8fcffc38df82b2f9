"""Lists of results for the superior: what waits for him, filters, pages; and the figures of an area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.results.comments import comment_homes
from survey_app.results.flag_words import flagged_ids, with_flag
from survey_app.results.limits import WORKDAYS_TO_ACT, calendar_of, publish_by
from survey_app.results.models import Objection, Result, ResultState
from survey_app.results.queries import answered_by, visible_results
from survey_app.results.rating import VISIT_FIRST
from survey_app.results.reading import class_tag
from survey_app.results.states import COUNTED
from survey_app.rounds.models import Round
from survey_app.rounds.policy import Policy
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.queries import below, scope
from survey_app.web.i18n import gettext
from survey_app.workdays import Calendar

PAGE = 50
VIEWS = ("waiting", "window", "final", "published", "all")


@dataclass(frozen=True)
class Filter:
    """What the address asks for."""

    view: str = "waiting"
    year: int | None = None
    rating_class: str = ""
    text: str = ""
    page: int = 1
    check: str = ""  # V2, any flag, or one sign


@dataclass(frozen=True)
class RatingRow:
    """One result in the list, as far as a superior may be shown it."""

    result: Result
    unit: Unit
    round: Round
    tag: str
    plain: bool  # neither marks nor objections: may be confirmed with others
    objected: bool
    flagged: bool


@dataclass(frozen=True)
class RatingPage:
    """A page of the list."""

    rows: list[RatingRow]
    total: int
    pages: int
    left_to_others: int  # whose objection this officer answered: another one confirms

    def to_tick(self, view: str) -> list[RatingRow]:
        """The rows that can be confirmed, or published, together in this view."""
        if view == "final":
            return self.rows
        found = (row for row in self.rows if row.plain and row.result.state == ResultState.PROVISIONAL)
        return list(found) if view == "waiting" else []


def confirmable(today: date) -> ColumnElement[bool]:
    """Provisional results whose objection window is over, or whose chair has none."""
    return and_(
        Result.state == ResultState.PROVISIONAL,
        or_(Result.no_objection_at.is_not(None), Result.objection_until < today),
    )


def _views(actor: Actor, today: date) -> dict[str, ColumnElement[bool]]:
    own_to_confirm = and_(confirmable(today), Result.id.not_in(answered_by(actor.account_id)))
    return {
        "waiting": or_(own_to_confirm, Result.state.in_((ResultState.OBJECTED, ResultState.HELD))),
        "window": and_(Result.state == ResultState.PROVISIONAL, ~confirmable(today)),
        "final": Result.state == ResultState.FINAL,
        "published": Result.state == ResultState.PUBLISHED,
        "all": Result.id.is_not(None),
    }


def ratings(session: Session, actor: Actor, wanted: Filter, today: date) -> RatingPage:
    """Results within the scope; what waits longest stands first."""
    statement = _filtered(visible_results(actor), actor, wanted, today)
    total = (
        session.scalar(select(func.count()).select_from(statement.with_only_columns(Result.id).subquery()))
        or 0
    )
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, wanted.page), pages)
    rows = session.execute(
        statement.order_by(Result.objection_until, Unit.name, Result.id).offset(PAGE * (page - 1)).limit(PAGE)
    ).all()
    ids = [row[0].id for row in rows]
    objected = set(session.scalars(select(Objection.result_id).where(Objection.result_id.in_(ids))))
    flagged = flagged_ids(session, actor, ids)
    shown = [_row(*row, objected, flagged) for row in rows]
    return RatingPage(shown, total, pages, _left_to_others(session, actor, today))


def _left_to_others(session: Session, actor: Actor, today: date) -> int:
    if not actor.may("result.confirm"):
        return 0
    answered = visible_results(actor).where(
        Result.id.in_(answered_by(actor.account_id)),
        confirmable(today),
        Result.home_id.in_(scope(actor, Line.AFFILIATION)),
    )
    return (
        session.scalar(select(func.count()).select_from(answered.with_only_columns(Result.id).subquery()))
        or 0
    )


def _filtered(
    statement: Select[Result, Unit, Round], actor: Actor, wanted: Filter, today: date
) -> Select[Result, Unit, Round]:
    statement = statement.where(_views(actor, today).get(wanted.view, Result.id.is_not(None)))
    if wanted.year is not None:
        statement = statement.where(Result.year == wanted.year)
    if wanted.rating_class == "REMINDER":
        statement = statement.where(Result.reminder)
    elif wanted.rating_class:
        statement = statement.where(Result.rating_class == wanted.rating_class)
    if wanted.check == VISIT_FIRST:
        statement = statement.where(cast(Result.marks, String).contains(VISIT_FIRST))
    elif wanted.check:
        statement = statement.where(Result.id.in_(with_flag(actor, wanted.check)))
    if wanted.text:
        statement = statement.where(Unit.name.contains(wanted.text, autoescape=True))
    return statement


def _row(result: Result, unit: Unit, round_: Round, objected: set[int], flagged: set[int]) -> RatingRow:
    tag = "not_rated" if result.code == "I0" else class_tag(result.rating_class, result.reminder)
    plain = not result.marks and result.id not in objected
    return RatingRow(result, unit, round_, tag, plain, result.id in objected, result.id in flagged)


def filtered_results(
    session: Session, actor: Actor, wanted: Filter, today: date
) -> Iterator[tuple[Result, Unit, Round]]:
    """All results that the filter chooses, by name, for a workbook."""
    statement = _filtered(visible_results(actor), actor, wanted, today).order_by(Unit.name, Result.id)
    for row in session.execute(statement.execution_options(yield_per=200)):
        yield row[0], row[1], row[2]


@dataclass(frozen=True)
class TodoRow:
    """Something that waits for this officer: its kind, the unit, the decision in words, until when, where."""

    kind: str
    unit: str
    sentence: str
    due: date | None
    endpoint: str
    values: dict[str, object]


def todo_rows(session: Session, actor: Actor, today: date, most: int = 50) -> list[TodoRow]:
    """Ratings, objections, holds and comments that wait for this officer, by due date."""
    rows: list[TodoRow] = []
    if actor.may("result.confirm"):
        own = Round.organiser_id == actor.unit_id
        found = session.execute(
            _to_decide(actor, today).where(own).order_by(Result.objection_until, Result.id).limit(most)
        ).all()
        calendar = calendar_of(session)
        answered = set(
            session.scalars(
                select(Objection.result_id).where(Objection.result_id.in_([row[0].id for row in found]))
            )
        )
        rows += [
            _todo(result, unit, round_, calendar, result.id in answered) for result, unit, round_ in found
        ]
    if actor.may("comment.review"):
        rows += _words_to_review(session, actor, most)
    return sorted(rows, key=lambda row: (row.due or date.max, row.unit))[:most]


def _to_decide(actor: Actor, today: date) -> Select[Result, Unit, Round]:
    """Results of the actor's own line that wait for the officers of the round's organiser."""
    waiting = or_(_views(actor, today)["waiting"], Result.state == ResultState.FINAL)
    return visible_results(actor).where(Result.home_id.in_(scope(actor, Line.AFFILIATION)), waiting)


def count_below(session: Session, actor: Actor, today: date) -> int:
    """How many results wait for officers further down, who organise the rounds they belong to."""
    if not actor.may("result.confirm"):
        return 0
    down = below(actor.unit_id, Line.AFFILIATION).where(UnitAncestor.unit_id != actor.unit_id)
    theirs = _to_decide(actor, today).where(Round.organiser_id.in_(down)).with_only_columns(Result.id)
    return session.scalar(select(func.count()).select_from(theirs.subquery())) or 0


def _words_to_review(session: Session, actor: Actor, most: int) -> list[TodoRow]:
    """One row for all the words that wait: they have no limit and must not hide what has one."""
    homes = comment_homes(session, actor, waiting_only=True, organised=True, most=most)
    if not homes:
        return []
    if len(homes) == 1:
        unit, endpoint = homes[0].name, "results.review"
        values: dict[str, object] = {"round_id": homes[0].round_id, "home_id": homes[0].home_id}
    else:
        unit, endpoint, values = gettext("%(n)s家", n=len(homes)), "results.comments", {}
    sentence = gettext("有%(n)s条会员写的话等您审阅", n=sum(home.waiting for home in homes))
    return [TodoRow("comments", unit, sentence, None, endpoint, values)]


def _due(result: Result, round_: Round, calendar: Calendar) -> date:
    """Until when the officer should have acted: five working days from what made it his turn."""
    if result.state == ResultState.FINAL:
        return publish_by(result, Policy.from_dict(round_.policy), calendar)
    since = {
        ResultState.HELD: beijing_day(result.provisional_at),
        ResultState.PROVISIONAL: result.no_objection_at and beijing_day(result.no_objection_at),
    }.get(ResultState(result.state))
    return calendar.add_workdays(since or result.objection_until, WORKDAYS_TO_ACT).date


def _todo(result: Result, unit: Unit, round_: Round, calendar: Calendar, objected: bool) -> TodoRow:
    if objected:
        confirm = gettext("异议已答复，请确认评定")
    elif result.no_objection_at:
        confirm = gettext("本单位没有异议，请确认评定")
    else:
        confirm = gettext("异议期已过，请确认评定")
    sentences = {
        ResultState.OBJECTED: ("objection", gettext("提出了异议，请答复")),
        ResultState.HELD: ("hold", gettext("票数与发出数不符，请核实")),
        ResultState.PROVISIONAL: ("confirm", confirm),
        ResultState.FINAL: ("publish", gettext("已确认，请向会员公布")),
    }
    kind, sentence = sentences[ResultState(result.state)]
    due = _due(result, round_, calendar)
    return TodoRow(kind, unit.name, sentence, due, "results.rating", {"result_id": result.id})


@dataclass(frozen=True)
class AreaFigures:
    """An area in a year: homes rated, by class, and the sums of what is shown in full."""

    rated: int
    by_tag: dict[str, int]
    members: int
    ballots: int
    homes_in_full: int
    opinions: int
    satisfied: int
    favourable: int

    @property
    def combined(self) -> float | None:
        """Combined rate of the homes that are shown in full, as a share."""
        return self.favourable / self.opinions if self.opinions else None


def area_figures(session: Session, actor: Actor, year: int) -> AreaFigures:
    """Counts by class and sums over the actor's scope; sums contain only homes that are shown in full."""
    # Named, because PostgreSQL takes the same expression with two parameters for two expressions.
    alone = (Result.code == "I0").label("alone")
    rows = session.execute(
        select(
            Result.rating_class,
            Result.reminder,
            alone,
            func.count(),
            func.sum(Result.members),
            func.sum(Result.ballots),
            func.count(Result.favourable),
            func.sum(Result.opinions),
            func.sum(Result.satisfied),
            func.sum(Result.favourable),
        )
        .where(Result.home_id.in_(scope(actor)), Result.year == year, Result.state.in_(COUNTED))
        .group_by(Result.rating_class, Result.reminder, alone)
    ).all()
    by_tag: dict[str, int] = {}
    for rating_class, reminder, is_alone, count, *_sums in rows:
        tag = "not_rated" if is_alone else class_tag(rating_class, reminder)
        by_tag[tag] = by_tag.get(tag, 0) + count
    return AreaFigures(sum(by_tag.values()), by_tag, *_column_sums(rows))


def _column_sums(rows: Sequence[Any]) -> tuple[int, int, int, int, int, int]:
    members, ballots, homes, opinions, satisfied, favourable = (
        sum(int(row[column] or 0) for row in rows) for column in range(4, 10)
    )
    return members, ballots, homes, opinions, satisfied, favourable
