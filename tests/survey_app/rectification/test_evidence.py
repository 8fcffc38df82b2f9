"""Evidence: known by content, free of what a phone writes into a photo, replaced, never overwritten."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from datetime import date, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from survey_app.core.errors import Conflict, Invalid, Refused
from survey_app.core.files import FileStore
from survey_app.rectification import evidence
from survey_app.rectification.evidence import HandedFile
from survey_app.rectification.models import Event, OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.pictures import clean
from survey_app.rectification.public_story import public_story
from tests.support.orders import ISSUED_AT, advance, make_order

AT = ISSUED_AT + timedelta(days=10)
DAY = date(2026, 9, 20)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def files(tmp_path):
    return FileStore(tmp_path)


def photo(width=1600, height=1200, orientation=6):
    """A photo as a phone writes it: where, when, with what, lying on its side."""
    picture = Image.new("RGB", (width, height), (180, 140, 90))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x0110] = "PhoneModel-7"
    exif.get_ifd(0x8825)[2] = (24.0, 19.0, 33.0)
    target = io.BytesIO()
    picture.save(target, "JPEG", exif=exif, comment=b"secret place")
    return target.getvalue()


def hand_in(session, stage, order, files, handed, **values):
    problem = problems_of(session, order)[0]
    return evidence.hand_in(
        session,
        stage.chair,
        order,
        values.pop("problem", problem),
        files,
        handed,
        own_date=values.pop("own_date", DAY),
        at=AT,
        **values,
    )


def test_a_photo_loses_everything_but_its_pixels(session, stage, files):
    order = make_order(session, stage, OrderState.RECTIFYING)
    content = photo()
    assert b"PhoneModel-7" in content
    row = hand_in(session, stage, order, files, [HandedFile("墙上.jpg", "jpeg", content)], place="一楼")[0]
    for checksum in (row.checksum, row.thumbnail, row.reduced):
        stored = files.get(checksum)
        assert b"PhoneModel-7" not in stored
        assert b"secret place" not in stored
        with Image.open(io.BytesIO(stored)) as picture:
            assert dict(picture.getexif()) == {}
            assert picture.height > picture.width, "it was turned upright before its orientation was lost"
    sizes = [Image.open(io.BytesIO(files.get(one))).size for one in (row.thumbnail, row.reduced)]
    assert [max(size) for size in sizes] == [240, 1280]
    assert row.checksum == hashlib.sha256(files.get(row.checksum)).hexdigest()
    assert (row.own_date, row.place, row.uploaded_by) == (DAY, "一楼", stage.chair.name)


def test_a_png_keeps_its_transparency_and_loses_its_texts():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Location", "24.3,109.4")
    target = io.BytesIO()
    Image.new("RGBA", (40, 30), (10, 20, 30, 0)).save(target, "PNG", pnginfo=info)
    made = clean(target.getvalue(), "png", "图.png")
    assert b"Location" not in made.whole
    with Image.open(io.BytesIO(made.whole)) as picture:
        assert picture.getpixel((0, 0))[3] == 0


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff\xe0not a picture", photo()[:400], b"\xff\xd8\xff" + b"0" * 99]
)
def test_a_broken_picture_is_refused_and_stores_nothing(session, stage, files, content):
    order = make_order(session, stage, OrderState.RECTIFYING)
    with pytest.raises(Invalid) as refusal:
        hand_in(session, stage, order, files, [HandedFile("坏.jpg", "jpeg", content)])
    assert [fault.code for fault in refusal.value.faults] == ["picture_unreadable"]
    assert evidence.evidence_of(session, order.id) == []


def test_other_kinds_and_dates_in_the_future_are_refused(session, stage, files):
    order = make_order(session, stage, OrderState.RECTIFYING)
    with pytest.raises(Invalid) as refusal:
        hand_in(
            session,
            stage,
            order,
            files,
            [HandedFile("程序.exe", "", b"MZ")],
            own_date=AT.date() + timedelta(days=1),
        )
    assert [fault.code for fault in refusal.value.faults] == ["file_kind", "own_date_in_future"]
    with pytest.raises(Invalid):
        hand_in(session, stage, order, files, [])


def test_a_file_is_replaced_and_stays_readable(session, stage, files):
    order = make_order(session, stage, OrderState.RECTIFYING)
    old = hand_in(session, stage, order, files, [HandedFile("旧.pdf", "pdf", b"%PDF-1.7 old")])[0]
    handed = HandedFile("新.pdf", "pdf", b"%PDF-1.7 new")
    new = evidence.replace(session, stage.chair, order, old, files, handed, own_date=DAY, at=AT)
    assert old.replaced_by_id == new.id
    assert files.get(old.checksum) == b"%PDF-1.7 old"
    assert new.problem_id == old.problem_id
    with pytest.raises(Conflict):
        evidence.replace(session, stage.chair, order, old, files, handed, own_date=DAY, at=AT)
    event = session.scalars(select(Event).where(Event.kind == "evidence_replaced")).one()
    assert event.values["old"] == "旧.pdf"


def test_nothing_is_handed_in_before_service_or_after_the_end(session, stage, files):
    order = make_order(session, stage, OrderState.SERVED)
    with pytest.raises(Refused):
        hand_in(session, stage, order, files, [HandedFile("早.pdf", "pdf", b"%PDF-1.7")])


def test_the_bundle_has_an_index_that_opens_in_a_spreadsheet(session, stage, files):
    order = make_order(session, stage, OrderState.RECTIFYING)
    hostile = HandedFile("=cmd|' /C calc'!A0.pdf", "pdf", b"%PDF-1.7 a")
    traversal = HandedFile("../../etc/passwd", "pdf", b"%PDF-1.7 b")
    hand_in(session, stage, order, files, [hostile, traversal], place="=1+1")
    rows = evidence.evidence_of(session, order.id)
    with zipfile.ZipFile(io.BytesIO(evidence.bundle(problems_of(session, order), rows, files))) as archive:
        names = archive.namelist()
        assert all(".." not in name.split("/") and "/" not in name for name in names)
        text = archive.read("目录.csv").decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text)))
        assert [line[0] for line in lines] == ["序号", "1", "2"]
        assert lines[1][4] == "'=1+1"
        assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line)
        for line in lines[1:]:
            assert hashlib.sha256(archive.read(line[2])).hexdigest() == line[7]


def test_members_see_pictures_only_after_they_were_released_and_checked(session, stage, files):
    order = make_order(session, stage, OrderState.RECTIFYING)
    row, kept = hand_in(
        session,
        stage,
        order,
        files,
        [HandedFile("墙.jpg", "jpeg", photo()), HandedFile("门.jpg", "jpeg", photo())],
    )
    evidence.release(session, stage.chair, order, row, shown=True, at=AT)
    assert kept.released_at is None
    assert public_story(session, stage.home.id, AT.date())[0].problems[0].pictures == ()
    advance(session, stage, order, OrderState.PASSED, at=AT)
    pictures = public_story(session, stage.home.id, AT.date())[0].problems[0].pictures
    assert [one.id for one in pictures] == [row.id]


def test_a_photo_of_the_board_proves_that_the_notice_hangs(session, stage, files):
    order = make_order(session, stage, OrderState.PLAN_DUE)
    row = hand_in(
        session,
        stage,
        order,
        files,
        [HandedFile("公告栏.jpg", "jpeg", photo())],
        problem=None,
        purpose=evidence.DISPLAY,
    )[0]
    assert (row.purpose, row.problem_id) == ("display", None)
    assert session.scalars(select(Event).where(Event.kind == "display_proved")).one().told
