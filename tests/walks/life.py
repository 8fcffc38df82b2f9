"""An order and the people who work on it in the browser, for the walk through its whole life."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.db import read_session, reading
from survey_app.rectification.models import Limit, Order, Problem
from tests.support.browser import DESKTOP, PHONE, OpenPage
from tests.walks.installation import Walk

HOME = "长河机械厂工会"


class Life:
    """The order, and the people who work on it in the browser."""

    def __init__(self, walk: Walk, open_page: OpenPage) -> None:
        self.walk = walk
        self.desk, self.chair, self.member = open_page(DESKTOP), open_page(PHONE), open_page(PHONE)

    def on(self, month: int, day: int, year: int = 2027) -> None:
        """Live every day up to this one; it is half past eight in the morning."""
        self.walk.live_until(date(year, month, day))

    def officer(self, login: str = "quzong") -> Page:
        """The desk of an officer, on the order's page."""
        self.walk.sign_in(self.desk.context, login, Role.OFFICER)
        return self.go(self.desk)

    def at_home(self) -> Page:
        """The chair's phone, on the order's page."""
        self.walk.sign_in(self.chair.context, "zhuxi", Role.CHAIR)
        return self.go(self.chair)

    def go(self, page: Page, path: str = "") -> Page:
        page.goto(f"{self.walk.base_url}/orders/{self.order.id}{path}")
        return page

    def public(self) -> Page:
        """The members' page of the home."""
        self.member.goto(f"{self.walk.base_url}/h/{self.walk.homes[HOME]}")
        return self.member

    @property
    def order(self) -> Order:
        found: Order = self.walk.value(select(Order))
        return found

    def problems(self) -> list[Problem]:
        with reading(read_session(self.walk.databases.roster)) as session:
            return list(session.scalars(select(Problem).order_by(Problem.ordinal)))

    def due(self, ordinal: int) -> Limit:
        """The running limit of a problem."""
        problem = self.problems()[ordinal - 1]
        found: Limit = self.walk.value(
            select(Limit).where(
                Limit.problem_id == problem.id, Limit.met_on.is_(None), Limit.dropped_at.is_(None)
            )
        )
        return found


def follow(page: Page, name: str) -> None:
    """Take the act that the order's page offers under this name."""
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def send(page: Page, **fields: str) -> None:
    """Fill in the page's form and send it; the next page says that it was done."""
    for name, value in fields.items():
        page.fill(f"main form [name={name}]", value)
    page.locator("main form button[type=submit]:not([formnovalidate])").first.click()
    expect(page.locator("[role=status]").first).to_be_visible()


def papers_on(page: Page) -> set[str]:
    """The kinds of papers an order's page offers."""
    links = page.locator("main a[href*='/papers/']").evaluate_all("all => all.map((one) => one.href)")
    return {link.split("/papers/")[1].split("/")[0] for link in links}
