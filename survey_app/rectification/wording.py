"""Words of rectification: refusals, states, limits, steps, and what waits for whom."""

from __future__ import annotations

from survey_app.rectification.models import Order, OrderKind, OrderState
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

WORDS: dict[str, Lazy] = {
    "filter_without_name": _l("请给这个条件起个名字。"),
    "filter_is_empty": _l("请先选好条件，再存。"),
    "too_many_filters": _l("最多存%(most)s个，请先删掉不用的。"),
    "other_home": _l("这是别家的整改，您只能看自己的。"),
    "other_lead": _l("这份整改由牵头的工会办，您这里只能看。"),
    "order_changed_meanwhile": _l("有人刚办过这一份，您的改动没有写入。请看过最新情况再办。"),
    "order_needs_a_final_rating": _l("只有确认过的评定才能提出整改。"),
    "rating_no_longer_final": _l("这个评定已经变了，不能再照它签发。"),
    "order_without_problem": _l("至少要有一个问题，才能签发。"),
    "another_officer_signs": _l("送签的人不能自己签发，请另一位经办人签。"),
    "grade_unknown": _l("第%(n)s项：请选A、B、C中的一类。"),
    "requirement_missing": _l("第%(n)s项：请写明是什么问题、要求怎么改。"),
    "reason_missing": _l("请写明理由。"),
    "proof_missing": _l("请写明凭据：谁当面收的，或者挂号信号码。"),
    "mail_not_sent": _l("这一天没有发成功的邮件，不能按邮件送达登记。"),
    "served_on_impossible": _l("送达日期要在印发以后、今天以前。"),
    "plan_problem_missing": _l("第%(n)s项还没有写。"),
    "plan_cause_missing": _l("第%(n)s项：请写原因。"),
    "plan_measure_missing": _l("第%(n)s项：请写办法。"),
    "plan_leader_missing": _l("第%(n)s项：请写责任领导。"),
    "plan_person_missing": _l("第%(n)s项：请写责任人。"),
    "plan_expected_missing": _l("第%(n)s项：请写办成以后会员能看到什么。"),
    "plan_date_missing": _l("第%(n)s项：请写哪天办成。"),
    "plan_date_past": _l("第%(n)s项：办成的日期已经过了。"),
    "plan_date_too_late": _l("第%(n)s项：办成的日期不能晚于期限%(due)s。"),
    "progress_missing": _l("请写一句进展。"),
    "done_missing": _l("请写明做了什么。"),
    "message_missing": _l("请写上要说的话。"),
    "resources_missing": _l("请写明需要什么，或者给了什么。"),
    "resources_not_asked": _l("这一项没有请上级给资源。"),
    "report_problem_open": _l("第%(n)s项还没有报完成，报完才能交整改报告。"),
    "evidence_missing": _l("请选至少一个文件。"),
    "own_date_in_future": _l("材料日期不能晚于今天。"),
    "picture_unreadable": _l("“%(name)s”不是完整的图片，请重新选。"),
    "picture_too_many_pixels": _l("“%(name)s”太大，请先缩小再传。"),
    "evidence_replaced_before": _l("这个文件已经替换过了，请替换最新的那个。"),
    "only_pictures_are_shown": _l("公开页上只放照片，别的文件不公开。"),
    "issuer_may_not_inspect": _l("签发人不能参加复查，请换一位。"),
    "inspectors_too_few": _l("复查至少要%(least)s人，请再选一位或写上一位。"),
    "inspector_unknown": _l("选的人里有不能参加复查的，请重新选。"),
    "inspector_unit_missing": _l("请写%(name)s是哪个单位的。"),
    "finding_seen_missing": _l("第%(n)s项：请写看了什么、凭什么这样定。"),
    "finding_without_files": _l("第%(n)s项没有交佐证。到现场看过、仍要这样定的，请勾选；不然请选不通过。"),
    "inspection_way_missing": _l("请写明怎么复查的，如：实地查看、问了6位会员。"),
    "inspected_on_in_future": _l("复查日期不能晚于今天。"),
    "inspected_before_report": _l("复查日期不能早于报完成的%(day)s。"),
    "finding_missing": _l("第%(n)s项：请选通过、不通过或长期坚持。"),
    "finding_reason_missing": _l("第%(n)s项：请写明理由。"),
    "new_date_missing": _l("第%(n)s项：不通过要给新的期限。"),
    "new_date_out_of_range": _l("第%(n)s项：新期限要在以后90天以内。"),
    "new_date_rest_day": _l("第%(n)s项：新期限那天休息，请换一个工作日。"),
    "extension_reason_missing": _l("请写延期的理由。"),
    "extension_progress_missing": _l("请写目前的进展。"),
    "extension_interim_measures_missing": _l("请写延期期间先怎么办。"),
    "extension_days": _l("延期要在1到%(most)s天之间。"),
    "extension_without_problem": _l("请选要延期的问题。"),
    "extension_nothing_runs": _l("各项都报了完成，没有要延的期限。"),
    "extension_too_late": _l("离到期不足%(days)s个工作日，来不及请示了。请尽力办，办到哪里写在进展里。"),
    "extended_before": _l("已经延过一次，不能再延。"),
    "extension_waits": _l("前一个请示还没有答复。"),
    "extension_answered": _l("这个请示已经答复过了。"),
    "talk_terms_missing": _l("请写约谈的时间和地点。"),
    "leaver_unknown": _l("名册里没有会员号%(number)s，请核对。"),
    "nobody_stayed": _l("不能所有人都离开了。"),
    "leaver_line": _l("“%(line)s”读不懂，请写成：会员号 日期。"),
    "not_a_re_evaluation": _l("请选一轮会员再评，而且这家单位在里面。"),
    "re_evaluation_of_another_round": _l("这轮再评接的不是原来那一轮评议。"),
    "re_evaluation_not_final": _l("会员再评的结果还没有确认，不能先定。"),
    "inspector_may_not_close": _l("复查过的人不能自己决定销号，请另一位经办人定。"),
    "reopened_before": _l("已经重新提出过一次了。"),
    "no_co_supervisor": _l("没有协办的工会，不能移交。"),
    "plan_missing": _l("还没有方案。"),
    "verdict_missing": _l("请选一个决定。"),
    "order_not_reached": _l("系统正忙，这一份没有办成，请再按一次。"),
}

