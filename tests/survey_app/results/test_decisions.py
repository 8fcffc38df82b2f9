"""Objection, confirmation, publication and holds: who may, when, and what stands afterwards."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

import scoring
from scoring import exchange
from survey_app.core.actor import Role
from survey_app.core.db import read_session, reading
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.counting.models import HomeCount
from survey_app.counting.operations import accept_hold, void_home
from survey_app.journal.chain import verify
from survey_app.journal.models import JournalLine
from survey_app.outbox.models import Message
from survey_app.results import operations
from survey_app.results.listing import Filter, area_figures, ratings, todo_rows
from survey_app.results.models import Objection, RatingSnapshot, Result, ResultState
from survey_app.results.queries import open_objection, visible_result
from survey_app.results.rating import differences, keep, row_differences
from survey_app.rounds.models import Round
from survey_app.rounds.policy import Policy
from survey_app.units.closure import rebuild_closure
from tests.support.cast import make_account, make_unit
from tests.support.counted_home import COUNTED_AT, CountedClassSpec, CountedSpec
from tests.support.server import run_pingjia
from tests.survey_app.results.conftest import EXAMPLE, RIVER
from tests.survey_app.results.test_pages import HELD, sqlite_only

TWO_SIDED = CountedSpec(
    (CountedClassSpec("合同制", 60, (30, 15, 5, 0)), CountedClassSpec("派遣", 120, (10, 6, 24, 0)))
)
MERGED = CountedSpec((CountedClassSpec("合着数", 160, (40, 20, 40, 0), strata=((40, 8), (120, 92))),))
AFTER = COUNTED_AT + timedelta(days=21)


def act(built, post, operation, *args, home=0, at=COUNTED_AT, **values):
    """Run an operation of results as the person in a post, in a transaction of its own."""
    with built.writing() as session:
        actor = built.actor(post)
        result, _unit, _round = visible_result(session, actor, built.result(home).id, lock=True)
        return operation(session, actor, result, *args, at=at, **values)


def object_to(built, text="花名册少了12人"):
    return act(built, built.chairs[0], operations.raise_objection, text=text)


def decide(built, post, *, upheld):
    with built.writing() as session:
        actor = built.actor(post)
        result, _unit, _round = visible_result(session, actor, built.result().id, lock=True)
        objection = open_objection(session, result)
        operations.decide_objection(
            session, actor, result, objection, upheld=upheld, reason="查过了", at=COUNTED_AT
        )


def test_a_rating_is_confirmed_after_its_window_and_published(build):
    built = build(RIVER).rate()
    officer = built.officers[0]
    with pytest.raises(Refused, match="objection_window_open"):
        act(built, officer, operations.confirm, version=built.result().version)
    with pytest.raises(Refused, match="wrong_state"):
        act(built, officer, operations.publish)
    act(built, officer, operations.confirm, version=built.result().version, at=AFTER)
    assert built.result().state == ResultState.FINAL
    act(built, officer, operations.publish, at=AFTER)
    assert built.result().state == ResultState.PUBLISHED
    with reading(read_session(built.databases.roster)) as session:
        assert verify(session) == []
        told = set(session.scalars(select(Message.kind).where(Message.post_id == built.chairs[0].id)))
    assert {"result.provisional", "result.final", "result.published"} <= told


def test_without_a_window_a_home_is_rated_and_confirmed_the_same_day(build):
    """The policy may leave the window out (0 days): a rating comes all the same, and nothing waits for it."""
    built = build(RIVER, policy=Policy(objection_workdays=0)).rate()
    assert built.result().state == ResultState.PROVISIONAL
    with pytest.raises(Refused, match="objection_window_over"):
        object_to(built)
    page = built.client(built.chairs[0]).get(f"/results/{built.result().id}")
    assert page.status_code == 200
    act(built, built.officers[0], operations.confirm, version=built.result().version)
    assert built.result().state == ResultState.FINAL


def test_who_answered_the_objection_may_not_confirm(build):
    built = build(RIVER).rate()
    one, other = built.officers
    object_to(built)
    with pytest.raises(Refused, match="wrong_state"):
        act(built, one, operations.confirm, version=built.result().version, at=AFTER)
    decide(built, one, upheld=False)
    version = built.result().version
    with reading(read_session(built.databases.roster)) as session:
        for post, kinds, waiting, left in ((one, ["comments"], 0, 1), (other, ["comments", "confirm"], 1, 0)):
            actor = built.actor(post)
            assert sorted(row.kind for row in todo_rows(session, actor, COUNTED_AT.date())) == kinds
            found = ratings(session, actor, Filter(), COUNTED_AT.date())
            assert (found.total, found.left_to_others) == (waiting, left)
    with pytest.raises(Refused, match="another_officer_confirms"):
        act(built, one, operations.confirm, version=version, at=AFTER)
    act(built, other, operations.confirm, version=version, at=AFTER)
    assert built.result().confirmed_by == other.account_id


@sqlite_only
def test_an_upheld_objection_voids_the_vote_and_hides_it_from_the_chair(build):
    built = build(RIVER).rate()
    object_to(built)
    decide(built, built.officers[0], upheld=True)
    assert built.result().state == ResultState.VOIDED
    with reading(read_session(built.databases.roster)) as session, pytest.raises(NotFound):
        visible_result(session, built.actor(built.chairs[0]), built.result().id)


@sqlite_only
def test_an_objection_needs_words_and_comes_once_and_in_time(build):
    built = build(RIVER).rate()
    chair = built.chairs[0]
    with pytest.raises(Invalid):
        object_to(built, "  ")
    with pytest.raises(Refused, match="objection_window_over"):
        act(built, chair, operations.raise_objection, text="晚了", at=AFTER)
    act(built, chair, operations.waive_objection)
    with pytest.raises(Refused, match="objection_waived_before"):
        object_to(built)
    act(built, built.officers[0], operations.confirm, version=built.result().version)
    assert built.result().state == ResultState.FINAL


@sqlite_only
def test_two_sides_block_the_confirmation_until_a_reason_is_written(build):
    built = build(TWO_SIDED).rate()
    officer, version = built.officers[0], built.result().version
    with pytest.raises(Invalid) as refused:
        act(built, officer, operations.confirm, version=version, at=AFTER)
    assert refused.value.faults[0].code == "reason_missing_two_sides"
    act(built, officer, operations.confirm, version=version, reason="派遣职工多在外地", at=AFTER)
    assert built.result().confirm_reason == "派遣职工多在外地"


@sqlite_only
def test_a_confirmation_before_the_window_ends_says_until_when(build):
    built = build(RIVER).rate()
    data = {"version": str(built.result().version)}
    page = built.client(built.officers[0]).send(f"/ratings/{built.result().id}", data).get_data(as_text=True)
    assert "异议期到2026年7月15日为止，还没过，不能确认。" in page
    assert built.result().state == ResultState.PROVISIONAL


@sqlite_only
def test_a_stale_page_confirms_nothing(build):
    built = build(RIVER).rate()
    with pytest.raises(Conflict):
        act(built, built.officers[0], operations.confirm, version=0, at=AFTER)
    assert built.result().state == ResultState.PROVISIONAL


@sqlite_only
def test_only_plain_results_are_confirmed_together(build):
    built = build(RIVER, EXAMPLE, TWO_SIDED).rate().after_window()
    officer = built.client(built.officers[0])
    every = [f"{built.result(n).id}:{built.result(n).version}" for n in range(3)]
    assert officer.send("/ratings/confirm", {"chosen": every}).status_code == 403
    assert {built.result(n).state for n in range(3)} == {"provisional"}, "all or nothing"
    assert officer.send("/ratings/confirm", {"chosen": every[:2]}).status_code == 303
    assert [built.result(n).state for n in range(3)] == ["final", "final", "provisional"]
    assert officer.send("/ratings/publish", {"chosen": every[:2]}).status_code == 303
    assert built.result(0).state == "published"
    nothing = officer.send("/ratings/confirm", {})
    assert nothing.status_code == 422
    lost = [officer.get("/ratings/confirm"), officer.get("/ratings/99999")]
    assert [answer.status_code for answer in lost] == [405, 404]
    for answer in (nothing, *lost):
        page = answer.get_data(as_text=True)
        assert 'aria-label="主导航"' in page, "the frame of the desk"
        assert '<a class="logo" href="/desk"' in page
        assert '<a href="/ratings">返回</a>' in page
        switch = re.search(r'<a href="([^"]+)" lang="en"', page)[1].replace("&amp;", "&")
        target = parse_qs(urlsplit(switch).query)["next"][0]
        assert officer.get(switch).status_code in {302, 303}
        assert target in {"/ratings", "/ratings/99999"}, "never the address of an act"


@sqlite_only
def test_the_whole_way_in_the_pages(build):
    built = build(RIVER).rate()
    chair, number = built.client(built.chairs[0]), built.result().id
    file = (io.BytesIO(b"%PDF-1.7 a report"), "依据.pdf")
    answer = chair.send(
        f"/objection/{number}", {"text": "少了12人", "file": file}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    assert chair.send(f"/ratings/{number}", {"version": "1"}).status_code == 404
    one, other = (built.client(post) for post in built.officers)
    assert "少了12人" in one.get(f"/ratings/{number}").get_data(as_text=True)
    with reading(read_session(built.databases.roster)) as session:
        objection = session.scalars(select(Objection)).one()
    assert one.get(f"/results/{number}/objections/{objection.id}/file").data == b"%PDF-1.7 a report"
    early = other.send(f"/ratings/{number}", {"version": "1"}).get_data(as_text=True)
    assert "您的改动没有写入" in early
    assert one.send(f"/ratings/{number}/objection", {"upheld": "no", "reason": ""}).status_code == 200
    assert one.send(f"/ratings/{number}/objection", {"upheld": "no", "reason": "名册无误"}).status_code == 303
    version = str(built.result().version)
    pages = {
        who: client.get(f"/ratings/{number}").get_data(as_text=True)
        for who, client in (("one", one), ("other", other))
    }
    assert ["确认评定" in pages[who] for who in ("one", "other")] == [False, True]
    assert "终评须由另一位同志确认" in pages["one"]
    assert all("异议已答复，等终评" in page for page in pages.values())
    waits = other.get("/ratings").get_data(as_text=True)
    assert "异议已答复" in waits
    assert "没有异议" not in waits
    assert "确认选上的评定" not in waits, "nothing can be ticked"
    assert "这一页没有能一起确认的" in waits
    refused = one.send(f"/ratings/{number}", {"version": version}).get_data(as_text=True)
    assert "请由另一位经办人确认" in refused
    assert other.send(f"/ratings/{number}", {"version": version}).status_code == 303
    page = chair.get(f"/results/{number}").get_data(as_text=True)
    for words in ("名册无误", "异议不成立，结果不变", "终评：结果与初评相同"):
        assert words in page
    auditor = built.client(built.auditor)
    assert auditor.get(f"/ratings/{number}").status_code == 200
    assert auditor.send(f"/ratings/{number}/publish").status_code == 403


def test_a_territorial_superior_reads_and_does_not_decide(build):
    built = build(RIVER)
    with built.writing() as session:
        partner = make_unit(session, "机械工业工会")
        post = make_account(session, Role.OFFICER, partner)[1]
        session.merge(built.homes[0]).territory_id = partner.id
        session.flush()
        rebuild_closure(session)
    built.rate()
    assert built.client(post).get(f"/ratings/{built.result().id}").status_code == 200
    with pytest.raises(Refused, match="other_line"):
        act(built, post, operations.confirm, version=built.result().version, at=AFTER)


def test_an_accepted_hold_is_rated_and_a_voided_one_ends(build):
    built = build(HELD, HELD)
    custodians = []
    with built.writing() as session:
        for _ in range(2):
            custodians.append(make_account(session, Role.CUSTODIAN, built.top, built.id)[1])
    built.rate()
    assert [built.result(n).state for n in range(2)] == ["held", "held"]
    assert built.result().combined is None
    for post in (built.officers[0], *custodians):
        with built.writing() as session:
            round_ = session.get_one(Round, built.id)
            accept_hold(
                session, built.actor(post), round_, built.homes[0].id, reason="补发两张", at=COUNTED_AT
            )
    with built.writing() as session:
        round_ = session.get_one(Round, built.id)
        officer = built.actor(built.officers[0])
        void_home(session, officer, round_, built.homes[1].id, reason="说不清", at=COUNTED_AT)
    built.rate(home_id=built.homes[0].id).rate(home_id=built.homes[1].id)
    assert [built.result(n).state for n in range(2)] == ["provisional", "voided"]
    assert built.result().combined is not None
    with reading(read_session(built.databases.roster)) as session:
        causes = list(session.scalars(select(RatingSnapshot.cause).order_by(RatingSnapshot.id)))
        assert session.get_one(HomeCount, (built.id, built.homes[0].id)).hold_accepted_reason
    assert causes == ["counted", "counted", "hold_accepted"]


def test_a_second_run_of_the_job_changes_nothing(build):
    built = build(RIVER, EXAMPLE).rate()
    before = [(built.result(n).id, built.result(n).version, built.result(n).snapshot_id) for n in range(2)]
    built.rate()
    assert before == [
        (built.result(n).id, built.result(n).version, built.result(n).snapshot_id) for n in range(2)
    ]


def test_snapshots_recompute_to_the_last_digit_and_a_change_is_seen(build):
    built = build(RIVER, EXAMPLE).rate()
    with built.writing() as session:
        snapshots = session.scalars(select(RatingSnapshot).order_by(RatingSnapshot.id)).all()
        assert [differences(snapshot) for snapshot in snapshots] == [[], []]
        altered = {**snapshots[0].rating, "reminder": False}
        snapshots[0].rating = altered
        assert differences(snapshots[0]) == ["reminder"]


@sqlite_only
def test_the_lists_show_what_waits_and_totals_of_what_is_shown_in_full(build):
    built = build(RIVER, EXAMPLE, HELD, CountedSpec.of(20, (6, 3, 4, 1))).rate()
    officer = built.actor(built.officers[0])
    today, later = COUNTED_AT.date(), AFTER.date()
    with reading(read_session(built.databases.roster)) as session:
        assert [row.kind for row in todo_rows(session, officer, today)] == ["hold", "comments"]
        kinds = sorted(row.kind for row in todo_rows(session, officer, later))
        assert kinds == ["comments", "confirm", "confirm", "confirm", "hold"]
        waiting = ratings(session, officer, Filter(), later)
        assert waiting.total == 4
        found = ratings(session, officer, Filter(view="all", text="邮电"), today)
        assert [row.unit.name for row in found.rows] == ["长河邮电工会"]
        figures = area_figures(session, officer, 2026)
        assert (figures.rated, figures.homes_in_full, figures.opinions) == (3, 2, 113 + 137)
        stranger = built.actor(built.stranger)
        assert todo_rows(session, stranger, later) == []
        assert area_figures(session, stranger, 2026).rated == 0
        assert session.scalar(select(Result.p_value).where(Result.code == "H1")) is None


def _as_made_under_the_first_method(snapshot):
    """Put the outcome of version 1.0 in the place of today's, as a round rated then holds it."""
    rating = scoring.rate(*exchange.read(snapshot.sheet), method="1.0")
    snapshot.rating, snapshot.method_version = scoring.written(rating), rating.method_version
    snapshot.input_digest = rating.input_digest
    return rating


