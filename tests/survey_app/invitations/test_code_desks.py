"""Slips and the replacement desk: codes in few hands, journalled, and never in the chair's."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from survey_app.app import create_app
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations.models import RetiredCode
from survey_app.journal.models import JournalLine
from survey_app.seals.codes import normalise
from survey_app.units.models import Unit
from tests.support.cast import make_account, make_home, make_unit, signed_in_client
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

# Pages know nothing of the kind of database; what they call is tested on both.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def desks(build):
    """A voting round, its application, and a factory of signed-in browsers."""
    built = build(HomeSpec.of(17), HomeSpec.of(11)).prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    return built, app, lambda post: signed_in_client(app, built.databases, post)


def people(built) -> dict[str, object]:
    """Everybody who might want codes."""
    with committing(write_session(built.databases.roster)) as session:
        home, other = (session.get_one(Unit, home) for home in built.home_ids)
        elsewhere = make_unit(session, "别处总工会")
        return {
            "group": make_account(session, Role.WORKING_GROUP, home, built.id)[1],
            "other group": make_account(session, Role.WORKING_GROUP, other, built.id)[1],
            "stranger": make_account(session, Role.OFFICER, elsewhere)[1],
            "chair elsewhere": make_account(session, Role.CHAIR, make_home(session, elsewhere))[1],
        }


def verbs(built) -> list[str]:
    with reading(read_session(built.databases.roster)) as session:
        return list(session.scalars(select(JournalLine.verb).order_by(JournalLine.number)))


def codes_in(pdf: bytes) -> set[str]:
    """Every code that stands on the sheets."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return {normalise(found) for found in re.findall(r"票码\s+((?:[0-9A-Z]{4}\s?){5})", text)}


def test_organiser_and_working_group_print_the_codes_and_the_journal_says_so(desks):
    built, _app, browser = desks
    known, home = people(built), built.home_ids[0]
    page = browser(built.officer_post).get(f"/slips/{built.id}/{home}")
    assert "17张，每张A4纸8张，共3页" in page.text
    for post in (built.officer_post, known["group"]):
        sheet = browser(post).send(f"/slips/{built.id}/{home}.pdf")
        assert sheet.status_code == 200
        assert codes_in(sheet.data) == set(built.codes(home)), "a reprint carries the same codes"
    assert verbs(built).count("slips.printed") == 2
    with reading(read_session(built.databases.roster)) as session:
        details = session.scalars(select(JournalLine.details).where(JournalLine.verb == "slips.printed"))
        assert set(map(str, details)) == {"{'count': 17}"}


def test_nobody_else_gets_near_a_code(desks):
    built, _app, browser = desks
    known, home = people(built), built.home_ids[0]
    refused = {
        "chair": (built.chair_posts[0], 403),
        "custodian": (built.custodian_posts[0], 403),
        "other group": (known["other group"], 404),
        "stranger": (known["stranger"], 404),
        "chair elsewhere": (known["chair elsewhere"], 403),
    }
    for who, (post, status) in refused.items():
        client = browser(post)
        for reply in (
            client.get(f"/slips/{built.id}/{home}"),
            client.send(f"/slips/{built.id}/{home}.pdf"),
        ):
            assert reply.status_code == status, (who, reply.status_code)
        wanted = status if who != "other group" else 403
        assert client.get(f"/replace/{built.id}").status_code == wanted, who
    assert "slips.printed" not in verbs(built)


def test_slips_end_with_the_voting(desks):
    built, _app, browser = desks
    built.close()
    client = browser(built.officer_post)
    assert "现在不能印票条" in client.get(f"/slips/{built.id}/{built.home_ids[0]}").text
    assert client.send(f"/slips/{built.id}/{built.home_ids[0]}.pdf").status_code == 403


def test_a_lost_slip_is_replaced_for_one_member_found_by_number(desks):
    built, app, browser = desks
    home = built.home_ids[0]
    old = built.codes(home)[2]
    desk = browser(built.officer_post)
    listed = desk.get(f"/replace/{built.id}").text
    assert "0003" not in listed
    assert "会员3" not in listed, "nothing is listed"
    missing = desk.send(f"/replace/{built.id}", {"home_id": home, "number": "9999"})
    assert "没有这个会员号" in missing.text
    found = desk.send(f"/replace/{built.id}", {"home_id": home, "number": "0003"})
    assert "票还没有领" in found.text
    slip = desk.send(f"/replace/{built.id}/slip.pdf", {"home_id": home, "number": "0003"})
    new = built.codes(home)[2]
    assert codes_in(slip.data) == {new}
    assert new != old
    assert MemberClient(over_flask(app), old).call("/e/lookup", code=old) == {"state": "void"}
    assert MemberClient(over_flask(app), new).vote(answers_of(built.questionnaire))
    with reading(read_session(built.databases.roster)) as session:
        assert len(session.scalars(select(RetiredCode)).all()) == 1
    # Issued now: only a replacement with a written reason helps.
    issued = desk.send(f"/replace/{built.id}", {"home_id": home, "number": "0003"})
    assert "票已经领走" in issued.text
    bare = desk.send(f"/replace/{built.id}/slip.pdf", {"home_id": home, "number": "0003"})
    assert bare.mimetype == "text/html"
    again = desk.send(
        f"/replace/{built.id}/slip.pdf", {"home_id": home, "number": "0003", "reason": "手机丢了"}
    )
    assert again.mimetype == "application/pdf"
    assert verbs(built).count("invitation.replaced") == 1
    assert verbs(built).count("invitation.reissued") == 1
