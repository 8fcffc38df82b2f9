"""The rounds of the demo: one finished, one open, each by the steps an office would take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from survey_app.accounts.models import Account
from survey_app.core.actor import Role
from survey_app.core.clock import at_beijing
from survey_app.counting.ceremony import confirm_destruction, confirm_rehearsal, hand_in_key
from survey_app.counting.opening import count
from survey_app.counting.operations import request_close, request_open, request_prepare
from survey_app.demo.stage import Stage, actor_named, unit_named
from survey_app.demo.story import CITY, DISTRICT, INDUSTRY, DemoHome
from survey_app.demo.voters import Electorate
from survey_app.instruments.operations import store_bundled
from survey_app.invitations.turnout import write_day
from survey_app.rounds import operations
from survey_app.rounds.appointments import appoint
from survey_app.rounds.models import Round, SchemeVersion
from survey_app.rounds.policy import Policy
from survey_app.rounds.queries import organised_round
from survey_app.seals.opening import OpeningKey

CUSTODIANS = ("kai1", "kai2")
NOTICE = (
    "为了把职工之家建得更好，请您评一评这一年工会的工作。评议不记名，大约2分钟。"
    "结果由市总工会确认后向会员公布；会员不满意的，上级工会要求限期整改。"
)
PRIVACY = "花名册只用来发放票码和核对参评人数，公布结果90天以后销毁。票上没有您的姓名、电话和会员号。"


OFFICERS = {CITY: "shizong", DISTRICT: "quzong", INDUSTRY: "chanye"}


@dataclass(frozen=True)
class Played:
    """A round of the demo: who runs it, and the key its custodians hold."""

    round_id: str
    officer: str
    halves: tuple[str, str]


def issue_policy(stage: Stage, year: int) -> None:
    """The city's scheme for the year, and the questionnaires that come with the program."""
    with stage.writing() as session:
        officer = actor_named(session, "shizong", Role.OFFICER)
        city = unit_named(session, CITY)
        title = f"江州市{year}年度会员评议职工之家办法"
        operations.issue_scheme(session, officer, city, year=year, title=title, policy=Policy(), at=stage.now)
        store_bundled(session, officer, at=stage.now)


def plan(
    stage: Stage,
    homes: tuple[DemoHome, ...],
    *,
    organiser: str,
    title: str,
    year: int,
    opens_at: datetime,
    closes_at: datetime,
) -> Played:
    """Create, choose homes, write the texts, appoint, make and rehearse the key: ready to be prepared."""
    key = OpeningKey.make()
    with stage.writing() as session:
        officer = actor_named(session, OFFICERS[organiser], Role.OFFICER)
        scheme = session.scalars(select(SchemeVersion).where(SchemeVersion.year == year)).one()
        form = next(v for v in store_bundled(session, officer, at=stage.now) if v.name == "national-core-1")
        values = {
            "title": title,
            "year": year,
            "opens_at": opens_at,
            "closes_at": closes_at,
            "opening_planned_on": (closes_at + timedelta(days=2)).date(),
            "deputies": ["何静", "吕强"],
            "notice": NOTICE,
            "privacy_handler": organiser,
            "privacy_contact": "010-0000-0000",
            "privacy_text": PRIVACY,
        }
        round_ = operations.create_round(
            session, officer, unit_named(session, organiser), scheme, form, values=values, at=stage.now
        )
        ids = [unit_named(session, home.name).id for home in homes]
        operations.set_homes(session, officer, round_, ids, at=stage.now)
        for login in CUSTODIANS:
            account = session.scalars(select(Account).where(Account.login == login)).one()
            appoint(
                session,
                officer,
                round_,
                account,
                Role.CUSTODIAN,
                unit_named(session, organiser),
                at=stage.now,
            )
        first = actor_named(session, CUSTODIANS[0], Role.CUSTODIAN, round_id=round_.id)
        hand_in_key(session, first, round_, public=key.public, locked=key.locked, at=stage.now)
        for login in CUSTODIANS:
            custodian = actor_named(session, login, Role.CUSTODIAN, round_id=round_.id)
            confirm_rehearsal(session, custodian, round_, at=stage.now)
        return Played(round_.id, OFFICERS[organiser], key.halves)


def prepare(stage: Stage, played: Played) -> None:
    """Freeze the round and make its keys."""
    _by_officer(stage, played, request_prepare)


def open_voting(stage: Stage, played: Played) -> None:
    """Open the vote."""
    _by_officer(stage, played, request_open)


def _by_officer(stage: Stage, played: Played, step: Callable[..., None]) -> None:
    with stage.writing() as session:
        officer = actor_named(session, played.officer, Role.OFFICER)
        round_ = organised_round(session, officer, played.round_id, lock=True)
        step(session, officer, round_, at=stage.now)
    stage.work()


def vote_over_days(
    stage: Stage, played: Played, homes: tuple[DemoHome, ...], *, first_day: int, days: int
) -> int:
    """Let every home's voters vote over `days` days, most of them early; one reading of turnout a day."""
    with stage.writing() as session:
        ids = {home.name: unit_named(session, home.name).id for home in homes}
    electorates = [
        Electorate.of(stage.databases, stage.settings, played.round_id, ids[home.name], home, stage.chance)
        for home in homes
    ]
    cast = 0
    for day in range(days):
        stage.at(first_day - day, 12)
        for electorate in electorates:
            left = len(electorate.pending)
            share = left if day == days - 1 else round(left * 0.42)
            cast += electorate.vote(share, at=stage.now)
        stage.at(first_day - day - 1, 6)
        with stage.writing() as session:
            write_day(session, at=stage.now)
    return cast


def close_and_open_box(stage: Stage, played: Played, *, opened: int) -> None:
    """Close at the announced hour, open the box with both halves, tear up the slips, let it be rated."""
    with stage.writing() as session:
        closes_at = session.get_one(Round, played.round_id).closes_at
    stage.now = closes_at + timedelta(minutes=1)
    _by_officer(stage, played, request_close)
    stage.now = closes_at + timedelta(minutes=20)
    stage.work()
    stage.at(opened)
    with stage.writing() as session:
        first = actor_named(session, CUSTODIANS[0], Role.CUSTODIAN, round_id=played.round_id)
    count(stage.workshop, played.round_id, played.halves, first, workers=2)
    with stage.writing() as session:
        round_ = session.get_one(Round, played.round_id, with_for_update=True)
        for login in CUSTODIANS:
            custodian = actor_named(session, login, Role.CUSTODIAN, round_id=played.round_id)
            confirm_destruction(session, custodian, round_, at=stage.now)
    stage.work()


def window(stage: Stage, opened_days_ago: int, closes_in_days: int) -> tuple[datetime, datetime]:
    """A voting window from 8:00 so many days ago to 18:00 in so many days (negative: in the past)."""
    return (
        at_beijing(stage.today - timedelta(days=opened_days_ago), time(8, 0)),
        at_beijing(stage.today + timedelta(days=closes_in_days), time(18, 0)),
    )
