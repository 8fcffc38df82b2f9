"""The ledger: filters, figures, views and workbook over the scope; its queries do not grow with its rows."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event

from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.rectification import closing, extending, rectifying
from survey_app.rectification.background import every_day
from survey_app.rectification.ledger import Filter, every_row, ledger_counts, ledger_page
from survey_app.rectification.ledger_calendar import month_page
from survey_app.rectification.ledger_sheet import ledger_workbook
from survey_app.rectification.models import OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.todo import todo_rows
from tests.support.cast import StandingClock, make_app, make_home, make_unit, signed_in_client
from tests.support.orders import REMINDED, at_day, make_order, make_stage

S = OrderState
TODAY = date(2026, 11, 20)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def orders(session, stage):
    """One order in each of several states, of homes of one superior; the first is overdue."""
    made = {"late": make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))}
    wanted = {
        "served": (S.SERVED, at_day(2026, 11, 19)),
        "review": (S.PLAN_UNDER_REVIEW, at_day(2026, 11, 16)),
        "inspect": (S.AWAITING_INSPECTION, at_day(2026, 11, 10)),
        "passed": (S.PASSED, at_day(2026, 10, 20)),
        "fresh": (S.RECTIFYING, at_day(2026, 11, 12)),
    }
    for name, (state, at) in wanted.items():
        made[name] = make_order(session, beside(session, stage, name), state, at=at)
    made["reminder"] = make_order(
        session, beside(session, stage, "reminder"), S.NOTED, overall=REMINDED, at=at_day(2026, 11, 9)
    )
    made["closed"] = make_order(session, beside(session, stage, "closed"), S.PASSED, at=at_day(2026, 7, 6))
    closing.close_by_decision(
        session, stage.issuer, made["closed"], reason="不足10人", at=at_day(2026, 9, 15)
    )
    return made


def beside(session, stage, name):
    """Another home of the same superior with the same officers."""
    other = make_stage(session, stage.lead, make_home(session, stage.lead, f"{name}公司工会"))
    other.actors.update(issuer=stage.issuer, inspector=stage.inspector)
    return other


def found(session, actor, orders, **wanted):
    names = {order.id: name for name, order in orders.items()}
    page = ledger_page(session, actor, Filter(**wanted), TODAY)
    return [names[row.order.id] for row in page.rows]


def test_the_nearest_limit_stands_first_and_what_has_none_last(session, stage, orders):
    rows = found(session, stage.issuer, orders)
    assert rows[0] == "late"
    assert rows[-1] == "closed"
    assert len(rows) == len(orders)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"state": "served"}, {"served"}),
        ({"state": "overdue"}, {"late", "reminder"}),
        ({"saved": "overdue"}, {"late", "reminder"}),
        ({"holder": "home"}, {"late", "served", "fresh"}),
        ({"holder": "issuer"}, {"review", "passed", "reminder"}),
        ({"holder": "inspectors"}, {"inspect"}),
        ({"holder": "members"}, set()),
        ({"saved": "mine"}, {"review", "passed", "reminder", "inspect"}),
        ({"text": "served公司"}, {"served"}),
        ({"text": "〔2026〕1号"}, {"late"}),
        ({"text": "100%"}, set()),
        ({"grade": "A", "state": "closed"}, {"closed"}),
        ({"item": "q1"}, set()),
    ],
)
def test_every_filter_finds_what_it_says(session, stage, orders, wanted, expected):
    assert set(found(session, stage.issuer, orders, **wanted)) == expected


def test_a_filter_by_unit_stays_within_the_scope(session, stage, orders):
    stranger = make_stage(session, make_unit(session, "外地总工会"), make_home(session))
    assert found(session, stranger.issuer, orders) == []
    assert found(session, stranger.issuer, orders, unit_id=stage.lead.id) == []
    assert found(session, stage.issuer, orders, unit_id=orders["fresh"].home_id) == ["fresh"]


def test_the_home_sees_its_own_order_alone(session, stage, orders):
    assert found(session, stage.chair, orders) == ["late"]
    assert found(session, stage.chair, orders, saved="mine") == ["late"]


def test_sorting_turns_round_and_pages_hold_fifty(session, stage, orders):
    up = found(session, stage.issuer, orders, sort="unit")
    assert found(session, stage.issuer, orders, sort="unit", descending=True) == up[::-1]
    assert ledger_page(session, stage.issuer, Filter(page=99), TODAY).number == 1


def test_the_figures_count_each_order_once_and_name_their_base(session, stage, orders):
    figures = ledger_counts(session, stage.issuer, TODAY)
    assert (figures.open, figures.overdue) == (7, 2)
    assert figures.days_to_close == (date(2026, 9, 15) - date(2026, 7, 6)).days
    assert 0 < figures.on_time < figures.limits
    assert figures.on_time_rate == figures.on_time / figures.limits
    nobody = make_stage(session, make_unit(session, "外地总工会"), make_home(session))
    empty = ledger_counts(session, nobody.issuer, TODAY)
    assert (empty.open, empty.on_time_rate, empty.days_to_close) == (0, None, None)


def test_a_request_moves_the_ball_to_the_superior(session, stage, orders):
    order = orders["fresh"]
    chair = beside_chair(session, order)
    extending.request_extension(
        session,
        chair,
        order,
        problems_of(session, order)[2:],
        days=10,
        reason="等",
        progress="在办",
        interim_measures="先用别处",
        at=at_day(2026, 11, 19),
    )
    assert "fresh" in found(session, stage.issuer, orders, holder="issuer")
    assert "fresh" not in found(session, stage.issuer, orders, holder="home")


def beside_chair(session, order):
    from survey_app.accounts.queries import posts_at
    from tests.support.cast import actor_for

    return actor_for(session, posts_at(session, order.home_id, Role.CHAIR)[0])


def test_what_waits_is_sorted_by_its_own_day(session, stage, orders):
    every_day(session, at=at_day(2026, 11, 20))
    rows = todo_rows(session, stage.inspector, TODAY)
    dues = [row.due_on for row in rows if row.due_on]
    assert dues == sorted(dues)
    kinds = {row.kind for row in rows}
    assert {"escalate", "review_plan", "inspect", "re_evaluate", "read_note"} <= kinds
    assert {row.kind for row in todo_rows(session, stage.issuer, TODAY)} == kinds - {"inspect"}


def test_the_calendar_carries_what_is_late_into_today(session, stage, orders):
    page = month_page(session, stage.issuer, Filter(), date(2026, 11, 1), TODAY)
    days = {day.day: day for week in page.weeks for day in week}
    assert [entry.what for entry in days[date(2026, 11, 13)].entries] == ["第2项到期"]
    late = [entry for entry in days[TODAY].entries if entry.left is not None]
    assert max(entry.left.late_by for entry in late) == 27
    assert days[date(2026, 11, 21)].off
    assert not days[date(2026, 11, 23)].off
    october = month_page(session, stage.issuer, Filter(), date(2026, 10, 1), TODAY)
    makeup = [day.day for week in october.weeks for day in week if day.makeup]
    assert makeup == [date(2026, 10, 10)]
    assert not any(entry.left for week in october.weeks for day in week for entry in day.entries)


def test_the_workbook_opens_with_one_line_a_problem_and_no_formula(databases, settings):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
        problem = problems_of(session, order)[0]
        rectifying.report_problem(
            session, stage.chair, order, problem, done='=HYPERLINK("http://x")', at=at_day(2026, 10, 9)
        )
        second, third = problems_of(session, order)[1:]
        rectifying.add_progress(session, stage.chair, order, second, text="房间已定", at=at_day(2026, 10, 9))
        words = {"reason": "排期", "progress": "一半", "interim_measures": "先用别处"}
        asked = extending.request_extension(
            session, stage.chair, order, [third], days=10, **words, at=at_day(2026, 10, 9)
        )
        extending.answer_extension(
            session, stage.issuer, order, asked, granted=True, answer="同意", at=at_day(2026, 10, 10)
        )
    app = make_app(settings, databases, StandingClock(at_day(2026, 11, 20)))
    answer = signed_in_client(app, databases, stage.posts["issuer"]).get("/orders/ledger.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    top = next(number for number, row in enumerate(rows) if row[0] == "文号")
    lines = rows[top + 1 :]
    assert [line[4] for line in lines] == [1, 2, 3]
    assert {line[0] for line in lines} == {order.number}
    done = lines[0][rows[top].index("做了什么")]
    assert "HYPERLINK" in done
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    head = rows[top]
    assert lines[1][head.index("逾期工作日")] == 5
    assert [line[head.index("进展")] for line in lines] == ["", "房间已定", ""]
    assert str(lines[2][head.index("延期到")])[:10] == "2026-12-24"
    assert {line[head.index("再评以前")] for line in lines} == {"不满意"}


@pytest.mark.parametrize("view", ["table", "board", "calendar"])
def test_the_number_of_queries_does_not_grow_with_the_rows(databases, settings, view):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        make_order(session, stage, S.RECTIFYING, at=at_day(2026, 11, 2))
    app = make_app(settings, databases, StandingClock(at_day(2026, 11, 20)))
    browser = signed_in_client(app, databases, stage.posts["issuer"])

    def queries():
        seen = []

        def note(*_):
            seen.append(1)

        event.listen(databases.roster, "before_cursor_execute", note)
        assert browser.get(f"/orders?view={view}").status_code == 200
        event.remove(databases.roster, "before_cursor_execute", note)
        return len(seen)

    def add(numbers):
        with committing(write_session(databases.roster)) as session:
            for number in numbers:
                home = make_home(session, stage.lead, f"{number}公司工会")
                make_order(
                    session,
                    make_stage(session, stage.lead, home),
                    S.RECTIFYING,
                    at=at_day(2026, 11, 2 + number),
                )

    # What stands above the rows is kept until somebody writes: both counts are taken right after that.
    queries()
    add([0])
    few = queries()
    add(range(1, 6))
    assert queries() <= few + 1
    assert queries() < few


def test_a_board_row_and_a_table_row_are_the_same(session, stage, orders):
    table = {row.order.id for row in ledger_page(session, stage.issuer, Filter(), TODAY).rows}
    assert {row.order.id for row in every_row(session, stage.issuer, Filter(), TODAY)} == table
    assert ledger_workbook(
        session, stage.issuer, Filter(), TODAY, demo=False, made_at=at_day(2026, 11, 20)
    ).startswith(b"PK")
