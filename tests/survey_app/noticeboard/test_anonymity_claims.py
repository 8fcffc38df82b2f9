"""The page for members says nothing that no test shows: each sentence stands here beside the tests of it.

A sentence that is changed or added fails until somebody has said again what shows it. A limit that lies
beyond any program (`BEYOND`) needs no test; what the page says we can do always does.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.cast import make_app

TESTS = Path(__file__).resolve().parents[2]
PAGE = "/about/anonymity"
CANNOT = "它做不到，我们写明白"
FOOT = '<p class="links">'
CHINESE, ENGLISH = r"(?<=[。；])", r"(?<=[.;]) "
BEYOND: tuple[str, ...] = ()

LINKING = "anonymity/test_linking.py::test_no_file_links_ballots_or_words_to_arrivals"
SNAPSHOTS = "anonymity/test_snapshots.py::test_backups_of_every_evening_name_nobody"
LOGS = "anonymity/test_logs.py::test_no_log_names_a_member"
COLUMNS = "survey_app/counting/test_two_books.py::test_no_column_of_the_box_can_carry_a_link"
SIDES = "survey_app/counting/test_two_books.py::test_neither_side_imports_the_other"
BACKUP = (
    "survey_app/counting/test_two_books.py::"
    "test_a_backup_from_before_the_opening_opens_with_the_slips_and_not_without"
)
AT_REST = "survey_app/counting/test_two_books.py::test_while_voting_no_answer_can_be_read_at_rest"
WIRE = (
    "survey_app/invitations/phone/test_phone_wire.py::"
    "test_issue_and_cast_share_no_trace_that_differs_between_members"
)
UNPAIRED = (
    "survey_app/seals/test_blind.py::test_nothing_tells_the_issuer_which_credential_came_of_which_message"
)
BLIND = "js/test_member_scripts.py::test_what_the_phone_blinds_the_server_signs_and_everybody_verifies"
CLASSES = (
    "survey_app/counting/test_counting_classes.py::"
    "test_every_class_that_is_left_has_ten_and_holds_everybody_once"
)
WHOLE = "survey_app/counting/test_whole_round.py::test_a_round_of_three_homes_goes_from_roster_to_tallies"
FEW = "scoring/test_disclosure.py::test_under_ten_ballots_nothing_but_turnout"
CARD_SEALED = "survey_app/box/test_cards_browser.py::test_a_scanned_card_is_sealed_before_it_leaves_the_phone"
CARD_PLAIN = "survey_app/box/test_cards_browser.py::test_without_script_the_plain_forms_lead_to_a_receipt"
CARD_ALIKE = "survey_app/box/test_cards.py::test_one_card_among_links_cannot_be_told_in_the_box"
PAPER_REST = (
    "survey_app/counting/test_paper.py::"
    "test_what_was_keyed_can_be_read_nowhere_at_rest_and_settled_it_is_a_seal_like_any_other"
)
PAPER_PAGES = (
    "survey_app/counting/test_paper_pages.py::test_two_tellers_key_a_batch_and_settle_its_difference"
)
KEYING = (
    "survey_app/counting/test_keying_browser.py::test_two_tellers_key_a_pile_by_keyboard_and_it_is_counted"
)
CEREMONY = (
    "survey_app/counting/test_custody_browser.py::"
    "test_custodians_make_rehearse_open_and_confirm_in_the_browser"
)
TWO_KEEPERS = "survey_app/rounds/test_operations.py::test_everything_missing_is_listed_with_its_owner"
ONE_HALF = "survey_app/seals/test_opening.py::test_one_half_and_another_slip_do_not_open_it"
REHEARSED = (
    "survey_app/counting/test_custody_pages.py::"
    "test_a_key_is_handed_in_and_rehearsed_before_the_round_can_be_ready"
)
RECEIPT = "survey_app/box/test_casting.py::test_the_receipt_page_says_what_became_of_the_ballot"
LEAVES = "survey_app/box/test_casting.py::test_what_is_published_holds_no_answer_and_no_order"
SPENT = "survey_app/invitations/test_calls.py::test_the_same_message_is_signed_again_and_another_one_never"
EXCHANGE = (
    "survey_app/invitations/test_exchange.py::test_marks_the_member_and_tells_the_envelope_of_his_class"
)
PAPER_DESK = (
    "survey_app/invitations/test_exchange.py::test_paper_is_had_from_the_superior_and_from_the_working_group"
)
PAPER_FORM = (
    "survey_app/papers/test_public_papers.py::test_copies_are_alike_so_that_no_sheet_can_be_told_from_another"
)
CARDS_KEPT = (
    "survey_app/invitations/test_exchange.py::test_only_while_voting_and_only_where_cards_are_printed"
)
CARD_OFFERED = (
    "survey_app/invitations/phone/test_phone_screens.py::test_a_card_is_offered_only_where_cards_are_kept"
)
SHEET = (
    "survey_app/invitations/phone/test_phone_screens.py::"
    "test_the_first_screen_says_whose_home_how_long_until_when_and_what_is_promised"
)
SENT = (
    "survey_app/invitations/test_sending_pages.py::"
    "test_a_chair_reminds_but_reaches_no_page_with_links_or_numbers"
)
PRINTED = (
    "survey_app/invitations/test_code_desks.py::"
    "test_organiser_and_working_group_print_the_codes_and_the_journal_says_so"
)
CHAIR_NOT = "anonymity/test_routes.py::test_the_chair_gets_no_secret_by_any_form"
CONFIRMED = (
    "survey_app/rosters/test_operations.py::test_a_roster_goes_from_the_chair_to_the_superior_and_is_frozen"
)
TWICE = (
    "survey_app/counting/test_count_rule.py::"
    "test_a_replacement_that_voted_twice_is_accepted_by_officer_and_custodians"
)
HELD = "survey_app/results/test_pages.py::test_a_held_result_is_shown_to_nobody_below_the_organiser"
RULE = "survey_app/counting/test_count_rule.py::test_each_line_of_the_rule"
OWN_HOME = (
    "survey_app/invitations/test_own_home.py::"
    "test_who_is_rated_touches_nothing_of_the_own_home_by_any_other_post"
)
APPOINTED = "survey_app/accounts/test_administration.py::test_an_officer_invites_within_the_affiliation_only"
UNANIMOUS = "scoring/test_disclosure.py::test_a_small_home_near_unanimity_shows_its_class_and_no_figure"
SMALL_AWARD = (
    "survey_app/noticeboard/test_public_page.py::"
    "test_a_nearly_unanimous_small_home_shows_its_class_and_no_figure"
)

# Sentence as it stands on the page -> the first words of its parts in English -> what shows it.
CLAIMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "名单记一本账，选票记一本账，中间没有连线。": (
        "The list is one book / no line joins them",
        (COLUMNS, SIDES),
    ),
    "开箱、撕毁口令条以后，对照名册、备份、日志，都还原不出谁选了什么。": (
        "Once the box is opened and the slips",
        (LINKING, SNAPSHOTS, LOGS),
    ),
    "谁能投票，和投了什么，分开记": ("Who may vote and what was voted are kept apart", (SIDES, COLUMNS)),
    "发票的一边只知道票领走了，收票的一边只收到一张封好的票。": (
        "The side that issues only knows / the side that collects only gets",
        (WIRE, AT_REST),
    ),
    "票上的章是蒙着盖的，发票的一边认不出来。": (
        "The stamp on it was given blindly",
        (BLIND, UNPAIRED, WIRE),
    ),
    "和别人的票混在一起数": ("Counted among others", (CLASSES,)),
    "每一类至少10张有效票才单独数，不够的先并入别的类；": (
        "A class is counted by itself / smaller ones are merged first",
        (CLASSES,),
    ),
    "全家收到不到10张，不开箱；": ("With fewer than 10 received", (WHOLE,)),
    "有效票不到10张，除了参评率什么也不显示。": ("with fewer than 10 valid ones", (FEW,)),
    "先封票，后开箱": ("Sealed first, opened later", (AT_REST, CEREMONY)),
    "用链接投的票，在您的手机上就封好了；": ("A ballot cast by link is sealed", (WIRE, AT_REST)),
    "用票卡投的，浏览器封得了的在手机上封好，封不了的一到就封；": (
        "one cast by card is sealed on the phone where",
        (CARD_SEALED, CARD_PLAIN),
    ),
    "纸质票由计票人照着录，一录就封。": ("a paper form is keyed by tellers", (PAPER_REST, KEYING)),
    "至少两位开箱人各拿一半口令，一起才能打开封好的票。": (
        "At least two custodians",
        (TWO_KEEPERS, ONE_HALF, BACKUP),
    ),
    "您能查到票计进去了": ("You can check that your ballot was counted", (RECEIPT,)),
    "回执只说明有没有计入，不说明您选了什么。": (
        "The receipt says whether it was counted",
        (RECEIPT, LEAVES),
    ),
    "您有没有投票不保密：发票的一边知道哪张票领走了。": ("Whether you voted is no secret", (SPENT,)),
    "查不到的是您投了什么。": ("What cannot be found out", (LINKING,)),
    "拦不住站在您身后看屏幕的人。": ("It cannot stop somebody who looks over", BEYOND),
    "管系统的人要是在评议期间偷换了网页程序，或者开箱时偷记口令、又留着没开的票，链接投票就防不住。": (
        "Whoever runs the system and swaps",
        (BACKUP,),
    ),
    "抽的票卡不对着名字，填在纸上的票不经过您的手机；": ("A drawn card bears no name", (EXCHANGE,)),
    "用票卡投的票，在票箱里和用链接投的一个样，只有拿着服务器密钥的人对得出哪张是票卡投的；": (
        "in the box a ballot cast by card looks like",
        (CARD_ALIKE,),
    ),
    "一类里只有一两个人换了纸质票时，录票的人看得出哪张是他们的。": (
        "where only one or two members of a class",
        BEYOND,
    ),
    "纸质票计票人录的时候看得到，两遍对齐以前，拿着那叠票封面的人也能核对录了什么。": (
        "Tellers see a paper form while they key it",
        (PAPER_PAGES, KEYING),
    ),
    "要是有一个人同时拿到两半口令、硬盘和备份，他也能拆开票。": (
        "One person who holds both halves",
        (BACKUP,),
    ),
    "单位的网络要是在中间解开加密，能看到谁在什么时候交了一张封好的票；": (
        "A company network that ends the encryption",
        BEYOND,
    ),
    "没有开箱钥匙，看不到里面。": ("without the opening key it does not", (WIRE, BACKUP)),
    "但是到了服务器才封的票，也就是浏览器封不了的票卡和计票人录的纸质票，它看得到；": (
        "But it does see ballots that are sealed only at the server",
        (CARD_PLAIN, KEYING),
    ),
    "它也能偷换网页程序。": ("and it can swap the site's program", BEYOND),
    "口令丢了，结果就没有了。": ("If the words are lost", (BACKUP,)),
    "所以口令条一式四份，投票前每位开箱人都要试开一次。": (
        "So there are four slips",
        (CEREMONY, REHEARSED),
    ),
    "拿着会员票码的人，能替会员投票。": ("Whoever holds a member's code", (SPENT,)),
    "所以票条由组织单位或评议工作小组打印、发送，主席不经手；": (
        "Therefore the organiser or the working group",
        (PRINTED, SENT, CHAIR_NOT),
    ),
    "联系方式由上级确认。": ("and the superior confirms the contacts", (CONFIRMED,)),
    "说票丢了、领到补发的会员，要是原来那张其实投进了，可能投成两张。": (
        "A member who reports a lost ballot",
        (TWICE,),
    ),
    "多出来的张数写在开箱记录单上，上级和开箱人书面认下以前，这一家的结果不显示。": (
        "The excess stands on the protocol sheet",
        (TWICE, HELD),
    ),
    "同类里要是有人领了票没投，多的这一张可能看不出来。": ("Where somebody of the same class took", (RULE,)),
    "主席本人经手不了自己这一家的票；": ("A chair cannot handle the ballots", (OWN_HOME,)),
    "但他要是用别的联系方式另开一个账号，系统认不出来。": ("but with a second account", BEYOND),
    "谁任什么职由上级定，都有记录。": ("Appointments are made by the superior", (APPOINTED,)),
    "口令条撕毁以前，谁凑齐两半口令和备份，也能把票拆开。": ("Until the slips are torn up", (BACKUP,)),
    "一家只有10个人，10个人又都选得一样，用什么办法都看得出来，纸质票也一样。": (
        "A home of 10 whose members all answer",
        BEYOND,
    ),
    "不到30张票的家要是可以申报模范，等于说差不多人人都满意。": (
        "If a home with fewer than 30 ballots",
        (UNANIMOUS, SMALL_AWARD),
    ),
    "会员要是自己改了程序，能向别人证明自己选了什么。": ("A member who changes the program", BEYOND),
    "请不要这样做，也没有人有权要您这样做。": ("Please do not, and nobody may", BEYOND),
    "不放心，没投以前可以找上级工会或者评议工作小组换成纸质票；": (
        "If you are unsure, exchange",
        (PAPER_DESK,),
    ),
    "备了票卡的，也可以换票卡。": ("where cards are kept, for a card", (EXCHANGE, CARDS_KEPT)),
    "两样都不记名。": ("Neither bears a name", (EXCHANGE, CARD_ALIKE, PAPER_FORM, PAPER_REST)),
}

# The first screen of every phone and of the card's page promises the same in fewer words.
PROMISES: dict[str, tuple[str, ...]] = {
    "不记名，查不到您选了什么": (LINKING,),
    "名单和选票是两本账。": (SIDES, COLUMNS),
    "谁能投票记一本，投了什么记另一本，中间没有连线。": (SIDES, COLUMNS),
    "工会主席、上级工会、管系统的人都对不上。": (LINKING, SNAPSHOTS, LOGS, CHAIR_NOT),
    "和别人的票混在一起数。": (CLASSES,),
    "与您同类（）的会员共人。": (SHEET,),
    "同类有效票不足10张时，先并入其他类再计票；": (CLASSES,),
    "全家收到不足10张时，不开箱。": (WHOLE,),
    "您这一家会员共人，不再分类。": (SHEET,),
    "收到不足10张时，不开箱。": (WHOLE,),
    "先封票，后开箱。": (AT_REST, CEREMONY),
    "票在您的手机上就封好了。": (WIRE,),
    "截止以后由至少两位开箱人一起开箱，之前谁也看不到。": (TWO_KEEPERS, ONE_HALF, AT_REST),
    "做得到：开箱、撕毁口令条以后，对照名册、备份、日志，都还原不出谁选了什么。": (LINKING, SNAPSHOTS, LOGS),
    "做不到：拦住站在您身后看屏幕的人；": BEYOND,
    "要是有人在评议期间偷换了网站的程序，用链接投票也防不住；": BEYOND,
    "口令条撕毁以前，谁凑齐两半口令和备份，也能把票拆开。": (BACKUP,),
    "不放心，没投以前可以找上级工会或者评议工作小组换成纸质票。": (PAPER_DESK,),
    "这一家备了票卡，也可以换票卡。": (CARD_OFFERED, EXCHANGE, CARDS_KEPT),
}


def sentences(page: str, ends: str) -> list[str]:
    """Every sentence between the title and the links at the foot, in the order of the page."""
    body = page[page.index("</h1>") : page.index(FOOT)]
    blocks = re.findall(r"<(h3|p)[^>]*>(.*?)</\1>", body, re.DOTALL)
    whole = [html.unescape(text).strip() for _tag, text in blocks]
    assert not any("<" in text for text in whole), "a block inside a block would hide a sentence"
    return [one.strip() for text in whole for one in re.split(ends, text) if one.strip()]


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of a file's tests of every day, with or without a class around them."""
    path = TESTS / file
    text = path.read_text("utf-8") if path.exists() else ""
    slow = re.findall(r"^@pytest\.mark\.slow\n(?:@.*\n)*def (test_\w+)", text, re.M)
    return frozenset(re.findall(r"^ *def (test_\w+)", text, re.M)) - frozenset(slow)


