"""An order: a final rating becomes a numbered order, a plan, evidence, a report, a passed inspection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from survey_app.accounts.models import Account, Post
from survey_app.accounts.sign_ins import open_sign_in
from survey_app.app import create_app
from survey_app.core.clock import beijing_day
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.settings import Settings
from survey_app.counting.models import HomeCount
from survey_app.rectification.models import Order, Problem
from survey_app.results.models import Result
from tests.support.browser import DESKTOP, PHONE, OpenPage
from tests.support.cast import StandingClock
from tests.support.orders import CONFIRMED_AT, make_draft, make_stage


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """One database is enough for the walk through the pages."""
    kind: str = request.param
    return kind


@dataclass
class Case:
    """A drafted order on a running application, with the posts of its people."""

    base_url: str
    databases: Databases
    clock: StandingClock
    posts: dict[str, int]

    def become(self, page: Page, name: str) -> None:
        """Sign in as one of the people; every act of the walk takes a day."""
        self.clock.instant += timedelta(days=1)
        with committing(write_session(self.databases.roster)) as session:
            post = session.get_one(Post, self.posts[name])
            account = session.get_one(Account, post.account_id)
            token = open_sign_in(session, account, at=self.clock(), post_id=post.id)
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "pj_desk", "value": token, "url": self.base_url}])

    def order(self) -> Order:
        with reading(read_session(self.databases.roster)) as session:
            return session.scalars(select(Order)).one()

    def problems(self) -> list[Problem]:
        with reading(read_session(self.databases.roster)) as session:
            return list(session.scalars(select(Problem).order_by(Problem.ordinal)))


def counted(result: Result, home_id: int) -> HomeCount:
    """The figures of the opening behind the rating."""
    return HomeCount(
        round_id=result.round_id,
        home_id=home_id,
        members=140,
        issued=96,
        replaced=0,
        exchanged_card=0,
        exchanged_paper=0,
        sealed=96,
        paper=0,
        valid=96,
        void=0,
        unopened=False,
        held=[],
        groups=[],
        leaves_root=bytes(32),
        ballots_digest=bytes(32),
        tallies_digest=bytes(32),
    )


@contextmanager
def drafted(settings: Settings, databases: Databases) -> Iterator[Case]:
    """The application with one proposal waiting."""
    clock = StandingClock(CONFIRMED_AT + timedelta(days=2))
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        order = make_draft(session, stage)
        session.add(counted(session.get_one(Result, order.result_id), stage.home.id))
        posts = {name: post.id for name, post in stage.posts.items()}
    server = make_server("127.0.0.1", 0, create_app(settings, databases, clock), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Case(f"http://127.0.0.1:{server.server_port}", databases, clock, posts)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_order_from_the_proposal_to_a_passed_inspection(
    settings: Settings, databases: Databases, open_page: OpenPage, tmp_path: Path
) -> None:
    with drafted(settings, databases) as case:
        officer, chair = open_page(DESKTOP), open_page(PHONE)
        issue(case, officer)
        acknowledge_and_plan(case, chair)
        review(case, officer)
        prove_and_report(case, chair, tmp_path)
        inspect(case, officer)
        show_to_members(case, open_page(PHONE))


def go(case: Case, page: Page, path: str) -> None:
    page.goto(f"{case.base_url}/orders/{case.order().id}{path}")


def issue(case: Case, page: Page) -> None:
    """The officer finds the proposal on the ledger and signs it."""
    case.become(page, "issuer")
    page.goto(f"{case.base_url}/orders")
    page.get_by_role("link", name="等您决定签发不签发").click()
    expect(page.get_by_text("青禾纺织").first).to_be_visible()
    go(case, page, "/sign")
    page.locator("main form button[type=submit]").first.click()
    assert case.order().state == "served"
    assert case.order().number == "柳总工改〔2026〕1号"
    paper = page.request.get(f"{case.base_url}/orders/{case.order().id}/papers/order/{case.order().id}.pdf")
    assert paper.ok
    assert paper.body().startswith(b"%PDF")


def acknowledge_and_plan(case: Case, page: Page) -> None:
    """The chair signs for it on a phone and hands in a plan for every problem."""
    case.become(page, "chair")
    page.goto(f"{case.base_url}/desk")
    expect(page.get_by_text("签收").first).to_be_visible()
    go(case, page, "/acknowledge")
    page.locator("main form button[type=submit]").first.click()
    assert case.order().state == "plan_due"
    go(case, page, "/plan")
    due = (beijing_day(case.clock()) + timedelta(days=20)).isoformat()
    for problem in case.problems():
        for name, text in (
            ("cause", "没有专人管"),
            ("measure", "定一个人管，每周五下午办公"),
            ("leader", "工会主席"),
            ("person", "工会干事"),
            ("expected", "十个工作日内有答复"),
        ):
            page.fill(f"[name={name}_{problem.id}]", text)
        page.fill(f"[name=due_on_{problem.id}]", due)
    page.locator("main form button[type=submit]").last.click()
    assert case.order().state == "plan_under_review"


def review(case: Case, page: Page) -> None:
    """The officer approves the plan."""
    case.become(page, "issuer")
    go(case, page, "/review")
    page.get_by_role("button", name="通过").first.click()
    assert case.order().state == "rectifying"


def prove_and_report(case: Case, page: Page, folder: Path) -> None:
    """A photo, a report for every problem, and the report as a whole."""
    case.become(page, "chair")
    photo = folder / "流程图.jpg"
    Image.new("RGB", (800, 600), "#8a9a8f").save(photo)
    go(case, page, "/evidence")
    page.select_option("[name=problem_id]", index=1)
    page.fill("[name=own_date]", beijing_day(case.clock()).isoformat())
    page.set_input_files("[name=files]", str(photo))
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_text("流程图.jpg").first).to_be_visible()
    for problem in case.problems():
        go(case, page, f"/problems/{problem.id}/report")
        page.fill("[name=done]", "流程图已上墙，意见箱每周开一次。")
        page.locator("main form button[type=submit]").first.click()
    go(case, page, "/report")
    page.locator("main form button[type=submit]").first.click()
    assert case.order().state == "awaiting_inspection"


def inspect(case: Case, page: Page) -> None:
    """Who signed the order is turned away; another officer inspects and finds everything right."""
    case.become(page, "issuer")
    go(case, page, "/inspection")
    assert (
        page.locator("[name=inspected_on]").count() == 0
        or fill_inspection(case, page) == "awaiting_inspection"
    )
    case.become(page, "inspector")
    go(case, page, "/inspection")
    assert fill_inspection(case, page) == "passed"


def fill_inspection(case: Case, page: Page) -> str:
    page.fill("[name=inspected_on]", beijing_day(case.clock()).isoformat())
    page.fill("[name=way]", "到现场看，和十位会员谈")
    page.fill("[name=other_name_0]", "何静")
    page.fill("[name=other_unit_0]", "柳堤区总工会")
    for problem in case.problems():
        page.locator(f"[name=outcome_{problem.id}][value=pass]").check()
        page.fill(f"[name=seen_{problem.id}]", "现场和台账")
        bare = page.locator(f"[name=bare_{problem.id}]")
        if bare.count():
            bare.check()
    page.locator("main form button[type=submit]").first.click()
    return str(case.order().state)


def show_to_members(case: Case, page: Page) -> None:
    """Members read on the home's page what was done about each problem."""
    page.goto(f"{case.base_url}/h/{case.order().home_id}")
    expect(page.get_by_role("heading", name="整改进展")).to_be_visible()
    expect(page.get_by_text("流程图已上墙，意见箱每周开一次。").first).to_be_visible()
