"""One order as its page shows it: steps, notice, problems, limits, story, papers, lawful actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Refused
from survey_app.holidays.queries import calendar_of
from survey_app.outbox.models import Message
from survey_app.rectification import closing, escalating, extending, inspecting, limits, planning, story
from survey_app.rectification.acts import Act, main_act, open_acts
from survey_app.rectification.event_wording import EVENTS
from survey_app.rectification.evidence import DISPLAY, OPEN_TO_EVIDENCE, evidence_of
from survey_app.rectification.letters import Sent, letters_of
from survey_app.rectification.models import (
    Escalation,
    Event,
    Evidence,
    Extension,
    Inspection,
    Limit,
    LimitKind,
    Order,
    OrderKind,
    OrderState,
    Plan,
    Problem,
)
from survey_app.rectification.notices import Notice, notice_of
from survey_app.rectification.orders import authorise, policy_of, problems_of
from survey_app.rectification.paper_list import PaperLink, papers_of
from survey_app.rectification.queries import earlier_orders_with
from survey_app.rectification.states import ANSWER, REVIEW, UNDER_WAY
from survey_app.rectification.wording import CLASSES, LIMITS
from survey_app.results.models import Result
from survey_app.results.reading import class_tag
from survey_app.rounds.policy import Policy
from survey_app.units.models import Unit
from survey_app.web.i18n import gettext
from survey_app.workdays import Calendar, DaysLeft

S = OrderState
BEFORE_SERVICE = (S.DRAFT, S.AWAITING_SIGNATURE, S.SERVED)
STEP_OF = {
    S.DRAFT: 0,
    S.AWAITING_SIGNATURE: 0,
    S.REFUSED: 0,
    S.SERVED: 1,
    S.PLAN_DUE: 2,
    S.PLAN_UNDER_REVIEW: 2,
    S.PLAN_RETURNED: 2,
    S.RECTIFYING: 3,
    S.INSPECTION_FAILED: 3,
    S.AWAITING_INSPECTION: 4,
    S.PASSED: 5,
    S.REEVALUATION: 5,
    S.CLOSED: 7,
}
REMINDER_STEP_OF = {S.SERVED: 1, S.PLAN_DUE: 2, S.RECTIFYING: 3, S.NOTED: 4, S.CLOSED: 5}


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
class StoryLine:
    """A line of the story: when, who, what, and who was told and has read it."""

    event: Event
    sentence: str
    files: list[Evidence]
    told: int
    read: int
    letters: list[Sent]


@dataclass(frozen=True)
class OrderPage:
    """Everything the page of an order shows to one actor."""

    order: Order
    home: Unit
    lead: Unit
    beside: Unit | None
    result: Result
    policy: Policy
    from_home: bool
    problems: list[ProblemLine]
    limits: list[LimitLine]
    # What will run from service, while the order waits for it.
    outlook: list[LimitLine]
    story: list[StoryLine]
    plans: list[Plan]
    inspections: list[Inspection]
    extensions: list[Extension]
    steps_waiting: list[Escalation]
    papers: list[PaperLink]
    acts: list[Act]
    notice: Notice | None
    steps: list[str]
    step: int
    late: int
    overdue: bool
    evidence: list[Evidence]
    after: Result | None
    reopened: Order | None

    may_write: bool
    decides_pictures: bool

    @property
    def current_plan(self) -> Plan | None:
        return self.plans[-1] if self.plans else None

    @property
    def main(self) -> Act | None:
        """The page's one filled button."""
        return main_act(self.acts)

    @property
    def side_acts(self) -> list[Act]:
        """Everything else that is lawful now."""
        return [act for act in self.acts if act is not self.main]

    @property
    def actions(self) -> set[str]:
        """The actions of the table that this actor may take now."""
        return {act.action for act in self.acts} | ({"grant_resources"} if self.may_grant else set())

    @property
    def may_grant(self) -> bool:
        return self.may_write and not self.from_home

    @property
    def takes_files(self) -> bool:
        return self.order.state in OPEN_TO_EVIDENCE

    @property
    def may_release(self) -> bool:
        """Whether this actor decides which pictures the members' page shows."""
        return self.decides_pictures and self.order.state in (*OPEN_TO_EVIDENCE, S.CLOSED)

    @property
    def rating_sentence(self) -> str:
        """What was rated, in one sentence with its figures as far as they may be shown."""
        return rating_sentence(self.order)

    @property
    def before_tag(self) -> str:
        return class_tag(self.result.rating_class, self.result.reminder)

    @property
    def after_tag(self) -> str:
        return class_tag(self.after.rating_class, self.after.reminder) if self.after else "not_rated"

    @property
    def grade_days(self) -> list[tuple[str, int, int]]:
        """The classes with their days: for the plan, and to put things right."""
        return grade_days(self.policy)

    def plan_item(self, problem_id: int) -> dict[str, str] | None:
        """What the newest plan says about a problem."""
        items = self.current_plan.items if self.current_plan else []
        return next((item for item in items if item["problem_id"] == problem_id), None)

    def evidence_about(self, row: Evidence) -> str:
        """Which problem a file answers."""
        if row.purpose == DISPLAY:
            return gettext("公告栏张贴")
        found = next((one.problem for one in self.problems if one.problem.id == row.problem_id), None)
        return gettext("第%(n)s项", n=found.ordinal) if found else gettext("整份")

    @staticmethod
    def iso(text: str) -> date:
        """A stored day."""
        return date.fromisoformat(text)

    @staticmethod
    def instant(text: str) -> datetime:
        """A stored hour."""
        return datetime.fromisoformat(text)


