"""How fast the pages of rectification are over 10,000 orders; the aim is 300 ms a page at p95.

Run: `python benchmarks/ledger_speed.py [orders] [requests per page] [database URL]`. The city of
`desk_speed.py` gets an order for every rated home: in all states, three problems and five limits each,
some late, some with a step of the ladder that waits. Without a URL it stands in a SQLite file.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from desk_speed import AT, YEAR, City, _measure, _officer_of, _settings
from sqlalchemy import select
from sqlalchemy.orm import Session

import migrations
from survey_app.app import create_app
from survey_app.core.db import committing, open_databases, write_session
from survey_app.rectification.models import Escalation, Limit, Order, Problem
from survey_app.results.models import Result
from survey_app.rounds.policy import Policy

TODAY = date(2026, 11, 20)
STATES = (
    ("draft", 1),
    ("awaiting_signature", 1),
    ("served", 2),
    ("plan_due", 3),
    ("plan_under_review", 3),
    ("rectifying", 8),
    ("awaiting_inspection", 3),
    ("passed", 2),
    ("closed", 6),
)
PAGES = (
    "/orders",
    "/orders?page=150",
    "/orders?sort=unit&dir=desc",
    "/orders?saved=mine",
    "/orders?saved=overdue",
    "/orders?saved=week",
    "/orders?state=all&item=q3&grade=B",
    "/orders?q=第77",
    "/orders?unit=2",
    "/orders?view=board",
    "/orders?view=calendar",
    "/orders/statistics",
    "/orders/bulk?kind=plan",
    "/orders/bulk?kind=step",
    "/orders/proposals",
    "/orders/5000",
)


class Ledger(City):
    """The city with an order for every rated home."""

    def __init__(self, session: Session, orders: int) -> None:
        super().__init__(session, orders * 3 // 2)
        self.problem_id = self.limit_id = 0

    def _orders(self, lead: int) -> Iterator[dict[str, Any]]:
        names, weights = zip(*STATES, strict=True)
        rated = select(Result.id, Result.home_id).order_by(Result.id)
        for number, (result_id, home) in enumerate(self.session.execute(rated), start=1):
            state = self.chance.choices(names, weights)[0]
            issued = AT - timedelta(days=self.chance.randrange(10, 200))
            drafted = state in ("draft", "awaiting_signature")
            yield {
                "kind": "rectification",
                "state": state,
                "result_id": result_id,
                "home_id": home,
                "lead_id": lead,
                "year": YEAR,
                "number": "" if drafted else f"市总工改〔{YEAR}〕{number}号",
                "figures": {"class": "DISSATISFIED", "interval": None},
                "policy": Policy().to_dict(),
                "proposed_at": AT,
                "issued_at": None if drafted else issued,
                "served_on": None if drafted else issued.date(),
                "closed_on": TODAY - timedelta(days=number % 60) if state == "closed" else None,
                "next_due_on": None if state == "closed" else TODAY + timedelta(days=number % 60 - 10),
                "next_due_kind": "" if state == "closed" else "completion",
                "escalation_pending": state == "rectifying" and number % 5 == 0,
                "problems": 3,
            }

    def fill(self) -> None:
        """Problems, limits and waiting steps of every order."""
        orders = self.session.execute(
            select(Order.id, Order.state, Order.next_due_on, Order.escalation_pending).order_by(Order.id)
        ).all()
        problems, limits, steps = [], [], []
        for order_id, state, due_on, waits in orders:
            mine = [self._problem(order_id, n, state) for n in (1, 2, 3)]
            problems += mine
            limits += [self._limit(order_id, one["id"], state, due_on) for one in mine]
            limits += [self._limit(order_id, None, "closed", None, kind) for kind in ("plan", "report")]
            if waits:
                steps.append(_step(order_id, limits[-5]["id"]))
        self._insert(Problem, problems)
        self._insert(Limit, limits)
        self._insert(Escalation, steps)

    def _problem(self, order_id: int, ordinal: int, state: str) -> dict[str, Any]:
        self.problem_id += 1
        item = self.chance.randrange(20) + 1
        return {
            "id": self.problem_id,
            "order_id": order_id,
            "ordinal": ordinal,
            "item_id": f"q{item}",
            "duty": f"第{item}项职责",
            "finding": "有看法的88票中，47票不满意。",
            "result": "47/88",
            "requirement": "定人定时，办事程序上墙。",
            "grade": "ABC"[ordinal - 1],
            "state": "closed" if state == "closed" else "rectifying",
            "closed_on": TODAY - timedelta(days=order_id % 60) if state == "closed" else None,
        }

    def _limit(
        self, order_id: int, problem_id: int | None, state: str, due_on: date | None, kind: str = "completion"
    ) -> dict[str, Any]:
        self.limit_id += 1
        due = due_on or TODAY - timedelta(days=self.chance.randrange(5, 150))
        return {
            "id": self.limit_id,
            "order_id": order_id,
            "problem_id": problem_id,
            "kind": kind,
            "event": "served",
            "start_on": due - timedelta(days=30),
            "counting": "workdays",
            "days": 20,
            "due_on": due,
            "provisional": False,
            "met_on": due + timedelta(days=random.Random(self.limit_id).randrange(-9, 4))
            if state == "closed"
            else None,
        }


def _step(order_id: int, limit_id: int) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "limit_id": limit_id,
        "step": "reminder",
        "due_on": TODAY,
        "proposed_at": AT,
        "terms": {},
    }


def main(orders: int, requests: int, url: str | None) -> None:
    """Build the ledger and measure every page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder), url)
        databases = open_databases(settings)
        migrations.upgrade(databases)
        started = time.perf_counter()
        with committing(write_session(databases.roster)) as session:
            city = Ledger(session, orders)
            root = city.build()
            city.fill()
        print(f"{orders} orders made in {time.perf_counter() - started:.1f} s")
        browser = create_app(settings, databases, lambda: AT).test_client()
        browser.set_cookie("pj_desk", _officer_of(databases, root))
        for page in PAGES:
            _measure(browser, page, requests, lambda: None)
        _measure(browser, "/orders/ledger.xlsx?state=all", 1, lambda: None)
        databases.dispose()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 10_000,
        int(given[1]) if len(given) > 1 else 20,
        given[2] if len(given) > 2 else None,
    )
