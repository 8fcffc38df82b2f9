"""The superior's desk: sums that add up over both lines, what waits, and nothing outside the scope."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from sqlalchemy import event, literal, select

from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.models import HomeCount
from survey_app.invitations.turnout import rounded
from survey_app.journal.operations import record
from survey_app.overview import area_figures, home_list
from survey_app.overview.area_figures import AreaFigures, branches
from survey_app.overview.home_rows import home_rows
from survey_app.rectification.models import Order, OrderState
from survey_app.results.models import ResultState
from survey_app.rounds.models import Round, RoundHome, RoundKind
from survey_app.units.models import Line, Unit
from tests.support.cast import actor_for, make_account, signed_in_client
from tests.support.district import NOW, PUBLISHED_AT
from tests.support.orders import make_rated_round, make_result


@pytest.mark.parametrize("line", list(Line))
def test_every_home_counts_once_and_the_branches_sum_to_what_is_there(databases, district, line):
    with reading(read_session(databases.roster)) as session:
        rows = branches(session, district.unit.id, 2026, line)
    total = sum((row.figures for row in rows), AreaFigures())
    classes = Counter(result.rating_class for result in district.results.values())
    assert total.homes == len(district.homes)
    assert (total.rated, total.unrated) == (
        len(district.results),
        len(district.homes) - len(district.results),
    )
    assert total.waiting == total.unrated
    assert (total.eligible, total.qualified, total.insufficient, total.dissatisfied) == tuple(
        classes[name] for name in ("ELIGIBLE", "QUALIFIED", "INSUFFICIENT", "DISSATISFIED")
    )
    assert total.reminded == sum(result.reminder for result in district.results.values())
    assert total.voters == sum(result.members for result in district.results.values())
    assert total.used == sum(result.ballots for result in district.results.values())


def test_each_line_puts_homes_of_the_industry_where_that_line_has_them(databases, district):
    with reading(read_session(databases.roster)) as session:
        by_line = {line: branches(session, district.unit.id, 2026, line) for line in Line}
    homes = {line: {row.name: row.figures.homes for row in rows} for line, rows in by_line.items()}
    assert homes[Line.AFFILIATION] == {"北塔街道总工会": 6, "河湾街道总工会": 6, "装备制造产业工会": 6, "": 6}
    assert homes[Line.TERRITORY] == {"北塔街道总工会": 6, "河湾街道总工会": 12, "": 6}


def test_results_that_do_not_count_are_left_out_of_the_classes(databases, district):
    held, few, voided, twice = list(district.results.values())[:4]
    with committing(write_session(databases.roster)) as session:
        session.merge(held).state = ResultState.HELD
        session.merge(few).code = "I0"
        session.merge(voided).state = ResultState.VOIDED
        repeat = make_rated_round(
            session, district.unit, [], kind=RoundKind.REPEAT, follows=district.round.id
        )
        session.add(
            RoundHome(
                round_id=repeat.id, home_id=twice.home_id, questionnaire_id=repeat.questionnaire_id, members=9
            )
        )
        repeat.state = "voting"
        again = make_rated_round(session, district.unit, [], kind=RoundKind.RE_EVALUATION)
        session.add(
            RoundHome(
                round_id=again.id, home_id=few.home_id, questionnaire_id=again.questionnaire_id, members=9
            )
        )
        home = next(home for home in district.homes if home.id == few.home_id)
        make_result(session, again, home, (90, 5, 0, 1), weak={}, at=PUBLISHED_AT)
    with reading(read_session(databases.roster)) as session:
        rows = branches(session, district.unit.id, 2026, Line.AFFILIATION)
    total = sum((row.figures for row in rows), AreaFigures())
    assert (total.held, total.few, total.voided, total.repeating) == (1, 1, 1, 1)
    assert total.rated == len(district.results) - 4
    parts = total.rated + total.held + total.few + total.voided + total.repeating + total.waiting
    assert parts == total.homes == len(district.homes)


def test_sums_round_small_homes_exactly_as_their_own_screen_does(databases):
    pairs = [(members, used) for members in range(1, 50) for used in range(0, members + 1, 3)]
    with reading(read_session(databases.roster)) as session:
        for start in range(0, len(pairs), 60):
            part = pairs[start : start + 60]
            columns = [area_figures._rounded(literal(used), literal(members)) for members, used in part]
            found = session.execute(select(*columns)).one()
            assert list(found) == [rounded(used, members).used for members, used in part]


def test_a_street_lists_its_homes_with_turnout_and_class(databases, district):
    with reading(read_session(databases.roster)) as session:
        rows = home_rows(session, district.streets[0].id, 2026, NOW)
    assert len(rows) == 12
    by_id = {row.id: row for row in rows}
    for home_id in by_id.keys() & district.results.keys():
        result = district.results[home_id]
        assert by_id[home_id].percent == pytest.approx(100 * result.ballots / result.members)


def test_the_desk_says_its_figures_and_links_what_waits(app, databases, district):
    page = signed_in_client(app, databases, district.officer).get("/desk").get_data(as_text=True)
    figures = re.findall(r"<dd[^>]*>([^<]+)", page.split('class="stats"')[1].split("</dl>")[0])
    assert figures[0] == str(len(district.results))
    assert "花名册报来了，请确认" in page
    assert "/rosters/" in page
    table = page.split('id="tree"')[1]
    assert table.index("北塔街道总工会") < table.index("装备制造产业工会") < table.index("直属基层工会")


def test_a_year_that_is_only_prepared_does_not_empty_the_desk(app, databases, district):
    with committing(write_session(databases.roster)) as session:
        coming = make_rated_round(session, district.unit, [])
        coming.year, coming.state = 2027, "ready"
    officer = signed_in_client(app, databases, district.officer)

    def figures(page: str) -> list[str]:
        return re.findall(r"<dd[^>]*>([^<]+)", page.split('class="stats"')[1].split("</dl>")[0])

    page = officer.get("/desk").text
    assert "2026年度评议" in page
    assert figures(page)[0] == str(len(district.results))
    assert re.search(r'aria-label="看哪一年"><a href="/desk\?year=2027">2027年度', page)
    assert figures(officer.get("/desk?year=2027").text)[0] == "0"
    with committing(write_session(databases.roster)) as session:
        session.get_one(Round, coming.id).state = "voting"
    assert "2027年度评议" in officer.get("/desk").text


def test_a_limit_that_has_passed_stands_first_among_what_waits(app, databases, district):
    page = signed_in_client(app, databases, district.officer).get("/desk").get_data(as_text=True)
    rows = page.split('id="todo"')[1].split("</table>")[0].split("<tr")[2:]
    assert len(rows) >= 2
    assert "逾期" in rows[0]
    assert "没有期限" in rows[-1]
    assert all(row.count('class="btn') == 1 for row in rows), "one button a row"


def test_another_units_desk_is_shown_only_inside_the_scope(app, databases, district):
    officer = signed_in_client(app, databases, district.officer)
    inside = officer.get(f"/desk?at={district.streets[0].id}").get_data(as_text=True)
    assert "河湾街道总工会" in inside
    assert 'id="todo"' not in inside
    assert officer.get(f"/desk?at={district.city.id}").status_code == 404
    stranger = signed_in_client(app, databases, district.stranger)
    assert stranger.get(f"/desk?at={district.unit.id}").status_code == 404
    own = stranger.get("/desk").get_data(as_text=True)
    assert not [home.name for home in district.homes if home.name in own]


def test_the_desk_leads_to_the_list_where_several_decisions_wait_for_one_go(app, databases, district):
    officer = signed_in_client(app, databases, district.officer)
    assert "/orders/bulk" not in officer.get("/desk").get_data(as_text=True)
    with committing(write_session(databases.roster)) as session:
        first, *others = session.scalars(select(Order).order_by(Order.id)).all()
        first.state, first.extension_pending = OrderState.RECTIFYING, True
        for order in others:
            order.state = OrderState.PLAN_UNDER_REVIEW
        record(session, actor_for(session, district.officer), "order.test", "order", first.id, at=NOW)
    page = officer.get("/desk").get_data(as_text=True)
    links = re.findall(r'/orders/bulk\?kind=(\w+)">[^<]*?(\d+)份', page)
    assert (links, len(others) > 1) == ([("plan", str(len(others)))], True)


def test_an_auditor_reads_and_decides_nothing(app, databases, district):
    page = signed_in_client(app, databases, district.auditor).get("/desk").get_data(as_text=True)
    assert "只读" in page
    assert 'id="todo"' not in page
    assert "/orders/bulk" not in page
    assert 'id="tree"' in page


def test_kept_figures_change_with_the_next_line_of_the_journal(app, databases, district):
    from survey_app.results.operations import waive_objection

    officer = signed_in_client(app, databases, district.officer)
    before = officer.get("/desk").get_data(as_text=True)
    waiting = next(one for one in district.results.values() if one.state == ResultState.PROVISIONAL)
    chair = district.chairs[waiting.home_id]
    with committing(write_session(databases.roster)) as session:
        result = session.merge(waiting)
        waive_objection(session, actor_for(session, chair), result, at=NOW)
        result.rating_class = "ELIGIBLE" if result.rating_class != "ELIGIBLE" else "DISSATISFIED"
    after = officer.get("/desk").get_data(as_text=True)
    strip = [page.split('class="stats"')[1].split("</dl>")[0] for page in (before, after)]
    assert strip[0] != strip[1]


def test_the_number_of_statements_does_not_grow_with_the_homes(settings, databases, district, app):
    officer = signed_in_client(app, databases, district.officer)
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]  # an event's shape
        statements.append(statement)

    event.listen(databases.roster, "before_cursor_execute", note)
    counts = []
    for unit in (district.unit, district.industry):
        statements.clear()
        assert officer.get(f"/desk?at={unit.id}").status_code == 200
        counts.append(len(statements))
    event.remove(databases.roster, "before_cursor_execute", note)
    assert counts[0] <= counts[1] + 40, "24 homes may cost a few statements more than 6, never one a home"


def test_what_the_address_asks_beats_the_cookie_of_large_print(app, databases, district):
    officer = signed_in_client(app, databases, district.officer)
    officer.set_cookie("big", "1")
    assert 'class="big"' in officer.get("/desk").get_data(as_text=True)
    assert 'class="big"' not in officer.get("/desk?big=0").get_data(as_text=True)


def test_the_bar_of_a_phone_holds_four_places_and_more(app, databases, district):
    for post in (district.officer, district.auditor, next(iter(district.chairs.values()))):
        page = signed_in_client(app, databases, post).get("/desk").get_data(as_text=True)
        rail = page.split('class="rail"')[1].split("</nav>")[0]
        assert rail.count("<li>") <= 4
        assert rail.count('<li class="less">') == 1


def test_a_home_with_too_few_ballots_counts_as_insufficient_like_in_the_list_of_ratings(databases, district):
    one = next(result for result in district.results.values() if result.rating_class == "INSUFFICIENT")
    with committing(write_session(databases.roster)) as session:
        session.merge(one).code = "I1"
    with reading(read_session(databases.roster)) as session:
        total = sum(
            (row.figures for row in branches(session, district.unit.id, 2026, Line.AFFILIATION)),
            AreaFigures(),
        )
    classes = Counter(result.rating_class for result in district.results.values())
    assert (total.few, total.insufficient) == (0, classes["INSUFFICIENT"])


def test_ballots_of_a_box_that_stayed_shut_took_part(app, databases, district):
    one = next(iter(district.results.values()))
    with committing(write_session(databases.roster)) as session:
        count = session.get_one(HomeCount, (one.round_id, one.home_id))
        count.unopened, count.valid, count.sealed, count.paper = True, 0, 4, 1
    with reading(read_session(databases.roster)) as session:
        rows = branches(session, district.unit.id, 2026, Line.AFFILIATION)
    total = sum((row.figures for row in rows), AreaFigures())
    assert total.used == sum(result.ballots for result in district.results.values()) - one.ballots + 5
    with reading(read_session(databases.roster)) as session:
        home = session.get_one(Unit, one.home_id)
        lines = home_rows(session, home.parent_id, 2026, NOW)
    assert [line.id for line in lines if line.unopened] == [one.home_id], "said in words, never as a share"
    officer = signed_in_client(app, databases, district.officer)
    for address in (f"/desk?at={home.parent_id}", f"/rounds/{one.round_id}"):
        row = re.split(r'<tr|role="row"', officer.get(address).text.split(home.name)[-1])[0]
        assert "没有开箱（不到10张票）" in row, address
        assert "%" not in row, address


def test_the_key_of_the_chart_counts_its_dots_and_says_who_has_none(app, databases, district):
    rated = len(district.results)
    one = next(iter(district.results.values()))
    for hidden in (0, 1):
        page = signed_in_client(app, databases, district.officer).get("/desk").text
        chart = page.split('id="funnel"')[1].split("</section>")[0]
        key = [int(n) for n in re.findall(r'<span class="num">(\d+)</span>', chart.split('class="key"')[1])]
        assert len(key) == 4
        assert sum(key) == rated - hidden
        wide = chart.split("<svg")[1]
        assert wide.count("<circle") + len(re.findall(r'class="f3"', wide)) == sum(key), "one mark for each"
        assert (f"已评定{rated}家，图上{rated - 1}家；其余1家" in chart) == bool(hidden)
        with committing(write_session(databases.roster)) as session:
            session.merge(one).favourable = None
            # What a desk has computed is kept until something is written into the journal.
            record(
                session, actor_for(session, district.officer), "result.confirmed", "result", one.id, at=NOW
            )


def test_what_waits_for_officers_below_is_one_line_on_the_desk_above(app, databases, district):
    with committing(write_session(databases.roster)) as session:
        above = make_account(session, Role.OFFICER, district.city)[1]
        open_ = next(one for one in district.results.values() if one.state == ResultState.PROVISIONAL)
        session.merge(open_).no_objection_at = NOW
    page = signed_in_client(app, databases, above).get("/desk").get_data(as_text=True)
    waiting = page.split('id="todo"')[1].split("</section>")[0]
    assert re.search(r"下级在办[2-9]件，由他们决定", waiting), "the roster and the rating at least"
    assert not re.search(r'href="/(orders|ratings|rosters)/', waiting)
    own = signed_in_client(app, databases, district.officer).get("/desk").get_data(as_text=True)
    assert "本单位没有异议，请确认评定" in own
    assert f"/ratings/{open_.id}" in own
    assert "下级在办" not in own


def test_every_home_stands_in_one_list_that_is_searched_narrowed_sorted_and_paged(
    app, databases, district, monkeypatch
):
    def listed(**wanted):
        with reading(read_session(databases.roster)) as session:
            return home_list.home_list(session, district.unit.id, 2026, home_list.HomeFilter(**wanted), NOW)

    whole = listed()
    assert whole.total == len(whole.rows) == len(district.homes)
    assert [row.name for row in whole.rows] == sorted(home.name for home in district.homes)
    classes = Counter(row.tag for row in whole.rows)
    for tag in (*home_list.CLASSES, home_list.NOT_RATED):
        narrowed = listed(rating=tag)
        assert {row.tag for row in narrowed.rows} <= {tag}
        assert narrowed.total == classes[tag], tag
    assert sum(listed(rating=tag).total for tag in (*home_list.CLASSES, "not_rated")) == whole.total
    for sort, value in {
        "members": lambda row: row.members,
        "turnout": lambda row: -1 if row.percent is None else row.percent,
        "late": lambda row: row.overdue,
    }.items():
        up, down = ([value(row) for row in listed(sort=way).rows] for way in (sort, f"-{sort}"))
        assert up == sorted(up), sort
        assert down == sorted(down, reverse=True), sort
        assert len(set(up)) > 1, "there is something to sort"
    monkeypatch.setattr(home_list, "PER_PAGE", 5)
    pages = [listed(sort="-turnout", page=number) for number in range(1, listed().pages + 1)]
    seen = [row.id for page in pages for row in page.rows]
    assert len(seen) == len(set(seen)) == whole.total, "every home once over all pages"
    monkeypatch.undo()

    name = district.homes[3].name
    officer = signed_in_client(app, databases, district.officer)
    page = officer.get(f"/desk/homes?text={name}").text
    assert re.findall(r'rowheader"><a href="/units/(\d+)">', page) == [str(district.homes[3].id)]
    assert 'aria-sort="descending"' in officer.get("/desk/homes?sort=-turnout").text
    assert f'href="/desk/homes?at={district.unit.id}&amp;year=2026' in officer.get("/desk").text
    assert officer.get(f"/desk/homes?at={district.streets[0].id}").status_code == 200
    stranger = signed_in_client(app, databases, district.stranger)
    assert stranger.get(f"/desk/homes?at={district.streets[0].id}").status_code == 404
    assert name not in stranger.get("/desk/homes").text
    chair = signed_in_client(app, databases, district.chairs[district.homes[0].id])
    assert chair.get("/desk/homes").status_code == 404
