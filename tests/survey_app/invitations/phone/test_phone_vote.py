"""A whole vote on a phone, and everything that may go wrong on the way: one ballot, one receipt."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from questionnaires import decode, encode
from survey_app.seals.codes import local_key
from tests.support.browser import PHONE, OpenPage
from tests.survey_app.invitations.phone.conftest import SMALL, Hand, Voting, code_of


def _only(kept: dict[str, str]) -> dict[str, str]:
    [text] = kept.values()
    values: dict[str, str] = json.loads(text)
    return values


def test_a_member_votes_from_the_link_to_the_receipt(hand: Hand, voting: Voting) -> None:
    before = voting.ballots()
    hand.open(voting.link()).start().answer_all(but=("q5",)).choose("q2", "UNKNOWN")
    hand.page.locator("#t1").fill('食堂\u202e "早点"\r\n开\\门\x07 𠮷 ')
    receipt = hand.review().cast().receipt()
    assert voting.ballots() == before + 1
    kept = _only(hand.kept())
    assert kept["receipt"] == receipt
    answers = voting.answers(base64.b64decode(kept["m"]))
    assert answers.to_raw()["q2"] == "UNKNOWN"
    assert "q5" not in answers.to_raw()
    assert answers.to_raw()["t1"] == '食堂 "早点"\n开\\门 𠮷'


def test_the_phone_seals_the_very_bytes_that_the_questionnaire_package_would(
    hand: Hand, voting: Voting
) -> None:
    hand.open(voting.link()).start().answer_all("BASIC", but=("q3", "q21")).choose("q9", "DISSATISFIED")
    hand.page.locator("#t2").fill('前\ud83d后\u2028"引号"\t\x9f完')
    hand.page.evaluate(
        """() => { const real = Pingjia.seal.seal;
                   Pingjia.seal.seal = (ballot) => {
                     window.sealed = new TextDecoder().decode(ballot.payload);
                     return real(ballot);
                   }; }"""
    )
    hand.review().cast().receipt()
    payload = hand.page.evaluate("window.sealed").encode()
    assert payload == encode(decode(payload, voting.round.questionnaire))
    assert "\ufffd" in payload.decode()
    assert "\x9f" not in payload.decode()


def test_afterwards_only_the_receipt_and_the_credential_are_left_on_the_phone(
    hand: Hand, voting: Voting
) -> None:
    link = voting.link()
    hand.open(link).start().answer_all("DISSATISFIED")
    hand.page.locator("#t1").fill("独一无二的一句话")
    hand.review().cast().receipt()
    assert list(hand.kept()) == [f"pingjia-ballot-{local_key(code_of(link))}"]
    assert set(_only(hand.kept())) == {"sheet", "receipt", "m", "s"}
    left = hand.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "DISSATISFIED" not in left
    assert "独一无二" not in left + hand.page.content()
    assert hand.page.locator("fieldset.q, #t1").count() == 0


def test_back_refresh_and_double_taps_make_one_ballot_with_one_receipt(hand: Hand, voting: Voting) -> None:
    link, before = voting.link(), voting.ballots()
    hand.open(link).start().answer_all()
    hand.page.reload()
    hand.sees("welcome")
    hand.start().review()
    hand.page.go_back()
    hand.sees("questions")
    expect(hand.page.locator("#progress-text")).to_have_text("已答22题，共22题")
    hand.review()
    issued: list[str] = []
    hand.page.on("request", lambda r: issued.append(r.url) if r.url.endswith("/e/issue") else None)
    hand.page.evaluate("for (let i = 0; i < 5; i += 1) { document.getElementById('cast').click(); }")
    receipt = hand.receipt()
    assert len(issued) == 1
    for _ in range(2):
        hand.page.go_back()
        assert hand.receipt() == receipt
    hand.page.reload()
    assert hand.sees("used").locator(".code").inner_text() == receipt
    assert voting.ballots() == before + 1


@pytest.mark.parametrize("path", ["/e/issue", "/box/cast"])
def test_a_lost_reply_is_asked_for_again_and_counts_once(hand: Hand, voting: Voting, path: str) -> None:
    before = voting.ballots()
    lost = hand.lose_reply(path)
    asked: list[str] = []
    hand.page.on("request", lambda r: asked.append(r.post_data or "") if r.url.endswith(path) else None)
    hand.open(voting.link()).start().answer_all().review().cast()
    expect(hand.page.get_by_text("网络不通，票还在您的手机上。")).to_be_visible()
    expect(hand.page.get_by_text("秒后再试（第2次）")).to_be_visible()
    if path == "/box/cast":
        assert hand.page.locator("fieldset.q, #t1").count() == 0, "sealed: the answers are gone"
        assert not hand.page.evaluate("Object.keys(sessionStorage).length")
    hand.page.get_by_role("button", name="现在再试").click()
    receipt = hand.receipt()
    assert lost == [asked[0]]
    assert set(asked) == {asked[0]}, "the very same message is sent again"
    assert voting.ballots() == before + 1
    assert _only(hand.kept())["receipt"] == receipt


def test_without_a_tap_the_phone_tries_again_by_itself(hand: Hand, voting: Voting) -> None:
    hand.page.clock.install()
    hand.lose_reply("/box/cast", ticking=True)
    hand.open(voting.link()).start().answer_all().review().cast()
    expect(hand.page.get_by_text("5秒后再试（第2次）")).to_be_visible()
    hand.page.clock.run_for(5_500)
    assert hand.receipt()


def test_after_ten_tries_the_page_says_until_when_the_link_goes_on(hand: Hand, voting: Voting) -> None:
    link = voting.link()
    hand.lose_reply("/e/issue", times=99)
    hand.open(link).start().answer_all().review().cast()
    for attempt in range(2, 11):
        expect(hand.page.get_by_text(f"（第{attempt}次）")).to_be_visible()
        hand.page.locator("#try-now").click()
    expect(hand.page.get_by_text("试了10次还不行。")).to_be_visible()
    expect(hand.page.get_by_text("在6月26日18:15前用同一个链接打开")).to_be_visible()


@pytest.mark.parametrize("path", ["/e/issue", "/box/cast"])
def test_a_closed_page_goes_on_where_it_stopped(open_page: OpenPage, voting: Voting, path: str) -> None:
    link, before = voting.link(), voting.ballots()
    hand = Hand(open_page(PHONE))
    hand.lose_reply(path)
    hand.open(link).start().answer_all("BASIC").review().cast()
    expect(hand.page.locator("#try-now")).to_be_visible()
    later = Hand(hand.page.context.new_page())
    hand.page.close()
    later.open(link)
    expect(later.sees("interrupted").get_by_text("接着投，只算一次")).to_be_visible()
    later.page.locator("#resume").click()
    if path == "/e/issue":
        # The draft went with the closed window; the signature is still this phone's.
        later.sees("questions")
        later.answer_all("BASIC").review().cast()
    receipt = later.receipt()
    assert _only(later.kept())["receipt"] == receipt
    assert voting.ballots() == before + 1


def test_two_phones_with_one_link_at_the_same_moment_make_one_ballot(
    open_page: OpenPage, voting: Voting
) -> None:
    link, before = voting.link(), voting.ballots()
    hands = [Hand(open_page(PHONE)), Hand(open_page(PHONE))]
    for hand in hands:
        hand.open(link).start().answer_all().review()
    for hand in hands:
        hand.page.evaluate("setTimeout(() => document.getElementById('cast').click(), 50)")
    for hand in hands:
        expect(hand.page.locator("html[data-shown=receipt],html[data-shown=elsewhere]")).to_be_attached()
    assert sorted(hand.shown or "" for hand in hands) == ["elsewhere", "receipt"]
    [loser] = [hand for hand in hands if hand.shown == "elsewhere"]
    assert loser.kept() == {}
    assert voting.ballots() == before + 1


def test_two_windows_of_one_phone_make_one_ballot_and_show_its_receipt(hand: Hand, voting: Voting) -> None:
    link, before = voting.link(), voting.ballots()
    second = Hand(hand.page.context.new_page())
    for each in (hand, second):
        each.page.bring_to_front()
        each.open(link).start().answer_all().review()
    # A window in the background draws nothing, so a tap would wait for it.
    hand.page.bring_to_front()
    first_receipt = hand.cast().receipt()
    second.page.bring_to_front()
    assert second.cast().receipt() == first_receipt
    expect(second.page.get_by_text("算的是先投的那张")).to_be_visible()
    assert voting.ballots() == before + 1


# Blinding says that it has begun, and goes on when the test lets it.
HOLD_BLINDING = """() => {
  const real = Pingjia.blind.blind, held = new Promise((done) => { window.letGo = done; });
  window.blinding = new Promise((begun) => {
    Pingjia.blind.blind = async (...given) => { begun(true); await held; return real(...given); };
  });
}"""
QUEUED = """async () => {
  while (!(await navigator.locks.query()).pending.length) {
    await new Promise((done) => setTimeout(done, 20));
  }
}"""


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "old browser"])
def test_a_second_window_brings_in_the_ballot_whose_reply_the_first_lost(
    open_page: OpenPage, voting: Voting, locks: bool
) -> None:
    """Both windows are tapped at once; the first loses its reply and is closed: no dead end, one ballot."""
    link, before = voting.link(), voting.ballots()
    first = Hand(open_page(PHONE))
    second = Hand(first.page.context.new_page())
    blinded: list[str] = []
    for hand in (first, second):
        if not locks:
            hand.page.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined });")
        hand.page.bring_to_front()
        hand.open(link).start().answer_all().review()
        hand.page.evaluate(HOLD_BLINDING)
        hand.page.on(
            "request", lambda r: blinded.append(r.post_data or "") if r.url.endswith("/e/issue") else None
        )
    lost = first.lose_reply("/e/issue", times=9)
    first.page.evaluate("document.getElementById('cast').click()")
    first.page.evaluate("window.blinding")
    second.page.evaluate("document.getElementById('cast').click()")
    # Both are in the middle of it before either has kept anything.
    second.page.evaluate(QUEUED if locks else "window.blinding")
    first.page.evaluate("letGo()")
    expect(first.page.locator("#try-now")).to_be_visible()
    assert lost
    second.page.evaluate("letGo()")
    first.page.close()
    second.page.bring_to_front()
    receipt = second.receipt()
    assert len(set(blinded)) == 1, "one entitlement is spent on one message"
    assert _only(second.kept())["receipt"] == receipt
    assert voting.ballots() == before + 1


def test_two_members_at_one_phone_stay_apart(hand: Hand, voting: Voting) -> None:
    first, second, before = voting.link(), voting.link(SMALL), voting.ballots()
    hand.open(first).start().answer_all("BASIC", but=("q1",))
    # The second link is opened in the same window: only the fragment differs.
    hand.page.evaluate("fragment => { location.hash = fragment; }", second.split("#")[1])
    expect(hand.page.get_by_role("heading", name="小河幼儿园职工之家")).to_be_visible()
    hand.start()
    expect(hand.page.locator("#progress-text")).to_have_text("已答0题，共22题")
    small = hand.answer_all().review().cast().receipt()
    hand.open(first).start()
    expect(hand.page.locator("#progress-text")).to_have_text("已答21题，共22题")
    large = hand.review().cast().receipt()
    assert small != large
    assert voting.ballots() == before + 2
    assert {json.loads(text)["receipt"] for text in hand.kept().values()} == {small, large}


def test_a_phone_that_keeps_nothing_says_so_and_still_votes_once(hand: Hand, voting: Voting) -> None:
    before = voting.ballots()
    hand.page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    hand.lose_reply("/box/cast")
    hand.open(voting.link()).start().answer_all().review()
    expect(hand.page.get_by_text("这台手机存不住票的凭证")).to_be_visible()
    hand.cast()
    hand.page.locator("#try-now").click()
    hand.receipt()
    assert voting.ballots() == before + 1


def test_a_borrowed_phone_forgets_the_receipt(hand: Hand, voting: Voting) -> None:
    link = voting.link()
    receipt = hand.vote(link)
    hand.page.get_by_role("button", name="清掉这台手机上的回执").click()
    expect(hand.sees("cleared").get_by_text("换一位评议")).to_be_visible()
    left: dict[str, Any] = hand.page.evaluate("({...localStorage, ...sessionStorage})")
    assert not [name for name in left if name.startswith(("pingjia-ballot", "pingjia-draft"))]
    assert receipt not in hand.page.content()
    assert code_of(link) not in hand.page.url
    hand.page.go_back()
    hand.sees("cleared")
    expect(hand.page).not_to_have_url(re.compile(code_of(link)))


def test_the_receipt_can_be_copied(hand: Hand, voting: Voting) -> None:
    hand.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    receipt = hand.vote(voting.link())
    hand.page.get_by_role("button", name="复制回执码").click()
    expect(hand.page.get_by_text("已复制。")).to_be_visible()
    assert hand.page.evaluate("navigator.clipboard.readText()") == receipt
