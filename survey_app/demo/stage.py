"""The stage of the demo: an installation, a clock that stands where the story is, and its people."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.accounts.queries import actor_of_post
from survey_app.core.actor import Actor, Role
from survey_app.core.clock import at_beijing, beijing_day
from survey_app.core.db import Databases, committing, write_session
from survey_app.core.settings import Settings
from survey_app.outbox.jobs import Workshop
from survey_app.units.models import Unit
from survey_app.worker import collect, step

Say = Callable[[str], None]


@dataclass
class Stage:
    """Where the demo is played. It is made at `present`; the story counts days back from there."""

    databases: Databases
    settings: Settings
    present: datetime
    say: Say
    chance: random.Random = field(default_factory=lambda: random.Random(20130124))  # noqa: S311  # a story, no secret
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.at(0)

    @property
    def today(self) -> date:
        """The day in Beijing on which the demo is made."""
        return beijing_day(self.present)

    def at(self, days_ago: float, hour: int = 9) -> datetime:
        """Move the story's clock: so many days before today, at `hour` in Beijing, never past the present."""
        told = at_beijing(self.today - timedelta(days=int(days_ago)), time(hour, 0))
        self.now = min(told, self.present)
        return self.now

    @property
    def workshop(self) -> Workshop:
        """What the worker gets, with the story's clock."""
        return Workshop(self.databases, self.settings, lambda: self.now)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction on the roster side."""
        with committing(write_session(self.databases.roster)) as session:
            yield session

    def work(self) -> None:
        """Let the worker do everything that is due at the story's time."""
        handlers, _schedules = collect()
        while step(self.workshop, handlers):
            pass


def unit_named(session: Session, name: str) -> Unit:
    """A unit of the demo by its name."""
    return session.scalars(select(Unit).where(Unit.name == name)).one()


def actor_named(
    session: Session, login: str, role: Role, *, unit: str | None = None, round_id: str | None = None
) -> Actor:
    """The actor of a demo account in one of its posts."""
    statement = (
        select(Post.id)
        .join(Account, Account.id == Post.account_id)
        .where(Account.login == login, Post.role == role, Post.until.is_(None))
    )
    if unit is not None:
        statement = statement.join(Unit, Unit.id == Post.unit_id).where(Unit.name == unit)
    if round_id is not None:
        statement = statement.where(Post.round_id == round_id)
    return actor_of_post(session, session.scalars(statement.order_by(Post.id)).first() or 0)
