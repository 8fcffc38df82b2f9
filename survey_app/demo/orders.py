"""The orders of the demo, one function a story; each stops where the visitor shall find it today."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.core.files import FileStore
from survey_app.demo.stage import Stage, actor_named
from survey_app.demo.story import DemoHome
from survey_app.rectification import proposing
from survey_app.rectification.background import every_day
from survey_app.rectification.closing import close_reminder
from survey_app.rectification.evidence import HandedFile, hand_in
from survey_app.rectification.findings import FoundProblem, findings_of
from survey_app.rectification.inspecting import PASSED, Finding, inspect
from survey_app.rectification.inspectors import Inspector
from survey_app.rectification.models import Order, Problem
from survey_app.rectification.orders import problems_of
from survey_app.rectification.planning import PlannedItem, approve_plan, submit_plan
from survey_app.rectification.rectifying import add_progress, report_problem, submit_note, submit_report
from survey_app.rectification.serving import acknowledge
from survey_app.results.models import Result
from survey_app.units.models import Unit

INSPECTOR = "quzong2"
DAYS_WITH_NEWS = range(30, -1, -1)


@dataclass(frozen=True)
class Case:
    """An order's home with the logins of its chair and its officer."""

    home: DemoHome
    chair: str
    officer: str


@contextmanager
def scene(stage: Stage, case: Case, days_ago: int) -> Iterator[tuple[Session, Order, Actor, Actor]]:
    """One act on one day: session, order, chair, officer."""
    stage.at(days_ago, 10)
    with stage.writing() as session:
        order = session.scalars(
            select(Order).join(Unit, Unit.id == Order.home_id).where(Unit.name == case.home.name)
        ).one()
        chair = actor_named(session, case.chair, Role.CHAIR)
        officer = actor_named(session, case.officer, Role.OFFICER)
        yield session, order, chair, officer


def propose(stage: Stage, case: Case, *, grade: str = "B") -> None:
    """Draft the order from the final rating on the day the story stands at."""
    with stage.writing() as session:
        result = session.scalars(
            select(Result).join(Unit, Unit.id == Result.home_id).where(Unit.name == case.home.name)
        ).one()
        officer = actor_named(session, case.officer, Role.OFFICER)
        order = proposing.propose(session, officer, result, at=stage.now)
        found = findings_of(session, result)
        if order is None or found is None:
            raise RuntimeError(f"{case.home.name} has no order to tell of")
        graded: list[FoundProblem] = [replace(one, grade=grade) for one in found.problems[:3]]
        proposing.edit_proposal(session, officer, order, graded, at=stage.now)


def issue(stage: Stage, case: Case, days_ago: int) -> None:
    """Sign it."""
    with scene(stage, case, days_ago) as (session, order, _chair, officer):
        proposing.issue(session, officer, order, at=stage.now)


def sign_for(stage: Stage, case: Case, days_ago: int) -> None:
    """The chair acknowledges."""
    with scene(stage, case, days_ago) as (session, order, chair, _officer):
        acknowledge(session, chair, order, at=stage.now)


def plan(stage: Stage, case: Case, days_ago: int, *, weeks: int = 3) -> None:
    """The chair hands in the plan."""
    with scene(stage, case, days_ago) as (session, order, chair, _officer):
        due = beijing_day(stage.now) + timedelta(weeks=weeks)
        items = [_planned(problem, due) for problem in problems_of(session, order)]
        submit_plan(session, chair, order, items, organisation="主席牵头，每周碰一次头。", at=stage.now)


def _planned(problem: Problem, due: date) -> PlannedItem:
    return PlannedItem(
        problem_id=problem.id,
        cause="没有专人管，会员的意见没有人跟。",
        measure="定一个人管，每周五下午在职工之家办公，办了什么贴出来。",
        leader="工会主席",
        person="工会干事",
        due_on=due,
        expected="会员提的每件事，十个工作日内有答复。",
    )


def approve(stage: Stage, case: Case, days_ago: int) -> None:
    """The officer approves the plan."""
    with scene(stage, case, days_ago) as (session, order, _chair, officer):
        approve_plan(session, officer, order, reason="办法可行，按期办。", at=stage.now)


def work_on(stage: Stage, case: Case, days_ago: int, text: str) -> None:
    """A word of progress and a photograph."""
    with scene(stage, case, days_ago) as (session, order, chair, _officer):
        problem = problems_of(session, order)[0]
        add_progress(session, chair, order, problem, text=text, at=stage.now)
        photo = HandedFile("宣传栏照片.png", "png", photograph(case.home.short))
        store = FileStore(stage.settings.data_folder / "files")
        hand_in(
            session,
            chair,
            order,
            problem,
            store,
            [photo],
            own_date=beijing_day(stage.now),
            place="职工之家门口",
            at=stage.now,
        )


