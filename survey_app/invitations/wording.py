"""Sentences of the identified side: every refusal a member, an officer or a working group can meet."""

from __future__ import annotations

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

WORDS: dict[str, str | Lazy] = {
    "bad_call": _l("这一页发来的内容不对，没有写入任何内容。请关掉这一页，用原来的链接重新打开。"),
    "code_unknown": _l("没有这个票码。请对着票条再输一次；还不行，找上级工会换一张。"),
    "code_look_up_busy": _l("查票码的人太多了，请过一会儿再试。"),
    "code_exchanged": _l("您的票已经换成票卡或纸质票，这个链接不能再用。"),
    "code_used": _l("这位会员的票已经领走或换过，不能作废重发。确实丢了的，由上级工会补发。"),
    "code_not_issued": _l("这位会员的票还没有领走，不用补发，作废重发就可以。"),
    "codes_are_gone": _l("投票已经截止，票码已经销毁，不能再印、再发。"),
    "voting_not_open": _l("还没开始，到了开始时间才能投票。"),
    "voting_closed": _l("投票已经截止。"),
    "key_differs": _l("这一页和您的链接对不上，已经停下，没有投票。请把这一页告诉上级工会。"),
    "issued_elsewhere": _l(
        "票已经领走了，不在这台手机上。是您领的，请用那台手机打开；手机丢了，请找上级工会。"
    ),
    "entitlement_used": _l("这位会员的票已经领走或者换过了，不能再换。一人一票。"),
    "no_cards_here": _l("这一家没有印票卡。可以换纸质票。"),
    "envelope_is_empty": _l("这一类的票卡发完了。可以换纸质票。"),
    "member_number_unknown": _l("这一家的花名册里没有这个会员号。"),
}

DESK_VERBS: dict[str, Lazy] = {
    "cards.printed": _l("打印票卡"),
    "invitation.exchanged": _l("换票卡或纸质票"),
    "desk.counted": _l("点清实到人数和剩下的票卡"),
    "round.channel_chosen": _l("定了投票方式"),
}