@sqlite_only
def test_the_command_recomputes_a_round_and_fails_on_an_altered_digit(build):
    built = build(RIVER, MERGED, EXAMPLE).rate()
    with built.writing() as session:
        _newest, merged, _last = session.scalars(select(RatingSnapshot).order_by(RatingSnapshot.id))
        now = merged.rating["bounds"]
        keep(session.get_one(Result, merged.result_id), _as_made_under_the_first_method(merged))
        assert now["low"] < merged.rating["bounds"]["low"]
        assert "below" in now
        assert "below" not in merged.rating["bounds"]
    fine = run_pingjia(built.settings, "round", "recompute", built.id)
    assert (fine.returncode, "重算3份，不同0份" in fine.stdout) == (0, True), fine.stderr
    with built.writing() as session:
        newest, merged, last = session.scalars(select(RatingSnapshot).order_by(RatingSnapshot.id))
        for snapshot in (newest, merged):
            bounds = {**snapshot.rating["bounds"], "low": snapshot.rating["bounds"]["low"] + 1e-15}
            snapshot.rating = {**snapshot.rating, "bounds": bounds}
        last.method_version = "9.9"
        session.get_one(Result, merged.result_id).combined = 99.9
    altered = run_pingjia(built.settings, "round", "recompute", built.id)
    assert (altered.returncode, "重算3份，不同3份" in altered.stdout) == (1, True)
    river, merged_line, unknown = altered.stderr.strip().splitlines()
    assert river.endswith("：bounds")
    assert merged_line.endswith("：bounds, result.combined")
    assert "UNKNOWN_METHOD (9.9; known: 1.0, 1.1, 1.2)" in unknown
    assert run_pingjia(built.settings, "round", "recompute", "0" * 32).returncode == 2


