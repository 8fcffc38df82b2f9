"""Pages, tables and papers of a result: the same figures everywhere, the same words where one is missing."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.results.documents import unit_report
from survey_app.results.view import load_view
from survey_app.rounds.policy import Policy
from survey_app.units.closure import rebuild_closure
from survey_app.units.models import UnitKind
from tests.support.cast import make_account, make_unit
from tests.support.counted_home import COUNTED_AT, CountedClassSpec, CountedSpec
from tests.survey_app.results.conftest import EXAMPLE, RIVER

FEW = CountedSpec.of(14, (5, 3, 0, 0), unopened=8, name="小店联合工会")
TEN = CountedSpec.of(20, (6, 3, 4, 1), name="春晖幼儿园工会")
AGREED = CountedSpec.of(34, (22, 1, 1, 0), name="青山小学工会")
HELD = CountedSpec.of(
    60,
    (30, 12, 2, 1),
    name="恒远物业工会",
    held=(
        {
            "class_id": "x",
            "label": "合同制",
            "code": "more_link_ballots_than_signatures",
            "excess": 1,
            "replaced": 2,
        },
    ),
)
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def text_of(pdf: bytes) -> str:
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def cells_of(xlsx: bytes, tab: int = 0) -> str:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx)).get_sheet_by_index(tab).to_python()
    return "\n".join(_plain(value) for row in rows for value in row if value != "")


def _plain(value: object) -> str:
    """A whole number as a person reads it: the file format knows only decimals."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def test_the_example_of_the_seed_gives_its_three_rates_on_page_paper_and_workbook(build):
    built = build(EXAMPLE).rate()
    chair, number = built.client(built.chairs[0]), built.result().id
    page = chair.get(f"/results/{number}").get_data(as_text=True)
    pdf = text_of(chair.get(f"/results/{number}/sheet.pdf").data)
    xlsx = cells_of(chair.get(f"/results/{number}/sheet.xlsx").data)
    for place in (page, pdf, xlsx):
        for rate in ("92.70%", "100.00%", "97.16%"):
            assert rate in place, rate
    assert "141" in pdf
    assert "137" in pdf
    report = text_of(chair.get(f"/results/{number}/report.pdf").data)
    assert report.count("综合满意率（折算）") == 2, "the figure and the column say which rate they are"


@sqlite_only
@pytest.mark.parametrize(("basis", "named"), [("weighted", "折算"), ("raw", "原始")])
def test_the_report_prints_the_rates_that_its_heading_names(build, basis, named):
    built = build(RIVER, policy=Policy(basis=basis)).rate()
    with reading(read_session(built.databases.roster)) as session:
        view = load_view(session, built.actor(built.chairs[0]), built.result().id)
        report = unit_report(session, view, COUNTED_AT.date())
        # The same figures under a policy of the raw count: what is printed follows the heading.
        on_raw = unit_report(session, replace(view, policy=Policy(basis="raw")), COUNTED_AT.date())
    assert report.grade == "合格·提醒"
    assert report.rate_heading == f"综合满意率（{named}）"
    assert dict(report.figures)["综合满意率（原始）"] == "78.76%"
    assert ("综合满意率（折算）" in dict(report.figures)) == (basis == "weighted")
    figures = [asked.shown.combined for asked in view.duties]
    raw = [f"{one.raw:.{one.digits}f}%" for one in figures]
    weighted = [f"{one.weighted:.{one.digits}f}%" for one in figures]
    assert (weighted == raw) == (basis == "raw")
    assert [item.rate for item in report.items] == (raw if basis == "raw" else weighted)
    assert [item.rate for item in on_raw.items] == raw


@sqlite_only
def test_the_explained_score_adds_up_by_hand(build):
    built = build(RIVER).rate()
    page = built.client(built.chairs[0]).get(f"/results/{built.result().id}/why").get_data(as_text=True)
    for number in ("1.6000", "2.1818", "1.1667", "92.80", "43.64", "40.83", "177.27", "135.95"):
        assert f">{number}<" in page
    assert "135.95 ÷ 177.27" in page
    assert "89 ÷ 113" in page
    assert round(135.95 / 177.27, 4) == 0.7669
    assert "71.45到81.17" in page
    assert "105.7" in page
    assert "89 ÷ 186 = 47.85%" in page
    assert "= 87.10%" in page
    assert "76.69，低于80" in page


