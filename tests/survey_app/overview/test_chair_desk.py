"""The chair's desk: one notice for every situation, turnout only before the opening, nothing hidden."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from survey_app.app import create_app
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations.models import TurnoutDay
from survey_app.results.models import Result, ResultState
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.seals.sheet import report_fingerprint
from tests.support.cast import StandingClock, make_account, make_app, make_home, make_unit, signed_in_client
from tests.support.counted_home import COUNTED_AT, CountedClassSpec, CountedSpec, build_counted
from tests.support.district import add_count
from tests.support.orders import ISSUED_AT, OrderState, make_order, make_stage
from tests.support.round_builder import DURING, HomeSpec, build_round

HOME = CountedSpec(
    (
        CountedClassSpec("合同制", 100, (30, 20, 12, 3)),
        CountedClassSpec("劳务派遣", 60, (20, 14, 5, 1)),
    ),
    name="长河机械厂工会",
)
ANY_SCORE = ("综合满意率", "满意率", 'id="overall"', "每一题的票数", "100位会员里")


@pytest.fixture
def counted(settings, databases):
    return build_counted(settings, databases, HOME, HOME.__class__.of(12, (5, 1, 1, 0))).rate()


@pytest.fixture
def planned(settings, databases):
    """A draft round over a large home and a small one, rosters confirmed."""
    return build_round(settings, databases, (HomeSpec.of(186), HomeSpec.of(24)))


def desk_of(built, post, at):
    app = make_app(built.settings, built.databases, StandingClock(at))
    answer = signed_in_client(app, built.databases, post).get("/desk")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def set_round(built, **values):
    with committing(write_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        for name, value in values.items():
            setattr(round_, name, value)


def set_roster(built, **values):
    with committing(write_session(built.databases.roster)) as session:
        roster = session.query(Roster).filter_by(home_id=built.home_ids[0]).one()
        for name, value in values.items():
            setattr(roster, name, value)


@pytest.mark.parametrize(
    ("values", "heading"),
    [
        ({"state": RosterState.DRAFT}, "花名册导入了，还没报上级"),
        ({"state": RosterState.DRAFT, "return_reason": "少了二车间"}, "花名册退回来了，请改好再报"),
        ({"state": RosterState.SUBMITTED}, "花名册已报上级，等确认"),
        ({"state": RosterState.CONFIRMED}, "请写给会员的述职报告"),
    ],
)
def test_before_voting_the_roster_decides_the_notice(planned, values, heading):
    set_roster(planned, **values)
    page = desk_of(planned, planned.chair_posts[0], planned.clock())
    assert heading in page
    assert not [word for word in ANY_SCORE if word in page]


def test_without_a_roster_the_desk_says_until_when(planned):
    with committing(write_session(planned.databases.roster)) as session:
        place = session.get_one(RoundHome, (planned.id, planned.home_ids[0]))
        roster_id, place.roster_id = place.roster_id, None
        session.flush()
        roster = session.get_one(Roster, roster_id)
        session.query(RosterMember).filter_by(roster_id=roster.id).delete()
        session.delete(roster)
    page = desk_of(planned, planned.chair_posts[0], planned.clock())
    assert "花名册还没导入" in page
    assert "6月5日（星期五）前导入" in page, "the working day before Monday the 8th"


def test_with_the_report_written_there_is_nothing_to_do(planned):
    with committing(write_session(planned.databases.roster)) as session:
        session.get_one(RoundHome, (planned.id, planned.home_ids[0])).work_report_text = "这一年"
    assert "都准备好了，等开始投票" in desk_of(planned, planned.chair_posts[0], planned.clock())


def test_a_home_without_any_round_waits_for_its_superior(settings, databases):
    with committing(write_session(databases.roster)) as session:
        home = make_home(session, make_unit(session))
        chair = make_account(session, Role.CHAIR, home)[1]
        session.add(
            Roster(
                home_id=home.id,
                year=2026,
                eligible_on=date(2026, 5, 1),
                state=RosterState.CONFIRMED,
                members=30,
                warnings=[],
            )
        )
    app = make_app(settings, databases, StandingClock(DURING))
    page = signed_in_client(app, databases, chair).get("/desk").get_data(as_text=True)
    assert "等上级安排评议" in page


def test_while_voting_there_is_turnout_and_no_score(planned):
    set_round(planned, state=RoundState.VOTING, opened_at=planned.clock())
    with committing(write_session(planned.databases.roster)) as session:
        for home_id in planned.home_ids:
            session.get_one(RoundHome, (planned.id, home_id)).members = (
                186 if home_id == planned.home_ids[0] else 24
            )
        session.add(TurnoutDay(round_id=planned.id, home_id=planned.home_ids[1], day="2026-06-10", used=11))
    large = desk_of(planned, planned.chair_posts[0], DURING)
    small = desk_of(planned, planned.chair_posts[1], DURING)
    assert "已有0人参评，占186人的0.00%" in large
    assert "再有93人，就到一半" in large
    assert "大约45%的会员已参评" in small
    assert "11人" not in small, "a small home's count would show the last ballot fall"
    for page in (large, small):
        assert "开箱前，谁都看不到分数" in page
        assert not [word for word in ANY_SCORE if word in page]


def test_after_the_close_the_turnout_asks_for_nobody_more(planned):
    set_round(planned, state=RoundState.CLOSED)
    with committing(write_session(planned.databases.roster)) as session:
        session.get_one(RoundHome, (planned.id, planned.home_ids[0])).members = 186
    page = desk_of(planned, planned.chair_posts[0], planned.clock())
    assert "差93人没到一半" in page
    assert "再有" not in page


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RoundState.CLOSED, "6月29日由开箱人开箱"),
        (RoundState.COUNTING, "正在计算"),
        (RoundState.COUNTED, "正在计算"),
    ],
)
def test_between_close_and_result_the_desk_says_what_it_waits_for(planned, state, sentence):
    set_round(planned, state=state)
    assert sentence in desk_of(planned, planned.chair_posts[0], planned.clock())


@pytest.mark.parametrize(
    ("values", "heading", "figures"),
    [
        ({}, "对初评结果有没有异议", True),
        ({"state": ResultState.OBJECTED}, "异议已提交，等上级答复", True),
        ({"no_objection_at": COUNTED_AT}, "等上级确认终评", True),
        ({"state": ResultState.FINAL}, "已经终评，等上级向会员公布", True),
        ({"state": ResultState.PUBLISHED, "published_at": COUNTED_AT}, "现在没有要您办的事", True),
        ({"state": ResultState.HELD}, "结果在核实", False),
        ({"state": ResultState.VOIDED}, "这一次评议作废了", False),
    ],
)
def test_after_counting_the_result_decides_the_notice(counted, values, heading, figures):
    with committing(write_session(counted.databases.roster)) as session:
        result = session.query(Result).filter_by(home_id=counted.homes[0].id).one()
        for name, value in values.items():
            setattr(result, name, value)
    page = desk_of(counted, counted.chairs[0], COUNTED_AT)
    assert heading in page
    assert ('id="overall"' in page) is figures
    assert ("100位会员里" in page) is figures


def test_the_duties_that_members_want_changed_are_not_said_to_stand_on_a_list_of_an_order(counted):
    page = desk_of(counted, counted.chairs[0], COUNTED_AT)
    assert "已列入问题清单" not in page
    assert "四个方面是平均分" in page


def test_the_window_ends_by_itself(counted):
    page = desk_of(counted, counted.chairs[0], COUNTED_AT + timedelta(days=21))
    assert "等上级确认终评" in page
    assert "已满，按没有异议办" in page


def test_a_home_with_few_ballots_sees_turnout_and_the_reason(counted):
    page = desk_of(counted, counted.chairs[1], COUNTED_AT)
    assert "不到10张" in page
    assert "每一题的票数" not in page
    assert "100位会员里" not in page


def test_a_year_that_is_only_prepared_does_not_hide_the_one_in_hand(counted):
    coming = build_round(
        counted.settings,
        counted.databases,
        opens_at=COUNTED_AT + timedelta(days=300),
        closes_at=COUNTED_AT + timedelta(days=310),
        organiser=counted.top,
        year=2027,
    )
    with committing(write_session(counted.databases.roster)) as session:
        form = session.get_one(Round, coming.id).questionnaire_id
        here = counted.homes[0].id
        session.add(RoundHome(round_id=coming.id, home_id=here, questionnaire_id=form, members=0))
    page = desk_of(counted, counted.chairs[0], COUNTED_AT)
    assert "对初评结果有没有异议" in page
    assert "2026年度会员评议" in page
    assert 'href="/desk?year=2027"' in page
    assert "2027年度评议：" in page
    app = make_app(counted.settings, counted.databases, StandingClock(COUNTED_AT))
    next_one = signed_in_client(app, counted.databases, counted.chairs[0]).get("/desk?year=2027").text
    assert "2027年度会员评议" in next_one
    assert 'id="overall"' not in next_one
    assert 'href="/desk?year=2026"' in next_one
    with committing(write_session(counted.databases.roster)) as session:
        session.query(Round).filter_by(year=2027).one().state = RoundState.VOTING
    assert "2027年度会员评议" in desk_of(counted, counted.chairs[0], COUNTED_AT), "voting is work too"


def test_an_open_order_is_the_notice_with_its_own_sentence(settings, databases):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        order = make_order(session, stage, OrderState.SERVED)
        place = session.get_one(RoundHome, (session.get_one(Result, order.result_id).round_id, stage.home.id))
        add_count(session, place.round_id, place.home_id, 140, 96)
        session.get_one(Result, order.result_id).state = ResultState.PUBLISHED
    app = make_app(settings, databases, StandingClock(ISSUED_AT + timedelta(hours=1)))
    page = signed_in_client(app, databases, stage.posts["chair"]).get("/desk").get_data(as_text=True)
    assert "请签收。签收不等于同意" in page
    assert f'href="/orders/{order.id}"' in page
    assert order.number in page


def test_the_round_page_is_the_chairs_own(planned):
    app = make_app(planned.settings, planned.databases, StandingClock(planned.clock()))
    chair = signed_in_client(app, planned.databases, planned.chair_posts[0])
    assert chair.get(f"/round/{planned.id}").status_code == 200
    assert chair.get(f"/round/{'0' * 32}").status_code == 404
    officer = signed_in_client(app, planned.databases, planned.officer_post)
    assert officer.get(f"/round/{planned.id}").status_code == 403


def test_no_desk_of_a_chair_names_another_home(counted):
    names = [home.name for home in counted.homes[1:]]
    page = desk_of(counted, counted.chairs[0], COUNTED_AT)
    assert not [name for name in names if name in page]


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_the_work_report_freezes_with_the_round_and_stays_to_be_read(planned):
    chair = planned.chair_posts[0]
    app = create_app(planned.settings, planned.databases, clock=planned.clock)
    browser = signed_in_client(app, planned.databases, chair)
    address = f"/rounds/{planned.id}/report/{planned.home_ids[0]}"
    assert browser.send(address, {"text": "第一份"}).status_code == 303
    assert browser.send(address, {"text": "这一年办了三件事"}).status_code == 303
    planned.prepare()
    refused = browser.send(address, {"text": "投票前换掉的一份"})
    assert refused.status_code != 303
    page = browser.get(address).text
    assert "述职报告已经定了" in page
    assert "这一年办了三件事" in page
    assert "<textarea" not in page
    with reading(read_session(planned.databases.roster)) as session:
        home = session.get_one(RoundHome, (planned.id, planned.home_ids[0]))
        assert home.work_report_text == "这一年办了三件事"
        assert json.loads(home.sheet)["report"] == report_fingerprint("这一年办了三件事")
    assert "写述职报告" not in desk_of(planned, chair, planned.clock())
