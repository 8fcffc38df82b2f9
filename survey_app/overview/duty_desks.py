"""The desks of people with a duty in a round, and of the administrator: what to do now, with one link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.core.actor import Actor, Role
from survey_app.counting.custody import Step, custody_of
from survey_app.outbox.messages import unread
from survey_app.outbox.models import Job
from survey_app.rounds.models import Round, RoundState
from survey_app.rounds.queries import visible_rounds
from survey_app.units.models import Line
from survey_app.units.queries import scope
from survey_app.web.i18n import gettext

TO_OPEN = frozenset({Step.OPEN, Step.RESUME, Step.DESTROY})
TO_PREPARE = frozenset({Step.MAKE_KEY, Step.REHEARSE})
TRIES_BEFORE_TOLD = 3


@dataclass(frozen=True)
class Duty:
    """One thing this person does: a sentence, the link with its button, and whether it waits for him now."""

    heading: str
    sentence: str
    act: str
    endpoint: str
    values: dict[str, object]
    now: bool = True


@dataclass(frozen=True)
class DutyDesk:
    """What stands on the desk: the round it belongs to, the duty now, what can be looked at besides."""

    round: Round | None
    duties: list[Duty]
    unread: int


def duty_desk(session: Session, actor: Actor, at: datetime) -> DutyDesk:
    """The desk of a custodian, the working group, a teller or the administrator."""
    round_ = session.scalars(visible_rounds(session, actor)).first() if actor.round_id else None
    make = {
        Role.CUSTODIAN: _custodian,
        Role.WORKING_GROUP: _working_group,
        Role.TELLER: _teller,
        Role.ADMINISTRATOR: _administrator,
    }[actor.role]
    return DutyDesk(round_, make(session, actor, round_, at), unread(session, actor.post_id))


def _custodian(session: Session, actor: Actor, round_: Round | None, at: datetime) -> list[Duty]:
    if round_ is None:
        return []
    view = custody_of(session, round_, actor.account_id, at=at)
    names = _listed(view.awaited)
    others = [keeper.name for keeper in view.keepers if keeper.account_id != actor.account_id]
    sentences = {
        Step.MAKE_KEY: gettext(
            "请做开箱钥匙、打印口令条，再试开一次：拿一张假票试，证明口令条没有抄错。没有钥匙，评议不能开始。"
        ),
        Step.REHEARSE: gettext(
            "开箱钥匙做好了，请您也照着口令条试开一次：拿一张假票试，证明口令条没有抄错。每一位都试开过，评议才能准备。"
        ),
        Step.WAIT: _keeps_slip(round_, names),
        Step.OPEN: _opens_with(others),
        Step.COUNTING: gettext("正在开箱，开完这里会告诉您。"),
        Step.RESUME: gettext("上次开箱停下了。请和%(names)s一起，再输入一次口令。", names=_listed(others)),
        Step.DESTROY: gettext("箱开完了。请撕毁您的口令条，再来确认。"),
        Step.WAIT_FOR_OTHERS: gettext("您已确认撕毁口令条。在等%(names)s确认，然后才出结果。", names=names),
        Step.DONE: gettext("开箱已完成。协议页可以打印签字。"),
        Step.CANCELLED: gettext("这一轮取消了。口令条请撕掉。"),
    }
    waits = view.step in TO_OPEN or view.step in TO_PREPARE
    values: dict[str, object] = {"round_id": round_.id}
    go = gettext("去开箱页")
    return [Duty(gettext("开箱"), sentences[view.step], go, "counting.custody", values, waits)]


def _listed(names: Sequence[str]) -> str:
    return gettext("、").join(names)


def _opens_with(others: Sequence[str]) -> str:
    """The sentence for the day of the opening; of three or more custodians only two hold a half."""
    if len(others) > 1:
        return gettext(
            "投票已结束。请和%(names)s一起到场开箱，由拿口令条的两位各输入一半口令。", names=_listed(others)
        )
    return gettext("投票已结束。请和%(names)s一起，各输入一半口令开箱。", names=_listed(others))


def _keeps_slip(round_: Round, awaited: str) -> str:
    """The sentence for a custodian who has made and tried the key: whom it waits for, or the slip."""
    if awaited:
        return gettext("您已经试开过。在等%(names)s用自己的账号试开，然后才能准备评议。", names=awaited)
    if round_.state == RoundState.VOTING:
        return gettext("正在投票。请保管好您的半张口令条，开箱前谁都看不到票。")
    return gettext("钥匙做好了。请保管好您的半张口令条，开箱那天带来。")


def _working_group(_session: Session, actor: Actor, round_: Round | None, _at: datetime) -> list[Duty]:
    state = RoundState(round_.state) if round_ else RoundState.CANCELLED
    values: dict[str, object] = {"round_id": actor.round_id or "", "home_id": actor.unit_id}
    if state == RoundState.CLOSED:
        count = gettext("投票已结束，不再发票条。请点清实到人数和信封里剩下的票卡。")
        return [Duty(gettext("点清"), count, gettext("去发放台"), "invitations.desk", values)]
    if state not in (RoundState.READY, RoundState.VOTING):
        early = state in (RoundState.DRAFT, RoundState.PREPARING)
        sentence = (
            gettext("票条还没准备好，准备好了会发消息给您。")
            if early
            else gettext("投票已结束，不再发票条。")
        )
        return [Duty(gettext("发票条"), sentence, "", "", {}, now=False)]
    sentence = gettext("请打印票条，一人一张发给会员：上面印着投票的二维码，没有姓名。主席不经手票条。")
    slips = Duty(gettext("发票条"), sentence, gettext("去打印票条"), "invitations.slips", values)
    cards = gettext(
        "会员凭会员号来换票卡或纸质票，一次一位。票卡装在信封里，由会员自己抽，不对着名字。票条丢了的，请他找上级工会换一张。"
    )
    return [slips, Duty(gettext("发放"), cards, gettext("去发放"), "invitations.desk", values, now=False)]


def _teller(_session: Session, _actor: Actor, round_: Round | None, _at: datetime) -> list[Duty]:
    closed = round_ is not None and round_.state == RoundState.CLOSED
    sentence = (
        gettext("收票结束了。纸质票由两位计票人各录一遍，录完再开箱。")
        if closed
        else gettext("收票结束以后才录纸质票，现在没有要您办的事。")
    )
    return [Duty(gettext("录纸质票"), sentence, gettext("去录票"), "paper.my_home", {}, now=closed)]


def _administrator(session: Session, actor: Actor, _round: Round | None, _at: datetime) -> list[Duty]:
    mine = scope(actor, Line.AFFILIATION)
    held = select(Post).where(Post.until.is_(None), Post.unit_id.in_(mine)).subquery()
    open_ones = select(func.count()).where(Account.disabled_at.is_(None))
    people = session.scalar(open_ones.where(Account.id.in_(select(held.c.account_id)))) or 0
    posts = session.scalar(select(func.count()).select_from(held)) or 0
    # A job that has failed again and again waits for another try: nobody should have to wait to be told.
    stuck = or_(Job.state == "failed", and_(Job.error.is_not(None), Job.attempts >= TRIES_BEFORE_TOLD))
    failed = session.scalar(select(func.count()).where(stuck)) or 0
    jobs = (
        gettext("有%(n)s件后台任务没有办成，请看日志。", n=failed)
        if failed
        else gettext("后台任务都办成了。谁做过什么，都在日志里。")
    )
    return [
        Duty(
            gettext("账号"),
            gettext(
                "%(people)s个账号，%(posts)s个身份。新主席的首次密码在这里打印。", people=people, posts=posts
            ),
            gettext("去管账号"),
            "accounts.index",
            {},
        ),
        Duty(
            gettext("工作日历"),
            gettext("国务院办公厅的放假通知一公布，请导入，期限会重新推算。"),
            gettext("去看日历"),
            "holidays.index",
            {},
            now=False,
        ),
        Duty(gettext("日志"), jobs, gettext("去看日志"), "journal.index", {}, now=failed > 0),
    ]
