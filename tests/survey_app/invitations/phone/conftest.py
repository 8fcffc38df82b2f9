"""A round in voting behind the real application, and a member's hand on a phone."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import func, select, update
from werkzeug.serving import make_server

from questionnaires import decode, load
from questionnaires.answers import AnswerSheet
from survey_app.app import create_app
from survey_app.box.models import BoxClass, Intake
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.invitations.models import Invitation, RetiredCode
from survey_app.rounds.models import Round, RoundHome
from survey_app.seals.codes import code_mac
from survey_app.seals.envelope import open_sealed
from survey_app.seals.opening import passphrase, unlock
from tests.support.installation import settings_for
from tests.support.round_builder import DURING, BuiltRound, HomeSpec, build_round

LARGE, SMALL, ONE_CLASS = range(3)


@dataclass
class Voting:
    """The running round, and a fresh link for every test."""

    round: BuiltRound
    base_url: str
    _links: list[Iterator[str]] = field(default_factory=list)

    def link(self, home: int = LARGE, query: str = "") -> str:
        """The link of a member of whom no other test knows."""
        fragment = next(self._links[home]).split("#")[1]
        return f"{self.base_url}/e{query}#{fragment}"

    def ballots(self) -> int:
        """How many sealed ballots lie in the box."""
        with reading(read_session(self.round.databases.box)) as session:
            return session.scalar(select(func.count()).select_from(Intake)) or 0

    def tallied(self) -> tuple[int, dict[str, int]]:
        """All that a vote may change: ballots in the box, entitlements by state."""
        with reading(read_session(self.round.databases.roster)) as session:
            rows = session.execute(select(Invitation.state, func.count()).group_by(Invitation.state))
            return self.ballots(), {row[0]: row[1] for row in rows}

    def answers(self, credential: bytes) -> AnswerSheet:
        """What the ballot of this credential says, once opened."""
        with reading(read_session(self.round.databases.box)) as session:
            row = session.scalars(select(Intake).where(Intake.cred == credential)).one()
            sheet = session.get_one(BoxClass, row.class_id).sheet_fingerprint
        private = unlock(self.round.key.locked, passphrase(*self.round.key.halves))
        payload = open_sealed(
            private,
            row.sealed,
            sheet_fingerprint=sheet,
            class_id=bytes.fromhex(row.class_id),
            credential=credential,
        )
        return decode(payload, load("national-core-1"))

    def set_state(self, link: str, **values: object) -> None:
        """Give the link's entitlement another state, as a desk would."""
        mac = code_mac(self.round.settings.code_pepper, code_of(link))
        with committing(write_session(self.round.databases.roster)) as session:
            session.execute(update(Invitation).where(Invitation.code_mac == mac).values(**values))

    def retire(self, link: str) -> None:
        """Replace the link's code by a newer one that no test holds."""
        old, new = (code_mac(self.round.settings.code_pepper, code) for code in (code_of(link), "1" * 20))
        with committing(write_session(self.round.databases.roster)) as session:
            session.add(RetiredCode(code_mac=old, round_id=self.round.id))
            session.execute(update(Invitation).where(Invitation.code_mac == old).values(code_mac=new))

    def set_round(self, **values: object) -> None:
        """Change facts of the round, as the officer would before or during the vote."""
        with committing(write_session(self.round.databases.roster)) as session:
            session.execute(update(Round).where(Round.id == self.round.id).values(**values))

    def set_cards(self, cards: int) -> None:
        """How many cards every home keeps for each class."""
        with committing(write_session(self.round.databases.roster)) as session:
            session.execute(update(RoundHome).values(cards=cards))

    def set_report(self, text: str) -> None:
        """The work report of every chair."""
        with committing(write_session(self.round.databases.roster)) as session:
            session.execute(update(RoundHome).values(work_report_text=text))


def code_of(link: str) -> str:
    """The twenty characters of the code in a link."""
    return link.split("#")[1][:20]


@pytest.fixture(scope="session")
def running_round(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voting]:
    """Three homes in voting, served by the real application; its clock stands on the third day."""
    homes = (
        HomeSpec((("合同制", 60), ("劳务派遣", 30)), "长河机械厂工会"),
        HomeSpec((("合同制", 12),), "小河幼儿园工会"),
        HomeSpec((("合同制", 25),), "青禾纺织公司工会"),
    )
    folder = tmp_path_factory.mktemp("phone") / "installation"
    shutil.copytree(sqlite_template, folder)
    with serving(folder, homes) as voting:
        yield voting


