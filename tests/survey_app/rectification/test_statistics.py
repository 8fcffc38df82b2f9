"""整改统计: every number found twice over, areas add up, and nothing out of scope moves any of them."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing, write_session
from survey_app.rectification import closing, proposing
from survey_app.rectification.ledger import ledger_counts
from survey_app.rectification.models import Limit, Order, OrderState, Problem
from survey_app.rectification.orders import problems_of
from survey_app.rectification.statistics import Tally, statistics, whole_tally
from survey_app.units.models import Line
from tests.support.cast import (
    StandingClock,
    actor_for,
    make_account,
    make_app,
    make_home,
    make_unit,
    signed_in_client,
)
from tests.support.orders import (
    REMINDED,
    Stage,
    advance,
    at_day,
    make_order,
    make_rated_round,
    make_result,
    make_stage,
)

S = OrderState
TODAY = date(2026, 11, 20)
KEPT_KINDS = {"plan", "completion", "report", "note"}


def stage_of(session, district, home, stage):
    """A home below a district's own superior, with the officers of the stage's superior."""
    posts = {"chair": make_account(session, Role.CHAIR, home)[1]}
    actors = {**stage.actors, "chair": actor_for(session, posts["chair"])}
    return Stage(district, home, {**stage.posts, **posts}, actors)


def make_area(session):
    """A city with two streets, orders at every stage in both, one home that hangs on the city itself."""
    city = make_unit(session, "江州市总工会", document_prefix="江总工")
    stage = make_stage(session, city, make_home(session, city, "市直机关工会"))
    streets = [make_unit(session, f"{name}街道总工会", parent=city) for name in ("北塔", "柳堤")]
    make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    for number, street in enumerate(streets):
        for place in range(2):
            home = make_home(session, street, f"{street.name}第{place}公司工会")
            mine = stage_of(session, street, home, stage)
            day = at_day(2026, 6 + number + 2 * place, 8)
            make_order(session, mine, S.PASSED if place else S.RECTIFYING, at=day)
    closed = session.scalars(select(Order).where(Order.state == S.PASSED).order_by(Order.id)).all()
    for number, order in enumerate(closed):
        closing.close_by_decision(
            session, stage.issuer, order, reason="人少", at=at_day(2026, 11, 2 + number)
        )
    again(session, stage, streets[0])
    reminded = stage_of(session, streets[1], make_home(session, streets[1], "小店联合工会"), stage)
    make_order(session, reminded, S.PLAN_DUE, overall=REMINDED, at=at_day(2026, 9, 1))
    return city, stage, streets


def again(session, stage, street):
    """The same problems of a closed home in the next round: they came back."""
    closed = session.scalars(select(Order).where(Order.lead_id == street.id, Order.state == S.CLOSED)).one()
    home = closed.home_id
    from survey_app.units.models import Unit

    unit = session.get_one(Unit, home)
    round_ = make_rated_round(session, street, [unit], year=2027)
    order = proposing.propose(
        session, stage.issuer, make_result(session, round_, unit), at=at_day(2026, 11, 10)
    )
    advance(session, stage_of(session, street, unit, stage), order, S.SERVED, at=at_day(2026, 11, 11))


def by_hand(session, keep_order, item=None):
    """The tally counted row by row in Python, from what the rows themselves say."""
    orders = {order.id: order for order in session.scalars(select(Order)) if keep_order(order)}
    problems = [
        one
        for one in session.scalars(select(Problem))
        if one.order_id in orders and item in (None, one.item_id)
    ]
    due = [
        limit
        for limit in session.scalars(select(Limit).where(Limit.dropped_at.is_(None)))
        if limit.due_on.year == TODAY.year and limit.due_on < TODAY and limit.order_id in orders
    ]
    if item is None:
        due = [limit for limit in due if limit.kind in KEPT_KINDS]
        ended = [(order, order.closed_on) for order in orders.values() if order.state == S.CLOSED]
    else:
        wanted = {one.id for one in problems}
        due = [limit for limit in due if limit.kind == "completion" and limit.problem_id in wanted]
        ended = [(orders[one.order_id], one.closed_on) for one in problems if one.closed_on]
    days = [(day - beijing_day(order.issued_at)).days for order, day in ended if day.year == TODAY.year]
    kept = sum(bool(limit.met_on and limit.met_on <= limit.due_on) for limit in due)
    return Tally(len(due), kept, len(days), sum(days), *homes_by_hand(orders, problems))


def homes_by_hand(orders, problems):
    """Homes with a problem, and homes in which one stands in more than one order."""
    came = defaultdict(set)
    for one in problems:
        order = orders[one.order_id]
        if order.state not in (S.REFUSED, S.WITHDRAWN) and not order.reopens_id:
            came[order.home_id, one.item_id].add(order.id)
    homes = {home for home, _item in came}
    return len(homes), len({home for (home, _item), found in came.items() if len(found) > 1})


def test_every_number_is_found_twice_over(session):
    city, stage, streets = make_area(session)
    found = statistics(session, stage.issuer, TODAY.year, TODAY, Line.AFFILIATION)
    whole = by_hand(session, lambda order: True)
    assert found.whole == whole
    assert whole.limits > whole.on_time > 0
    assert (whole.closed, whole.recurring) == (2, 1)
    assert sum((row.tally for row in found.areas), Tally()) == whole
    places = {street.id: street for street in streets}
    assert [row.key for row in found.areas] == [*sorted(places, key=lambda key: places[key].name), None]
    for row in found.areas:
        lead = row.key or city.id
        assert row.tally == by_hand(session, lambda order, lead=lead: order.lead_id == lead)
    assert {row.key for row in found.items} == set(session.scalars(select(Problem.item_id)))
    for row in found.items:
        assert row.tally == by_hand(session, lambda order: True, item=row.key)
    assert any(row.tally.recurring for row in found.items)


def test_the_strip_above_the_ledger_says_the_same(session):
    _city, stage, _streets = make_area(session)
    found = statistics(session, stage.issuer, TODAY.year, TODAY, Line.AFFILIATION)
    assert whole_tally(session, stage.issuer, TODAY) == found.whole
    strip = ledger_counts(session, stage.issuer, TODAY)
    assert strip.on_time_rate == found.whole.on_time_rate
    assert (strip.days_to_close, strip.recurring) == (found.whole.days_to_close, found.whole.recurring)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_orders_out_of_sight_move_no_number(session):
    _city, stage, streets = make_area(session)
    officer = actor_for(session, make_account(session, Role.OFFICER, streets[0])[1])
    before = statistics(session, officer, TODAY.year, TODAY, Line.AFFILIATION)
    assert before.whole == by_hand(session, lambda order: order.lead_id == streets[0].id)
    for name in ("外地", "柳堤"):
        lead = streets[1] if name == "柳堤" else make_unit(session, "外地总工会")
        other = stage_of(session, lead, make_home(session, lead, f"{name}新公司工会"), stage)
        if name == "外地":
            other = make_stage(session, lead, other.home)
        make_order(session, other, S.RECTIFYING, at=at_day(2026, 7, 1))
    assert statistics(session, officer, TODAY.year, TODAY, Line.AFFILIATION) == before
    # Below a street stand homes: each is a row of its own.
    assert {row.name for row in before.areas} == {
        "北塔街道总工会第0公司工会",
        "北塔街道总工会第1公司工会",
    }


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_limit_counts_once_its_day_has_passed_and_an_extended_one_by_its_new_day(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    due = min(
        limit.due_on
        for limit in session.scalars(
            select(Limit).where(Limit.kind == "completion", Limit.order_id == order.id)
        )
    )
    on_the_day = whole_tally(session, stage.issuer, due)
    after = whole_tally(session, stage.issuer, due + timedelta(days=1))
    assert after.limits == on_the_day.limits + 1
    assert after.on_time == on_the_day.on_time
    for limit in session.scalars(select(Limit).where(Limit.due_on == due, Limit.order_id == order.id)):
        limit.dropped_at = at_day(2026, 9, 20)
    session.flush()
    assert whole_tally(session, stage.issuer, due + timedelta(days=1)).limits == on_the_day.limits


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_and_both_workbooks_show_the_same_numbers(databases, settings):
    with committing(write_session(databases.roster)) as session:
        _city, stage, _streets = make_area(session)
        found = statistics(session, stage.issuer, TODAY.year, TODAY, Line.AFFILIATION)
        duties = {one.duty for order in session.scalars(select(Order)) for one in problems_of(session, order)}
    app = make_app(settings, databases, StandingClock(at_day(2026, 11, 20)))
    browser = signed_in_client(app, databases, stage.posts["issuer"])
    page = browser.get("/orders/statistics").get_data(as_text=True)
    rate = f"{100 * found.whole.on_time_rate:.1f}%"
    assert rate in page
    described = re.findall(r"<desc[^>]*>([^<]+)</desc>", page) or re.findall(r'aria-label="([^"]+)"', page)
    row = next(row for row in found.areas if row.tally.limits)
    words = f"{row.name or '本级直属'}{row.tally.limits}个期限，按期{row.tally.on_time}个"
    assert any(words in text for text in described)
    assert all(duty in page for duty in duties)
    own = CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/orders/statistics.xlsx").data))
    ledger = CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/orders/ledger.xlsx").data))
    for book in (own, ledger):
        rows = book.get_sheet_by_name("统计（按单位）").to_python()
        whole = next(line for line in rows if line[0] == "合计")
        assert whole[1:3] == [found.whole.limits, found.whole.on_time]
        assert whole[3] == pytest.approx(found.whole.on_time_rate)
        assert whole[6:8] == [found.whole.homes, found.whole.recurring]
        items = book.get_sheet_by_name("统计（按问题）").to_python()
        assert duties <= {line[0] for line in items}
    assert browser.get("/orders/statistics?year=2024&line=territory").status_code == 200
