"""What the page of a result shows beside its figures: pictures, words of members, dates, the story so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.invitations.turnout import turnout_by_day
from survey_app.results.charts import Drawing
from survey_app.results.comments import Words, words_of
from survey_app.results.limits import calendar_of, publish_by
from survey_app.results.models import Objection, RatingSnapshot, ResultState
from survey_app.results.peer_group import peer_sentence
from survey_app.results.pictures import (
    dimensions_picture,
    items_pictures,
    lines_of,
    overall_picture,
    turnout_picture,
)
from survey_app.results.queries import objections_of
from survey_app.results.trends import trend_note, trend_picture, years_of
from survey_app.results.view import ResultView
from survey_app.web.i18n import gettext
from survey_app.workdays import Deadline, Label, explain

SENT = Label("初评送达", "Provisional result sent")


@dataclass(frozen=True)
class Window:
    """The chair's time to object: its end, the working days left, and why it ends on that day."""

    until: date
    days_left: int
    why: str
    may_answer: bool


@dataclass(frozen=True)
class Chapter:
    """One entry of the story of a result, newest first."""

    at: datetime
    text: str
    detail: str = ""


@dataclass(frozen=True)
class ResultPage:
    """Everything around the figures."""

    overall: Drawing | None
    dimensions: Drawing | None
    items: list[tuple[str, Drawing]]
    turnout: Drawing | None
    trend: Drawing | None
    trend_note: str
    words: Words
    peers: str
    window: Window | None
    publish_by: date
    objections: list[Objection]
    story: list[Chapter]
    to_award_line: int


def page_of(session: Session, actor: Actor, view: ResultView, lang: str, today: date) -> ResultPage:
    """The page of a result for a chair or a superior."""
    years = years_of(session, view.unit.id, view.result.year)
    objections = [one.objection for one in objections_of(session, view.result)]
    return ResultPage(
        overall=overall_picture(view),
        dimensions=dimensions_picture(view, lang),
        items=items_pictures(view, lang) if view.shown.questions else [],
        turnout=_turnout(session, view),
        trend=trend_picture(years, lines_of(view)),
        trend_note=trend_note(years),
        words=words_of(session, view.round.id, view.unit.id),
        peers=peer_sentence(session, view.result, view.unit),
        window=window_of(session, actor, view, lang, today),
        publish_by=_publish_by(session, view),
        objections=objections,
        story=_story(session, view, objections),
        to_award_line=_to_award_line(view),
    )


def window_of(session: Session, actor: Actor, view: ResultView, lang: str, today: date) -> Window | None:
    """The objection window while it is open and unanswered."""
    result = view.result
    if result.state != ResultState.PROVISIONAL or result.no_objection_at or today > result.objection_until:
        return None
    calendar = calendar_of(session)
    start = beijing_day(result.provisional_at)
    deadline: Deadline = calendar.add_workdays(start, view.policy.objection_workdays)
    return Window(
        until=result.objection_until,
        days_left=calendar.workdays_between(today, result.objection_until),
        why=explain(deadline, "en" if lang == "en" else "zh", event=SENT, this_year=today.year),
        may_answer=actor.role is Role.CHAIR and actor.may("result.object"),
    )


def _publish_by(session: Session, view: ResultView) -> date:
    return publish_by(view.result, view.policy, calendar_of(session))


def _turnout(session: Session, view: ResultView) -> Drawing | None:
    days = turnout_by_day(session, view.round.id, view.unit.id, view.home.members)
    points = [(_short_day(day), turnout.shown_percent) for day, turnout in days]
    valid, award = (
        100 * float(Fraction(share)) for share in (view.policy.min_turnout, view.policy.award_turnout)
    )
    return turnout_picture(points, valid, award)


def _short_day(day: str) -> str:
    _year, month, number = day.split("-")
    return f"{int(month)}/{int(number)}"


def _to_award_line(view: ResultView) -> int:
    """How many more ballots would have reached the award's turnout; 0 when it was reached."""
    ballots = view.shown.ballots if isinstance(view.shown.ballots, int) else 0
    share = Fraction(view.policy.award_turnout)
    needed = -(-share.numerator * view.shown.members // share.denominator)
    return max(0, needed - ballots)


def _story(session: Session, view: ResultView, objections: list[Objection]) -> list[Chapter]:
    """What happened to the result, newest first: every change with its reason."""
    result = view.result
    chapters = [
        Chapter(snapshot.made_at, _cause(view, snapshot.cause), _figures_then(snapshot))
        for snapshot in session.scalars(
            select(RatingSnapshot)
            .where(RatingSnapshot.result_id == result.id)
            .order_by(RatingSnapshot.number)
        )
    ]
    if result.no_objection_at and not objections:
        chapters.append(Chapter(result.no_objection_at, gettext("本单位表示没有异议")))
    for objection in objections:
        chapters.append(Chapter(objection.raised_at, gettext("提出异议"), objection.text))
        if objection.decided_at is not None:
            chapters.append(Chapter(objection.decided_at, _decision(objection), objection.decision))
    if result.confirmed_at:
        chapters.append(Chapter(result.confirmed_at, gettext("终评：结果与初评相同"), result.confirm_reason))
    if result.published_at:
        chapters.append(Chapter(result.published_at, gettext("向会员公布")))
    return sorted(chapters, key=lambda chapter: chapter.at, reverse=True)


def _cause(view: ResultView, cause: str) -> str:
    if view.count.unopened:
        return gettext("收票，有效票不够，没有开箱")
    if cause == "hold_accepted":
        return gettext("核实后接受，重新算出初评结果")
    return gettext("开箱计票，算出初评结果")


def _decision(objection: Objection) -> str:
    return gettext("异议成立，本次评议作废") if objection.upheld else gettext("异议不成立，结果不变")


def _figures_then(snapshot: RatingSnapshot) -> str:
    return gettext(
        "计算方法%(method)s，输入摘要%(digest)s",
        method=snapshot.method_version,
        digest=short_digest(snapshot.input_digest),
    )


def short_digest(digest: str) -> str:
    """The first twelve characters of a digest in groups that can be read aloud."""
    return "-".join(digest[start : start + 4] for start in range(0, 12, 4))
