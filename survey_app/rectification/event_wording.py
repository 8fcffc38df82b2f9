"""Words of everything that happens to an order: in its story, in the journal, in a message."""

from __future__ import annotations

from dataclasses import dataclass

from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l


@dataclass(frozen=True)
class EventWords:
    """`title` for the journal, `sentence` for the story, `message` for those who are told."""

    title: Lazy
    sentence: Lazy
    message: Lazy | None = None


EVENTS: dict[str, EventWords] = {
    "proposed": EventWords(
        _l("提出整改"),
        _l("评定确认后，系统拟好稿。"),
        _l("%(home)s的评定已确认，整改拟好了稿，请您决定签发不签发。"),
    ),
    "proposal_edited": EventWords(_l("改了整改拟稿"), _l("改了拟稿，问题%(problems)s项。")),
    "submitted": EventWords(_l("送签整改通知"), _l("送签。")),
    "handed_back": EventWords(_l("退回拟稿"), _l("退回拟稿。")),
    "refused": EventWords(_l("决定不签发"), _l("决定不签发。")),
    "issued": EventWords(
        _l("签发整改通知"),
        _l("印发通知，问题%(problems)s项。"),
        _l("收到整改通知%(number)s，请签收。签收不等于同意，有意见仍可写明。"),
    ),
    "acknowledged": EventWords(_l("签收"), _l("签收通知。"), _l("%(home)s已签收%(number)s。")),
    "service_recorded": EventWords(
        _l("登记纸面送达"), _l("登记纸面送达。"), _l("%(number)s已按纸面送达登记，期限从送达算起。")
    ),
    "service_by_mail": EventWords(
        _l("登记邮件送达"), _l("登记邮件送达。"), _l("%(number)s已按邮件送达登记，期限从送达算起。")
    ),
    "deemed_served": EventWords(
        _l("到期视为送达"),
        _l("到期没有签收，视为送达。"),
        _l("%(number)s到期没有签收，已视为送达，期限从这天算起。"),
    ),
    "plan_submitted": EventWords(
        _l("报整改方案"), _l("报整改方案（第%(edition)s稿）。"), _l("%(home)s报来整改方案，请审。")
    ),
    "plan_approved": EventWords(
        _l("通过整改方案"), _l("整改方案通过。"), _l("%(number)s的整改方案通过了，照着办吧。")
    ),
    "plan_returned": EventWords(
        _l("退回整改方案"), _l("退回整改方案。"), _l("%(number)s的整改方案退回了，理由写在里面，请改好再报。")
    ),
    "progress_added": EventWords(_l("写整改进展"), _l("第%(n)s项进展。"), _l("%(home)s写了整改进展。")),
    "problem_reported": EventWords(
        _l("报一项整改完成"), _l("第%(n)s项报告整改完成。"), _l("%(home)s有一项报告整改完成。")
    ),
    "report_submitted": EventWords(
        _l("交整改报告"), _l("交整改报告，请求复查。"), _l("%(home)s交来整改报告，请安排复查。")
    ),
    "resumed": EventWords(_l("接着整改"), _l("看过复查意见，接着改。"), _l("%(home)s看过复查意见，接着改。")),
    "note_submitted": EventWords(_l("报改进情况"), _l("报改进情况。"), _l("%(home)s报来改进情况，请看。")),
    "note_returned": EventWords(_l("请补充改进情况"), _l("请补充改进情况。"), _l("上级请您补充改进情况。")),
    "message": EventWords(_l("留言"), _l("留言："), _l("%(number)s有新留言。")),
    "resources_wanted": EventWords(
        _l("请上级给资源"), _l("第%(n)s项需要上级给资源。"), _l("%(home)s有一项需要上级给资源，请答复。")
    ),
    "resources_granted": EventWords(
        _l("答复资源"), _l("第%(n)s项的资源，上级答复。"), _l("您请上级给的资源有答复了。")
    ),
    "evidence_added": EventWords(_l("交佐证"), _l("交来佐证。"), _l("%(home)s交来佐证。")),
    "display_proved": EventWords(_l("交张贴证明"), _l("交来张贴的照片。"), _l("%(home)s交来张贴的照片。")),
    "evidence_replaced": EventWords(_l("替换佐证"), _l("替换了“%(old)s”。"), _l("%(home)s替换了一件佐证。")),
    "evidence_released": EventWords(_l("让照片上公开页"), _l("让“%(name)s”上公开页。")),
    "evidence_taken_back": EventWords(_l("从公开页撤下照片"), _l("从公开页撤下“%(name)s”。")),
    "inspection_passed": EventWords(
        _l("复查通过"), _l("%(inspectors)s人复查，通过。"), _l("%(number)s复查通过，接下来请会员再评。")
    ),
    "inspection_failed": EventWords(
        _l("复查没有通过"),
        _l("%(inspectors)s人复查，有没通过的，退回重改。"),
        _l("%(number)s复查有没通过的，新期限写在里面。"),
    ),
    "extension_requested": EventWords(
        _l("请示延期"), _l("请示延期%(days)s天。"), _l("%(home)s请示延期，请在期限内答复。")
    ),
    "extension_granted": EventWords(
        _l("同意延期"), _l("同意延期。"), _l("%(number)s同意延期，新期限写在里面。")
    ),
    "extension_refused": EventWords(
        _l("不同意延期"), _l("不同意延期。"), _l("%(number)s不同意延期，请按原期限办。")
    ),
    "escalated_first_reminder": EventWords(
        _l("到期前提醒"), _l("发了到期前提醒。"), _l("%(number)s有期限快到了。")
    ),
    "escalated_last_reminder": EventWords(
        _l("到期前提醒"), _l("发了到期前提醒。"), _l("%(number)s有期限快到了。")
    ),
    "escalated_reminder": EventWords(
        _l("催办"), _l("逾期%(days)s个工作日，发出催办。"), _l("%(number)s有事项逾期，上级发来催办通知。")
    ),
    "escalated_supervision": EventWords(
        _l("督办"), _l("逾期%(days)s个工作日，发出督办通知。"), _l("%(number)s有事项逾期，上级发来督办通知。")
    ),
    "escalated_formal_talk": EventWords(
        _l("约谈"), _l("逾期%(days)s个工作日，发出约谈通知。"), _l("%(number)s有事项逾期，上级约您谈话。")
    ),
    "escalated_circular": EventWords(
        _l("通报"), _l("逾期%(days)s个工作日，发出通报。"), _l("%(number)s有事项逾期，上级已通报。")
    ),
    "escalation_declined": EventWords(_l("暂不采取下一步"), _l("暂不采取下一步。")),
    "re_evaluation_begun": EventWords(
        _l("安排会员再评"), _l("安排会员再评：%(round)s。"), _l("%(number)s进入会员再评。会员说行，才算行。")
    ),
    "vote_fell_short": EventWords(
        _l("会员再评没有到合格"),
        _l("会员再评没有到合格，等上级决定。"),
        _l("%(number)s会员再评没有到合格，由上级决定：写明理由销号，或者退回重新整改。"),
    ),
    "vote_called_off": EventWords(
        _l("会员再评没有结果"),
        _l("这次会员再评取消或者作废了，没有结果，要重新安排。"),
        _l("%(number)s的会员再评取消或者作废了，没有结果，要重新安排。"),
    ),
    "closed_by_rule": EventWords(
        _l("会员再评合格，销号"), _l("会员再评合格，按规则销号。"), _l("%(number)s会员再评合格，已销号。")
    ),
    "closed_by_decision": EventWords(
        _l("决定销号"), _l("上级决定销号。"), _l("%(number)s由上级决定销号，理由写在里面。")
    ),
    "fell_short": EventWords(
        _l("再评没有过，重新整改"),
        _l("再评没有过，退回重新整改。"),
        _l("%(number)s会员再评没有过，请接着改，新期限写在里面。"),
    ),
    "reminder_closed": EventWords(_l("办结提醒"), _l("看过改进情况，办结。"), _l("提醒已办结。")),
    "withdrawn": EventWords(
        _l("撤销通知"), _l("撤销通知，文号作废。"), _l("%(number)s已撤销，理由写在里面。")
    ),
    "reopened": EventWords(
        _l("重新提出整改"), _l("问题又出现，重新提出整改。"), _l("%(number)s的问题又出现，上级重新提出整改。")
    ),
    "handed_over": EventWords(
        _l("移交牵头"), _l("移交：%(lead)s牵头，%(beside)s协办。"), _l("%(number)s的牵头工会换了。")
    ),
    "home_merged": EventWords(
        _l("单位合并，整改随着走"),
        _l("%(before)s并入%(after)s，这份整改由%(after)s接着办。"),
        _l("%(number)s随单位合并，由%(home)s接着办。"),
    ),
    "limits_moved": EventWords(
        _l("按新的放假安排改期限"),
        _l("放假安排公布，期限往后改。"),
        _l("放假安排公布，%(number)s的期限往后改了。"),
    ),
}

VERBS = {f"order.{kind}": words.title for kind, words in EVENTS.items()}
KINDS: dict[str, Lazy] = {
    f"order.{kind}": words.message for kind, words in EVENTS.items() if words.message is not None
} | {
    "order.decisions_wait": _l("今天又有%(n)s份整改要您决定下一步：%(homes)s。"),
    # Written before the homes were named; what stands in the mailboxes stays readable.
    "order.digest": _l("今天有%(n)s份整改要您决定下一步。"),
    "order.reminder_issued": _l("收到提醒函，请签收。签收不等于同意，有意见仍可写明。"),
}