def test_every_test_that_is_named_exists():
    named = {test for _english, tests in CLAIMS.values() for test in tests}
    named |= {test for tests in PROMISES.values() for test in tests}
    assert [
        one for one in sorted(named) if one.partition("::")[2] not in names_in(one.partition("::")[0])
    ] == []
    assert "test_of_nothing" not in names_in("anonymity/test_logs.py")
    assert names_in("anonymity/test_of_nothing.py") == frozenset()
    assert "test_no_file_links_two_hundred_in_five_orders" not in names_in("anonymity/test_linking.py")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_sentence_of_the_page_has_its_tests(settings, databases):
    browser = make_app(settings, databases).test_client()
    text = browser.get(f"{PAGE}?lang=zh").text
    assert sentences(text, CHINESE) == list(CLAIMS)
    able = sentences(text[: text.index(f">{CANNOT}<")] + FOOT, CHINESE)
    assert len(able) > 10
    assert [one for one in able if CLAIMS[one][1] == BEYOND] == [], "what we say we can do is always shown"

    said = sentences(browser.get(f"{PAGE}?lang=en").text, ENGLISH)
    openings = [part for english, _tests in CLAIMS.values() for part in english.split(" / ")]
    assert [one for one in said if not any(opening in one for opening in openings)] == []
    assert [opening for opening in openings if not any(opening in one for one in said)] == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_promise_of_the_first_screen_has_its_tests(settings, databases):
    page = make_app(settings, databases).test_client().get("/e?lang=zh").text
    promise = page[page.index('aria-labelledby="promise"') :].partition("</section>")[0]
    blocks = re.findall(r"<(h2|h3|p)[^>]*>(.*?)</\1>", promise, re.DOTALL)
    whole = [html.unescape(re.sub(r"\s*<[^>]*>\s*", "", text)).strip() for _tag, text in blocks]
    assert [one for text in whole for one in re.split(CHINESE, text) if one] == list(PROMISES)
