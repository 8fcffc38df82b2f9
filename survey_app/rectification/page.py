"""One order as its page shows it: steps, notice, problems, limits, story, papers, lawful actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Refused
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import closing, escalating, extending, inspecting, limits, planning
from survey_app.rectification.acts import Act, extension_hindrance, main_act, open_acts
from survey_app.rectification.evidence import DISPLAY, OPEN_TO_EVIDENCE, evidence_of
from survey_app.rectification.inspectors import inspectors_of
from survey_app.rectification.models import (
    Escalation,
    Evidence,
    Extension,
    Inspection,
    Order,
    OrderKind,
    OrderState,
    Plan,
    Problem,
)
from survey_app.rectification.notices import Notice, notice_of
from survey_app.rectification.orders import authorise, policy_of, problems_of
from survey_app.rectification.page_lines import (
    LimitLine,
    ProblemLine,
    StoryLine,
    is_shown,
    limit_line,
    outlook_lines,
    problem_line,
    story_lines,
)
from survey_app.rectification.paper_list import PaperLink, papers_of
from survey_app.rectification.queries import NEVER_SEEN_BY_THE_HOME, earlier_orders_with
from survey_app.rectification.spoken import inspector_words
from survey_app.rectification.states import ANSWER, REVIEW, UNDER_WAY
from survey_app.rectification.vote_change import vote_change
from survey_app.rectification.wording import CLASSES, OUTCOMES
from survey_app.results.models import Result
from survey_app.results.reading import class_tag
from survey_app.rounds.policy import Policy
from survey_app.units.models import Unit
from survey_app.web.errors import sentence
from survey_app.web.i18n import gettext

S = OrderState
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
    S.VOTE_SHORT: 5,
    S.CLOSED: 7,
}
REMINDER_STEP_OF = {S.SERVED: 1, S.PLAN_DUE: 2, S.RECTIFYING: 3, S.NOTED: 4, S.CLOSED: 5}


@dataclass(frozen=True)
class FindingLine:
    """The opinion of one inspection on one problem."""

    problem: Problem
    outcome: str
    seen: str
    reason: str
    new_due_on: date | None


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
    # Why more time cannot be asked for, where the home might look for it; else empty.
    no_extension: str
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
    def equal_acts(self) -> list[Act]:
        """Two lawful choices of equal standing: after a second vote that did not say 合格."""
        if self.order.state != S.VOTE_SHORT:
            return []
        return [act for act in self.acts if act.action in ("close_by_decision", "fall_short")]

    @property
    def side_acts(self) -> list[Act]:
        """Everything else that is lawful now."""
        return [act for act in self.acts if act is not self.main and act not in self.equal_acts]

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
    def change_sentence(self) -> str:
        """Both rates with their ranges and the difference with its own, where they may be shown."""
        return change_sentence(self.result, self.after)

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

    def duties(self, problem_ids: list[int]) -> list[Problem]:
        """The problems a request is about."""
        return [one.problem for one in self.problems if one.problem.id in problem_ids]

    def findings(self, row: Inspection) -> list[FindingLine]:
        """What one inspection found, problem by problem."""
        given = {one["problem_id"]: one for one in row.findings}
        return [
            FindingLine(
                problem=line.problem,
                outcome=str(OUTCOMES[one["outcome"]]),
                seen=one["evidence_seen"],
                reason=one["reason"],
                new_due_on=date.fromisoformat(one["new_due_on"]) if one["new_due_on"] else None,
            )
            for line in self.problems
            if (one := given.get(line.problem.id)) is not None
        ]

    @staticmethod
    def people(row: Inspection) -> list[str]:
        """Who inspected."""
        return [inspector_words(one) for one in inspectors_of(row)]

    @staticmethod
    def tag_of(rating_class: str) -> str:
        """The tag of a class as a line of the story keeps it."""
        return class_tag(rating_class, reminder=False)

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
    lines = [problem_line(one, every, files, earlier, calendar, today) for one in problems]
    return OrderPage(
        order=order,
        home=session.get_one(Unit, order.home_id),
        lead=session.get_one(Unit, order.lead_id),
        beside=session.get(Unit, order.co_id) if order.co_id else None,
        result=session.get_one(Result, order.result_id),
        policy=policy_of(order),
        from_home=from_home,
        problems=lines,
        limits=[limit_line(one, problems, calendar, today, lang) for one in every if is_shown(one, every)],
        outlook=outlook_lines(order, problems, calendar, today, lang),
        story=story_lines(session, order, files, from_home),
        plans=planning.plans_of(session, order.id),
        inspections=inspecting.inspections_of(session, order.id),
        extensions=extending.extensions_of(session, order.id),
        steps_waiting=waiting,
        papers=papers_of(session, order),
        acts=open_acts(session, actor, order, problems, waiting, today),
        no_extension=_no_extension(session, actor, order, problems, today),
        notice=notice_of(session, actor, order, problems, every, waiting, calendar, today),
        steps=_steps(order),
        step=_step(order),
        late=len({one.problem_id for one in overdue if one.problem_id is not None}),
        overdue=bool(overdue),
        evidence=files,
        after=closing.second_result(session, order),
        reopened=_reopened(session, order, from_home),
        may_write=order.state in UNDER_WAY and _on_a_side(session, actor, order),
        decides_pictures=_on_a_side(session, actor, order),
    )


def _no_extension(session: Session, actor: Actor, order: Order, problems: list[Problem], today: date) -> str:
    hindrance = extension_hindrance(session, actor, order, problems, today)
    return sentence(hindrance) if hindrance is not None else ""


def _reopened(session: Session, order: Order, from_home: bool) -> Order | None:
    """The order that came after; the home knows of it once it is signed."""
    again = closing.reopened(session, order)
    hidden = from_home and again is not None and again.state in NEVER_SEEN_BY_THE_HOME
    return None if hidden else again


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


def change_sentence(before: Result, after: Result | None) -> str:
    """What the second vote changed, in figures and in words."""
    found = vote_change(before, after)
    if found is None:
        return ""
    figures = gettext(
        "综合满意率：再评以前%(before)s，范围%(a)s到%(b)s；再评以后%(after)s，范围%(c)s到%(d)s。",
        before=f"{found.before:.2f}",
        a=f"{found.before_range[0]:.2f}",
        b=f"{found.before_range[1]:.2f}",
        after=f"{found.after:.2f}",
        c=f"{found.after_range[0]:.2f}",
        d=f"{found.after_range[1]:.2f}",
    )
    if not found.is_seen:
        return figures + gettext("两次看不出差别。")
    low, high = (f"{one:.2f}" for one in found.points_range)
    return figures + gettext(
        "相差%(points)s个百分点，范围%(low)s到%(high)s。", points=f"{found.points:.2f}", low=low, high=high
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
