"""The lines of an order's page: problems with limits and files, dates that explain themselves, the story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.outbox.models import Message
from survey_app.rectification import limits, story
from survey_app.rectification.event_wording import EVENTS
from survey_app.rectification.letters import Sent, letters_of
from survey_app.rectification.models import (
    Event,
    Evidence,
    Limit,
    LimitKind,
    Order,
    OrderState,
    Problem,
)
from survey_app.rectification.wording import LIMITS
from survey_app.web.i18n import gettext
from survey_app.workdays import Calendar, DaysLeft

BEFORE_SERVICE = (OrderState.DRAFT, OrderState.AWAITING_SIGNATURE, OrderState.SERVED)


@dataclass(frozen=True)
class ProblemLine:
    """A problem with its running limit, the days it has left, and its files."""

    problem: Problem
    due_on: date | None
    provisional: bool
    days: DaysLeft | None
    evidence: list[Evidence]
    earlier: Order | None


@dataclass(frozen=True)
class LimitLine:
    """A limit with its name and the sentence that explains its date."""

    name: str
    limit: Limit
    provisional: bool
    late: bool
    sentence: str


@dataclass(frozen=True)
class Told:
    """Who got the message of an act on the desk, and when it was read."""

    name: str
    read_at: datetime | None


@dataclass(frozen=True)
class StoryLine:
    """A line of the story: when, who, what, and who was told and has read it when."""

    event: Event
    sentence: str
    files: list[Evidence]
    told: list[Told]
    letters: list[Sent]


def is_shown(limit: Limit, every: list[Limit]) -> bool:
    """What is running, every problem's own day, and the last day that was set for the plan."""
    if limit.dropped_at is not None:
        return False
    if limit.met_on is None or limit.kind == LimitKind.COMPLETION:
        return True
    plans = [one for one in every if one.kind == LimitKind.PLAN]
    return bool(plans) and limit is plans[-1]


def problem_line(
    problem: Problem,
    every: list[Limit],
    files: list[Evidence],
    earlier: dict[str, Order],
    calendar: Calendar,
    today: date,
) -> ProblemLine:
    mine = [one for one in every if one.problem_id == problem.id and one.dropped_at is None]
    # The newest limit is the one that counts: a failed inspection sets another.
    limit = max(mine, key=lambda one: one.id) if mine else None
    running = limit is not None and limit.met_on is None
    return ProblemLine(
        problem=problem,
        due_on=limit.due_on if limit else None,
        provisional=bool(limit and limit.provisional),
        days=calendar.days_left(today, limit.due_on) if limit and running else None,
        evidence=[row for row in files if row.problem_id == problem.id and row.replaced_by_id is None],
        earlier=earlier.get(problem.item_id),
    )


def outlook_lines(
    order: Order, problems: list[Problem], calendar: Calendar, today: date, lang: str
) -> list[LimitLine]:
    if order.state not in BEFORE_SERVICE or not problems:
        return []
    coming = limits.outlook(calendar, order, problems, today)
    return [limit_line(one, problems, calendar, today, lang) for one in coming]


def limit_line(
    limit: Limit, problems: list[Problem], calendar: Calendar, today: date, lang: str
) -> LimitLine:
    name = str(LIMITS[limit.kind])
    problem = next((one for one in problems if one.id == limit.problem_id), None)
    if problem is not None:
        name = gettext("第%(n)s项（%(grade)s类）", n=problem.ordinal, grade=problem.grade)
    return LimitLine(
        name=name,
        limit=limit,
        provisional=limit.provisional,
        late=limit.met_on is None and limit.due_on < today,
        sentence=limits.explanation(calendar, limit, lang, today.year),
    )


def story_lines(session: Session, order: Order, files: list[Evidence], from_home: bool) -> list[StoryLine]:
    by_id = {row.id: row for row in files}
    events = story.events_of(session, order.id, from_home=from_home)
    ids = [message_id for event in events for message_id in event.told]
    told, sent = _told(session, ids), letters_of(session, order.id)
    return [
        StoryLine(
            event=event,
            sentence=str(EVENTS[event.kind].sentence) % event.values,
            files=[by_id[one] for one in event.values.get("files", []) if one in by_id],
            told=[told[one] for one in event.told if one in told],
            letters=[one for one in sent if one.message_id in event.told],
        )
        for event in events
    ]


def _told(session: Session, ids: list[int]) -> dict[int, Told]:
    """The person of each message: the proof of who was told stands under a name."""
    rows = session.execute(
        select(Message.id, Account.name, Message.read_at)
        .join(Post, Post.id == Message.post_id)
        .join(Account, Account.id == Post.account_id)
        .where(Message.id.in_(ids))
    )
    return {row[0]: Told(row[1], row[2]) for row in rows}
