"""What every desk page shows around its content: rail, notices, switches, the demo's banner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, flash, g, get_flashed_messages, request, url_for

from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.web.access import current_actor
from survey_app.web.books import installation, now
from survey_app.web.formats import FILTERS
from survey_app.web.i18n import Lazy, page_language
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.way_back import safe_address

ROLE_TITLES: dict[Role, Lazy] = {
    Role.OFFICER: _l("经办人"),
    Role.CHAIR: _l("主席"),
    Role.AUDITOR: _l("审计（只读）"),
    Role.ADMINISTRATOR: _l("管理员"),
    Role.CUSTODIAN: _l("开箱人"),
    Role.WORKING_GROUP: _l("评议工作小组"),
    Role.TELLER: _l("计票人"),
}


@dataclass(frozen=True)
class PostLink:
    """One of the person's posts in the role menu; `accounts` puts them on `g.posts`."""

    label: str
    url: str
    current: bool
    waits: bool = False
    id: int = 0
    round_id: str | None = None
    permissions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    """The actor as the frame shows him."""

    name: str
    role_title: str
    unit_name: str
    role: Role
    posts: list[PostLink]


@dataclass(frozen=True)
class Place:
    """An entry of the rail. `shows` decides whether this actor has it; `order` sorts; five fit on a phone."""

    endpoint: str
    label: str | Lazy
    icon: str
    order: int
    shows: Callable[[Actor], bool]
    prefix: str | tuple[str, ...] = ""
    on_phone: bool = True


_places: list[Place] = []
# The bar of a phone holds five: these and 更多.
MOST_ON_PHONE = 4


def add_place(place: Place) -> None:
    """Add an entry to the rail (called by a feature when it registers)."""
    if all(other.endpoint != place.endpoint or other.label != place.label for other in _places):
        _places.append(place)


def say(text: str, category: str = "info") -> None:
    """A notice at the head of the next page: 'info', 'late' or 'done'."""
    flash(text, category)


def setup(app: Flask) -> None:
    """Make the frame's values and the number formats known to every template."""
    for name, function in FILTERS.items():
        app.jinja_env.filters[name] = function
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    person = current_actor()
    return {
        "page_lang": page_language(),
        "big": _is_large(person),
        "printing": request.args.get("print") == "1",
        "switch_url": _switch_url,
        "demo": installation().settings.demo,
        "icp_lines": installation().settings.footer_lines,
        "today": beijing_day(now()),
        "now": now(),
        "home_url": url_for("overview.desk") if person else "/",
        "actor": None,
        "rail": [],
        "notices": [],
        **(_desk_values(person) if person else {}),
    }


def _is_large(person: Actor | None) -> bool:
    """What the address asks for beats the cookie, which only desks have."""
    asked = request.args.get("big")
    return asked == "1" if asked is not None else person is not None and request.cookies.get("big") == "1"


def _desk_values(person: Actor) -> dict[str, Any]:
    return {
        "actor": Person(
            name=person.name,
            role_title=str(ROLE_TITLES[person.role]),
            unit_name=person.unit_name,
            role=person.role,
            posts=g.get("posts", []),
        ),
        "rail": _rail(person),
        "notices": get_flashed_messages(with_categories=True),
        "sign_out_url": url_for("accounts.sign_out"),
        "password_url": url_for("accounts.password"),
        "ways_url": url_for("accounts.ways"),
        "more_url": url_for("overview.more"),
    }


def _rail(person: Actor) -> list[dict[str, Any]]:
    shown = [place for place in sorted(_places, key=lambda place: place.order) if place.shows(person)]
    first = [place for place in shown if place.on_phone][:MOST_ON_PHONE]
    return [
        {
            "label": place.label,
            "url": url_for(place.endpoint),
            "icon": place.icon,
            "current": request.path == url_for(place.endpoint)
            or (bool(place.prefix) and request.path.startswith(place.prefix)),
            "on_phone": place in first,
        }
        for place in shown
    ]


def _switch_url(**changes: str) -> str:
    path, _mark, asked = safe_address().partition("?")
    query = {**dict(parse_qsl(asked)), **changes}
    return f"{path}?{urlencode({key: value for key, value in query.items() if value != ''})}"
