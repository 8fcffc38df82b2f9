"""Who may do what to an order: refused in the operation itself, whatever screen, script or clock asks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from survey_app.core.actor import SYSTEM, Role
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.rectification import (
    closing,
    evidence,
    inspecting,
    inspectors,
    planning,
    proposing,
    rectifying,
    serving,
)
from survey_app.rectification.inspectors import Inspector
from survey_app.rectification.models import OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.queries import visible_order
from survey_app.rectification.todo import todo_rows
from survey_app.units.models import UnitKind
from tests.support.cast import actor_for, make_account, make_home, make_unit
from tests.support.orders import (
    ISSUED_AT,
    advance,
    finding,
    inspect,
    make_draft,
    make_order,
    make_stage,
    plan_for,
    report_all,
)

S = OrderState
AT = ISSUED_AT + timedelta(days=4)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def person(session, role, unit):
    return actor_for(session, make_account(session, role, unit)[1])


def code_of(refusal):
    return refusal.value.code


def test_the_home_answers_for_itself_alone(session, stage):
    other = person(session, Role.CHAIR, make_home(session, stage.lead))
    order = make_order(session, stage, S.SERVED)
    with pytest.raises(Refused) as refusal:
        serving.acknowledge(session, other, order, at=AT)
    assert code_of(refusal) == "other_home"
    with pytest.raises(NotFound):
        visible_order(session, other, order.id)


def test_an_officer_cannot_answer_and_a_chair_cannot_decide(session, stage):
    order = make_order(session, stage, S.PLAN_DUE)
    with pytest.raises(Refused):
        planning.submit_plan(session, stage.issuer, order, plan_for(session, order, AT.date()), at=AT)
    planning.submit_plan(session, stage.chair, order, plan_for(session, order, AT.date()), at=AT)
    with pytest.raises(Refused):
        planning.approve_plan(session, stage.chair, order, at=AT)
    with pytest.raises(Refused):
        closing.withdraw(session, stage.chair, order, reason="不想办", at=AT)
    assert order.state == S.PLAN_UNDER_REVIEW


def test_the_territorial_superior_reads_and_does_not_write(session):
    city = make_unit(session, "江州市总工会")
    street = make_unit(session, "河湾街道总工会", UnitKind.TOWNSHIP_UNION, parent=city)
    lead = make_unit(session, "柳堤区总工会", parent=city)
    stage = make_stage(session, lead, make_home(session, lead, territory=street))
    order = make_order(session, stage, S.PLAN_UNDER_REVIEW)
    assert order.co_id == street.id
    beside = person(session, Role.OFFICER, street)
    assert visible_order(session, beside, order.id) is order
    with pytest.raises(Refused) as refusal:
        planning.approve_plan(session, beside, order, at=AT)
    assert code_of(refusal) == "other_lead"
    planning.approve_plan(session, person(session, Role.OFFICER, city), order, at=AT)


def test_the_co_supervisor_may_inspect(session):
    city = make_unit(session, "江州市总工会")
    street = make_unit(session, "河湾街道总工会", UnitKind.TOWNSHIP_UNION, parent=city)
    lead = make_unit(session, "柳堤区总工会", parent=city)
    stage = make_stage(session, lead, make_home(session, lead, territory=street))
    order = make_order(session, stage, S.AWAITING_INSPECTION)
    stage.actors["inspector"] = person(session, Role.OFFICER, street)
    inspect(session, stage, order, "pass", AT + timedelta(days=10))
    assert order.state == S.PASSED


def test_an_auditor_reads_and_changes_nothing(session, stage):
    order = make_order(session, stage, S.SERVED)
    auditor = person(session, Role.AUDITOR, stage.lead)
    assert visible_order(session, auditor, order.id) is order
    for act in (
        lambda: closing.withdraw(session, auditor, order, reason="x", at=AT),
        lambda: serving.acknowledge(session, auditor, order, at=AT),
        lambda: rectifying.send_message(session, auditor, order, text="x", at=AT),
    ):
        with pytest.raises(Refused):
            act()


def test_who_submits_a_draft_cannot_sign_it(session, stage):
    order = make_draft(session, stage)
    proposing.submit(session, stage.issuer, order, at=AT)
    with pytest.raises(Refused) as refusal:
        proposing.issue(session, stage.issuer, order, at=AT)
    assert code_of(refusal) == "another_officer_signs"
    assert [row.kind for row in todo_rows(session, stage.issuer, AT.date())] == []
    proposing.issue(session, stage.inspector, order, at=AT)
    assert order.state == S.SERVED
    assert order.issued_by == stage.inspector.account_id


@pytest.mark.parametrize("how", ["as recorder", "as a named second inspector"])
def test_the_issuer_takes_no_part_in_the_inspection(session, stage, how):
    order = make_order(session, stage, S.AWAITING_INSPECTION)
    at = AT + timedelta(days=10)
    recorder = stage.issuer if how == "as recorder" else stage.inspector
    others = [Inspector("王兰", "区总")] if how == "as recorder" else [Inspector(stage.issuer.name, "区总")]
    findings = [finding(session, one, "pass", at.date()) for one in problems_of(session, order)]
    with pytest.raises(Refused) as refusal:
        inspecting.inspect(
            session, recorder, order, findings, inspected_on=at.date(), way="实地", others=others, at=at
        )
    assert code_of(refusal) == "issuer_may_not_inspect"
    assert order.state == S.AWAITING_INSPECTION


@pytest.mark.parametrize("others", [[], ["", " "], ["self"]])
def test_one_person_is_no_inspection(session, stage, others):
    order = make_order(session, stage, S.AWAITING_INSPECTION)
    at = AT + timedelta(days=10)
    named = [stage.inspector.name if name == "self" else name for name in others]
    findings = [finding(session, one, "pass", at.date()) for one in problems_of(session, order)]
    with pytest.raises(Invalid) as refusal:
        inspecting.inspect(
            session,
            stage.inspector,
            order,
            findings,
            inspected_on=at.date(),
            way="实地",
            others=[Inspector(name, "区总") for name in named],
            at=at,
        )
    assert [fault.code for fault in refusal.value.faults] == ["inspectors_too_few"]


def test_a_colleague_is_chosen_with_the_account_and_cannot_close_either(session, stage):
    """Officers of the lead may be chosen but the recorder and who signed; nobody else's account passes."""
    second = actor_for(session, make_account(session, Role.OFFICER, stage.lead)[1])
    order = make_order(session, stage, S.AWAITING_INSPECTION)
    at = AT + timedelta(days=10)
    offered = inspectors.colleagues(session, stage.inspector, order)
    assert [one.account_id for one in offered] == [second.account_id]
    findings = [finding(session, one, "pass", at.date()) for one in problems_of(session, order)]
    words = {"inspected_on": at.date(), "way": "实地", "at": at}
    unknown = [Inspector("别人", "别处", stage.chair.account_id)]
    with pytest.raises(Invalid) as refusal:
        inspecting.inspect(session, stage.inspector, order, findings, others=unknown, **words)
    assert [fault.code for fault in refusal.value.faults] == ["inspector_unknown"]
    made = inspecting.inspect(session, stage.inspector, order, findings, others=offered, **words)
    assert [one.words for one in inspectors.inspectors_of(made)] == [
        f"{one.name}（{one.unit_name}）" for one in (stage.inspector, second)
    ]
    with pytest.raises(Refused) as closing_refused:
        closing.close_by_decision(session, second, order, reason="差不多了", at=at)
    assert code_of(closing_refused) == "inspector_may_not_close"


