"""Flags 建议核查: found over an organiser's homes, for superiors alone, and without any say in a rating."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import url_for
from sqlalchemy import delete, select, update
from werkzeug.routing import BuildError

import scoring
import survey_app
from scoring import exchange
from scoring.forgery import Sign
from survey_app.core.db import read_session, reading
from survey_app.counting.models import HomeCount
from survey_app.counting.traits import traits_row
from survey_app.results.flag_words import SIGN_TITLES, flag_counts, flags_of, with_flag
from survey_app.results.listing import Filter, ratings
from survey_app.results.models import RatingSnapshot, Result, ResultFlag
from survey_app.results.rating import inputs_of
from survey_app.rounds.models import Round
from tests.support.counted_home import COUNTED_AT, CountedRound, CountedSpec, ballots_of
from tests.survey_app.results.conftest import EXAMPLE, RIVER
from tests.survey_app.results.test_pages import sqlite_only
from tests.survey_app.results.years import year_before

CORNER = CountedSpec.of(100, (99, 0, 0, 0), name="云岭化工厂工会")
CORNER_WORDS = "人人参评，人人满意"


def with_traits(built: CountedRound, *specs: CountedSpec) -> CountedRound:
    """What counting keeps of the ballots of these homes."""
    with built.writing() as session:
        for home, spec in zip(built.homes, specs, strict=True):
            ballots = [one for part in spec.classes for one in ballots_of(built.form, part)]
            count = session.get_one(HomeCount, (built.id, home.id))
            count.traits = traits_row(built.form, ballots, count.members)
    return built


def signs(built: CountedRound) -> dict[int, set[str]]:
    """The signs of every home by its place."""
    place = {built.result(number).id: number for number in range(len(built.homes))}
    found: dict[int, set[str]] = {number: set() for number in place.values()}
    with reading(read_session(built.databases.roster)) as session:
        for flag in session.scalars(select(ResultFlag)):
            found[place[flag.result_id]].add(flag.sign)
    return found


def test_flags_are_found_after_rating_and_again_by_a_second_run(build):
    built = with_traits(build(CORNER, RIVER, EXAMPLE), CORNER, RIVER, EXAMPLE).rate()
    once = signs(built)
    assert Sign.CORNER in once[0]
    assert Sign.CORNER not in once[1] | once[2]
    assert signs(built.rate()) == once


def test_a_rating_is_the_same_to_the_byte_with_and_without_flags(build):
    built = with_traits(build(CORNER, RIVER), CORNER, RIVER).rate()
    assert signs(built)[0]
    flagged, row = built.result(), _row(built.result())
    with built.writing() as session:
        session.execute(delete(ResultFlag))
        session.execute(update(HomeCount).values(traits=None))
    with reading(read_session(built.databases.roster)) as session:
        sheet, scheme, _ = inputs_of(
            session, built.workshop, session.get_one(Round, built.id), built.homes[0].id
        )
        stored = session.get_one(RatingSnapshot, flagged.snapshot_id).rating
    assert exchange.canonical(exchange.plain(scoring.rate(sheet, scheme))) == exchange.canonical(stored)
    assert _row(built.rate().result()) == row
    assert signs(built) == {0: set(), 1: set()}


def _row(result: Result) -> dict[str, object]:
    return {column.key: getattr(result, column.key) for column in Result.__mapper__.columns}


def test_counts_without_traits_are_rated_and_carry_no_flag(build):
    built = build(CORNER).rate()
    assert built.result().rating_class == "ELIGIBLE"
    assert signs(built) == {0: set()}


@pytest.mark.parametrize(
    ("redeemed", "flagged"), [((40, 5), True), ((40, 20), False), ((39, 5), False)], ids=str
)
@sqlite_only
def test_groups_are_compared_inside_their_own_variable(build, redeemed, flagged):
    built = with_traits(build(RIVER), RIVER)
    groups = [("employment", "在编", 40, redeemed[0]), ("employment", "劳务派遣", 30, redeemed[1])]
    groups += [("gender", "男", 35, 20), ("gender", "女", 35, 25)]
    names = ("variable", "label", "members", "redeemed")
    with built.writing() as session:
        count = session.get_one(HomeCount, (built.id, built.homes[0].id))
        count.groups = [dict(zip(names, group, strict=True)) for group in groups]
    assert (Sign.ONE_GROUP in signs(built.rate())[0]) == flagged


@pytest.mark.parametrize(
    ("changes", "flagged"),
    [({}, True), ({"questionnaire_fingerprint": "0" * 64}, False), ({"scheme": {"basis": "raw"}}, False)],
    ids=str,
)
def test_a_jump_from_last_year_is_flagged_where_form_and_basis_are_the_same(build, changes, flagged):
    built = with_traits(build(RIVER), RIVER).rate()
    year_before(built, figures={"combined": 20.0, "low": 15.0, "high": 26.0}, **changes)
    assert (Sign.JUMP in signs(built.rate())[0]) == flagged


def test_superiors_see_and_filter_flags_and_nobody_else_does(build):
    built = with_traits(build(CORNER, RIVER), CORNER, RIVER).rate().after_window()
    number, home = built.result().id, built.homes[0].id
    for superior in (built.officers[0], built.auditor):
        client = built.client(superior)
        page = client.get(f"/ratings/{number}").get_data(as_text=True)
        assert CORNER_WORDS in page
        assert "参评率在98%以上，综合满意率100.0%。" in page
        for check in ("any", "CORNER"):
            found = client.get(f"/ratings?view=all&check={check}").get_data(as_text=True)
            assert (CORNER.name in found, RIVER.name in found) == (True, False), check
        assert CORNER.name not in client.get("/ratings?view=all&check=PATTERNS").get_data(as_text=True)
    with built.writing() as session:
        session.get_one(Result, number).state = "published"
    chair, public = built.client(built.chairs[0]), built.app.test_client()
    pages = [chair.get(url) for url in (f"/results/{number}", f"/results/{number}/why", "/overview", "/")]
    pages += [public.get(url) for url in (f"/h/{home}", f"/h/{home}/2026/items")]
    for page in pages:
        text = page.get_data(as_text=True)
        assert "建议核查" not in text
        assert CORNER_WORDS not in text
    assert chair.get(f"/ratings/{number}").status_code == 404
    with reading(read_session(built.databases.roster)) as session:
        result = session.get_one(Result, number)
        assert flags_of(session, built.actor(built.chairs[0]), result) == []
        as_chair = replace(built.actor(built.officers[0]), role=built.actor(built.chairs[0]).role)
        assert not any(
            row.flagged
            for row in ratings(session, as_chair, Filter(view="published"), COUNTED_AT.date()).rows
        )


@sqlite_only
def test_a_chair_meets_no_flag_on_any_route(build):
    """Every address that can be read is asked with all ids there are, with every sign at the own result."""
    built = build(RIVER, CORNER).rate()
    number, home = built.result().id, built.homes[0].id
    with built.writing() as session:
        for sign in Sign:
            session.add(ResultFlag(result_id=number, sign=sign.value, observed=0.4287, expected=0.0831))
    officer = built.client(built.officers[0]).get(f"/ratings/{number}").get_data(as_text=True)
    words = [str(title) for title in SIGN_TITLES.values()] + ["建议核查", "先实地核实"]
    assert sum(word in officer for word in words) == len(words) - 1, "the words that are looked for do exist"
    chair, seen = built.client(built.chairs[0]), 0
    for path in sorted(set(addresses(built, number, home))):
        answer = chair.get(path)
        assert answer.status_code < 500, path
        if answer.status_code == 200 and answer.mimetype.startswith("text/"):
            seen += 1
            text = answer.get_data(as_text=True)
            assert not [word for word in words if word in text], path
    assert seen > 15
    as_chair = built.actor(built.chairs[0])
    with reading(read_session(built.databases.roster)) as session:
        assert session.scalars(with_flag(as_chair, "any")).all() == []
        assert flag_counts(session, as_chair, select(Result.id)) == {}
        assert flag_counts(session, built.actor(built.officers[0]), select(Result.id))["CORNER"] == 1


def addresses(built: CountedRound, number: int, home: int) -> Iterator[str]:
    """Every address that is read by GET, filled with the result, the home, the round and the year."""
    known = {"round_id": built.id, "home_id": home, "unit_id": home, "year": 2026, "result_id": number}
    with built.app.test_request_context():
        for rule in built.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or "sign_out" in rule.endpoint:
                continue
            values = {name: known.get(name, number) for name in rule.arguments}
            with suppress(BuildError, ValueError):  # an argument of another kind: no page about a home
                path = url_for(rule.endpoint, **values)
                if not path.endswith((".pdf", ".xlsx", ".png")):  # no text; the next test holds them, too
                    yield path


def test_flags_are_read_in_one_room_that_asks_who_reads():
    rooms = {
        path.name
        for path in Path(survey_app.__file__).parent.rglob("*.py")
        if "ResultFlag" in path.read_text(encoding="utf-8")
    }
    assert rooms == {"models.py", "flags.py", "flag_words.py"}


@sqlite_only
def test_every_sign_is_said_with_its_numbers_and_without_them_under_thirty_ballots(build):
    small = CountedSpec.of(40, (15, 5, 1, 0))
    built = build(RIVER, small).rate()
    with built.writing() as session:
        for home in range(2):
            for sign in Sign:
                session.add(
                    ResultFlag(result_id=built.result(home).id, sign=sign.value, observed=0.42, expected=0.08)
                )
    with built.app.test_request_context(), reading(read_session(built.databases.roster)) as session:
        officer = built.actor(built.officers[0])
        large = flags_of(session, officer, built.result(0))
        few = flags_of(session, officer, built.result(1))
    assert {line.title for line in large} == {str(title) for title in SIGN_TITLES.values()}
    said = {line.title: line.sentence for line in large}
    assert said["每题都满意的票多"] == "42%的票每题都是“满意”，大小和满意率相近的单位约8%。"
    assert said["总评和各题相反的票多"].endswith("全部单位合起来约8.0%。")
    hidden = [line for line in few if line.sentence.endswith("有效票不足30张，不写数。")]
    assert len(hidden) == len(Sign) - 2, "a jump and a group's turnout tell nothing about single ballots"


@sqlite_only
def test_labels_that_repeat_name_their_variable(build):
    built = build(RIVER)
    groups = [("employment", "未填", 20), ("gender", "未填", 30), ("gender", "男", 100), ("gender", "女", 0)]
    with built.writing() as session:
        count = session.get_one(HomeCount, (built.id, built.homes[0].id))
        count.groups = [
            {"variable": variable, "label": label, "members": members, "redeemed": 10}
            for variable, label, members in groups
        ]
    with reading(read_session(built.databases.roster)) as session:
        sheet, _, _ = inputs_of(session, built.workshop, session.get_one(Round, built.id), built.homes[0].id)
    assert {group.label for group in sheet.groups} == {"用工形式未填", "性别未填", "男"}
