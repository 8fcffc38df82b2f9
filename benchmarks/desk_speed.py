"""How fast the superior's pages are over a city of 30,000 homes.

Run: `python benchmarks/desk_speed.py [homes] [requests per page] [database URL]`. Without a URL the city
stands in a SQLite file. It has districts, streets and industrial unions, two superiors for a third of its
homes, a counted round with results and orders, and a second round that votes. Prints the median and the 95th
percentile.
"""

import base64
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import migrations
from questionnaires import load
from scoring import RatingClass
from survey_app.accounts.models import Account, Post
from survey_app.accounts.sign_ins import open_sign_in
from survey_app.app import create_app
from survey_app.core.actor import SYSTEM
from survey_app.core.db import Databases, committing, open_databases, write_session
from survey_app.core.settings import Settings
from survey_app.counting.models import HomeCount
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.invitations.models import TurnoutDay
from survey_app.journal.operations import record
from survey_app.rectification.models import Order
from survey_app.results.models import Result
from survey_app.rounds.models import Round, RoundHome, SchemeVersion
from survey_app.rounds.policy import Policy
from survey_app.units.closure import rebuild_closure
from survey_app.units.models import Unit, UnitKind

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
YEAR = 2026
PAGES = (
    "/desk",
    "/desk?line=territory",
    "/units",
    "/units?text=家工会&page=3",
    "/units?kind=grassroots_union&page=100",
    "/units?kind=grassroots_union&sort=-members",
    "/units?text=没有的",
    "/desk/homes",
    "/desk/homes?sort=-turnout",
    "/desk/homes?class=dissatisfied&sort=-members&page=20",
    "/desk/homes?text=家工会&sort=-late&page=3",
    "/rosters?state=missing",
    "/ratings",
    "/orders",
)
CLASSES = (
    (RatingClass.ELIGIBLE, "A1", 0.25, False),
    (RatingClass.QUALIFIED, "B1", 0.55, False),
    (RatingClass.QUALIFIED, "B1", 0.67, True),
    (RatingClass.INSUFFICIENT, "I5", 0.8, False),
    (RatingClass.INSUFFICIENT, "I1", 0.9, False),
    (RatingClass.DISSATISFIED, "D1", 1.0, False),
)


