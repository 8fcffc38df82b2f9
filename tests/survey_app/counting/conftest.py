"""A closed round whose paper waits for two tellers."""

from __future__ import annotations

import pytest

from questionnaires import load
from survey_app.app import create_app
from survey_app.core.actor import Role
from survey_app.invitations.models import Exchange
from tests.support.desk import hand_out, post_at
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec
from tests.support.tellers import Table

FORM = load("national-core-1")
TWO_CLASSES = HomeSpec((("合同制", 24), ("劳务派遣", 18)))


@pytest.fixture
def closed(build):
    """A closed round in which three members of each class took paper and ten voted by link."""
    built = build(TWO_CLASSES).prepare().open()
    home = built.home_ids[0]
    group = post_at(built, home, Role.WORKING_GROUP)
    for number in ("0001", "0002", "0003", "0025", "0026", "0027"):
        hand_out(built, group, number, Exchange.PAPER)
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(home)[4:14]:
        MemberClient(send, code).vote(answers_of(FORM))
    built.close()
    return built, Table(built, home)
