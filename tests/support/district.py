"""A district as its officer sees it: streets, an industry beside them, rated homes, orders in every mood."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.accounts.models import Post
from survey_app.core.actor import Role
from survey_app.core.db import Databases, committing, write_session
from survey_app.counting.models import HomeCount
from survey_app.rectification import proposing
from survey_app.rectification.models import OrderState
from survey_app.rectification.orders import problems_of
from survey_app.results.models import Result, ResultState
from survey_app.rosters.models import Roster, RosterState
from survey_app.rounds.models import Round, RoundHome
from survey_app.units.models import Unit, UnitKind
from tests.support.cast import make_account, make_home, make_unit
from tests.support.orders import advance, make_rated_round, make_result, make_stage

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PUBLISHED_AT = datetime(2026, 9, 10, 2, 0, tzinfo=UTC)
NAMES = (
    *("长河机械", "青禾纺织", "恒远物业", "北塔物流", "云桥供水", "新竹电子"),
    *("晨光食品", "柳堤环卫", "河湾小学", "正和医院", "东门商场", "大众公交"),
)
Answers = tuple[int, int, int, int]
KINDS: tuple[Answers, ...] = (
    (84, 12, 3, 1),
    (70, 22, 6, 2),
    (44, 38, 15, 3),
    (30, 33, 35, 2),
    (14, 31, 52, 3),
)


@dataclass
class District:
    """The units and people of the district, and what was made for them."""

    city: Unit
    unit: Unit
    streets: list[Unit]
    industry: Unit
    homes: list[Unit]
    round: Round
    officer: Post
    auditor: Post
    stranger: Post
    chairs: dict[int, Post] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)


def build_district(databases: Databases, homes: int = 24) -> District:
    """Homes of the streets, of the industry (with a street as partner), and of the district itself."""
    with committing(write_session(databases.roster)) as session:
        district = _units(session, homes)
        for number, home in enumerate(district.homes):
            district.chairs[home.id] = make_account(session, Role.CHAIR, home)[1]
            if number % 8 != 7:
                district.results[home.id] = _rated(session, district, home, number)
        _waiting_roster(session, district.homes[7])
    return district


def _units(session: Session, homes: int) -> District:
    city = make_unit(session, "江州市总工会")
    unit = make_unit(
        session, "柳堤区总工会", parent=city, document_prefix="柳总工", chair_phone="010-0000-0000"
    )
    streets = [
        make_unit(session, name, UnitKind.TOWNSHIP_UNION, unit)
        for name in ("河湾街道总工会", "北塔街道总工会")
    ]
    industry = make_unit(
        session, "装备制造产业工会", UnitKind.INDUSTRIAL_UNION, unit, document_prefix="装产工"
    )
    made = [_home(session, number, unit, streets, industry) for number in range(homes)]
    round_ = make_rated_round(session, unit, made)
    return District(
        city=city,
        unit=unit,
        streets=streets,
        industry=industry,
        homes=made,
        round=round_,
        officer=make_account(session, Role.OFFICER, unit, name="区经办人")[1],
        auditor=make_account(session, Role.AUDITOR, unit)[1],
        stranger=make_account(session, Role.OFFICER, make_unit(session, "北关区总工会", parent=city))[1],
    )


def _home(session: Session, number: int, unit: Unit, streets: list[Unit], industry: Unit) -> Unit:
    short = NAMES[number % len(NAMES)] + ("" if number < len(NAMES) else "二分")
    above = [streets[0], streets[1], industry, unit][number % 4]
    partner = streets[number % 2] if above is industry else None
    return make_home(session, above, f"{short}公司工会", territory=partner, short_name=f"{short}公司")


def _rated(session: Session, district: District, home: Unit, number: int) -> Result:
    """A count, a result, and for unhappy homes what followed."""
    size = (40, 96, 150, 220, 320)[number * 7 % 5] + number
    shares = KINDS[(number * 3) % 5]
    moved = random.Random(number).randint(-4, 4)
    ballots = [size * share // 100 for share in (shares[0] - moved, shares[1], shares[2] + moved, shares[3])]
    ballots[2] = max(ballots[2], 0)
    overall = (ballots[0], ballots[1], ballots[2], ballots[3])
    members = round(sum(overall) / (0.6 + 0.03 * (number % 10)))
    place = session.get_one(RoundHome, (district.round.id, home.id))
    place.members = members
    add_count(session, district.round.id, home.id, members, sum(overall))
    state = (ResultState.PUBLISHED, ResultState.PUBLISHED, ResultState.PROVISIONAL)[number % 3]
    result = make_result(
        session, district.round, home, overall, weak={}, state=state, members=members, at=PUBLISHED_AT
    )
    if state is ResultState.PUBLISHED:
        result.published_at = PUBLISHED_AT
        result.objection_until = date(2026, 9, 24)
    else:
        result.provisional_at, result.objection_until = NOW - timedelta(days=6), date(2026, 11, 24)
    session.flush()
    if result.rating_class == "DISSATISFIED" and state is ResultState.PUBLISHED:
        _order(session, district, home, result, number)
    return result


def add_count(session: Session, round_id: str, home_id: int, members: int, valid: int) -> None:
    """What an opening leaves on the roster side for a home."""
    digests = dict.fromkeys(("leaves_root", "ballots_digest", "tallies_digest"), bytes(32))
    zero = dict.fromkeys(("replaced", "exchanged_card", "exchanged_paper", "paper", "void"), 0)
    lists: dict[str, list[object]] = {"held": [], "acceptances": [], "groups": []}
    session.add(
        HomeCount(
            round_id=round_id,
            home_id=home_id,
            members=members,
            issued=valid,
            sealed=valid,
            valid=valid,
            unopened=False,
            **digests,
            **zero,
            **lists,
        )
    )


def _order(session: Session, district: District, home: Unit, result: Result, number: int) -> None:
    """Orders in different states, some of them late by the district's day."""
    stage = make_stage(session, district.unit, home)
    order = proposing.propose(session, stage.issuer, result, at=PUBLISHED_AT)
    if order is None:
        return
    for problem, grade in zip(problems_of(session, order), "ABCB", strict=False):
        problem.grade = grade
    session.flush()
    states = (OrderState.RECTIFYING, OrderState.PLAN_UNDER_REVIEW, OrderState.AWAITING_INSPECTION)
    days_ago = (60, 12, 40)[number % 3]
    advance(session, stage, order, states[number % 3], at=NOW - timedelta(days=days_ago))


def _waiting_roster(session: Session, home: Unit) -> None:
    session.add(
        Roster(
            home_id=home.id,
            year=2026,
            eligible_on=date(2026, 11, 1),
            state=RosterState.SUBMITTED,
            members=88,
            warnings=[],
            submitted_at=NOW,
        )
    )
