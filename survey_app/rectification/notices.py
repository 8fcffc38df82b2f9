"""The one notice at the head of an order: who must do what until when, for either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.rectification.escalating import coming_talk
from survey_app.rectification.inspecting import inspections_of
from survey_app.rectification.models import (
    Escalation,
    Limit,
    LimitKind,
    Order,
    OrderState,
    Problem,
    ProblemState,
)
from survey_app.rectification.orders import leads
from survey_app.rectification.states import UNDER_WAY
from survey_app.rectification.wording import LIMITS, STEP_QUESTIONS
from survey_app.web.formats import EN, ZH, day, moment
from survey_app.web.i18n import gettext, page_language
from survey_app.workdays import Calendar

S = OrderState


@dataclass(frozen=True)
class Notice:
    """A heading, a sentence, and whether a limit has passed."""

    heading: str
    text: str
    late: bool = False


@dataclass(frozen=True)
class _Facts:
    """What the sentences need."""

    order: Order
    home_side: bool
    mine: bool
    problems: Sequence[Problem]
    due: dict[str, date]
    today: date
    failed: str
    work_days: Sequence[date]

    def on(self, kind: LimitKind) -> str:
        """The day of a running limit, in words."""
        return self.words(self.due.get(kind))

    def words(self, when: date | None) -> str:
        lang = EN if page_language() == "en" else ZH
        return day(when, self.today, False, lang) if when else "—"

    def moment(self, when: datetime) -> str:
        """A day and an hour, in words."""
        return moment(when, self.today, EN if page_language() == "en" else ZH)

    def said(self, home: str, superior: str) -> str:
        return home if self.home_side else superior


def notice_of(
    session: Session,
    actor: Actor,
    order: Order,
    problems: Sequence[Problem],
    every: Sequence[Limit],
    waiting: Sequence[Escalation],
    calendar: Calendar,
    today: date,
) -> Notice | None:
    """The notice for this actor: a step of the ladder to decide comes first, then the state's sentence."""
    mine = leads(session, actor, order, beside=True)
    running = [one for one in every if one.met_on is None and one.dropped_at is None]
    if waiting and mine and actor.role is Role.OFFICER:
        return _step(waiting[0], running, problems, calendar, today)
    facts = _Facts(
        order=order,
        home_side=actor.role is Role.CHAIR,
        mine=mine,
        problems=problems,
        due={one.kind: one.due_on for one in sorted(running, key=lambda one: one.due_on, reverse=True)},
        today=today,
        failed=_failed(session, order, problems),
        work_days=[one.due_on for one in running if one.kind in (LimitKind.COMPLETION, LimitKind.NOTE)],
    )
    sentence = _SENTENCES[S(order.state)](facts)
    late = [one for one in running if one.due_on < today]
    notice = _with_lateness(sentence, late, problems, calendar, today)
    talk = coming_talk(session, order.id, today) if order.state in UNDER_WAY else None
    return _with_talk(notice, talk, facts)


def _step(
    step: Escalation, running: Sequence[Limit], problems: Sequence[Problem], calendar: Calendar, today: date
) -> Notice:
    limit = next(one for one in running if one.id == step.limit_id)
    left = calendar.days_left(today, limit.due_on)
    what = limit_name(limit, problems)
    lang = EN if page_language() == "en" else ZH
    due = day(limit.due_on, today, False, lang)
    if left.late and not left.late_by:
        text = gettext("%(what)s%(due)s到期，已逾期。", what=what, due=due)
    elif left.late:
        text = gettext(
            "%(what)s%(due)s到期，到今天（%(today)s）已逾期%(n)s个工作日。",
            what=what,
            due=due,
            today=day(today, today, False, lang),
            n=left.late_by,
        )
    else:
        text = gettext("%(what)s%(due)s到期，还剩%(n)s个工作日。", what=what, due=due, n=int(left))
    return Notice(str(STEP_QUESTIONS[step.step]), text, late=left.late)