@contextmanager
def serving(folder: Path, homes: Sequence[HomeSpec]) -> Iterator[Voting]:
    """A round of these homes in voting, served out of an empty installation in `folder`."""
    settings = settings_for(f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3", folder)
    databases = open_databases(settings)
    built = build_round(settings, databases, homes).prepare().open()
    server = make_server("127.0.0.1", 0, create_app(settings, databases, built.clock), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    links = [iter(built.links(home)) for home in built.home_ids]
    yield Voting(built, f"http://127.0.0.1:{server.server_port}", links)
    server.shutdown()
    thread.join()
    server.server_close()
    databases.dispose()


@pytest.fixture
def voting(running_round: Voting) -> Iterator[Voting]:
    """The round on its third day; whatever a test changes is put back."""
    yield running_round
    running_round.round.clock.at = DURING
    running_round.set_round(kind="ordinary", extension_reason="", notice="评议通知", privacy_text="")
    running_round.set_report("")
    running_round.set_cards(0)


class Hand:
    """What a member does on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, link: str) -> Hand:
        """Open a link and wait until something is to be read."""
        # The same address again, or another fragment, would not load the document anew.
        self.page.goto("about:blank")
        self.page.goto(link)
        expect(self.page.locator("html[data-shown]:not([data-shown=loading])")).to_be_attached()
        return self

    @property
    def shown(self) -> str | None:
        """The name of the screen."""
        return self.page.locator("html").get_attribute("data-shown")

    def sees(self, screen: str) -> Locator:
        """Wait for a screen and give it."""
        expect(self.page.locator(f"html[data-shown={screen}]")).to_be_attached()
        return self.page.locator(f"[data-screen={screen}]")

    def start(self) -> Hand:
        """To the questions."""
        self.page.locator("#start").click()
        self.sees("questions")
        return self

    def choose(self, question: str, option: str = "SATISFIED") -> Hand:
        """Tap one of the four answers."""
        self.page.locator(f"#{question} input[value={option}]").check(force=True)
        return self

    def answer_all(self, option: str = "SATISFIED", but: tuple[str, ...] = ()) -> Hand:
        """Answer every question except some, as fast as a test may."""
        self.page.evaluate(
            """([option, but]) => document.querySelectorAll("fieldset.q").forEach((question) => {
                 if (!but.includes(question.id)) { question.querySelector(`[value=${option}]`).click(); }
               })""",
            [option, list(but)],
        )
        return self

    def review(self) -> Hand:
        """To the last look."""
        self.page.locator("[data-screen=questions] .foot button").click()
        self.sees("review")
        return self

    def cast(self) -> Hand:
        """The one act that counts."""
        self.page.locator("#cast").click()
        return self

    def receipt(self) -> str:
        """The receipt on the last screen."""
        self.sees("receipt")
        return self.page.locator("#receipt").inner_text()

    def vote(self, link: str) -> str:
        """From link to receipt."""
        return self.open(link).start().answer_all().review().cast().receipt()

    def cut(self, path: str) -> None:
        """From now on no call to `path` reaches the server."""
        self.stop_the_clock()
        self.page.route(f"**{path}", lambda route: route.abort())

    def mend(self, path: str) -> None:
        """The connection is there again."""
        self.page.unroute(f"**{path}")

    def stop_the_clock(self) -> None:
        """Let the page try again by a tap alone, so that no test has to be quicker than its countdown."""
        still = "window.setInterval = () => 0;"
        self.page.add_init_script(still)
        self.page.evaluate(still)

    def lose_reply(self, path: str, times: int = 1, ticking: bool = False) -> list[str]:
        """Let the server do its work and lose its answer on the way back, as a dying connection does."""
        if not ticking:
            self.stop_the_clock()
        lost: list[str] = []

        def handle(route: Route) -> None:
            if len(lost) < times:
                lost.append(route.request.post_data or "")
                route.fetch()
                route.abort()
            else:
                route.continue_()

        self.page.route(f"**{path}", handle)
        return lost

    def kept(self) -> dict[str, str]:
        """What this phone's localStorage holds of ballots: one entry per code."""
        found: dict[str, str] = self.page.evaluate(
            """() => Object.fromEntries(Object.entries(localStorage)
                 .filter(([name]) => name.startsWith("pingjia-ballot-")))"""
        )
        return found


@pytest.fixture
def hand(phone: Page) -> Hand:
    """A member with a phone."""
    return Hand(phone)
