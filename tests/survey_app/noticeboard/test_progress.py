"""What members read about an order on the home's page: plan, progress, pictures, second vote, closure."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from survey_app.core.db import committing, write_session
from survey_app.core.files import FileStore
from survey_app.rectification import closing, evidence, proposing, rectifying
from survey_app.rectification.evidence import DISPLAY, EVIDENCE, HandedFile
from survey_app.rectification.models import Evidence, Order, OrderState
from survey_app.rectification.orders import problems_of
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import RoundHome, RoundKind
from tests.support.cast import StandingClock, make_app, make_home, signed_in_client
from tests.support.district import add_count
from tests.support.orders import (
    HAPPY,
    ISSUED_AT,
    REMINDED,
    advance,
    make_order,
    make_rated_round,
    make_result,
    make_stage,
)

AT = ISSUED_AT + timedelta(days=12)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


class Board:
    """A home with an order, its public page, and whoever works on it."""

    def __init__(self, settings, databases):
        self.databases, self.files = databases, FileStore(settings.data_folder / "files")
        self.clock = StandingClock(AT)
        with committing(write_session(databases.roster)) as session:
            self.stage = make_stage(session)
            order = make_order(session, self.stage, OrderState.RECTIFYING)
            result = session.get_one(Result, order.result_id)
            place = session.get_one(RoundHome, (result.round_id, self.stage.home.id))
            add_count(session, place.round_id, place.home_id, 140, 96)
            result.state, result.published_at = ResultState.PUBLISHED, ISSUED_AT
            self.order_id, self.home_id = order.id, self.stage.home.id
        self.app = make_app(settings, databases, self.clock)
        self.member = self.app.test_client()

    def do(self, act):
        with committing(write_session(self.databases.roster)) as session:
            return act(session, session.get_one(Order, self.order_id))

    def hand_in(self, name="照片.jpg", kind="jpeg", purpose=EVIDENCE, place=""):
        """The chair hands in a photo with a camera's metadata; its id."""
        handed = HandedFile(name, kind, photo() if kind == "jpeg" else b"%PDF-1.7")

        def act(session, order):
            problem = None if purpose == DISPLAY else problems_of(session, order)[0]
            made = evidence.hand_in(
                session,
                self.stage.chair,
                order,
                problem,
                self.files,
                [handed],
                own_date=AT.date(),
                place=place,
                purpose=purpose,
                at=AT,
            )
            return made[0].id

        return self.do(act)

    def release(self, row_id, who="chair", shown=True):
        """Let a picture stand on the members' page, through the desk."""
        browser = signed_in_client(self.app, self.databases, self.stage.posts[who])
        act = "release" if shown else "take_back"
        return browser.send(f"/orders/{self.order_id}/evidence/{row_id}/{act}", {}).status_code

    def page(self):
        answer = self.member.get(f"/h/{self.home_id}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def sheet(self):
        """The notice-board sheet: what it says, without its line breaks, and how many pictures it has."""
        answer = self.member.get(f"/h/{self.home_id}/sheet.pdf")
        assert answer.status_code == 200
        (paper,) = PdfReader(io.BytesIO(answer.data)).pages
        return "".join(paper.extract_text().split()), len(paper.images)

    def picture(self, row_id, size="", home=None):
        return self.member.get(f"/h/{home or self.home_id}/pictures/{row_id}{size}")


def photo():
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-OF-SOMEBODY"
    Image.new("RGB", (2000, 1500), (90, 140, 90)).save(target, "JPEG", exif=exif)
    return target.getvalue()


@pytest.fixture
def board(settings, databases):
    return Board(settings, databases)


def test_the_page_tells_order_plan_progress_and_the_day_each_is_due(board):
    def write(session, order):
        first = problems_of(session, order)[0]
        rectifying.add_progress(session, board.stage.chair, order, first, text="房间定了", at=AT)

    board.do(write)
    page = board.page()
    for words in ("柳总工改〔2026〕1号", "柳堤区总工会", "整改方案", "打算：定人定时", "房间定了", "到期"):
        assert words in page, words
    sheet, pictures = board.sheet()
    for words in (
        "柳堤区总工会2026年9月11日发了限期整改通知，柳总工改〔2026〕1号。整改方案2026年9月16日通过。",
        "打算：定人定时，办事程序上墙。",
        "办成）",
        "2026年9月23日：房间定了",
        "2026年10月14日到期",
        "会员说行，才算行",
    ):
        assert words in sheet, words
    assert pictures == 0
    for nobody in ("组织委员", "没有人专门负责"):
        assert nobody not in page + sheet, "neither people nor causes"


def test_a_plan_that_waits_or_is_missing_says_so_and_shows_no_word_of_it(board):
    with committing(write_session(board.databases.roster)) as session:
        order = session.get_one(Order, board.order_id)
        order.state = OrderState.WITHDRAWN
        again = make_stage(session, board.stage.lead, make_home(session, board.stage.lead, "新竹工会"))
        waiting = make_order(session, again, OrderState.PLAN_UNDER_REVIEW)
    page = board.member.get(f"/h/{waiting.home_id}").get_data(as_text=True)
    assert "等上级审" in page
    assert "打算：" not in page


def test_a_picture_is_public_once_released_and_checked_and_has_lost_its_metadata(board):
    row = board.hand_in()
    assert board.picture(row).status_code == 404
    assert board.release(row) == 303
    assert board.picture(row).status_code == 404, "released, but no inspector has seen it yet"
    board.do(lambda session, order: advance(session, board.stage, order, OrderState.PASSED, at=AT))
    assert f"/h/{board.home_id}/pictures/{row}" in board.page()
    sheet, pictures = board.sheet()
    assert pictures == 1
    assert f"{AT.year}年{AT.month}月{AT.day}日拍" in sheet
    for size, edge in (("", 1280), ("/small", 240)):
        answer = board.picture(row, size)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert "Set-Cookie" not in answer.headers
        assert b"CAMERA-OF-SOMEBODY" not in answer.data
        with Image.open(io.BytesIO(answer.data)) as shown:
            assert max(shown.size) == edge
            assert not shown.getexif()
    assert board.release(row, "issuer", shown=False) == 303
    assert board.picture(row).status_code == 404
    assert "/pictures/" not in board.page()
    assert board.sheet()[1] == 0


def test_outside_of_what_is_released_nothing_is_found(board):
    row, kept = board.hand_in(), board.hand_in("另一张.jpg")
    paper = board.hand_in("名单.pdf", "pdf")
    assert board.release(row) == 303
    assert board.release(paper) == 403, "only pictures"
    board.do(lambda session, order: advance(session, board.stage, order, OrderState.PASSED, at=AT))
    with committing(write_session(board.databases.roster)) as session:
        other = make_home(session, board.stage.lead, "别家工会").id
    assert board.picture(row).status_code == 200
    for size in ("", "/small"):
        assert board.picture(kept, size).status_code == 404
        assert board.picture(paper, size).status_code == 404
        assert board.picture(9999, size).status_code == 404
        assert board.picture(row, size, home=other).status_code == 404
    assert board.picture(row, "/whole").status_code == 404

    def replaced(session, order):
        old = session.get_one(Evidence, row)
        better = HandedFile("更清楚.jpg", "jpeg", photo())
        evidence.replace(
            session, board.stage.chair, order, old, board.files, better, own_date=AT.date(), at=AT
        )

    board.do(replaced)
    assert board.picture(row).status_code == 404, "a replaced picture leaves with what was wrong with it"
    board.do(lambda _session, order: setattr(order, "state", OrderState.WITHDRAWN))
    assert "/pictures/" not in board.page()


def test_a_stranger_releases_nothing(board):
    row = board.hand_in()
    with committing(write_session(board.databases.roster)) as session:
        stranger = make_stage(session)
    browser = signed_in_client(board.app, board.databases, stranger.posts["chair"])
    assert browser.send(f"/orders/{board.order_id}/evidence/{row}/release", {}).status_code == 404
    with committing(write_session(board.databases.roster)) as session:
        assert session.scalars(select(Evidence.released_at)).all() == [None]


def test_the_notice_on_the_board_is_shown_with_its_day_place_and_photo(board):
    row = board.hand_in("公告栏.jpg", purpose=DISPLAY, place="一号门")
    assert "公告栏" not in board.page()
    assert board.release(row) == 303
    page = board.page()
    assert f"{AT.year}年{AT.month}月{AT.day}日贴在公告栏（一号门）" in page
    assert f"/h/{board.home_id}/pictures/{row}/small" in page
    assert board.picture(row).status_code == 200


def second_vote(board, state):
    """A second vote that ended in this state."""

    def act(session, order):
        advance(session, board.stage, order, OrderState.PASSED, at=AT)
        rated = session.get_one(Result, order.result_id)
        round_ = make_rated_round(
            session,
            board.stage.lead,
            [board.stage.home],
            kind=RoundKind.RE_EVALUATION,
            follows=rated.round_id,
        )
        closing.begin_re_evaluation(session, board.stage.issuer, order, round_, at=AT)
        make_result(session, round_, board.stage.home, HAPPY, weak={}, state=state)

    board.do(act)


def test_the_second_vote_is_announced_and_its_result_told_when_it_closed_the_order(board):
    second_vote(board, ResultState.FINAL)
    page = board.page()
    assert "会员再评：" in page
    assert "再评以后" not in page, "final, but neither published nor the ground of anything"
    board.do(lambda session, order: closing.conclude(session, order, at=AT))
    page = board.page()
    assert "再评以前" in page
    assert "再评以后" in page
    assert "可申报" in page
    assert f"{AT.year}年{AT.month}月{AT.day}日销号。" in page
    sheet, _pictures = board.sheet()
    assert "再评以前：不满意；再评以后：可申报。" in sheet
    assert f"{AT.year}年{AT.month}月{AT.day}日销号。" in sheet


def test_a_reminder_shows_the_plan_and_the_one_note(board):
    with committing(write_session(board.databases.roster)) as session:
        again = make_stage(session, board.stage.lead, make_home(session, board.stage.lead, "新竹工会"))
        noted = make_order(session, again, OrderState.NOTED, overall=REMINDED)
    board.home_id = noted.home_id
    page, (sheet, _pictures) = board.page(), board.sheet()
    for shown in (page, sheet):
        assert "报的改进情况：已经公开了办事程序。" in shown
        assert "打算：定人定时" in shown
        assert "会员说行" not in shown, "a reminder has no second vote"


def test_a_closure_by_decision_says_why(board):
    board.do(lambda session, order: advance(session, board.stage, order, OrderState.PASSED, at=AT))
    board.do(
        lambda session, order: closing.close_by_decision(
            session, board.stage.issuer, order, reason="人太少", at=AT
        )
    )
    assert "销号的理由：人太少" in board.page()
    assert "销号的理由：人太少" in board.sheet()[0]


def test_an_older_order_that_is_still_open_stays_on_the_page_beside_a_newer_one(board):
    with committing(write_session(board.databases.roster)) as session:
        round_ = make_rated_round(session, board.stage.lead, [board.stage.home], year=2027)
        result = make_result(session, round_, board.stage.home, at=AT)
        newer = proposing.propose(session, board.stage.issuer, result, at=AT)
        proposing.issue(session, board.stage.issuer, newer, at=AT)
    page, (sheet, _pictures) = board.page(), board.sheet()
    assert newer.number == "柳总工改〔2026〕2号"
    for shown in (page, sheet):
        assert "柳总工改〔2026〕1号" in shown
        assert "柳总工改〔2026〕2号" in shown
    board.do(lambda session, order: advance(session, board.stage, order, OrderState.PASSED, at=AT))
    board.do(
        lambda session, order: closing.close_by_decision(
            session, board.stage.issuer, order, reason="人太少", at=AT
        )
    )
    assert "柳总工改〔2026〕1号" not in board.page(), "closed, and there is a newer one"
    assert "柳总工改〔2026〕1号" in board.member.get(f"/h/{board.home_id}/2026").get_data(as_text=True)
