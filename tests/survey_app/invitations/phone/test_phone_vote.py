"""A whole vote on a phone, and everything that may go wrong on the way: one ballot, one receipt."""

from __future__ import annotations

import base64
import json

from tests.survey_app.invitations.phone.conftest import Hand, Voting


def test_a_member_votes_from_the_link_to_the_receipt(hand: Hand, voting: Voting) -> None:
    before = voting.ballots()
    hand.open(voting.link()).start().answer_all(but=("q5",)).choose("q2", "UNKNOWN")
    hand.page.locator("#t1").fill("食堂\u202e早点\r\n开门 ")
    receipt = hand.review().cast().receipt()
    assert voting.ballots() == before + 1
    [kept] = hand.kept().values()
    kept = json.loads(kept)
    assert kept["receipt"] == receipt
    assert set(kept) == {"sheet", "receipt", "m", "s"}
    answers = voting.answers(base64.b64decode(kept["m"]))
    assert answers.to_raw()["q2"] == "UNKNOWN"
    assert "q5" not in answers.to_raw()
    assert answers.to_raw()["t1"] == "食堂早点\n开门"
