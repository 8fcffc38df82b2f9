"""The way in: link, typed code, sheet and script are checked before a member is shown anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.support.browser import PHONE, OpenPage
from tests.survey_app.invitations.phone.conftest import Hand, Voting, code_of


def test_without_its_fragment_the_link_asks_for_the_code(hand: Hand, voting: Voting) -> None:
    code = hand.open(f"{voting.base_url}/e?from=singlemessage").sees("code")
    expect(code.get_by_role("heading", name="链接少了一截", exact=True)).to_be_visible()
    expect(code.get_by_text("您的票没有丢，也没有用掉")).to_be_visible()
    typed = Hand(hand.page).open(f"{voting.base_url}/e/code").sees("code")
    expect(typed.get_by_role("heading", name="输入票码", exact=True)).to_be_visible()


def test_a_cut_fragment_is_noticed_without_asking_anybody(hand: Hand, voting: Voting) -> None:
    asked: list[str] = []
    hand.page.on("request", lambda r: asked.append(r.url) if r.method == "POST" else None)
    hand.open(voting.link()[:-3]).sees("code")
    assert asked == []


def test_a_typed_code_shows_the_sheet_s_code_and_then_is_a_link(hand: Hand, voting: Voting) -> None:
    link, before = voting.link(), voting.ballots()
    code = code_of(link)
    hand.open(f"{voting.base_url}/e/code")
    hand.page.locator("#code").fill(f" {code[:4].lower()}-{code[4:8]} {code[8:].lower()} ")
    hand.page.get_by_role("button", name="打开").click()
    shown = hand.sees("welcome").locator(".code").inner_text()
    assert shown == "-".join(link.split("#")[1][20:36][i : i + 4] for i in range(0, 16, 4))
    hand.start()
    assert hand.page.url == link
    hand.choose("q1")
    hand.page.reload()
    expect(hand.sees("welcome").get_by_text("核对一下")).to_be_hidden()
    hand.start().answer_all().review().cast().receipt()
    assert voting.ballots() == before + 1


def test_a_link_shows_no_code_to_compare_because_it_carries_the_whole_one(hand: Hand, voting: Voting) -> None:
    expect(hand.open(voting.link()).sees("welcome").get_by_text("核对一下")).to_be_hidden()


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda code: code[:-1] + ("2" if code[-1] != "2" else "3"), "好像有一个字抄错了"),
        (lambda code: code[:-1], "票码是20位，这里有19位。"),
        (lambda code: "U" + code[1:], "没有字母U"),
    ],
    ids=["one wrong", "one missing", "no such letter"],
)
def test_a_mistyped_code_is_noticed_before_anything_is_sent(
    hand: Hand, voting: Voting, spoil: object, text: str
) -> None:
    asked: list[str] = []
    hand.page.on("request", lambda r: asked.append(r.url) if r.method == "POST" else None)
    hand.open(f"{voting.base_url}/e/code")
    typed = spoil(code_of(voting.link()))  # type: ignore[operator]  # a function of the parameters above
    hand.page.locator("#code").fill(typed)
    hand.page.locator("#code").press("Enter")
    expect(hand.page.get_by_role("alert")).to_be_focused()
    expect(hand.page.locator("main").get_by_text(text)).to_be_visible()
    expect(hand.page.locator("#code")).to_have_attribute("aria-invalid", "true")
    hand.page.get_by_role("link", name="回到票码").click()
    expect(hand.page.locator("#code")).to_be_focused()
    assert asked == []


def test_a_code_that_nobody_has_is_unknown(hand: Hand, voting: Voting) -> None:
    hand.open(f"{voting.base_url}/e/code")
    made_up = hand.page.evaluate("'2'.repeat(18) + Pingjia.base32.checks('2'.repeat(18), 2)")
    hand.page.locator("#code").fill(made_up)
    hand.page.locator("#code").press("Enter")
    expect(hand.page.get_by_role("alert")).to_contain_text("没有这个票码")


@pytest.mark.parametrize("line", [0, 1])
def test_a_sheet_or_questionnaire_with_any_altered_byte_stops_the_page(
    hand: Hand, voting: Voting, line: int
) -> None:
    """Test 14: bytes spread over both lines that the link vouches for, each altered alone."""
    link = voting.link()
    called: list[str] = []
    hand.page.on("request", lambda r: called.append(r.url) if "issue" in r.url else None)
    original: dict[str, bytes] = {}
    positions = [0.0, 0.1, 0.37, 0.5, 0.81, 1.0]

    def alter(route: Route) -> None:
        lines = original.setdefault("lines", route.fetch().body()).split(b"\n")
        at = int(positions.pop() * (len(lines[line]) - 1))
        changed = bytearray(lines[line])
        changed[at] ^= 1
        lines[line] = bytes(changed)
        route.fulfill(body=b"\n".join(lines), content_type="application/x-ndjson")

    hand.page.route("**/e/sheet", alter)
    while positions:
        stopped = hand.open(link).sees("mismatch")
        expect(stopped).to_contain_text("已经停下，没有投票。")
    assert called == []
    hand.page.unroute("**/e/sheet", alter)
    hand.open(link).sees("welcome")


def test_a_class_that_is_not_on_the_sheet_stops_the_page(hand: Hand, voting: Voting) -> None:
    def lie(route: Route) -> None:
        reply = route.fetch().json()
        route.fulfill(json={**reply, "class": "0" * 32})

    hand.page.route("**/e/lookup", lie)
    hand.open(voting.link()).sees("mismatch")


def test_a_signature_of_another_key_stops_the_page(hand: Hand, voting: Voting) -> None:
    before = voting.ballots()
    hand.page.route("**/e/issue", lambda route: route.fulfill(json={"s": "AA" * 170 + "AA=="}))
    hand.open(voting.link()).start().answer_all().review().cast()
    hand.sees("mismatch")
    assert voting.ballots() == before


def test_without_script_the_page_names_card_and_paper(open_page: OpenPage, voting: Voting) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    page.goto(voting.link())
    expect(
        page.get_by_text("请找上级工会或者评议工作小组换成纸质票；备了票卡的，也可以换一张不用脚本的票卡。")
    ).to_be_visible()
    expect(page.locator("h1:visible")).to_have_count(1)


@pytest.mark.parametrize("missing", ["delete window.BigInt", "delete String.prototype.padStart"])
def test_an_old_phone_is_told_what_else_works(hand: Hand, voting: Voting, missing: str) -> None:
    hand.page.add_init_script(missing)
    hand.page.goto(voting.link())
    expect(hand.page.get_by_role("heading", name="这台手机太旧，封不了票")).to_be_visible()
    expect(hand.page.locator("h1:visible")).to_have_count(1)


def test_without_connection_the_first_screen_can_be_tried_again(hand: Hand, voting: Voting) -> None:
    hand.cut("/e/lookup")
    unreachable = hand.open(voting.link()).sees("unreachable")
    expect(unreachable).to_contain_text("您的票没有丢，也没有用掉。")
    hand.mend("/e/lookup")
    hand.page.get_by_role("button", name="再试一次").click()
    hand.sees("welcome")


def test_a_page_whose_script_did_not_arrive_says_so(hand: Hand, voting: Voting) -> None:
    hand.page.route("**/e/*.js", lambda route: route.abort())
    hand.page.goto(voting.link())
    expect(hand.page.get_by_role("heading", name="这一页没有打开全")).to_be_visible()
    expect(hand.page.locator("h1:visible")).to_have_count(1)