@sqlite_only
def test_classes_counted_together_widen_the_range_and_the_page_says_by_how_much(build):
    """Sixty of a hundred favourable; the class that came less may hold the favourable or the others."""
    apart = CountedSpec.of(160, (40, 20, 40, 0), name="分开数的工会")
    strata = ((40, 8), (120, 92))
    together = CountedSpec(
        (CountedClassSpec("合着数", 160, (40, 20, 40, 0), strata=strata),), name="合着数的工会"
    )
    built = build(apart, together).rate()
    before, after = built.result(0), built.result(1)
    heavy, light = 40 / 8, 120 / 92
    highest = (8 * heavy + 52 * light) / 160
    lowest = 60 * light / 160
    assert after.combined == before.combined == 60.0
    assert after.high - before.high >= round(100 * highest - 60, 2) > 7
    assert before.low - after.low >= round(60 - 100 * lowest, 2) > 11
    page = built.client(built.chairs[1]).get(f"/results/{after.id}/why").get_data(as_text=True)
    assert (
        f"范围下面放宽了{60 - 100 * lowest:.2f}个百分点，上面放宽了{100 * highest - 60:.2f}个百分点" in page
    )
    assert page.count("有效票不少于10张") == page.count("对总的评价有看法的不少于10票") > 0
    assert "放宽" not in built.client(built.chairs[0]).get(f"/results/{before.id}/why").get_data(as_text=True)


@sqlite_only
def test_the_chair_reads_sentence_range_and_reason(build):
    built = build(RIVER).rate()
    page = built.client(built.chairs[0]).get(f"/results/{built.result().id}").get_data(as_text=True)
    assert "100位会员里，大约有77位满意或基本满意。" in page
    assert "有68人没交票，真实的数大致在71到82之间。" in page
    assert "整段在60线以上，所以合格；没到80，又有不少“基本满意”，所以提醒。" in page
    assert "7月15日（星期三）前答复，剩10个工作日" in page
    assert "style=" not in page


@sqlite_only
def test_the_turning_point_is_told_to_officers_only(build):
    built = build(RIVER).rate()
    address = f"/results/{built.result().id}/why"
    assert "0.46倍" in built.client(built.officers[0]).get(address).get_data(as_text=True)
    assert "倍" not in built.client(built.chairs[0]).get(address).get_data(as_text=True)


@sqlite_only
@pytest.mark.parametrize(
    ("spec", "words", "forbidden"),
    [
        (FEW, "收到8张票，不到10张，为了保护填票的人，没有开箱。", ["62.5", "100.00%"]),
        (TEN, "较多（60%–80%）", ["69.23", "46.15"]),
        (AGREED, "85%以上", ["95.83", "91.67", ">22<", ">23<"]),
    ],
    ids=["fewer than ten", "ten to nineteen", "under thirty and agreed"],
)
def test_suppression_says_the_same_words_in_page_table_paper_and_chart(build, spec, words, forbidden):
    built = build(spec).rate()
    chair, number = built.client(built.chairs[0]), built.result().id
    page = chair.get(f"/results/{number}").get_data(as_text=True)
    table = chair.get(f"/results/{number}/table").get_data(as_text=True)
    report = text_of(chair.get(f"/results/{number}/report.pdf").data)
    sheet = text_of(chair.get(f"/results/{number}/sheet.pdf").data)
    xlsx = cells_of(chair.get(f"/results/{number}/sheet.xlsx").data)
    for place in (page, table, report):
        assert re.sub(r"\s+", "", words) in re.sub(r"\s+", "", place)
    if spec is FEW:
        for place in (
            page,
            report,
            sheet,
            xlsx,
            built.client(built.officers[0]).get("/ratings?view=all").text,
        ):
            assert "没有开箱（不到10张票）" in re.sub(r"\s+", "", place)
            assert not re.search(r"(?<!\d)0\.0+%", place), "a box that stayed shut is no turnout of nobody"
    if spec is not FEW:
        assert words in sheet
        assert words in xlsx
        assert words in "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    for place in (page, table, report, sheet, xlsx):
        for figure in forbidden:
            assert figure not in place


