"""An installation for the walks: the real application over HTTP, on a clock that the walk moves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any

from playwright.sync_api import BrowserContext
from sqlalchemy import select
from werkzeug.serving import make_server

from survey_app.accounts.models import Account, Post
from survey_app.accounts.sign_ins import open_sign_in
from survey_app.app import create_app
from survey_app.core.actor import SYSTEM, Role
from survey_app.core.clock import at_beijing, beijing_day, system_clock
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.settings import Settings
from survey_app.instruments.operations import store_bundled
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.schedules import enqueue_due
from survey_app.worker import collect, step
from tests.support.cast import StandingClock, make_account, make_home, make_unit

PATIENCE_S = 60


@dataclass
class Walk:
    """What a walk stands on; people are named by their login."""

    settings: Settings
    databases: Databases
    clock: StandingClock
    base_url: str
    homes: dict[str, int]

    def forward(self, **span: float) -> datetime:
        """Move the clock on."""
        self.clock.instant += timedelta(**span)
        return self.clock.instant

    def work(self, *, bringing: str = "") -> None:
        """Let the worker do what is due, and with `bringing` what the hour brings to that feature."""
        handlers, recurring = collect()
        if bringing:
            due = [one for one in recurring if one.kind.startswith(f"{bringing}.")]
            with committing(write_session(self.databases.roster)) as session:
                enqueue_due(session, due, at=self.clock())
        workshop = Workshop(self.databases, self.settings, self.clock)
        while step(workshop, handlers):
            pass

    def sign_in(self, context: BrowserContext, login: str, role: Role, round_id: str | None = None) -> None:
        """Give the browser the session of a person in one of his posts."""
        with committing(write_session(self.databases.roster)) as session:
            account = session.scalars(select(Account).where(Account.login == login)).one()
            wanted = select(Post.id).where(Post.account_id == account.id, Post.role == role)
            if round_id is not None:
                wanted = wanted.where(Post.round_id == round_id)
            post_id = session.scalars(wanted).one()
            token = open_sign_in(session, account, at=self.clock(), post_id=post_id)
        context.clear_cookies()
        context.add_cookies([{"name": "pj_desk", "value": token, "url": self.base_url}])

    def value(self, statement: Any) -> Any:
        """One value from the roster side."""
        with reading(read_session(self.databases.roster)) as session:
            return session.scalars(statement).one()

    def live_until(self, day: date) -> None:
        """Every morning up to and including a day, the worker does what the day brings to orders."""
        while beijing_day(self.clock()) < day:
            self.clock.instant = at_beijing(beijing_day(self.clock()) + timedelta(days=1), time(8, 30))
            self.work(bringing="rectification")

    def wait_for(self, statement: Any, wanted: object) -> None:
        """Wait for a value that a process of its own is going to write."""
        until = monotonic() + PATIENCE_S
        while self.value(statement) != wanted:
            assert monotonic() < until, f"{wanted} did not come"
            sleep(0.2)


@contextmanager
def walking(
    settings: Settings, databases: Databases, members: int, begins: datetime | None = None
) -> Iterator[Walk]:
    """A district with one home, its officers, chair and two people who will be custodians.

    The story begins forty days ago unless it says when. The opening runs in a process of its own and is told
    how far the walk's clock stands from the real one.
    """
    clock = StandingClock(begins or system_clock() - timedelta(days=40))
    with committing(write_session(databases.roster)) as session:
        city = make_unit(session, "江州市总工会")
        district = make_unit(session, "柳堤区总工会", parent=city, document_prefix="柳总工")
        home = make_home(session, district, "长河机械厂工会", stated_members=members)
        for login, role, unit in (
            ("quzong", Role.OFFICER, district),
            ("quzong2", Role.OFFICER, district),
            ("zhuxi", Role.CHAIR, home),
            ("guanli", Role.ADMINISTRATOR, city),
        ):
            make_account(session, role, unit, login=login, name=login)
        for login in ("kai1", "kai2"):
            make_account(session, Role.AUDITOR, city, login=login, name=login)
        store_bundled(session, SYSTEM, at=clock())
        homes = {home.name: home.id}
    app = create_app(settings, databases, clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Walk(settings, databases, clock, f"http://127.0.0.1:{server.server_port}", homes)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
