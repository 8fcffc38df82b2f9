"""Charts: the same bytes every time, safe inside a page, and honest in their geometry."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from survey_app.results import charts
from survey_app.results.charts import (
    BandChart,
    BandRow,
    FunnelChart,
    FunnelLimit,
    FunnelPoint,
    ItemRow,
    ItemsChart,
    Mark,
    RuleLine,
    TurnoutChart,
)
from survey_app.results.charts.canvas import text_width
from survey_app.results.peers import Point, allows_for_spread, drawn_field, field_of, funnel_picture

LINES = (RuleLine(60, "60整改线"), RuleLine(90, "90申报线"))
THREE = (LINES[0], RuleLine(80, "80提醒线"), LINES[1])
BAND = BandChart("总的评价", "范围", (BandRow("总的评价", 76.69, 71.45, 81.17, "76.7"),), LINES)
FIELDS = BandChart(
    "四个方面",
    "范围",
    (
        BandRow("服务设施", 87, 83, 90, "87"),
        BandRow("服务职责", None, None, None, "", "为了保护填票的人，不显示"),
    ),
    LINES,
)
ITEMS = ItemsChart(
    "第1至2题",
    "票数",
    (ItemRow("1.", "场地和设施", (52, 41, 19, 6)), ItemRow("2.", "找得到人", None, "85%以上")),
    118,
)
TURNOUT = TurnoutChart("参评率", "逐日", (("6/8", 20.0), ("6/9", 63.4)), LINES[:1], "63%")
FUNNEL = FunnelChart(
    "漏斗",
    "各家",
    (
        FunnelPoint("青禾纺织", 115, 45.5, Mark.DISSATISFIED, 0.2),
        FunnelPoint("云桥供水", 118, 45.0, Mark.INSUFFICIENT, 0.1),
        FunnelPoint("长河机械", 118, 76.7, Mark.REMINDED),
        FunnelPoint("长河邮电", 137, 100.0, Mark.QUALIFIED),
    ),
    80.0,
    "合计80.0",
    tuple(FunnelLimit(n, 80 - 400 / n, 80 + 100 / n, 80 - 600 / n, 80 + 150 / n) for n in (10, 60, 140)),
    "有效票数",
)
DRAWN = {
    "band": (charts.band, BAND),
    "three lines": (charts.band, replace(BAND, lines=THREE)),
    "dimensions": (charts.dimensions, FIELDS),
    "items": (charts.items, ITEMS),
    "turnout": (charts.turnout, TURNOUT),
    "funnel": (charts.funnel, FUNNEL),
}
CLASSES = {"f1", "f2", "f3", "f4", "fb", "fi", "fc", "sl", "se", "sb", "s1", "t2", "to", "td", "dash"}
ALLOWED = {"svg", "title", "desc", "path", "circle", "text", "pattern", "rect"}
PRINT = """
from tests.survey_app.results.test_charts import DRAWN
for draw, chart in DRAWN.values():
    drawing = draw(chart)
    print(drawing.wide, drawing.narrow, drawing.large)
