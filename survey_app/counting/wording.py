"""Sentences of counting: refusals, the lines of the count rule, the steps of the ceremony."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

WORDS: dict[str, str | Lazy] = {
    "half_character": _l(
        "%(half)s里有一个字不是口令用的。口令只用数字和字母，没有I、L、O、U。请对着口令条再看一遍。"
    ),
    "half_length": _l("%(half)s的字数不对，应当是14个。请对着口令条再看一遍。"),
    "half_check": _l(
        "%(half)s对不上，好像有一个字抄错了。请对着口令条再看一遍。容易看错：8和B，5和S，2和Z，0和D。"
    ),
    "half_swapped": _l("两半好像填反了：%(half)s填的是另一半。请换过来。"),
    "half_mistyped": _l("%(half)s对不上。请对着口令条再看一遍。"),
    "passphrase_wrong": _l(
        "两半都没有抄错，但打不开这一轮的票箱：可能是别的轮次的口令条。什么都没有动，请找对口令条再试。"
    ),
    "opening_key_erased": _l("这一轮已经开过箱，钥匙已经销毁。"),
    "opening_key_bad": _l("交上来的钥匙不完整。请在同一台电脑上重新制作。"),
    "counting_runs_already": _l("正在开箱，不用再填口令。请看进度。"),
    "counting_runs_cancel_later": _l("正在开箱，现在不能取消。等它开完或者停下以后再说。"),
    "counting_failed": _l("开箱没有开始，什么都没有动。请再试一次；还不行，请告诉管理员。"),
    "custodians_not_done": _l("还有开箱人没有确认撕毁口令条。"),
    "casting_not_shut": _l("票箱还没有关上，不能开箱。"),
    "paper_not_settled": _l("有纸质票两遍录得不一样，先改好再开箱。"),
    "paper_settled": _l("这一批已经录好，不能再改。"),
    "paper_word_mistyped": _l("封面上的暗号抄错了，请再看一遍。暗号是三组，每组四个。"),
    "paper_word_wrong": _l("这不是这一批封面上的暗号。请看看是不是拿错了一叠。"),
    "paper_keyed_by_another": _l("这一遍已经由另一位计票人在录。"),
    "paper_needs_two_tellers": _l("两遍要由两个人录。您录过第一遍，第二遍请另一位计票人录。"),
    "paper_sheets_out_of_range": _l("一叠最多%(most)s张，多了请分成几叠。"),
    "paper_class_unknown": _l("请选票上印的类别字母。"),
    "paper_answers_bad": _l("有的答案认不出来，请对着票再录一次。"),
    "paper_batch_open": _l("%(name)s第%(number)s批纸质票还没录好。"),
    "paper_not_keyed": _l("%(name)s发过纸质票，还没录。一张都没收到，也请计票人记一笔。"),
    "intake_changed": _l("票箱里的票数变了，这一家没有开。请告诉管理员。"),
    "box_class_differs": _l("花名册一边和票箱一边的分类对不上，已经停下。请告诉管理员。"),
    "roster_empty": _l("有一家的花名册是空的，不能就绪。"),
    "round_close_not_reached": _l("还没到截止时间。截止时间会员都看得到，不能提前关。"),
    "hold_beyond_replacements": _l("多出来的票不是补发造成的，不能接受，只能作废重评。"),
    "hold_accepted_before": _l("您已经接受过了，等其他人。"),
    "home_not_held": _l("这一家没有暂停，或者已经处理过了。"),
}

RULE_LINES: dict[str, str | Lazy] = {
    "more_link_ballots_than_signatures": _l("网上投的票比领走的票多%(excess)s张"),
    "more_entitlements_than_members": _l("领走和换走的票比会员多%(excess)s张"),
    "more_cards_than_handed_out": _l("收到的票卡比发出的多%(excess)s张"),
    "more_cards_handed_out_than_exchanged": _l("发出的票卡比登记换走的多%(excess)s张"),
    "more_paper_than_exchanged": _l("收到的纸质票比登记换走的多%(excess)s张"),
    "more_ballots_than_entitlements": _l("补发过票的，可能有%(excess)s张是同一人投了两次"),
    "ballots_without_valid_credential": _l("有%(excess)s张票没有有效的签章"),
    "class_unknown": _l("有%(excess)s张票不属于这一家的任何一类"),
}

PAPER_VERBS: dict[str, Lazy] = {
    "paper.batch_added": _l("收到一批纸质票"),
    "paper.batch_restarted": _l("一批纸质票换了暗号，重新录"),
    "paper.batch_settled": _l("一批纸质票两遍录好"),
}


def rule_line(line: dict[str, object]) -> str:
    """One broken line of the rule in words."""
    words = str(RULE_LINES[str(line["code"])]) % {"excess": line["excess"]}
    return f"{line['label']}：{words}" if line["label"] else words