def limit_name(limit: Limit, problems: Sequence[Problem]) -> str:
    """What a limit is about: 第2项 or the name of its kind."""
    found = next((one for one in problems if one.id == limit.problem_id), None)
    return gettext("第%(n)s项", n=found.ordinal) if found else str(LIMITS[limit.kind])


def _with_lateness(
    notice: Notice | None,
    late: Sequence[Limit],
    problems: Sequence[Problem],
    calendar: Calendar,
    today: date,
) -> Notice | None:
    if notice is None or not late:
        return notice
    first = late[0]
    days = calendar.days_left(today, first.due_on).late_by
    names = gettext("、").join(dict.fromkeys(limit_name(one, problems) for one in late))
    if not days:
        text = gettext("%(what)s已逾期。", what=names)
    elif len(late) == 1:
        text = gettext("%(what)s已逾期%(n)s个工作日。", what=names, n=days)
    else:
        text = gettext("%(what)s已逾期，最久的%(n)s个工作日。", what=names, n=days)
    return Notice(notice.heading, text + notice.text, late=True)


def _with_talk(notice: Notice | None, talk: tuple[datetime, str] | None, facts: _Facts) -> Notice | None:
    if notice is None or talk is None:
        return notice
    when, place = talk
    text = gettext("约谈：%(when)s，%(place)s。", when=facts.moment(when), place=place)
    heading = facts.said(gettext("上级约您谈话"), notice.heading)
    return Notice(heading, text + notice.text, late=notice.late)


def _failed(session: Session, order: Order, problems: Sequence[Problem]) -> str:
    found = [str(one.ordinal) for one in problems if one.state == ProblemState.FAILED]
    return gettext("、").join(found) if found and inspections_of(session, order.id) else ""


def _draft(facts: _Facts) -> Notice:
    return Notice(
        gettext("请决定签发不签发"),
        gettext(
            "%(due)s前签发。签发前可以改要求和类别。您可以自己签发；要另一位经办人签，就送签，送了您自己不能再签。不签发要写明理由。",
            due=facts.on(LimitKind.ISSUE),
        ),
    )


def _served(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.ACKNOWLEDGE)
    return Notice(
        facts.said(gettext("请签收"), gettext("等对方签收")),
        facts.said(
            gettext("签收不等于同意，有意见仍可写明。%(due)s前不签收，视为已收到。", due=due),
            gettext("对方%(due)s前不签收，视为已收到。", due=due),
        ),
    )


def _plan_due(facts: _Facts) -> Notice:
    due, n = facts.on(LimitKind.PLAN), len(facts.problems)
    return Notice(
        facts.said(gettext("请报整改方案"), gettext("等对方报方案")),
        facts.said(
            gettext("%(due)s前报方案，%(n)s项都要写清原因、办法、谁负责、哪天办成。", due=due, n=n),
            gettext("%(due)s前报来。", due=due),
        ),
    )


def _under_review(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.REVIEW)
    return Notice(
        facts.said(gettext("方案已报，等上级审"), gettext("请审方案")),
        facts.said(
            gettext("上级%(due)s前答复。", due=due), gettext("%(due)s前答复，通过或退回都写明。", due=due)
        ),
    )


def _returned(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.PLAN)
    return Notice(
        facts.said(gettext("方案退回了，请改好再报"), gettext("方案已退回，等对方重报")),
        gettext("%(due)s前重报。理由见经过。", due=due),
    )


def _rectifying(facts: _Facts) -> Notice:
    left = [one for one in facts.problems if one.state == ProblemState.OPEN]
    due = min((one for one in facts.work_days if one >= facts.today), default=None)
    if facts.order.kind == "reminder":
        return Notice(
            facts.said(gettext("请照打算改进"), gettext("等对方报改进情况")),
            gettext("%(due)s前报一次改进情况。", due=facts.words(due)),
        )
    if not left:
        due = facts.due.get(LimitKind.REPORT)
        return Notice(
            facts.said(gettext("请交整改报告"), gettext("等对方交整改报告")),
            gettext("各项都报了完成，%(due)s前交报告。", due=facts.words(due)),
        )
    heading = facts.said(gettext("照方案整改，做完一项报一项"), gettext("对方正在整改"))
    if due is None:
        return Notice(heading, gettext("%(n)s项还没有报完成。", n=len(left)))
    said = gettext("%(n)s项还没有报完成，下一个期限%(due)s。", n=len(left), due=facts.words(due))
    return Notice(heading, said)


