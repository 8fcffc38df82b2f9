"""The desk of a chair: where the home stands, what to do now, turnout while voting, the result afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.invitations.turnout import EXACT_FROM, Turnout, turnout, turnout_by_day
from survey_app.overview.chair_situation import Situation, Standing, standing_of
from survey_app.overview.wording import BEGINNINGS, BEGUN
from survey_app.rectification import todo as orders
from survey_app.rectification.escalating import coming_talk
from survey_app.rectification.models import Order
from survey_app.rectification.wording import LIMITS
from survey_app.results.charts import Drawing
from survey_app.results.page import ResultPage, page_of
from survey_app.results.pictures import turnout_picture
from survey_app.results.view import ResultView, load_view
from survey_app.rosters.waiting import decider_of
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.rounds.queries import policy_of
from survey_app.units.models import Unit
from survey_app.web.i18n import gettext
from survey_app.workdays import DaysLeft

VOTED = (RoundState.VOTING, RoundState.CLOSING, RoundState.CLOSED, RoundState.COUNTING)


@dataclass(frozen=True)
class TurnoutView:
    """Turnout as it may be shown, its drawing, and how many more are needed for each line."""

    now: Turnout
    picture: Drawing | None
    to_valid: int
    to_award: int


@dataclass(frozen=True)
class Coming:
    """A date that lies ahead, in words."""

    word: str
    on: date
    before: bool = False


@dataclass(frozen=True)
class ChairDesk:
    """Everything on the desk; `view` and `page` only after counting."""

    unit: Unit
    standing: Standing
    superior: str
    turnout: TurnoutView | None
    import_by: date | None
    days_left: DaysLeft | None
    order_limit: str
    order_todo: orders.TodoRow | None
    talk: tuple[datetime, str] | None
    view: ResultView | None
    page: ResultPage | None
    coming: list[Coming]
    next_year: tuple[int, str] | None

    @property
    def situation(self) -> Situation:
        """Which notice stands at the top."""
        return self.standing.situation


def chair_desk(session: Session, actor: Actor, lang: str, at: datetime, year: int | None = None) -> ChairDesk:
    """The desk of the chair of `actor.unit_id`, of the year asked for or the one whose work is alive."""
    unit = session.get_one(Unit, actor.unit_id)
    superior = decider_of(session, unit.id)
    standing = standing_of(session, unit.id, at, year)
    round_, today = standing.round, beijing_day(at)
    view = page = None
    if standing.shows_result and standing.result is not None:
        view = load_view(session, actor, standing.result.id)
        page = page_of(session, actor, view, lang, today)
    due = _due(standing)
    order = standing.order
    return ChairDesk(
        unit=unit,
        standing=standing,
        superior=superior.name if superior else "",
        turnout=_turnout(session, round_, standing.home, at),
        import_by=_import_by(session, round_),
        days_left=calendar_of(session).days_left(today, due) if due else None,
        order_limit=str(LIMITS.get(order.next_due_kind, "")) if order else "",
        order_todo=_order_todo(session, actor, order, today),
        talk=coming_talk(session, order.id, today) if order else None,
        view=view,
        page=page,
        coming=_coming(session, standing, page),
        next_year=_next_year(session, standing, unit.id, at),
    )


def _next_year(session: Session, standing: Standing, home_id: int, at: datetime) -> tuple[int, str] | None:
    """A later year that is already being prepared, and what it asks of the chair."""
    later = [year for year in standing.years if year > standing.year]
    if not later:
        return None
    situation = standing_of(session, home_id, at, later[0]).situation
    return later[0], str(BEGINNINGS.get(situation, BEGUN))


def _order_todo(session: Session, actor: Actor, order: Order | None, today: date) -> orders.TodoRow | None:
    """What the open order asks of this chair now, if anything."""
    if order is None:
        return None
    rows = orders.todo_rows(session, actor, today)
    return next((row for row in rows if row.order_id == order.id), None)


def _due(standing: Standing) -> date | None:
    """The day on which the time of this situation runs out."""
    if standing.situation is Situation.ORDER and standing.order:
        return standing.order.next_due_on
    if standing.situation is Situation.OBJECTION_WINDOW and standing.result:
        return standing.result.objection_until
    if standing.situation is Situation.VOTING and standing.round:
        return beijing_day(standing.round.closes_at)
    return None


def _import_by(session: Session, round_: Round | None) -> date | None:
    """The last working day before voting begins; nobody can be added afterwards."""
    return calendar_of(session).shift(beijing_day(round_.opens_at), -1) if round_ else None


def _turnout(
    session: Session, round_: Round | None, home: RoundHome | None, at: datetime
) -> TurnoutView | None:
    if round_ is None or home is None or round_.state not in VOTED:
        return None
    state = RoundState(round_.state)
    shown = turnout(session, round_.id, home.home_id, at=at, state=state)
    policy = policy_of(round_)
    valid, award = Fraction(policy.min_turnout), Fraction(policy.award_turnout)
    days = turnout_by_day(session, round_.id, home.home_id, home.members)
    points = [(_short(day), reading.shown_percent) for day, reading in days]
    if shown.exact and shown.members >= EXACT_FROM:
        points = _with_now(points, _short(beijing_day(at).isoformat()), shown.shown_percent)
    return TurnoutView(
        now=shown,
        picture=turnout_picture(points, 100 * float(valid), 100 * float(award)),
        to_valid=_still(valid, shown),
        to_award=_still(award, shown),
    )


def _with_now(points: list[tuple[str, float]], day: str, percent: float) -> list[tuple[str, float]]:
    """The line ends at the figure written above it, not at the morning's reading."""
    return [*[point for point in points if point[0] != day], (day, percent)]


def _short(day: str) -> str:
    _year, month, number = day.split("-")
    return f"{int(month)}/{int(number)}"


def _still(share: Fraction, shown: Turnout) -> int:
    return max(0, -(-share.numerator * shown.members // share.denominator) - shown.used)


def _coming(session: Session, standing: Standing, page: ResultPage | None) -> list[Coming]:
    """What comes next with its date."""
    round_, result = standing.round, standing.result
    if page is not None and result is not None:
        return _after_result(session, standing, page)
    if round_ is None:
        return []
    dates = [
        Coming(gettext("开始投票"), beijing_day(round_.opens_at)),
        Coming(gettext("投票截止"), beijing_day(round_.closes_at)),
    ]
    if round_.opening_planned_on:
        dates.append(Coming(gettext("开箱"), round_.opening_planned_on))
    return dates


def _after_result(session: Session, standing: Standing, page: ResultPage) -> list[Coming]:
    result, found = standing.result, []
    if standing.situation is Situation.OBJECTION_WINDOW and result:
        found.append(Coming(gettext("答复异议"), result.objection_until))
        confirm_by = calendar_of(session).shift(result.objection_until, 5)
        found.append(Coming(gettext("终评"), confirm_by, before=True))
    if result and result.published_at is None:
        found.append(Coming(gettext("向会员公布"), page.publish_by, before=True))
    order = standing.order
    if order and order.next_due_on:
        found.append(Coming(str(LIMITS.get(order.next_due_kind, "")), order.next_due_on, before=True))
    return found
