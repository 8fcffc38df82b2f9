"""Makers of rectification for tests: a rated home, an order in any state reached by the real operations."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

import scoring
from questionnaires import Role as ItemRole
from questionnaires import load
from scoring import Cell, Scheme, Sheet
from survey_app.accounts.models import Post
from survey_app.core.actor import Actor, Role
from survey_app.core.clock import at_beijing
from survey_app.holidays.queries import calendar_of
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.rectification import inspecting, planning, proposing, rectifying, serving
from survey_app.rectification.inspectors import Inspector
from survey_app.rectification.models import Order, OrderState, Problem
from survey_app.rectification.orders import problems_of
from survey_app.results.collect import questions_of
from survey_app.results.models import Result, ResultState
from survey_app.results.rating import take_snapshot
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState, SchemeVersion
from survey_app.rounds.policy import Policy
from survey_app.units.models import Unit
from tests.support.cast import actor_for, make_account, make_home, make_unit

FORM = load("national-core-1")
CONFIRMED_AT = datetime(2026, 9, 4, 2, 0, tzinfo=UTC)
ISSUED_AT = datetime(2026, 9, 11, 1, 0, tzinfo=UTC)
WEAK = {"q5": (20, 33, 38), "q6": (21, 20, 47), "q9": (24, 20, 35)}
"""Items many are dissatisfied with: satisfied, basic, dissatisfied of 96 ballots."""

Act = Callable[[Session, "Stage", Order, datetime], object]

UNHAPPY, REMINDED, HAPPY = (14, 31, 48, 3), (40, 44, 9, 3), (80, 12, 3, 1)


@dataclass
class Stage:
    """A superior with two officers, a home with its chair, and their actors."""

    lead: Unit
    home: Unit
    posts: dict[str, Post] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def issuer(self) -> Actor:
        return self.actors["issuer"]

    @property
    def inspector(self) -> Actor:
        return self.actors["inspector"]

    @property
    def chair(self) -> Actor:
        return self.actors["chair"]


def make_stage(session: Session, lead: Unit | None = None, home: Unit | None = None) -> Stage:
    """Two officers of a superior, and the chair of a home below it."""
    lead = lead or make_unit(session, "柳堤区总工会", document_prefix="柳总工", short_name="柳堤区总工会")
    home = home or make_home(session, lead, "青禾纺织公司工会", short_name="青禾纺织")
    stage = Stage(lead, home)
    for name, role, unit in (
        ("issuer", Role.OFFICER, lead),
        ("inspector", Role.OFFICER, lead),
        ("chair", Role.CHAIR, home),
    ):
        stage.posts[name] = make_account(session, role, unit)[1]
        stage.actors[name] = actor_for(session, stage.posts[name])
    return stage


def make_sheet(
    home_id: int,
    overall: tuple[int, int, int, int] = UNHAPPY,
    weak: dict[str, tuple[int, int, int]] | None = None,
    members: int = 140,
) -> Sheet:
    """Counts of one class: the overall answers as given, the items content but for the weak ones."""
    ballots = sum(overall)
    names = ("SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")
    counts: dict[str, dict[str, int]] = {}
    for item in FORM.closed_questions:
        given = (weak or {}).get(item.id)
        if item.role is ItemRole.OVERALL:
            row = overall
        elif given is not None:
            row = (*given, ballots - sum(given))
        else:
            row = (ballots - 10, 6, 3, 1)
        counts[item.id] = dict(zip(names, row, strict=True))
    cell = Cell({"class": "合同制"}, members, ballots, counts)
    return Sheet(str(home_id), members, (cell,), questions=questions_of(FORM))


def make_rated_round(
    session: Session,
    lead: Unit,
    homes: list[Unit],
    *,
    kind: RoundKind = RoundKind.ORDINARY,
    policy: Policy | None = None,
    follows: str | None = None,
    year: int = 2026,
) -> Round:
    """A counted round of these homes."""
    version = QuestionnaireVersion(
        name=FORM.id,
        title=FORM.title.text("zh"),
        form=FORM.form.value,
        fingerprint=FORM.fingerprint,
        definition=FORM.to_dict(),
        created_at=CONFIRMED_AT,
    )
    present = session.query(QuestionnaireVersion).filter_by(fingerprint=FORM.fingerprint).one_or_none()
    version = present or version
    session.add(version)
    scheme = SchemeVersion(
        issuer_unit_id=lead.id,
        year=year,
        edition=secrets.randbelow(10**6),
        title=f"{year}年评议办法",
        policy=(policy or Policy()).to_dict(),
        issued_at=CONFIRMED_AT,
    )
    session.add(scheme)
    session.flush()
    round_ = Round(
        id=secrets.token_hex(16),
        title=f"{year}年度会员评议职工之家",
        year=year,
        kind=kind,
        organiser_id=lead.id,
        scheme_id=scheme.id,
        questionnaire_id=version.id,
        follows_round_id=follows,
        policy=(policy or Policy()).to_dict(),
        state=RoundState.COUNTED,
        opens_at=CONFIRMED_AT - timedelta(days=60),
        closes_at=CONFIRMED_AT - timedelta(days=30),
        deputies=[],
        created_by=0,
    )
    session.add(round_)
    session.flush()
    for home in homes:
        session.add(
            RoundHome(
                round_id=round_.id,
                home_id=home.id,
                ordinary_year=year if kind is RoundKind.ORDINARY else None,
                questionnaire_id=version.id,
                members=140,
            )
        )
    session.flush()
    return round_


def make_result(
    session: Session,
    round_: Round,
    home: Unit,
    overall: tuple[int, int, int, int] = UNHAPPY,
    *,
    weak: dict[str, tuple[int, int, int]] | None = None,
    state: ResultState = ResultState.FINAL,
    members: int = 140,
    at: datetime = CONFIRMED_AT,
) -> Result:
    """A result of a home with its frozen snapshot, rated by the real engine."""
    sheet = make_sheet(home.id, overall, WEAK if weak is None else weak, members)
    scheme = Scheme()
    result = Result(
        round_id=round_.id,
        home_id=home.id,
        year=round_.year,
        state=state,
        rating_class="",
        code="",
        marks=[],
        provisional_at=at,
        objection_until=at.date(),
        confirmed_at=at,
    )
    session.add(result)
    session.flush()
    rating = scoring.rate(sheet, scheme)
    take_snapshot(session, result, sheet, scheme, rating, FORM.fingerprint, cause="counted", at=at)
    return result


def make_draft(session: Session, stage: Stage, overall: tuple[int, int, int, int] = UNHAPPY) -> Order:
    """A proposed order of the stage's home, problems in classes A, B and C."""
    round_ = make_rated_round(session, stage.lead, [stage.home])
    result = make_result(session, round_, stage.home, overall)
    order = proposing.propose(session, stage.issuer, result, at=CONFIRMED_AT)
    assert order is not None
    for problem, grade in zip(problems_of(session, order), "ABC", strict=False):
        problem.grade = grade
    session.flush()
    return order


