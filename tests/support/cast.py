"""The makers of people and places for tests: units in a tree, accounts in posts, signed-in browsers."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app.accounts.models import Account, Post
from survey_app.accounts.queries import actor_of_post
from survey_app.accounts.sign_ins import open_sign_in
from survey_app.app import create_app
from survey_app.core.actor import Actor, Role
from survey_app.core.clock import Clock, system_clock
from survey_app.core.db import Databases, committing, write_session
from survey_app.core.settings import Settings
from survey_app.units.closure import add_rows
from survey_app.units.models import Unit, UnitKind, UnitNature
from survey_app.units.validity import GRASSROOTS

MADE_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_unit(
    session: Session,
    name: str | None = None,
    kind: UnitKind = UnitKind.FEDERATION,
    parent: Unit | None = None,
    territory: Unit | None = None,
    **fields: Any,
) -> Unit:
    """A unit with its closure rows; without a parent it is a root."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": name or f"第{number}总工会",
        "short_name": fields.pop("short_name", name or f"第{number}总工会"),
        "is_home": kind in GRASSROOTS,
        **fields,
    }
    unit = Unit(
        kind=str(kind),
        parent_id=parent.id if parent else None,
        territory_id=territory.id if territory else None,
        **values,
    )
    session.add(unit)
    add_rows(session, unit)
    return unit


def make_home(
    session: Session,
    parent: Unit | None = None,
    name: str | None = None,
    territory: Unit | None = None,
    **fields: Any,
) -> Unit:
    """A grassroots union whose members can be asked."""
    fields.setdefault("nature", UnitNature.ENTERPRISE)
    name = name or f"第{next(_numbers)}公司工会"
    return make_unit(session, name, UnitKind.GRASSROOTS_UNION, parent, territory, **fields)


def make_account(
    session: Session,
    role: Role,
    unit: Unit,
    round_id: str | None = None,
    *,
    name: str | None = None,
    login: str | None = None,
    account: Account | None = None,
    password_hash: str = "!",
    since: date = date(2026, 1, 5),
) -> tuple[Account, Post]:
    """A person in a post; `account` gives an existing person a further one. There is no password yet."""
    if account is None:
        number = next(_numbers)
        account = Account(
            login=login or f"person-{number}",
            name=name or f"第{number}位",
            password_hash=password_hash,
            created_at=MADE_AT,
        )
        session.add(account)
        session.flush()
    post = Post(account_id=account.id, role=str(role), unit_id=unit.id, round_id=round_id, since=since)
    session.add(post)
    session.flush()
    return account, post


def actor_for(session: Session, post: Post) -> Actor:
    """The actor who holds this post."""
    return actor_of_post(session, post.id)


@dataclass
class StandingClock:
    """A clock that shows `instant` until a test moves it."""

    instant: datetime

    def __call__(self) -> datetime:
        """The instant it shows."""
        return self.instant


def make_app(settings: Settings, databases: Databases, clock: Clock = system_clock) -> Flask:
    """The application of an installation, on the given clock."""
    return create_app(settings, databases, clock)


class DeskClient(FlaskClient):
    """A browser of a signed-in person; `send` brings the token that every form carries."""

    def send(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form as a browser would: with the CSRF token of a page this person has open."""
        return self.post(path, data={"csrf_token": self.csrf_token(), **(data or {})}, **options)

    def csrf_token(self) -> str:
        """The token from the page every signed-in person can open."""
        page = self.get("/password").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, f"no form on the page of the password:\n{page[:2000]}"
        return found.group(1)


def signed_in_client(
    app: Flask, databases: Databases, post: Post, *, at: datetime | None = None
) -> DeskClient:
    """A browser already signed in to `post` (no password is asked, none is hashed)."""
    instant = at or app.extensions["pingjia"].clock()
    with committing(write_session(databases.roster)) as session:
        account = session.get_one(Account, post.account_id)
        token = open_sign_in(session, account, at=instant, post_id=post.id)
    client = DeskClient(app, app.response_class)
    client.set_cookie("pj_desk", token)
    return client