@pytest.mark.parametrize("outcome", ["pass", "keep_long_term"])
def test_without_a_file_nothing_passes_that_nobody_answers_for(session, stage, outcome):
    order = make_order(session, stage, S.AWAITING_INSPECTION)
    at = AT + timedelta(days=10)
    problems = problems_of(session, order)
    findings = [inspecting.Finding(one.id, outcome, reason="说得过去") for one in problems]
    others = [Inspector("王兰", "区总")]
    with pytest.raises(Invalid) as refusal:
        inspecting.inspect(
            session,
            stage.inspector,
            order,
            findings,
            inspected_on=at.date(),
            way="实地",
            others=others,
            at=at,
        )
    codes = [fault.code for fault in refusal.value.faults]
    assert codes == ["finding_seen_missing", "finding_without_files"] * 3
    assert {one.state for one in problems} == {"reported"}


def test_nobody_inspects_before_the_report(session, stage):
    order = make_order(session, stage, S.AWAITING_INSPECTION)
    at = AT + timedelta(days=10)
    reported = max(one.reported_on for one in problems_of(session, order))
    findings = [finding(session, one, "pass", at.date()) for one in problems_of(session, order)]
    with pytest.raises(Invalid) as refusal:
        inspecting.inspect(
            session,
            stage.inspector,
            order,
            findings,
            inspected_on=reported - timedelta(days=1),
            way="实地",
            others=[Inspector("王兰", "区总")],
            at=at,
        )
    assert [(one.code, one.details) for one in refusal.value.faults] == [
        ("inspected_before_report", {"day": reported})
    ]
    assert order.state == S.AWAITING_INSPECTION