def make_order(
    session: Session,
    stage: Stage,
    state: OrderState = OrderState.SERVED,
    *,
    overall: tuple[int, int, int, int] = UNHAPPY,
    at: datetime = ISSUED_AT,
) -> Order:
    """An order brought to `state` by the real operations, a working day apart."""
    order = make_draft(session, stage, overall)
    advance(session, stage, order, state, at=at)
    return order


def advance(session: Session, stage: Stage, order: Order, state: OrderState, *, at: datetime) -> datetime:
    """Take the usual way until the order is in `state`; the instant of the last act."""
    while order.state != state:
        _step(session, stage, order, state, at)
        at = later(session, at)
    return at


def later(session: Session, at: datetime, workdays: int = 1) -> datetime:
    """The same hour some working days later."""
    day = calendar_of(session).shift(at.date(), workdays)
    return at + (day - at.date())


def _step(session: Session, stage: Stage, order: Order, goal: OrderState, at: datetime) -> None:
    """One act of the usual way; a goal beside the way is reached by its own act."""
    state = OrderState(order.state)
    act = _BESIDE_THE_WAY.get((state, goal)) or _ON_THE_WAY[state]
    act(session, stage, order, at)


def _issue(session: Session, stage: Stage, order: Order, at: datetime) -> None:
    proposing.issue(session, stage.issuer, order, at=at)


