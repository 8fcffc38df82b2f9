"""Planning a round: its homes, its window, its duties, and what stands in the way of each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import SYSTEM, Actor, Role
from survey_app.core.db import Databases, committing, write_session
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.counting.operations import request_prepare
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.instruments.operations import store_bundled
from survey_app.outbox.models import Job
from survey_app.rosters.models import Roster, RosterState
from survey_app.rounds import operations
from survey_app.rounds.appointments import appoint, duties
from survey_app.rounds.models import Round, RoundState, SchemeVersion
from survey_app.rounds.policy import Policy
from survey_app.rounds.queries import organised_round, round_homes, visible_round
from survey_app.rounds.readiness import missing_before
from survey_app.rounds.requirements import register_requirements
from survey_app.units.models import Unit
from tests.support.cast import actor_for, make_account, make_home, make_unit

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
OPENS, CLOSES = AT + timedelta(days=7), AT + timedelta(days=20)


@dataclass
class Office:
    """A district, its officer, a street below it, and the neighbouring district."""

    session: Session
    district: Unit
    officer: Actor
    home: Unit
    neighbour: Unit
    scheme: SchemeVersion
    form: QuestionnaireVersion

    def round(self, **values: object) -> Round:
        given = {"title": "年度评议", "year": 2026, "opens_at": OPENS, "closes_at": CLOSES, **values}
        return operations.create_round(
            self.session, self.officer, self.district, self.scheme, self.form, values=given, at=AT
        )


@pytest.fixture
def office(databases: Databases):  # type: ignore[no-untyped-def]  # a generator of Office
    register_requirements()
    with committing(write_session(databases.roster)) as session:
        city = make_unit(session, "江州市总工会")
        district = make_unit(session, "柳堤区总工会", parent=city)
        other = make_unit(session, "东关区总工会", parent=city)
        _account, post = make_account(session, Role.OFFICER, district)
        officer = actor_for(session, post)
        scheme = operations.issue_scheme(
            session, officer, district, year=2026, title="办法", policy=Policy(), at=AT
        )
        form = next(v for v in store_bundled(session, SYSTEM, at=AT) if v.name == "national-core-1")
        yield Office(
            session,
            district,
            officer,
            make_home(session, district),
            make_home(session, other),
            scheme,
            form,
        )


def test_a_home_takes_part_in_one_ordinary_round_a_year(office: Office) -> None:
    first, second = office.round(), office.round()
    operations.set_homes(office.session, office.officer, first, [office.home.id], at=AT)
    with pytest.raises(Invalid) as caught:
        operations.set_homes(office.session, office.officer, second, [office.home.id], at=AT)
    assert [fault.code for fault in caught.value.faults] == ["home_has_a_round"]
    practice = office.round(kind="practice")
    operations.set_homes(office.session, office.officer, practice, [office.home.id], at=AT)


def test_a_cancelled_round_gives_its_homes_back(office: Office) -> None:
    first, second = office.round(), office.round()
    operations.set_homes(office.session, office.officer, first, [office.home.id], at=AT)
    operations.cancel_round(office.session, office.officer, first, reason="时间不合适", at=AT)
    assert first.state == RoundState.CANCELLED
    operations.set_homes(office.session, office.officer, second, [office.home.id], at=AT)
    jobs = office.session.scalars(select(Job.kind)).all()
    assert jobs == ["counting.destroy"]


def test_a_home_outside_the_line_of_affiliation_is_refused(office: Office) -> None:
    with pytest.raises(Invalid) as caught:
        operations.set_homes(office.session, office.officer, office.round(), [office.neighbour.id], at=AT)
    assert [fault.code for fault in caught.value.faults] == ["home_not_in_line"]


def test_a_round_of_another_district_is_not_there(office: Office) -> None:
    stranger_home = office.neighbour
    _account, post = make_account(office.session, Role.CHAIR, stranger_home)
    stranger = actor_for(office.session, post)
    round_ = office.round()
    for reads in (visible_round, organised_round):
        with pytest.raises(NotFound):
            reads(office.session, stranger, round_.id)


def test_a_window_must_lie_ahead_and_both_faults_are_listed(office: Office) -> None:
    with pytest.raises(Invalid) as caught:
        office.round(opens_at=AT - timedelta(days=1), closes_at=AT - timedelta(days=2))
    assert {fault.code for fault in caught.value.faults} == {
        "round_opens_in_the_past",
        "round_closes_before_opening",
        "round_closes_in_the_past",
    }


def test_a_plan_that_cannot_be_kept_is_refused_with_all_its_faults(office: Office) -> None:
    round_ = office.round()
    values = {
        "opens_at": AT - timedelta(days=40),
        "opening_planned_on": (CLOSES - timedelta(days=3)).date(),
        "deputies": ["张三", "张三"],
    }
    with pytest.raises(Invalid) as caught:
        operations.edit_round(
            office.session, office.officer, round_, values=values, version=round_.version, at=AT
        )
    assert [(fault.code, fault.where) for fault in caught.value.faults] == [
        ("round_opens_in_the_past", "opens_on"),
        ("round_opening_before_close", "opening_planned_on"),
        ("round_deputies_same", "deputy_2"),
    ]
    sound = {"opening_planned_on": CLOSES.date(), "deputies": ["张三", "李四"]}
    operations.edit_round(office.session, office.officer, round_, values=sound, version=round_.version, at=AT)


def test_two_editors_do_not_overwrite_each_other(office: Office) -> None:
    round_ = office.round()
    read = round_.version
    operations.edit_round(
        office.session, office.officer, round_, values={"notice": "第一位写的"}, version=read, at=AT
    )
    with pytest.raises(Conflict):
        operations.edit_round(
            office.session, office.officer, round_, values={"notice": "第二位写的"}, version=read, at=AT
        )
    assert round_.notice == "第一位写的"


def test_the_close_moves_once_and_only_later(office: Office) -> None:
    round_ = office.round()
    round_.state = RoundState.VOTING
    later = CLOSES + timedelta(days=3)
    with pytest.raises(Invalid):
        operations.extend_round(office.session, office.officer, round_, closes_at=CLOSES, reason="", at=AT)
    operations.extend_round(office.session, office.officer, round_, closes_at=later, reason="台风停工", at=AT)
    assert (round_.closes_at, round_.first_closes_at) == (later, CLOSES)
    with pytest.raises(Refused):
        operations.extend_round(
            office.session,
            office.officer,
            round_,
            closes_at=later + timedelta(days=1),
            reason="再延",
            at=AT,
        )


def test_an_extension_after_the_close_is_refused(office: Office) -> None:
    round_ = office.round()
    round_.state = RoundState.VOTING
    with pytest.raises(Refused) as caught:
        operations.extend_round(
            office.session,
            office.officer,
            round_,
            closes_at=CLOSES + timedelta(days=2),
            reason="晚了",
            at=CLOSES,
        )
    assert caught.value.code == "round_close_has_passed"


def test_the_rated_chair_holds_no_duty(office: Office) -> None:
    round_ = office.round()
    operations.set_homes(office.session, office.officer, round_, [office.home.id], at=AT)
    chair, _post = make_account(office.session, Role.CHAIR, office.home)
    for role, unit in ((Role.CUSTODIAN, office.district), (Role.WORKING_GROUP, office.home)):
        with pytest.raises(Invalid) as caught:
            appoint(office.session, office.officer, round_, chair, role, unit, at=AT)
        assert caught.value.faults[0].code == "rated_chair_holds_no_duty"
    assert duties(office.session, round_.id) == []


def test_everything_missing_is_listed_with_its_owner(office: Office) -> None:
    round_ = office.round()
    operations.set_homes(office.session, office.officer, round_, [office.home.id], at=AT)
    missing = missing_before(office.session, round_, "ready")
    assert {item.code for item in missing} >= {
        "notice_missing",
        "privacy_handler_missing",
        "privacy_contact_missing",
        "opening_day_missing",
        "deputies_missing",
        "roster_not_imported",
        "custodians_missing",
        "opening_key_missing",
    }
    assert {item.owner for item in missing} == {"organiser", "chair", "custodians"}
    list_ = Roster(home_id=office.home.id, year=2026, eligible_on=AT.date(), warnings=[], members=31)
    list_.state = str(RosterState.CONFIRMED)
    office.session.add(list_)
    office.session.flush()
    # Confirmed after the homes were chosen: nobody has to save them once more.
    codes = {item.code for item in missing_before(office.session, round_, "ready")}
    assert not any(code.startswith("roster_") for code in codes)
    assert "notice_missing" in codes
    for enough in (False, True):
        make_account(office.session, Role.CUSTODIAN, office.district, round_.id)
        codes = {item.code for item in missing_before(office.session, round_, "ready")}
        assert ("custodians_missing" not in codes) is enough, "one person alone never holds the box"
    round_.notice, round_.privacy_handler, round_.privacy_contact = "通知", "区总工会", "电话"
    with pytest.raises(Invalid):
        request_prepare(office.session, office.officer, round_, at=AT)
    [(row, _unit)] = round_homes(office.session, round_.id)
    assert (row.roster_id, row.members) == (list_.id, 31)


def test_a_chair_cannot_plan_a_round(office: Office) -> None:
    _account, post = make_account(office.session, Role.CHAIR, office.home)
    chair = actor_for(office.session, post)
    with pytest.raises(Refused):
        operations.create_round(
            office.session,
            chair,
            office.district,
            office.scheme,
            office.form,
            values={"title": "x", "year": 2026, "opens_at": OPENS, "closes_at": CLOSES},
            at=AT,
        )


def test_a_looser_policy_below_is_refused_and_a_tighter_one_issued(office: Office) -> None:
    street = make_unit(office.session, "河湾街道总工会", parent=office.district)
    _account, post = make_account(office.session, Role.OFFICER, street)
    officer = actor_for(office.session, post)
    with pytest.raises(Invalid):
        operations.issue_scheme(
            office.session,
            officer,
            street,
            year=2026,
            title="宽",
            policy=Policy(min_turnout="1/3"),
            at=AT,
        )
    tighter = operations.issue_scheme(
        office.session, officer, street, year=2026, title="严", policy=Policy(min_turnout="2/3"), at=AT
    )
    assert tighter.edition == 1