class City:
    """A tree of superiors and homes, its rounds and results, made with few large inserts."""

    def __init__(self, session: Session, homes: int) -> None:
        self.session, self.homes = session, homes
        self.chance = random.Random(20130124)
        self.next_id = 1
        self.units: list[dict[str, Any]] = []
        self.size: dict[int, int] = {}
        self.form = 0

    def build(self) -> int:
        """Make everything; the id of the city's union."""
        root = self._unit(None, UnitKind.FEDERATION, "市总工会")
        districts = [self._unit(root, UnitKind.FEDERATION, f"第{n}区总工会") for n in range(12)]
        streets = [
            self._unit(d, UnitKind.TOWNSHIP_UNION, f"第{n}街道总工会") for d in districts for n in range(15)
        ]
        industries = [self._unit(root, UnitKind.INDUSTRIAL_UNION, f"第{n}产业工会") for n in range(6)]
        ids = [self._home(n, streets, industries) for n in range(self.homes)]
        self._insert(Unit, self.units)
        rebuild_closure(self.session)
        counted, voting = self._round(root, "counted"), self._round(root, "voting")
        half = len(ids) * 2 // 3
        self._insert(RoundHome, [self._place(counted, one) for one in ids[:half]])
        self._insert(HomeCount, [self._count(counted, one) for one in ids[:half]])
        self._insert(Result, [self._result(counted, one) for one in ids[:half]])
        self._insert(Order, list(self._orders(root)))
        self._insert(RoundHome, [self._place(voting, one) for one in ids[half:]])
        self._insert(TurnoutDay, list(self._readings(voting, ids[half:])))
        return root

    def _unit(self, parent: int | None, kind: UnitKind, name: str, territory: int | None = None) -> int:
        values = {"id": self.next_id, "parent_id": parent, "territory_id": territory, "kind": str(kind)}
        is_home = kind is UnitKind.GRASSROOTS_UNION
        self.units.append(
            {**values, "name": name, "short_name": name, "is_home": is_home, "stated_members": 167}
        )
        self.next_id += 1
        return self.next_id - 1

    def _home(self, number: int, streets: list[int], industries: list[int]) -> int:
        street, industry = self.chance.choice(streets), self.chance.choice(industries)
        name = f"第{number}家工会"
        if number % 3:
            return self._unit(street, UnitKind.GRASSROOTS_UNION, name)
        return self._unit(industry, UnitKind.GRASSROOTS_UNION, name, territory=street)

    def _round(self, organiser: int, state: str) -> str:
        policy = Policy().to_dict()
        form = load("national-core-1")
        scheme = SchemeVersion(
            issuer_unit_id=organiser,
            year=YEAR,
            edition=len(state),
            title="评议办法",
            policy=policy,
            issued_at=AT,
        )
        version = QuestionnaireVersion(
            name=f"{form.id}-{state}",
            title=state,
            form=form.form.value,
            fingerprint=secrets.token_hex(32),
            definition=form.to_dict(),
            created_at=AT,
        )
        self.session.add_all([scheme, version])
        self.session.flush()
        self.form = version.id
        made = Round(
            id=secrets.token_hex(16),
            title="年度评议",
            year=YEAR,
            organiser_id=organiser,
            scheme_id=scheme.id,
            questionnaire_id=version.id,
            policy=policy,
            state=state,
            opens_at=datetime(2026, 11, 2, tzinfo=UTC),
            closes_at=datetime(2026, 11, 27, 10, tzinfo=UTC),
            deputies=[],
            created_by=0,
        )
        self.session.add(made)
        self.session.flush()
        return made.id

    def _place(self, round_id: str, home: int) -> dict[str, Any]:
        members = self.chance.choice((12, 24, 60, 170, 300, 420))
        keys = {"round_id": round_id, "home_id": home, "ordinary_year": YEAR}
        self.size[home] = members
        return {**keys, "members": members, "questionnaire_id": self.form}

    def _count(self, round_id: str, home: int) -> dict[str, Any]:
        members = self.size[home]
        valid = int(members * self.chance.uniform(0.4, 0.95))
        zero = dict.fromkeys(("replaced", "exchanged_card", "exchanged_paper", "paper", "void"), 0)
        digests = dict.fromkeys(("leaves_root", "ballots_digest", "tallies_digest"), bytes(32))
        lists = {"held": [], "acceptances": [], "groups": [], "unopened": valid < 10}
        keys = {"round_id": round_id, "home_id": home, "members": members}
        return {**keys, "issued": valid, "sealed": valid, "valid": valid, **zero, **digests, **lists}

    def _result(self, round_id: str, home: int) -> dict[str, Any]:
        drawn = self.chance.random()
        kind, code, _upto, reminder = next(one for one in CLASSES if drawn <= one[2])
        state = self.chance.choice(("published",) * 6 + ("final", "provisional"))
        shown = code != "I1"
        figures = {"ballots": 100, "combined": self.chance.uniform(50, 99)} if shown else {}
        return {
            "round_id": round_id,
            "home_id": home,
            "year": YEAR,
            "state": state,
            "rating_class": kind.value,
            "code": code,
            "reminder": reminder,
            "marks": [],
            "members": self.size[home],
            "provisional_at": AT,
            "objection_until": date(2026, 12, 4),
            "ballots": figures.get("ballots"),
            "combined": figures.get("combined"),
        }

    def _orders(self, lead: int) -> Iterator[dict[str, Any]]:
        """An order for every home its members are not satisfied with, in any state, some of them late."""
        states = ("draft", "plan_under_review", "rectifying", "rectifying", "awaiting_inspection", "closed")
        unhappy = select(Result.id, Result.home_id).where(Result.rating_class == "DISSATISFIED")
        for number, (result_id, home) in enumerate(self.session.execute(unhappy), start=1):
            yield {
                "kind": "rectification",
                "state": self.chance.choice(states),
                "result_id": result_id,
                "home_id": home,
                "lead_id": lead,
                "year": YEAR,
                "number": f"市总工改〔{YEAR}〕{number}号",
                "figures": {},
                "policy": {},
                "proposed_at": AT,
                "issued_at": AT,
                "next_due_on": date(2026, 11, 10 + self.chance.randrange(20)),
                "next_due_kind": "completion",
                "problems": 3,
            }

    def _readings(self, round_id: str, homes: list[int]) -> Iterator[dict[str, Any]]:
        for home in homes:
            for day in range(2, 20):
                used = int(self.size[home] * day / 24)
                yield {"round_id": round_id, "home_id": home, "day": f"2026-11-{day:02}", "used": used}

    def _insert(self, model: Any, rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), 5000):
            self.session.execute(insert(model), rows[start : start + 5000])