AWAITED: dict[str, Lazy] = {
    "draft": _l("签发"),
    "awaiting_signature": _l("签发"),
    "served": _l("签收"),
    "plan_due": _l("报方案"),
    "plan_returned": _l("重报方案"),
    "plan_under_review": _l("审方案"),
    "rectifying": _l("整改"),
    "inspection_failed": _l("接着改"),
    "awaiting_inspection": _l("复查"),
    "passed": _l("安排会员再评"),
    "reevaluation": _l("再评"),
    "vote_short": _l("决定下一步"),
    "noted": _l("看改进情况"),
    "step": _l("决定下一步"),
    "extension": _l("答复延期"),
    "resources": _l("答复资源"),
}
"""What the holder of the ball has to do, by state or by what waits."""

STATES: dict[str, Lazy] = {
    "draft": _l("草拟"),
    "awaiting_signature": _l("待签发"),
    "refused": _l("不签发"),
    "served": _l("待签收"),
    "plan_due": _l("待报方案"),
    "plan_under_review": _l("方案待审"),
    "plan_returned": _l("方案退回"),
    "rectifying": _l("整改中"),
    "awaiting_inspection": _l("待复查"),
    "inspection_failed": _l("复查未过"),
    "passed": _l("复查通过"),
    "reevaluation": _l("会员再评"),
    "vote_short": _l("再评未过"),
    "noted": _l("已报情况"),
    "closed": _l("已销号"),
    "withdrawn": _l("已撤销"),
}

ENDED_REMINDER = _l("已办结")


def state_word(order: Order) -> Lazy:
    """Where an order stands; a reminder has no problems to strike off (销号), it is done with (办结)."""
    closed_reminder = order.kind == OrderKind.REMINDER and order.state == OrderState.CLOSED
    return ENDED_REMINDER if closed_reminder else STATES[order.state]


CLASSES: dict[str, Lazy] = {
    "DISSATISFIED": _l("不满意"),
    "QUALIFIED": _l("合格"),
    "ELIGIBLE": _l("可申报"),
    "INSUFFICIENT": _l("证据不足"),
    "HELD": _l("暂停，待核实"),
}