def _plan(session: Session, stage: Stage, order: Order, at: datetime) -> None:
    planning.submit_plan(session, stage.chair, order, plan_for(session, order, at.date()), at=at)


def _return_plan(session: Session, stage: Stage, order: Order, at: datetime) -> None:
    planning.return_plan(session, stage.issuer, order, reason="第2项没有办法", at=at)


_ON_THE_WAY: dict[OrderState, Act] = {
    OrderState.DRAFT: _issue,
    OrderState.AWAITING_SIGNATURE: _issue,
    OrderState.SERVED: lambda s, stage, order, at: serving.acknowledge(s, stage.chair, order, at=at),
    OrderState.PLAN_DUE: _plan,
    OrderState.PLAN_RETURNED: _plan,
    OrderState.PLAN_UNDER_REVIEW: lambda s, stage, order, at: planning.approve_plan(
        s, stage.issuer, order, at=at
    ),
    OrderState.RECTIFYING: lambda s, stage, order, at: report_all(s, stage, order, at),
    OrderState.AWAITING_INSPECTION: lambda s, stage, order, at: inspect(s, stage, order, "pass", at),
}
_BESIDE_THE_WAY: dict[tuple[OrderState, OrderState], Act] = {
    (OrderState.DRAFT, OrderState.AWAITING_SIGNATURE): lambda s, stage, order, at: proposing.submit(
        s, stage.inspector, order, at=at
    ),
    (OrderState.PLAN_UNDER_REVIEW, OrderState.PLAN_RETURNED): _return_plan,
    (OrderState.RECTIFYING, OrderState.NOTED): lambda s, stage, order, at: rectifying.submit_note(
        s, stage.chair, order, text="已经公开了办事程序。", at=at
    ),
    (OrderState.AWAITING_INSPECTION, OrderState.INSPECTION_FAILED): lambda s, stage, order, at: inspect(
        s, stage, order, "fail", at
    ),
}


def plan_for(session: Session, order: Order, today: date) -> list[planning.PlannedItem]:
    """A complete plan for every problem."""
    return [
        planning.PlannedItem(
            problem.id,
            cause="没有人专门负责。",
            measure="定人定时，办事程序上墙。",
            leader="主席",
            person="组织委员",
            due_on=today + timedelta(days=14),
            expected="来办事的会员一次办成。",
        )
        for problem in problems_of(session, order)
    ]


def report_all(session: Session, stage: Stage, order: Order, at: datetime) -> None:
    """Report every open problem and hand in the report."""
    for problem in problems_of(session, order):
        if problem.state == "rectifying":
            rectifying.report_problem(session, stage.chair, order, problem, done="做好了。", at=at)
    rectifying.submit_report(session, stage.chair, order, summary="全部做好。", at=at)


def inspect(session: Session, stage: Stage, order: Order, outcome: str, at: datetime) -> None:
    """Two inspectors, the same outcome for the last problem, the others pass."""
    reported = [one for one in problems_of(session, order) if one.state == "reported"]
    findings = [
        finding(session, one, outcome if one is reported[-1] else "pass", at.date()) for one in reported
    ]
    inspecting.inspect(
        session,
        stage.inspector,
        order,
        findings,
        inspected_on=at.date(),
        way="实地查看，问了6位会员",
        others=[Inspector("王兰", "柳堤区总工会")],
        at=at,
    )


def finding(session: Session, problem: Problem, outcome: str, today: date) -> inspecting.Finding:
    """An opinion on one problem; a failed one is due again ten working days later."""
    again = calendar_of(session).shift(today, 10) if outcome == "fail" else None
    reason = "" if outcome == "pass" else "会员说没看到变化。"
    return inspecting.Finding(problem.id, outcome, "照片3张", True, reason, again)


def at_day(year: int, month: int, day: int) -> datetime:
    """Nine o'clock in Beijing on a day."""
    return at_beijing(date(year, month, day)) + timedelta(hours=9)