def order_page(session: Session, actor: Actor, order: Order, today: date, lang: str) -> OrderPage:
    """Load an order for its page."""
    calendar = calendar_of(session)
    problems = problems_of(session, order)
    every = limits.all_limits(session, order.id)
    files = evidence_of(session, order.id)
    from_home = actor.role is Role.CHAIR
    overdue = limits.late(every, today)
    waiting = escalating.waiting(session, order)
    earlier = earlier_orders_with(session, order, problems)
    lines = [_problem_line(one, every, files, earlier, calendar, today) for one in problems]
    return OrderPage(
        order=order,
        home=session.get_one(Unit, order.home_id),
        lead=session.get_one(Unit, order.lead_id),
        beside=session.get(Unit, order.co_id) if order.co_id else None,
        result=session.get_one(Result, order.result_id),
        policy=policy_of(order),
        from_home=from_home,
        problems=lines,
        limits=[_limit_line(one, problems, calendar, today, lang) for one in every if _shown(one, every)],
        outlook=_outlook(order, problems, calendar, today, lang),
        story=_story(session, order, files, from_home),
        plans=planning.plans_of(session, order.id),
        inspections=inspecting.inspections_of(session, order.id),
        extensions=extending.extensions_of(session, order.id),
        steps_waiting=waiting,
        papers=papers_of(session, order),
        acts=open_acts(session, actor, order, problems, waiting),
        notice=notice_of(session, actor, order, problems, every, waiting, calendar, today),
        steps=_steps(order),
        step=_step(order),
        late=len({one.problem_id for one in overdue if one.problem_id is not None}),
        overdue=bool(overdue),
        evidence=files,
        after=closing.second_result(session, order),
        reopened=closing.reopened(session, order),
        may_write=order.state in UNDER_WAY and _on_a_side(session, actor, order),
        decides_pictures=_on_a_side(session, actor, order),
    )


def _on_a_side(session: Session, actor: Actor, order: Order) -> bool:
    """Whether this actor stands on one of the two sides of an order."""
    try:
        authorise(session, actor, order, ANSWER if actor.role is Role.CHAIR else REVIEW)
    except Refused:
        return False
    return True


def grade_days(policy: Policy) -> list[tuple[str, int, int]]:
    """Every class with its working days for the plan and its days for completion."""
    return [
        ("A", policy.plan_workdays_a, policy.completion_days_a),
        ("B", policy.plan_workdays_b, policy.completion_days_b),
        ("C", policy.plan_workdays_c, policy.completion_days_c),
    ]


def rating_sentence(order: Order) -> str:
    """The final rating in one sentence."""
    figures = order.figures
    word = CLASSES[figures["class"]]
    if figures["interval"] is None:
        return gettext("终评：%(word)s。", word=word)
    low, high = figures["interval"]
    return gettext(
        "终评：%(word)s。综合满意率%(p)s%%，范围%(low)s到%(high)s。",
        word=word,
        p=f"{figures['p']:.2f}",
        low=f"{low:.2f}",
        high=f"{high:.2f}",
    )


def _steps(order: Order) -> list[str]:
    if order.kind == OrderKind.REMINDER:
        return [gettext("印发"), gettext("签收"), gettext("报打算"), gettext("改进中"), gettext("办结")]
    return [
        gettext("印发"),
        gettext("签收"),
        gettext("方案通过"),
        gettext("整改中"),
        gettext("复查"),
        gettext("会员再评"),
        gettext("销号"),
    ]


def _step(order: Order) -> int:
    table = REMINDER_STEP_OF if order.kind == OrderKind.REMINDER else STEP_OF
    return table.get(S(order.state), 0)


def _shown(limit: Limit, every: list[Limit]) -> bool:
    """What is running, every problem's own day, and the last day that was set for the plan."""
    if limit.dropped_at is not None:
        return False
    if limit.met_on is None or limit.kind == LimitKind.COMPLETION:
        return True
    plans = [one for one in every if one.kind == LimitKind.PLAN]
    return bool(plans) and limit is plans[-1]


def _problem_line(
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


def _outlook(
    order: Order, problems: list[Problem], calendar: Calendar, today: date, lang: str
) -> list[LimitLine]:
    if order.state not in BEFORE_SERVICE or not problems:
        return []
    coming = limits.outlook(calendar, order, problems, today)
    return [_limit_line(one, problems, calendar, today, lang) for one in coming]


def _limit_line(
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


def _story(session: Session, order: Order, files: list[Evidence], from_home: bool) -> list[StoryLine]:
    by_id = {row.id: row for row in files}
    events = story.events_of(session, order.id, from_home=from_home)
    ids = [message_id for event in events for message_id in event.told]
    read, sent = _read(session, ids), letters_of(session, order.id)
    return [
        StoryLine(
            event=event,
            sentence=str(EVENTS[event.kind].sentence) % event.values,
            files=[by_id[one] for one in event.values.get("files", []) if one in by_id],
            told=len(event.told),
            read=sum(one in read for one in event.told),
            letters=[one for one in sent if one.message_id in event.told],
        )
        for event in events
    ]


def _read(session: Session, ids: list[int]) -> set[int]:
    return set(session.scalars(select(Message.id).where(Message.id.in_(ids), Message.read_at.is_not(None))))