def photograph(caption: str) -> bytes:
    """A picture that looks like a notice board."""
    picture = Image.new("RGB", (960, 640), "#8a9a8f")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((80, 60, 880, 580), fill="#f4f1e8", outline="#6b4f2a", width=18)
    seed = sum(map(ord, caption))
    for row in range(5):
        left = 130 + (seed * (row + 3)) % 90
        draw.rectangle((left, 110 + row * 88, left + 520, 150 + row * 88), fill="#c9d4de")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def report_all(stage: Stage, case: Case, days_ago: int, *, only: int | None = None) -> None:
    """Report the problems as put right (`only`: the first so many)."""
    with scene(stage, case, days_ago) as (session, order, chair, _officer):
        for problem in problems_of(session, order)[:only]:
            done = "专人到岗，意见箱每周开一次，答复贴在宣传栏。"
            report_problem(session, chair, order, problem, done=done, at=stage.now)


def hand_in_report(stage: Stage, case: Case, days_ago: int) -> None:
    """The report as a whole."""
    with scene(stage, case, days_ago) as (session, order, chair, _officer):
        submit_report(session, chair, order, summary="三项都已办完，请复查。", at=stage.now)


def proposed(stage: Stage, case: Case) -> None:
    """A draft that waits for the officer's decision."""
    propose(stage, case)


def served(stage: Stage, case: Case) -> None:
    """Signed yesterday; the home has not signed for it."""
    propose(stage, case)
    issue(stage, case, 1)


def plan_under_review(stage: Stage, case: Case) -> None:
    """The plan waits for the officer."""
    propose(stage, case)
    issue(stage, case, 19)
    sign_for(stage, case, 17)
    plan(stage, case, 5, weeks=4)


def rectifying(stage: Stage, case: Case) -> None:
    """In the middle of the work, one problem reported."""
    propose(stage, case)
    issue(stage, case, 50)
    sign_for(stage, case, 48)
    plan(stage, case, 40, weeks=5)
    approve(stage, case, 36)
    work_on(stage, case, 20, "制度已经上墙，流程图正在画。")
    report_all(stage, case, 12, only=1)


def overdue(stage: Stage, case: Case) -> None:
    """Class A, thirty days long past, two of three problems not done."""
    propose(stage, case, grade="A")
    issue(stage, case, 52)
    sign_for(stage, case, 51)
    plan(stage, case, 46, weeks=3)
    approve(stage, case, 43)
    work_on(stage, case, 30, "七项服务的流程图已上墙，并发到职工群。")
    report_all(stage, case, 27, only=1)


def awaiting_inspection(stage: Stage, case: Case) -> None:
    """Everything reported, inspectors have to come."""
    propose(stage, case)
    issue(stage, case, 50)
    sign_for(stage, case, 49)
    plan(stage, case, 42, weeks=4)
    approve(stage, case, 39)
    work_on(stage, case, 20, "接待日改到换班时间，已办四次。")
    report_all(stage, case, 9)
    hand_in_report(stage, case, 7)


def passed(stage: Stage, case: Case) -> None:
    """Inspected by another officer and found right; the members vote once more."""
    propose(stage, case)
    issue(stage, case, 52)
    sign_for(stage, case, 51)
    plan(stage, case, 47, weeks=3)
    approve(stage, case, 45)
    work_on(stage, case, 35, "活动按月排好，夜班单独一场。")
    report_all(stage, case, 28)
    hand_in_report(stage, case, 26)
    with scene(stage, case, 14) as (session, order, _chair, _officer):
        inspector = actor_named(session, INSPECTOR, Role.OFFICER)
        findings = [
            Finding(problem.id, PASSED, evidence_seen="看了现场、台账和宣传栏", without_files=True)
            for problem in problems_of(session, order)
        ]
        inspect(
            session,
            inspector,
            order,
            findings,
            inspected_on=beijing_day(stage.now),
            way="到现场看，和十位会员谈",
            others=[Inspector("何静", "柳堤区总工会")],
            at=stage.now,
        )


def reminder_closed(stage: Stage, case: Case) -> None:
    """A reminder that has run to its close: plan, one note, closed."""
    propose(stage, case)
    issue(stage, case, 50)
    sign_for(stage, case, 49)
    plan(stage, case, 42, weeks=2)
    with scene(stage, case, 30) as (session, order, chair, _officer):
        submit_note(session, chair, order, text="心理咨询每月两次，意见十个工作日内答复。", at=stage.now)
    with scene(stage, case, 26) as (session, order, _chair, officer):
        close_reminder(session, officer, order, reason="办到了，继续保持。", at=stage.now)


def let_days_pass(stage: Stage) -> None:
    """What every morning brings: service by lapse of time, the rungs of the ladder."""
    for days_ago in DAYS_WITH_NEWS:
        stage.at(days_ago, 6)
        with stage.writing() as session:
            every_day(session, at=stage.now)