def _settings(folder: Path, url: str | None) -> Settings:
    key = base64.b64encode(bytes(range(32))).decode()
    return Settings.from_environment(
        {
            "DATABASE_URL": url or f"sqlite:///{folder}/roster.sqlite3",
            "BOX_DATABASE_URL": f"sqlite:///{folder}/box.sqlite3",
            "PINGJIA_DATA": str(folder),
            "PINGJIA_BASE_URL": "http://localhost",
            "PINGJIA_SECRET_KEY": secrets.token_urlsafe(32),
            "PINGJIA_WRAPPING_KEY": key,
            "PINGJIA_CODE_PEPPER": key,
            "PINGJIA_SECOND_FACTOR": "none",
        }
    )


def _officer_of(databases: Databases, unit: int) -> str:
    """A signed-in browser's token for an officer of the unit."""
    with committing(write_session(databases.roster)) as session:
        account = Account(login="officer", name="经办人", password_hash="!", created_at=AT)
        session.add(account)
        session.flush()
        post = Post(account_id=account.id, role="officer", unit_id=unit, since=date(2026, 1, 1))
        session.add(post)
        session.flush()
        return open_sign_in(session, account, at=AT, post_id=post.id)


def main(homes: int, requests: int, url: str | None) -> None:
    """Build the city and measure every page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder), url)
        databases = open_databases(settings)
        migrations.upgrade(databases)
        started = time.perf_counter()
        with committing(write_session(databases.roster)) as session:
            root = City(session, homes).build()
        print(f"{homes} homes made in {time.perf_counter() - started:.1f} s")
        browser = create_app(settings, databases, lambda: AT).test_client()
        browser.set_cookie("pj_desk", _officer_of(databases, root))
        for page in PAGES:
            _measure(browser, page, requests, lambda: None)
        # Figures are kept until the next line of the journal: the desk at its slowest.
        _measure(browser, "/desk", requests, lambda: _write_line(databases))
        databases.dispose()


def _write_line(databases: Databases) -> None:
    with committing(write_session(databases.roster)) as session:
        record(session, SYSTEM, "round.edited", "round", "0", at=AT)


def _measure(browser: Any, page: str, requests: int, before: Callable[[], None]) -> None:
    times, status, size = [], 0, 0
    for _ in range(requests + 2):
        before()
        started = time.perf_counter()
        answer = browser.get(page)
        times.append(1000 * (time.perf_counter() - started))
        status, size = answer.status_code, len(answer.data)
    warm = sorted(times[2:])
    p95 = warm[min(len(warm) - 1, int(0.95 * len(warm)))]
    print(
        f"{page:30} {status}  median {statistics.median(warm):6.0f} ms  p95 {p95:6.0f} ms  {size // 1024} kB"
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 30_000,
        int(given[1]) if len(given) > 1 else 20,
        given[2] if len(given) > 2 else None,
    )