def test_who_inspected_cannot_close_by_decision(session, stage):
    order = make_order(session, stage, S.PASSED)
    with pytest.raises(Refused) as refusal:
        closing.close_by_decision(session, stage.inspector, order, reason="差不多了", at=AT)
    assert code_of(refusal) == "inspector_may_not_close"
    closing.close_by_decision(session, stage.issuer, order, reason="会员不足10人", at=AT)
    assert (order.state, order.closed_by_rule) == (S.CLOSED, False)


@pytest.mark.parametrize("state", [S.RECTIFYING, S.AWAITING_INSPECTION, S.INSPECTION_FAILED])
def test_nothing_closes_an_order_that_was_not_verified(session, stage, state):
    order = make_order(session, stage, state)
    for person_ in (stage.chair, stage.issuer, stage.inspector, SYSTEM):
        with pytest.raises(Refused):
            closing.close_by_decision(session, person_, order, reason="办完了", at=AT)
    assert not closing.conclude(session, order, at=AT)
    assert order.state == state


def test_only_the_program_deems_an_order_served(session, stage):
    order = make_order(session, stage, S.SERVED)
    from survey_app.rectification.orders import take

    with pytest.raises(Refused):
        take(session, stage.issuer, order, "deem_served")


def test_a_form_that_was_overtaken_is_told_so_and_writes_nothing(session, stage):
    order = make_order(session, stage, S.PLAN_UNDER_REVIEW)
    seen = order.version
    planning.return_plan(session, stage.issuer, order, reason="没有日期", at=AT)
    with pytest.raises(Conflict) as refusal:
        visible_order(session, stage.inspector, order.id, version=seen)
    assert code_of(refusal) == "order_changed_meanwhile"


def test_a_message_does_not_overtake_a_form(session, stage):
    order = make_order(session, stage, S.RECTIFYING)
    seen = order.version
    rectifying.send_message(session, stage.issuer, order, text="有困难请说。", at=AT)
    assert order.version == seen


def test_a_draft_is_not_seen_by_the_home(session, stage):
    order = make_draft(session, stage)
    with pytest.raises(NotFound):
        visible_order(session, stage.chair, order.id)
    proposing.refuse(session, stage.issuer, order, reason="已经改好", at=AT)
    with pytest.raises(NotFound):
        visible_order(session, stage.chair, order.id)


def test_the_ball_is_where_the_state_says(session, stage):
    order = make_draft(session, stage)
    today = AT.date()

    def ball():
        rows = {name: todo_rows(session, stage.actors[name], today) for name in stage.actors}
        return {name: [row.kind for row in found] for name, found in rows.items() if found}

    assert ball() == {"issuer": ["sign"], "inspector": ["sign"]}
    proposing.issue(session, stage.issuer, order, at=AT)
    assert ball() == {"chair": ["acknowledge"]}
    at = advance(session, stage, order, S.PLAN_UNDER_REVIEW, at=AT)
    assert ball() == {"issuer": ["review_plan"], "inspector": ["review_plan"]}
    planning.approve_plan(session, stage.issuer, order, at=at)
    assert ball() == {"chair": ["rectify"]}
    problem = problems_of(session, order)[0]
    rectifying.tag_resources(session, stage.chair, order, problem, wanted="一间房", at=at)
    assert ball() == {"chair": ["rectify"], "issuer": ["grant"], "inspector": ["grant"]}
    rectifying.grant_resources(session, stage.issuer, order, problem, granted="三楼一间", at=at)
    assert ball() == {"chair": ["rectify"]}
    report_all(session, stage, order, at)
    assert ball() == {"inspector": ["inspect"]}, "the issuer may not inspect, so it is not his to do"
    advance(session, stage, order, S.PASSED, at=at)
    assert ball() == {"issuer": ["re_evaluate"], "inspector": ["re_evaluate"]}


def test_only_the_home_brings_evidence(session, stage, tmp_path):
    from survey_app.core.files import FileStore

    order = make_order(session, stage, S.RECTIFYING)
    handed = [evidence.HandedFile("说明.pdf", "pdf", b"%PDF-1.7")]
    for other in (stage.issuer, person(session, Role.CHAIR, make_home(session, stage.lead))):
        with pytest.raises(Refused):
            evidence.hand_in(
                session, other, order, None, FileStore(tmp_path), handed, own_date=AT.date(), at=AT
            )