def _awaiting(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.INSPECTION)
    return Notice(
        facts.said(gettext("等上级来复查，请备好佐证"), gettext("请安排复查")),
        facts.said(
            gettext("复查在%(due)s前。", due=due),
            gettext("%(due)s前复查，至少两人，签发人不能参加。", due=due),
        ),
    )


def _inspection_failed(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.COMPLETION)
    return Notice(
        facts.said(gettext("第%(n)s项没通过", n=facts.failed), gettext("已退回重改")),
        facts.said(
            gettext("理由见经过。新期限%(due)s。", due=due),
            gettext("第%(n)s项没通过，新期限%(due)s。", n=facts.failed, due=due),
        ),
    )


def _passed(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.REEVALUATION)
    return Notice(
        facts.said(gettext("复查通过，还要请会员再评一次"), gettext("请安排会员再评")),
        gettext("%(due)s前再评。会员说行，才算行。", due=due),
    )


def _voting(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.REEVALUATION)
    return Notice(
        facts.said(gettext("会员正在再评"), gettext("等会员再评")),
        facts.said(gettext("开箱前看不到结果。"), gettext("%(due)s截止。", due=due)),
    )


def _vote_short(facts: _Facts) -> Notice:
    due = facts.on(LimitKind.DECISION)
    return Notice(
        facts.said(gettext("会员再评没有到合格，等上级决定"), gettext("会员再评没有到合格，请决定")),
        facts.said(
            gettext("上级%(due)s前决定：写明理由销号，或者退回重新整改。", due=due),
            gettext(
                "%(due)s前决定。销号要写明理由，公开页上写着；退回的给新期限。复查过的人不能决定销号。",
                due=due,
            ),
        ),
    )


def _noted(facts: _Facts) -> Notice:
    return Notice(
        facts.said(gettext("改进情况已报，等上级看"), gettext("请看改进情况")),
        facts.said(gettext("看过以后办结。"), gettext("说清楚了就办结，不够请对方补充。")),
    )


def _closed(facts: _Facts) -> Notice:
    order = facts.order
    start = order.served_on or order.closed_on
    days = (order.closed_on - start).days if order.closed_on and start else 0
    if order.kind == "reminder":
        return Notice(gettext("已办结"), gettext("用时%(days)s天。", days=days))
    n = len(facts.problems)
    return Notice(gettext("已销号"), gettext("%(n)s项都已销号，用时%(days)s天。", n=n, days=days))


def _withdrawn(facts: _Facts) -> Notice:
    return Notice(gettext("已撤销"), facts.order.reason)


def _refused(facts: _Facts) -> Notice:
    return Notice(gettext("决定不签发"), facts.order.reason)


_SENTENCES = {
    S.DRAFT: _draft,
    S.AWAITING_SIGNATURE: _draft,
    S.REFUSED: _refused,
    S.SERVED: _served,
    S.PLAN_DUE: _plan_due,
    S.PLAN_UNDER_REVIEW: _under_review,
    S.PLAN_RETURNED: _returned,
    S.RECTIFYING: _rectifying,
    S.AWAITING_INSPECTION: _awaiting,
    S.INSPECTION_FAILED: _inspection_failed,
    S.PASSED: _passed,
    S.REEVALUATION: _voting,
    S.VOTE_SHORT: _vote_short,
    S.NOTED: _noted,
    S.CLOSED: _closed,
    S.WITHDRAWN: _withdrawn,
}