"""


def markup(name: str) -> list[str]:
    draw, chart = DRAWN[name]
    drawing = draw(chart)
    return [drawing.wide, drawing.narrow, drawing.large]


def test_another_process_draws_the_same_bytes():
    made = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, text=True, check=True).stdout
    assert all(drawing in made for name in DRAWN for drawing in markup(name))


def test_threads_that_draw_together_do_not_mix_their_charts():
    def draw(number: int) -> str:
        row = BandRow(f"第{number}家", 50 + number, 40 + number, 60 + number, str(number))
        return str(charts.band(BandChart(f"第{number}家", "", (row,), LINES)).wide)

    alone = [draw(number) for number in range(8)]
    charts.band.cache_clear()
    together: dict[int, str] = {}
    threads = [
        threading.Thread(target=lambda n=number: together.__setitem__(n, draw(n))) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(8)] == alone


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_safe_inside_a_page(name):
    for svg in markup(name):
        root = ElementTree.fromstring(svg)
        assert {element.tag for element in root.iter()} <= ALLOWED
        assert "style=" not in svg
        assert "<style" not in svg
        used = {one for element in root.iter() for one in (element.get("class") or "").split()}
        assert used <= CLASSES | {"only-w", "only-n"}
        names = root.get("aria-labelledby", "").split()
        assert [root.find("title").get("id"), root.find("desc").get("id")] == names
        assert root.get("role") == "img"


def test_ids_on_one_page_are_different():
    ids = [
        identity
        for name in DRAWN
        for svg in markup(name)[:2]
        for identity in re.findall(r' id="([^"]+)"', svg)
    ]
    assert len(ids) == len(set(ids))


def test_the_dot_and_the_line_stand_where_their_values_are():
    root = ElementTree.fromstring(markup("band")[0])
    dot = next(e for e in root.iter("circle") if e.get("class") == "fi")
    lines = [e for e in root.iter("path") if e.get("class") == "se dash"]
    at60, at90 = (float(re.match(r"M(\S+) ", line.get("d")).group(1)) for line in lines)
    expected = at60 + (76.69 - 60) / 30 * (at90 - at60)
    assert float(dot.get("cx")) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("english", [False, True])
def test_every_line_stands_at_its_value_and_runs_through_no_name(english):
    names = ("60 order line", "80 reminder line", "90 award line") if english else [one.name for one in THREE]
    lines = tuple(replace(line, name=name) for line, name in zip(THREE, names, strict=True))
    drawing = charts.band(replace(BAND, lines=lines))
    for svg, size in ((drawing.wide, 13), (drawing.narrow, 13), (drawing.large, 18)):
        root = ElementTree.fromstring(svg)
        dashed = [e.get("d") for e in root.iter("path") if e.get("class") == "se dash"]
        tops = [tuple(map(float, re.match(r"M(\S+) ([\d.]+)", d).groups())) for d in dashed]
        at60, at80, at90 = (x for x, _top in tops)
        assert at80 == pytest.approx(at60 + 2 / 3 * (at90 - at60), abs=0.2)
        for name in names:
            words = next(e for e in root.iter("text") if e.text == name)
            wide, y = text_width(name, size), float(words.get("y"))
            left = float(words.get("x")) - wide / 2
            assert left >= -0.1, name
            crossing = [x for x, top in tops if top < y and left < x < left + wide]
            assert crossing == [], (name, svg)


def test_bars_are_as_long_as_their_counts():
    root = ElementTree.fromstring(markup("items")[0])
    lengths = []
    for kind in ("f1", "f2", "f3"):
        path = next(e for e in root.iter("path") if e.get("class") == kind)
        xs = [float(x) for x in re.findall(r"[ML](\S+) ", path.get("d"))]
        lengths.append(max(xs) - min(xs))
    assert lengths[0] / 52 == pytest.approx(lengths[1] / 41, rel=0.01)
    assert lengths[0] / 52 == pytest.approx(lengths[2] / 19, rel=0.02)


def test_a_missing_row_says_why_in_its_place():
    assert all("为了保护填票的人，不显示" in svg for svg in markup("dimensions"))
    assert all("85%以上" in svg for svg in markup("items"))
    assert all(svg.count('class="fi"') == 1 for svg in markup("dimensions"))


def test_text_is_escaped():
    row = BandRow('<script>"&', 50, 40, 60, "50")
    svg = charts.band(BandChart("<b>", "&", (row,), ())).wide
    assert "<script>" not in svg
    assert ElementTree.fromstring(svg).find("title").text == "<b>"


def test_no_two_names_lie_over_each_other_in_the_funnel():
    wide = markup("funnel")[0]
    assert "青禾纺织" in wide
    assert "云桥供水" not in wide, "it would lie over the farther one"
    assert "长河机械" not in wide, "it lies inside the limits"


def peer(number: int, rate: float, n: int = 100) -> Point:
    return Point(number, f"第{number}家", n, n, rate, n, round(n * rate / 100), Mark.QUALIFIED)


def test_the_limits_allow_for_the_spread_between_homes():
    alike = field_of([peer(n, 80) for n in range(20)])
    spread = field_of([peer(n, 70 + n) for n in range(21)])
    assert alike.between == 0
    assert spread.centre == pytest.approx(alike.centre, abs=0.001)
    narrow, wide = alike.limits(100, 1.96), spread.limits(100, 1.96)
    assert wide[0] < narrow[0] < 0.8 < narrow[1] < wide[1]
    inside = [wide[0] <= rate / 100 <= wide[1] for rate in range(70, 91)]
    assert sum(inside) >= 19


def test_where_homes_differ_more_than_a_drawing_can_hold_the_limits_are_those_of_the_ballots():
    points = [peer(n, 30 + 7 * n, 120) for n in range(10)]
    assert not allows_for_spread(points)
    assert drawn_field(points).between == 0
    wide = funnel_picture(points).wide
    assert "第0家" in wide, "somebody lies outside and is named"
    assert "第9家" in wide
    assert allows_for_spread([peer(n, 78 + n % 5) for n in range(20)])


@pytest.mark.parametrize("rate", [5, 31.0, 45, 52, 59.9, 88])
def test_the_axis_of_the_funnel_ends_with_a_written_hundred(rate):
    drawing = funnel_picture([peer(n, 80) for n in range(5)] + [peer(9, rate)])
    assert ">100<" in drawing.wide
    assert ">100<" in drawing.narrow


def test_the_limits_of_a_funnel_never_run_along_its_frame():
    limits = (
        FunnelLimit(10, 30, 100, 20, 100),
        FunnelLimit(60, 70, 90, 65, 95),
        FunnelLimit(90, 72, 88, 67, 93),
    )
    points = tuple(FunnelPoint(f"{n}", 20 + n, 80.0, Mark.QUALIFIED) for n in range(5))
    root = ElementTree.fromstring(charts.funnel(FunnelChart("", "", points, 80.0, "", limits, "")).wide)
    curves = [one.get("d") for one in root.iter("path") if one.get("class") in ("se", "se dash")]
    assert len(curves) == 4
    assert {curve.count("L") for curve in curves} == {1}, "the clamped end at ten ballots is left out"


def test_a_funnel_needs_five_homes():
    assert funnel_picture([peer(n, 80) for n in range(4)]) is None
    assert "合计" in funnel_picture([peer(n, 80) for n in range(5)]).wide


def test_a_large_area_draws_the_far_homes_and_a_sample_of_the_others():
    points = [peer(n, 78 + n % 5) for n in range(5_000)] + [peer(9_999, 20)]
    wide = funnel_picture(points).wide
    assert wide.count("<circle") == 200
    assert "第9999家" in wide
    assert len(wide) < 20_000
