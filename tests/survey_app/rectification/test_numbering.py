"""Document numbers: consecutive under any number of writers, never reused, void where withdrawn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import select

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.rectification import closing, proposing
from survey_app.rectification.findings import FoundProblem
from survey_app.rectification.models import NumberedPaper, Order, OrderState
from survey_app.rectification.numbering import take_number
from survey_app.rectification.orders import problems_of
from survey_app.units.models import Unit
from tests.support.cast import make_home, make_unit
from tests.support.orders import (
    ISSUED_AT,
    make_draft,
    make_order,
    make_rated_round,
    make_result,
    make_stage,
)

HOMES = 50


def test_fifty_parallel_confirmations_give_fifty_consecutive_numbers(databases):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        homes = [make_home(session, stage.lead) for _ in range(HOMES)]
        round_ = make_rated_round(session, stage.lead, homes)
        drafts = [
            proposing.propose(session, stage.issuer, make_result(session, round_, home), at=ISSUED_AT)
            for home in homes
        ]
        ids = [draft.id for draft in drafts if draft is not None]

    def confirm(order_id: int) -> str:
        with committing(write_session(databases.roster)) as session:
            order = session.scalars(select(Order).where(Order.id == order_id).with_for_update()).one()
            proposing.issue(session, stage.issuer, order, at=ISSUED_AT)
            return order.number

    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(confirm, ids))
    assert sorted(numbers, key=serial) == [f"柳总工改〔2026〕{n}号" for n in range(1, HOMES + 1)]
    with reading(read_session(databases.roster)) as session:
        assert len(set(session.scalars(select(NumberedPaper.text)))) == HOMES


def serial(number: str) -> int:
    return int(number.rsplit("〕", 1)[1].removesuffix("号"))


class PowerCut(Exception):
    """What ends a transaction before its commit."""


def sign_and_fail(databases, stage, order_id):
    with committing(write_session(databases.roster)) as session:
        proposing.issue(session, stage.issuer, session.get_one(Order, order_id), at=ISSUED_AT)
        raise PowerCut


def test_a_number_whose_signing_failed_was_never_taken(databases):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        order_id = make_draft(session, stage).id
    with pytest.raises(PowerCut):
        sign_and_fail(databases, stage, order_id)
    with committing(write_session(databases.roster)) as session:
        order = session.get_one(Order, order_id)
        proposing.issue(session, stage.issuer, order, at=ISSUED_AT)
        assert order.number == "柳总工改〔2026〕1号"


def test_each_organ_year_and_kind_counts_for_itself(session, stage):
    order = make_order(session, stage, OrderState.SERVED)
    other = make_unit(session, "江州市总工会", document_prefix="江总工")

    def taken(unit: Unit, paper: str, year: int) -> str:
        return take_number(session, unit, paper, order, 1, signed_on=date(year, 3, 2)).text

    assert taken(stage.lead, "order", 2026) == "柳总工改〔2026〕2号"
    assert taken(stage.lead, "supervision", 2026) == "柳总工督〔2026〕1号"
    assert taken(stage.lead, "order", 2027) == "柳总工改〔2027〕1号"
    assert taken(other, "order", 2026) == "江总工改〔2026〕1号"
    assert taken(stage.lead, "order", 2026) == "柳总工改〔2026〕3号"


def test_an_organ_without_a_prefix_signs_with_its_short_name(session):
    lead = make_unit(session, "北塔街道总工会", short_name="北塔街道总工会")
    order = make_order(session, make_stage(session, lead, make_home(session, lead)), OrderState.SERVED)
    assert order.number == "北塔街道总工会改〔2026〕1号"


def test_a_withdrawn_order_keeps_its_number_as_void(session, stage):
    order = make_order(session, stage, OrderState.PLAN_DUE)
    closing.withdraw(session, stage.issuer, order, reason="评议作废", at=ISSUED_AT)
    paper = session.scalars(select(NumberedPaper).where(NumberedPaper.paper == "order")).one()
    assert (order.number, paper.text, paper.void) == ("柳总工改〔2026〕1号", "柳总工改〔2026〕1号", True)
    lead = stage.lead
    follower = make_order(session, make_stage(session, lead, make_home(session, lead)), OrderState.SERVED)
    assert follower.number == "柳总工改〔2026〕2号"


def test_a_reminder_has_no_number(session, stage):
    from tests.support.orders import REMINDED

    order = make_order(session, stage, OrderState.SERVED, overall=REMINDED)
    assert order.number == ""
    assert session.scalars(select(NumberedPaper)).all() == []


def test_a_draft_without_a_problem_cannot_be_signed(session, stage):
    order = make_draft(session, stage)
    for problem in problems_of(session, order):
        session.delete(problem)
    session.flush()
    from survey_app.core.errors import Invalid, Refused

    with pytest.raises(Refused):
        proposing.issue(session, stage.issuer, order, at=ISSUED_AT)
    with pytest.raises(Invalid):
        proposing.edit_proposal(session, stage.issuer, order, [], at=ISSUED_AT)
    bad = FoundProblem("q1", "", "", "", requirement=" ", grade="D")
    with pytest.raises(Invalid) as refusal:
        proposing.edit_proposal(session, stage.issuer, order, [bad], at=ISSUED_AT)
    assert [fault.code for fault in refusal.value.faults] == ["grade_unknown", "requirement_missing"]