@sqlite_only
def test_recomputing_sees_what_lists_and_the_columns_of_a_snapshot_say_otherwise(build):
    built = build(RIVER).rate()
    with built.writing() as session:
        result = session.scalars(select(Result).order_by(Result.id)).first()
        snapshot = session.get_one(RatingSnapshot, result.snapshot_id)
        assert (differences(snapshot), row_differences(result, snapshot)) == ([], [])
        result.combined, result.code, result.marks = 99.9, "A1", ["V1", "V2"]
        assert row_differences(result, snapshot) == ["code", "combined", "marks"]
        snapshot.scheme = {**snapshot.scheme, "basis": "raw"}
        snapshot.input_digest = "0" * 64
        assert differences(snapshot) == ["input_digest", "scheme"]


MERGED_HELD = replace(MERGED, held=HELD.held, name="合着数又待核实的工会")


@sqlite_only
def test_a_hold_accepted_later_is_rated_by_the_method_of_its_round(build):
    """The program was renewed while the hold was looked into: homes of one round never meet two rules."""
    built = build(RIVER, MERGED_HELD).rate()
    with built.writing() as session:
        made = session.scalars(select(RatingSnapshot)).all()
        for snapshot in made:
            _as_made_under_the_first_method(snapshot)
    with built.writing() as session:
        count = session.get_one(HomeCount, (built.id, built.homes[1].id))
        count.hold_accepted_reason = "补发两张"
    built.rate(home_id=built.homes[1].id)
    with reading(read_session(built.databases.roster)) as session:
        snapshot = session.get_one(RatingSnapshot, built.result(1).snapshot_id)
        assert (snapshot.cause, snapshot.method_version) == ("hold_accepted", "1.0")
        sheet, scheme = exchange.read(snapshot.sheet)
        assert snapshot.rating == scoring.written(scoring.rate(sheet, scheme, "1.0"))
        assert snapshot.rating["bounds"]["low"] > scoring.rate(sheet, scheme).bounds.low
        lines = session.scalars(
            select(JournalLine).where(JournalLine.verb == "result.rated").order_by(JournalLine.number)
        ).all()
        assert [line.details["method"] for line in lines] == [*[scoring.METHOD_VERSION] * 2, "1.0"]
        assert lines[-1].details["digest"] == snapshot.input_digest
        assert differences(snapshot) == row_differences(built.result(1), snapshot) == []
    page = built.client(built.officers[0]).get(f"/ratings/{built.result(1).id}").get_data(as_text=True)
    assert "计算方法1.0" in page
