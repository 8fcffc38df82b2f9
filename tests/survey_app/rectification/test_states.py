"""Every pair of state and action either moves as its table says or refuses and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_app.core.actor import SYSTEM
from survey_app.core.db import RosterBase
from survey_app.core.errors import PingjiaError
from survey_app.rectification import closing, escalating, extending, planning, proposing, rectifying, serving
from survey_app.rectification.findings import FoundProblem
from survey_app.rectification.models import (
    Escalation,
    LimitKind,
    Order,
    OrderState,
    ProblemState,
)
from survey_app.rectification.orders import move_problem, policy_of, problems_of, refresh, take
from survey_app.rectification.states import ORDER, PROBLEM, REMINDER, mermaid
from survey_app.rounds.models import RoundKind
from survey_app.units.models import UnitKind
from tests.support.cast import make_unit
from tests.support.orders import (
    ISSUED_AT,
    REMINDED,
    advance,
    inspect,
    make_draft,
    make_order,
    make_rated_round,
    make_result,
    plan_for,
)

S = OrderState
ROOT = Path(__file__).resolve().parents[3]
AT = ISSUED_AT + timedelta(days=40)


def states_of(table):
    """Every state a table speaks of, in the order of the enumeration."""
    known = {origin for origin, _ in table.moves} | {move.to for move in table.moves.values()}
    return [state for state in OrderState if state in known]


CASES = [("rectification", state) for state in states_of(ORDER)] + [
    ("reminder", state) for state in states_of(REMINDER)
]


@pytest.fixture
def database_kind() -> str:
    """One kind of database is enough for a table."""
    return "sqlite"


def reached(session, stage, state, kind):
    """An order of a kind in a state; the end states by the acts that lead there."""
    overall = {"overall": REMINDED} if kind == "reminder" else {}
    if state in (S.DRAFT, S.AWAITING_SIGNATURE, S.SERVED):
        return make_order(session, stage, state, **overall)
    if state is S.REFUSED:
        order = make_order(session, stage, S.DRAFT, **overall)
        proposing.refuse(session, stage.issuer, order, reason="已经改好", at=AT)
        return order
    if state is S.WITHDRAWN:
        order = make_order(session, stage, S.PLAN_DUE, **overall)
        closing.withdraw(session, stage.issuer, order, reason="评议作废", at=AT)
        return order
    if state is S.CLOSED and kind == "reminder":
        order = make_order(session, stage, S.NOTED, **overall)
        closing.close_reminder(session, stage.issuer, order, at=AT)
        return order
    if state in (S.REEVALUATION, S.VOTE_SHORT, S.CLOSED):
        order = make_order(session, stage, S.PASSED)
        if state is S.CLOSED:
            closing.close_by_decision(session, stage.issuer, order, reason="人数太少", at=AT)
            return order
        voting(session, stage, order)
        if state is S.VOTE_SHORT:
            assert closing.hand_to_decision(session, order, at=AT)
        return order
    return make_order(session, stage, state, **overall)


def voting(session, stage, order):
    """A passed order whose members are asked again; their result is final and not content."""
    follows = proposing_round(session, order)
    round_ = make_rated_round(
        session, stage.lead, [stage.home], kind=RoundKind.RE_EVALUATION, follows=follows
    )
    closing.begin_re_evaluation(session, stage.issuer, order, round_, at=AT)
    make_result(session, round_, stage.home)
    return order


def proposing_round(session, order):
    from survey_app.results.models import Result

    return session.get_one(Result, order.result_id).round_id


def acts(session, stage, order) -> dict[str, Callable[[], object]]:
    """Every action with input that nothing else could refuse."""
    problem = problems_of(session, order)[0]
    found = [FoundProblem(problem.item_id, problem.duty, problem.result, problem.finding)]
    issuer, inspector, chair = stage.issuer, stage.inspector, stage.chair
    day = AT.date()

    def answer():
        row = extending.open_extension(session, order)
        extending.answer_extension(session, issuer, order, row, granted=False, answer="不同意", at=AT)

    def supervise():
        limit = set_late_limit(session, order)
        row = Escalation(
            order_id=order.id, limit_id=limit.id, step="reminder", due_on=day, proposed_at=AT, terms={}
        )
        session.add(row)
        session.flush()
        escalating.decide(session, issuer, order, row, send=False, reason="已经在办", at=AT)

    def begin():
        round_ = make_rated_round(
            session,
            stage.lead,
            [stage.home],
            kind=RoundKind.RE_EVALUATION,
            follows=proposing_round(session, order),
        )
        closing.begin_re_evaluation(session, issuer, order, round_, at=AT)

    def second_vote():
        if not closing.conclude(session, order, at=AT):
            take(session, SYSTEM, order, "close_by_rule")

    def grant():
        problem.resources_wanted = "一间房"
        rectifying.grant_resources(session, issuer, order, problem, granted="给了", at=AT)

    return {
        "edit": lambda: proposing.edit_proposal(session, issuer, order, found, at=AT),
        "submit": lambda: proposing.submit(session, inspector, order, at=AT),
        "issue": lambda: proposing.issue(session, issuer, order, at=AT),
        "refuse": lambda: proposing.refuse(session, issuer, order, reason="不必", at=AT),
        "hand_back": lambda: proposing.hand_back(session, issuer, order, reason="再看看", at=AT),
        "acknowledge": lambda: serving.acknowledge(session, chair, order, at=AT),
        "record_service": lambda: serving.record_service(
            session, issuer, order, served_on=day, proof="当面交主席", at=AT
        ),
        "deem_served": lambda: (
            serving.deem_served(session, order, at=AT) or take(session, SYSTEM, order, "deem_served")
        ),
        "submit_plan": lambda: planning.submit_plan(
            session, chair, order, plan_for(session, order, ISSUED_AT.date()), at=ISSUED_AT
        ),
        "approve_plan": lambda: planning.approve_plan(session, issuer, order, at=AT),
        "return_plan": lambda: planning.return_plan(session, issuer, order, reason="没有日期", at=AT),
        "add_progress": lambda: rectifying.add_progress(session, chair, order, problem, text="在办", at=AT),
        "report_problem": lambda: rectifying.report_problem(
            session, chair, order, problem, done="做好了", at=AT
        ),
        "request_extension": lambda: extending.request_extension(
            session,
            chair,
            order,
            problems_of(session, order)[-1:],
            days=10,
            reason="排期",
            progress="一半",
            interim_measures="先用别处",
            at=ISSUED_AT + timedelta(days=7),
        ),
        "answer_extension": answer,
        "submit_report": lambda: report(session, stage, order),
        "submit_note": lambda: rectifying.submit_note(session, chair, order, text="改了", at=AT),
        "return_note": lambda: rectifying.return_note(session, issuer, order, reason="不够", at=AT),
        "close_reminder": lambda: closing.close_reminder(session, issuer, order, at=AT),
        "pass_inspection": lambda: inspected(session, stage, order, "pass"),
        "fail_inspection": lambda: inspected(session, stage, order, "fail"),
        "resume": lambda: rectifying.resume(session, chair, order, at=AT),
        "begin_re_evaluation": begin,
        "close_by_rule": second_vote,
        "vote_fell_short": lambda: (
            closing.hand_to_decision(session, order, at=AT) or take(session, SYSTEM, order, "vote_fell_short")
        ),
        "call_off_vote": lambda: (
            closing.call_off_vote(session, order, at=AT) or take(session, SYSTEM, order, "call_off_vote")
        ),
        "close_by_decision": lambda: closing.close_by_decision(
            session, issuer, order, reason="人数太少", at=AT
        ),
        "fall_short": lambda: closing.fall_short(
            session, issuer, order, reason="没到合格", new_due_on=day + timedelta(days=20), at=AT
        ),
        "reopen": lambda: closing.reopen(session, issuer, order, reason="又出现", at=AT),
        "withdraw": lambda: closing.withdraw(session, issuer, order, reason="评议作废", at=AT),
        "hand_over": lambda: closing.hand_over(session, issuer, order, reason="分工", at=AT),
        "supervise": supervise,
        "tag_resources": lambda: rectifying.tag_resources(
            session, chair, order, problem, wanted="一间房", at=AT
        ),
        "grant_resources": grant,
    }


def set_late_limit(session, order):
    from survey_app.rectification import limits

    return limits.set_limit(
        session, order, LimitKind.NOTE, limits.workdays(1), start=ISSUED_AT.date(), event="served"
    )


def report(session, stage, order):
    for problem in problems_of(session, order):
        if problem.state == ProblemState.OPEN and order.state == S.RECTIFYING:
            rectifying.report_problem(session, stage.chair, order, problem, done="做好了", at=AT)
    rectifying.submit_report(session, stage.chair, order, at=AT)


def inspected(session, stage, order, outcome):
    reported = [one for one in problems_of(session, order) if one.state == ProblemState.REPORTED]
    if not reported:
        take(session, stage.inspector, order, f"{outcome}_inspection")
    inspect(session, stage, order, outcome, AT)


def picture(session) -> dict[str, list[tuple[object, ...]]]:
    """Every row of rectification, of the journal and of the messages."""
    session.flush()
    session.expire_all()
    tables = [
        table
        for table in RosterBase.metadata.sorted_tables
        if table.name.startswith("rect_") or table.name in ("journal_line", "message")
    ]
    return {table.name: sorted(map(str, session.execute(select(table)))) for table in tables}


@pytest.mark.parametrize(("kind", "state"), CASES)
def test_every_action_in_every_state_moves_by_the_table_or_changes_nothing(session, stage, kind, state):
    table = REMINDER if kind == "reminder" else ORDER
    stage.home.territory_id = make_unit(session, "轻纺产业工会", UnitKind.INDUSTRIAL_UNION).id
    order = reached(session, stage, state, kind)
    order_id = order.id
    every = acts(session, stage, order)
    assert set(every) == {action for _, action in (*ORDER.moves, *REMINDER.moves)}
    for action in every:
        move = table.moves.get((state, action))
        before = picture(session)
        with session.begin_nested() as point:
            subject = session.get_one(Order, order_id)
            if action == "answer_extension" and move is not None:
                acts(session, stage, subject)["request_extension"]()
            if action == "close_by_rule" and move is not None:
                make_content(session, subject)
            if move is not None:
                acts(session, stage, subject)[action]()
                assert subject.state == move.to, action
            else:
                with pytest.raises(PingjiaError):
                    acts(session, stage, subject)[action]()
                assert_unchanged(before, picture(session), action)
            point.rollback()


def assert_unchanged(before, after, action):
    """What the acts themselves prepare for their input is not what they refuse."""
    prepared = {"rect_escalation", "rect_limit"} if action == "supervise" else set()
    if action == "grant_resources":
        prepared = {"rect_problem"}
    changed = {name for name in before if before[name] != after[name]} - prepared
    assert not changed, f"{action} was refused and still wrote {changed}"


def make_content(session, order):
    from survey_app.results.models import Result

    result = closing.second_result(session, order)
    result.rating_class = "QUALIFIED"
    assert isinstance(result, Result)


@pytest.mark.parametrize("state", list(ProblemState))
def test_a_problem_moves_by_its_own_table(session, stage, state):
    problem = problems_of(session, make_draft(session, stage))[0]
    for action in {action for _, action in PROBLEM.moves}:
        problem.state = state
        move = PROBLEM.moves.get((state, action))
        if move is None:
            with pytest.raises(PingjiaError):
                move_problem(problem, action)
            assert problem.state == state
        else:
            move_problem(problem, action)
            assert problem.state == move.to


def test_every_state_of_an_order_can_be_reached(session, stage):
    for table in (ORDER, REMINDER):
        seen, fresh = set(), {S.DRAFT}
        while fresh:
            seen |= fresh
            fresh = {move.to for (origin, _), move in table.moves.items() if origin in seen} - seen
        assert seen == set(states_of(table))


def test_the_diagrams_in_the_docs_are_those_of_the_tables():
    text = (ROOT / "docs" / "orders.md").read_text(encoding="utf-8")
    for table in (ORDER, REMINDER, PROBLEM):
        assert mermaid(table) in text, f"write the diagram of {table.name} anew with states.mermaid"


def test_the_order_keeps_what_the_ledger_reads_in_line(session, stage):
    order = make_order(session, stage, S.RECTIFYING)
    assert (order.next_due_kind, order.problems) == ("completion", 3)
    first = order.next_due_on
    rectifying.report_problem(
        session, stage.chair, order, problems_of(session, order)[0], done="做好了", at=AT
    )
    assert order.next_due_on > first
    advance(session, stage, order, S.PASSED, at=AT)
    assert order.next_due_kind == "reevaluation"
    refresh(session, order)
    assert policy_of(order).re_evaluation_days == 30