ROUTES = (
    ("GET", "/results/{n}"),
    ("GET", "/results/{n}/why"),
    ("GET", "/results/{n}/table"),
    ("GET", "/results/{n}/sheet.pdf"),
    ("GET", "/results/{n}/sheet.xlsx"),
    ("GET", "/results/{n}/report.pdf"),
    ("GET", "/results/{n}/objections/1/file"),
    ("GET", "/ratings/{n}"),
    ("POST", "/ratings/{n}"),
    ("GET", "/ratings/{n}/objection"),
    ("POST", "/ratings/{n}/publish"),
    ("GET", "/ratings/{n}/accept"),
    ("GET", "/ratings/{n}/void"),
    ("GET", "/comments/{round}/{home}"),
)


@sqlite_only
def test_a_stranger_finds_nothing_on_any_route(build):
    built = build(RIVER).rate()
    stranger = built.client(built.stranger)
    known = {rule.rule for rule in built.app.url_map.iter_rules() if rule.endpoint.startswith("results.")}
    assert len(known) >= 19
    values = {"n": built.result().id, "round": built.id, "home": built.homes[0].id}
    for method, route in ROUTES:
        path = route.format(**values)
        data = {"version": "1", "reason": "x"}
        answer = stranger.get(path) if method == "GET" else stranger.send(path, data)
        assert answer.status_code == 404, (method, path)
    assert "长河机械厂" not in stranger.get("/ratings?view=all").get_data(as_text=True)
    assert "长河机械厂" not in cells_of(stranger.get("/ratings/area.xlsx?view=all").data)
    assert "长河机械厂" not in stranger.get("/comments").get_data(as_text=True)


def test_a_held_result_is_shown_to_nobody_below_the_organiser(build):
    built = build(HELD)
    with committing(write_session(built.databases.roster)) as session:
        between = make_unit(session, "长河区总工会", UnitKind.FEDERATION, built.top)
        district = make_account(session, Role.OFFICER, between)[1]
        home = session.merge(built.homes[0])
        home.parent_id = between.id
        session.flush()
        rebuild_closure(session)
    built.rate()
    number = built.result().id
    for post in (built.chairs[0], district):
        client = built.client(post)
        for page in ("", "/why", "/table", "/sheet.pdf", "/report.pdf"):
            assert client.get(f"/results/{number}{page}").status_code == 404
        assert client.get(f"/ratings/{number}").status_code == 404
    officer = built.client(built.officers[0])
    assert "合同制多出1张" in officer.get(f"/ratings/{number}").get_data(as_text=True)
    assert officer.get(f"/results/{number}/sheet.pdf").status_code == 404


@sqlite_only
def test_the_area_workbook_sums_only_what_is_shown_in_full(build):
    built = build(RIVER, EXAMPLE, AGREED, FEW).rate()
    content = built.client(built.officers[0]).get("/ratings/area.xlsx?view=all").data
    homes, total = cells_of(content), cells_of(content, 1)
    assert "85%以上" in homes
    assert "有效票不足10张，不显示" in homes
    assert "收到8张，没有开箱（不到10张票）" in homes
    assert "0.00%" not in homes.split(), "what came to a box that stayed shut is no turnout of nobody"
    assert "已公布的2家合计" in total
    assert str(113 + 137) in total


@sqlite_only
def test_a_demo_says_so_on_every_paper(build):
    built = build(EXAMPLE).rate()
    built.app.extensions["pingjia"] = replace(
        built.app.extensions["pingjia"], settings=replace(built.settings, demo=True)
    )
    chair, number = built.client(built.chairs[0]), built.result().id
    assert "演示数据，不作依据" in text_of(chair.get(f"/results/{number}/sheet.pdf").data)
    assert "演示数据，不作依据" in text_of(chair.get(f"/results/{number}/report.pdf").data)
    assert "演示数据，不作依据" in cells_of(chair.get(f"/results/{number}/sheet.xlsx").data)


@sqlite_only
def test_raw_and_weighted_on_two_sides_say_so_in_both_cells(build):
    split = CountedSpec(
        (
            CountedClassSpec("合同制", 60, (30, 15, 5, 0)),
            CountedClassSpec("派遣", 120, (10, 6, 24, 0)),
        )
    )
    built = build(split).rate()
    assert built.result().marks == ["V1"]
    page = built.client(built.officers[0]).get(f"/ratings/{built.result().id}").get_data(as_text=True)
    assert page.count("两个数在线的两边，确认时要写明理由") == 2
