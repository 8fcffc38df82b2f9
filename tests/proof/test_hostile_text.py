"""Hostile text: stored script is shown as text everywhere; hostile files are refused with words."""

from __future__ import annotations

import io
import zipfile

import pytest

from survey_app.accounts.models import Account
from survey_app.core.db import committing, write_session
from survey_app.invitations.models import Sending
from survey_app.rectification.models import Evidence, Order, Problem
from survey_app.results.models import Objection, ReviewedComment
from survey_app.rosters.models import Roster, RosterMember
from survey_app.rounds.models import Round, SchemeVersion
from survey_app.units.models import Unit
from tests.proof.conftest import NewPlace
from tests.proof.place import Place
from tests.proof.reading import everything

SCRIPT = "<script>pj('\"&</script>"
COLUMNS = {
    Unit: ("name", "short_name", "chair_name", "address", "document_prefix"),
    Account: ("name", "email"),
    Roster: ("file_name", "return_reason"),
    RosterMember: ("name", "department", "employment"),
    Round: ("title", "notice", "privacy_handler", "extension_reason"),
    SchemeVersion: ("title",),
    Objection: ("text", "file_name", "decision"),
    ReviewedComment: ("original", "released"),
    Order: ("reason", "opinion", "issued_by_name", "number"),
    Problem: ("duty", "finding", "requirement", "done"),
    Evidence: ("name", "place", "uploaded_by"),
    Sending: (),
}


@pytest.mark.parametrize("actor", ["district", "chair", "administrator", "custodian"])
def test_script_text_is_shown_as_text_on_every_page(new_place: NewPlace, actor: str) -> None:
    place = new_place()
    with committing(write_session(place.databases.roster)) as session:
        for model, names in COLUMNS.items():
            for row in session.query(model):
                for name in names:
                    setattr(row, name, SCRIPT)
    texts = everything(place, actor, asking=(SCRIPT, 1))
    assert any("&lt;script&gt;pj" in text for text in texts.values())
    assert [path for path, text in texts.items() if "<script>pj" in text and "xlsx" not in path] == []


def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to gigabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return made.getvalue()


FILES = {
    "nothing": b"",
    "a program": b"MZ" + bytes(2_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "a paper": b"%PDF-1.7 x",
    "a bomb": bomb(),
    "a broken archive": b"PK\x03\x04" + bytes(300),
    "zeros": bytes(5_000),
    "half letters": "会员号,姓名".encode("gb18030")[:-1],
    "entities": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
}


@pytest.mark.parametrize("what", FILES)
def test_no_file_breaks_an_import_or_leaves_half_of_one(place: Place, what: str) -> None:
    before = place.rows()
    for actor, path, more in (
        ("chair", "/roster/file", {"year": "2027", "eligible_on": "2026-11-01"}),
        ("district", "/units/import", {}),
    ):
        sent = {**more, "file": (io.BytesIO(FILES[what]), "名单.xlsx")}
        answer = place.browser(actor).send(path, sent, content_type="multipart/form-data")
        assert answer.status_code in {200, 303, 409, 422}, path
        assert "Traceback" not in answer.get_data(as_text=True)
    assert place.rows() == before