OUTCOMES: dict[str, Lazy] = {
    "pass": _l("通过"),
    "fail": _l("不通过"),
    "keep_long_term": _l("转为长期坚持"),
}
"""The opinion of an inspection on one problem."""

LIMITS: dict[str, Lazy] = {
    "issue": _l("签发"),
    "acknowledge": _l("签收"),
    "plan": _l("整改方案"),
    "review": _l("审阅"),
    "completion": _l("整改"),
    "report": _l("整改报告"),
    "extension_answer": _l("答复延期"),
    "supervised_answer": _l("回复催办"),
    "inspection": _l("复查"),
    "reevaluation": _l("会员再评"),
    "decision": _l("再评后的决定"),
    "note": _l("改进情况"),
}

HOLDERS: dict[str, Lazy] = {
    "home": _l("对方"),
    "issuer": _l("经办人"),
    "inspectors": _l("复查组"),
    "members": _l("会员"),
}

STEPS: dict[str, Lazy] = {
    "first_reminder": _l("到期前提醒"),
    "last_reminder": _l("到期前提醒"),
    "reminder": _l("催办通知"),
    "supervision": _l("督办通知"),
    "formal_talk": _l("约谈通知"),
    "circular": _l("通报"),
}

STEP_QUESTIONS: dict[str, Lazy] = {
    "first_reminder": _l("请您决定：要不要提醒一声"),
    "last_reminder": _l("请您决定：要不要提醒一声"),
    "reminder": _l("请您决定：是否催办"),
    "supervision": _l("请您决定：是否发督办通知"),
    "formal_talk": _l("请您决定：是否约谈主席"),
    "circular": _l("请您决定：是否通报"),
}

STEP_ACTS: dict[str, Lazy] = {
    "first_reminder": _l("发提醒"),
    "last_reminder": _l("发提醒"),
    "reminder": _l("拟发催办通知"),
    "supervision": _l("拟发督办通知"),
    "formal_talk": _l("拟发约谈通知"),
    "circular": _l("拟发通报"),
}

PAPERS: dict[str, Lazy] = {
    "order": _l("限期整改通知"),
    "reminder_letter": _l("提醒函"),
    "receipt": _l("签收回执"),
    "plan": _l("整改方案"),
    "report": _l("整改报告"),
    "extension_request": _l("延期请示"),
    "extension_reply": _l("延期批复"),
    "urging": _l("催办通知"),
    "supervision": _l("督办通知"),
    "formal_talk": _l("约谈通知"),
    "circular": _l("通报"),
    "inspection": _l("复查验收意见"),
    "closing": _l("销号单"),
}

BULK_KINDS: dict[str, Lazy] = {
    "sign": _l("签发"),
    "plan": _l("审方案"),
    "note": _l("看改进情况"),
    "extension": _l("答复延期"),
    "step": _l("逾期的下一步"),
}

TODO_SENTENCES: dict[str, Lazy] = {
    "sign": _l("评定已确认，请决定签发不签发。"),
    "review_plan": _l("请审整改方案。"),
    "inspect": _l("请安排复查。"),
    "re_evaluate": _l("复查通过，请安排会员再评。"),
    "decide_after_vote": _l("会员再评没有到合格，请决定。"),
    "read_note": _l("改进情况已报来，请看。"),
    "escalate": _l("请决定下一步。"),
    "answer_extension": _l("请答复延期请示。"),
    "grant": _l("对方请上级给资源，请答复。"),
    "acknowledge": _l("请签收。签收不等于同意，有意见仍可写明。"),
    "plan": _l("请报整改方案。"),
    "plan_again": _l("方案退回了，请改好再报。"),
    "rectify": _l("照方案整改，做完一项报一项。"),
    "resume": _l("有没通过的，请接着改。"),
}

TODO_ACTS: dict[str, Lazy] = {
    "sign": _l("看拟稿"),
    "review_plan": _l("审方案"),
    "inspect": _l("记复查意见"),
    "re_evaluate": _l("安排再评"),
    "decide_after_vote": _l("去决定"),
    "read_note": _l("看情况"),
    "escalate": _l("去决定"),
    "answer_extension": _l("答复延期"),
    "grant": _l("答复"),
    "acknowledge": _l("签收"),
    "plan": _l("填写方案"),
    "plan_again": _l("改方案"),
    "rectify": _l("看问题清单"),
    "resume": _l("接着改"),
}
