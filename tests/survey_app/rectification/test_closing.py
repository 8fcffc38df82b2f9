"""The end of an order: the members' yes by rule, a person only with a reason; withdrawn, reopened."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.errors import Invalid, Refused
from survey_app.rectification import closing, inspecting, merged_homes, proposing, rectifying
from survey_app.rectification.background import every_day
from survey_app.rectification.inspectors import Inspector
from survey_app.rectification.ledger import holder_of, ledger_counts
from survey_app.rectification.models import Event, NumberedPaper, Order, OrderState, Problem
from survey_app.rectification.orders import problems_of
from survey_app.rectification.page import change_sentence, order_page
from survey_app.rectification.papers import paper_of
from survey_app.rectification.public_story import public_story
from survey_app.rectification.queries import open_orders_of, visible_order
from survey_app.rectification.todo import todo_rows
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import Round, RoundKind, RoundState
from survey_app.units.models import UnitKind
from survey_app.units.operations import close_unit
from tests.support.cast import actor_for, make_account, make_home, make_unit
from tests.support.orders import (
    HAPPY,
    ISSUED_AT,
    REMINDED,
    UNHAPPY,
    advance,
    finding,
    make_order,
    make_rated_round,
    make_result,
    make_stage,
)

S = OrderState
AT = ISSUED_AT + timedelta(days=30)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def second_vote(session, stage, order, overall, state=ResultState.FINAL):
    rated = session.get_one(Result, order.result_id)
    round_ = make_rated_round(
        session, stage.lead, [stage.home], kind=RoundKind.RE_EVALUATION, follows=rated.round_id
    )
    closing.begin_re_evaluation(session, stage.issuer, order, round_, at=AT)
    return make_result(session, round_, stage.home, overall, weak={}, state=state)


def test_the_members_yes_closes_by_rule_and_every_problem_has_its_slip(session, stage):
    order = make_order(session, stage, S.PASSED)
    second_vote(session, stage, order, HAPPY)
    assert closing.conclude(session, order, at=AT)
    assert (order.state, order.closed_by_rule, order.close_ground) == (S.CLOSED, True, "")
    assert {one.state for one in problems_of(session, order)} == {"closed"}
    slips = session.scalars(select(NumberedPaper).where(NumberedPaper.paper == "closing")).all()
    assert [row.text for row in slips] == [f"柳总工销〔2026〕{n}号" for n in (1, 2, 3)]
    story = public_story(session, stage.home.id, AT.date())[0]
    assert (story.before, story.after, story.closed_by_rule) == ("DISSATISFIED", "ELIGIBLE", True)
    assert open_orders_of(session, stage.home.id) == []
    page = order_page(session, stage.issuer, order, AT.date(), "zh-CN")
    rated, voted = page.result, page.after
    for words in (f"再评以前{rated.combined:.2f}", f"再评以后{voted.combined:.2f}", "个百分点，范围"):
        assert words in page.change_sentence, words
    assert change_sentence(rated, rated).endswith("两次看不出差别。")
    rated.combined = None
    assert page.change_sentence == "", "what may not be shown is not compared"


@pytest.mark.parametrize("state", [ResultState.PROVISIONAL, ResultState.OBJECTED, ResultState.HELD])
def test_a_second_vote_that_is_not_final_closes_nothing(session, stage, state):
    order = make_order(session, stage, S.PASSED)
    second_vote(session, stage, order, HAPPY, state)
    assert not closing.conclude(session, order, at=AT)
    with pytest.raises(Refused) as refusal:
        closing.close_by_decision(session, stage.issuer, order, reason="等不及", at=AT)
    assert refusal.value.code == "re_evaluation_not_final"
    assert order.state == S.REEVALUATION


def test_the_members_no_waits_for_a_person_who_sends_it_back_or_gives_a_reason(session, stage):
    order = make_order(session, stage, S.PASSED)
    second_vote(session, stage, order, UNHAPPY)
    assert not closing.conclude(session, order, at=AT)
    assert closing.hand_to_decision(session, order, at=AT)
    assert (order.state, holder_of(order)) == (S.VOTE_SHORT, "issuer")
    (row,) = todo_rows(session, stage.issuer, AT.date())
    assert (row.kind, row.due_on) == ("decide_after_vote", order.next_due_on)
    event = session.scalars(select(Event).where(Event.kind == "vote_fell_short")).one()
    assert (event.values["before"], event.values["after"]) == ("DISSATISFIED", "DISSATISFIED")
    offered = {act.action for act in order_page(session, stage.issuer, order, AT.date(), "zh-CN").equal_acts}
    assert offered == {"close_by_decision", "fall_short"}
    seen = order_page(session, stage.inspector, order, AT.date(), "zh-CN").equal_acts
    assert {act.action for act in seen} == {"fall_short"}, "who inspected cannot close"
    with pytest.raises(Invalid):
        closing.close_by_decision(session, stage.issuer, order, reason=" ", at=AT)
    weekend = date(2026, 11, 14)
    with pytest.raises(Invalid):
        closing.fall_short(session, stage.issuer, order, reason="没到合格", new_due_on=weekend, at=AT)
    closing.fall_short(session, stage.issuer, order, reason="没到合格", new_due_on=date(2026, 11, 16), at=AT)
    assert order.state == S.RECTIFYING
    assert {one.state for one in problems_of(session, order)} == {"rectifying"}
    assert (order.next_due_on, order.next_due_kind) == (date(2026, 11, 16), "completion")


@pytest.mark.parametrize("how", ["cancelled", "voided"])
def test_a_second_vote_without_a_result_leads_back_and_another_can_be_arranged(session, stage, how):
    order = make_order(session, stage, S.PASSED)
    result = second_vote(session, stage, order, HAPPY, ResultState.PROVISIONAL)
    assert not closing.call_off_vote(session, order, at=AT), "while the vote lives it is waited for"
    if how == "voided":
        result.state = ResultState.VOIDED
    else:
        session.get_one(Round, order.re_evaluation_round_id).state = RoundState.CANCELLED
    session.flush()
    with pytest.raises(Refused):
        closing.close_by_decision(session, stage.issuer, order, reason="等不及", at=AT)
    assert closing.call_off_vote(session, order, at=AT)
    assert (order.state, order.re_evaluation_round_id) == (S.PASSED, None)
    event = session.scalars(select(Event).where(Event.kind == "vote_called_off")).one()
    assert event.told, "the home was told"
    assert [row.kind for row in todo_rows(session, stage.issuer, AT.date())] == ["re_evaluate"]
    second_vote(session, stage, order, HAPPY)
    assert closing.conclude(session, order, at=AT)


def test_the_home_hears_of_a_new_order_once_it_is_signed(session, stage):
    order = make_order(session, stage, S.PASSED)
    closing.close_by_decision(session, stage.issuer, order, reason="不足10人", at=AT)
    again = closing.reopen(session, stage.issuer, order, reason="门又锁了", at=AT)

    def seen(actor):
        return order_page(session, actor, order, AT.date(), "zh-CN").reopened

    assert (seen(stage.issuer), seen(stage.chair)) == (again, None), "a draft is not the home's to open"
    proposing.issue(session, stage.issuer, again, at=AT)
    assert seen(stage.chair) is again


def test_a_decision_is_shown_as_such(session, stage):
    order = make_order(session, stage, S.PASSED)
    closing.close_by_decision(session, stage.issuer, order, reason="不足10人", at=AT)
    story = public_story(session, stage.home.id, AT.date())[0]
    assert (story.closed_by_rule, story.close_ground) == (False, "不足10人")


def test_only_a_second_vote_of_this_home_after_this_round_counts(session, stage):
    order = make_order(session, stage, S.PASSED)
    stranger = make_rated_round(session, stage.lead, [stage.home], kind=RoundKind.RE_EVALUATION)
    with pytest.raises(Refused) as refusal:
        closing.begin_re_evaluation(session, stage.issuer, order, stranger, at=AT)
    assert refusal.value.code == "re_evaluation_of_another_round"
    rated = session.get_one(Result, order.result_id)
    elsewhere = make_rated_round(
        session,
        stage.lead,
        [make_home(session, stage.lead)],
        kind=RoundKind.RE_EVALUATION,
        follows=rated.round_id,
    )
    with pytest.raises(Refused) as refusal:
        closing.begin_re_evaluation(session, stage.issuer, order, elsewhere, at=AT)
    assert refusal.value.code == "not_a_re_evaluation"


def test_a_long_term_item_does_not_keep_the_order_open(session, stage):
    order = make_order(session, stage, S.AWAITING_INSPECTION)
    problems = problems_of(session, order)
    findings = [
        finding(session, one, "keep_long_term" if one is problems[2] else "pass", AT.date())
        for one in problems
    ]
    inspecting.inspect(
        session,
        stage.inspector,
        order,
        findings,
        inspected_on=AT.date(),
        way="实地",
        others=[Inspector("王兰", "柳堤区总工会")],
        at=AT,
    )
    assert order.state == S.PASSED
    closing.close_by_decision(session, stage.issuer, order, reason="不足10人", at=AT)
    assert [one.state for one in problems_of(session, order)] == ["closed", "closed", "long_term"]


def test_a_reminder_ends_with_the_superiors_word(session, stage):
    order = make_order(session, stage, S.NOTED, overall=REMINDED)
    assert order.next_due_kind == "review"
    closing.close_reminder(session, stage.issuer, order, at=AT)
    assert (order.state, order.next_due_on) == (S.CLOSED, None)
    assert session.scalars(select(NumberedPaper)).all() == []


def test_a_withdrawn_order_runs_no_more(session, stage):
    order = make_order(session, stage, S.RECTIFYING)
    with pytest.raises(Invalid):
        closing.withdraw(session, stage.issuer, order, reason="", at=AT)
    closing.withdraw(session, stage.issuer, order, reason="评议作废", at=AT)
    assert (order.state, order.next_due_on) == (S.WITHDRAWN, None)
    assert {one.state for one in problems_of(session, order)} == {"withdrawn"}
    assert public_story(session, stage.home.id, AT.date()) == []


def test_reopening_drafts_a_new_order_that_points_back(session, stage):
    order = make_order(session, stage, S.PASSED)
    closing.close_by_decision(session, stage.issuer, order, reason="不足10人", at=AT)
    again = closing.reopen(session, stage.issuer, order, reason="门又锁了", at=AT)
    assert (again.reopens_id, again.state, order.state) == (order.id, S.DRAFT, S.CLOSED)
    assert len(problems_of(session, again)) == 3
    assert closing.reopened(session, order) is again
    proposing.issue(session, stage.issuer, again, at=AT)
    assert again.number == "柳总工改〔2026〕2号"
    with pytest.raises(Refused):
        closing.reopen(session, stage.issuer, order, reason="又锁了", at=AT)


def test_lead_and_co_supervisor_change_places_and_each_tree_counts_the_order_once(session):
    city = make_unit(session, "江州市总工会")
    street = make_unit(session, "河湾街道总工会", UnitKind.TOWNSHIP_UNION, parent=city)
    lead = make_unit(session, "柳堤区总工会", parent=city)
    stage = make_stage(session, lead, make_home(session, lead, territory=street))
    order = make_order(session, stage, S.RECTIFYING)
    beside = actor_for(session, make_account(session, Role.OFFICER, street)[1])
    above = actor_for(session, make_account(session, Role.OFFICER, city)[1])
    for actor in (stage.issuer, beside, above):
        assert ledger_counts(session, actor, AT.date()).open == 1
    closing.hand_over(session, stage.issuer, order, reason="分工调整", at=AT)
    assert (order.lead_id, order.co_id) == (street.id, lead.id)
    with pytest.raises(Refused):
        closing.withdraw(session, stage.issuer, order, reason="x", at=AT)
    for actor in (stage.issuer, beside, above):
        assert ledger_counts(session, actor, AT.date()).open == 1
        assert visible_order(session, actor, order.id) is order


def test_without_a_co_supervisor_there_is_nobody_to_hand_over_to(session, stage):
    order = make_order(session, stage, S.RECTIFYING)
    with pytest.raises(Refused) as refusal:
        closing.hand_over(session, stage.issuer, order, reason="分工", at=AT)
    assert refusal.value.code == "no_co_supervisor"


def test_an_open_order_goes_with_its_home_into_another(session, stage):
    order = make_order(session, stage, S.RECTIFYING)
    successor = make_home(session, stage.lead, "新合纺织集团工会")
    chair = actor_for(session, make_account(session, Role.CHAIR, successor)[1])
    clerk = actor_for(session, make_account(session, Role.ADMINISTRATOR, stage.lead)[1])
    close_unit(
        session,
        clerk,
        stage.home,
        effective_on=AT.date(),
        at=AT - timedelta(days=5),
        merged_into=successor,
    )
    assert merged_homes.follow_merges(session, at=AT - timedelta(days=1)) == 0, "not before its day"
    every_day(session, at=AT)
    assert order.home_id == successor.id
    event = session.scalars(select(Event).where(Event.kind == "home_merged")).one()
    assert (event.values["before"], event.values["after"]) == ("青禾纺织公司工会", "新合纺织集团工会")
    assert event.told, "the new chair was told"
    assert visible_order(session, chair, order.id) is order
    rectifying.add_progress(session, chair, order, problems_of(session, order)[0], text="接着办", at=AT)
    notice = paper_of(session, order, "order", order.id, order.number, AT.date())
    assert notice.addressees == ("青禾纺织公司工会",), "what was signed keeps its name"
    assert public_story(session, successor.id, AT.date())[0].number == order.number
    assert merged_homes.follow_merges(session, at=AT) == 0


def test_a_problem_that_comes_back_is_seen(session, stage):
    first = make_order(session, stage, S.PASSED)
    closing.close_by_decision(session, stage.issuer, first, reason="不足10人", at=AT)
    round_ = make_rated_round(session, stage.lead, [stage.home], year=2027)
    result = make_result(session, round_, stage.home, at=AT + timedelta(days=300))
    second = proposing.propose(session, stage.issuer, result, at=AT + timedelta(days=300))
    page = order_page(session, stage.issuer, second, date(2027, 9, 1), "zh-CN")
    assert [line.earlier.id for line in page.problems] == [first.id] * 3
    assert ledger_counts(session, stage.issuer, date(2027, 9, 1)).recurring == 1


def test_the_public_story_names_nobody_and_says_since_when_it_is_late(session, stage):
    order = make_order(session, stage, S.RECTIFYING)
    first = session.scalars(select(Problem).where(Problem.order_id == order.id)).first()
    story = public_story(session, stage.home.id, date(2026, 11, 20))[0]
    late = [one for one in story.problems if one.overdue_since]
    assert late[0].ordinal == first.ordinal
    assert late[0].overdue_since == date(2026, 10, 15)
    text = repr(story)
    for name in (stage.issuer.name, stage.chair.name, stage.inspector.name):
        assert name not in text
    advance(session, stage, order, S.PASSED, at=ISSUED_AT + timedelta(days=10))
    assert public_story(session, stage.home.id, date(2026, 9, 30))[0].overdue_since is None


def test_every_line_of_the_story_has_its_words(session, stage):
    from survey_app.rectification.event_wording import EVENTS

    order = make_order(session, stage, S.PASSED)
    second_vote(session, stage, order, HAPPY)
    closing.conclude(session, order, at=AT)
    for event in session.scalars(select(Event)):
        words = EVENTS[event.kind]
        assert str(words.sentence) % event.values
        assert not event.told or words.message is not None
    assert session.scalars(select(Order)).one().state == S.CLOSED
