"""What followed from the finished rounds: confirmations and publications, home by home, each on its day."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.demo import orders
from survey_app.demo.rounds import Played
from survey_app.demo.stage import Stage, actor_named
from survey_app.demo.story import HOMES, INDUSTRY, LATE, RATED, DemoHome
from survey_app.noticeboard.operations import answer_comment, save_page
from survey_app.noticeboard.queries import words_to_answer
from survey_app.results.comments import Reviewable, comments_to_review, release
from survey_app.results.models import Result, ResultState
from survey_app.results.operations import confirm, publish, raise_objection
from survey_app.units.models import Unit

CONFIRMED, PUBLISHED_LATER = 54, 2
# Homes whose officer took longer, so that their orders stand at an earlier stage today.
CONFIRMED_LATE = {"plan_under_review": 24, "served": 9, "proposed": 6}
LEFT_FINAL = {"proposed"}
REVIEWED, ANSWERED = 40, 37

PAGE = {
    "place": "厂区东门办公楼一层103室，门口挂牌",
    "hours": "周一至周五8:30–17:30，周二、周四开到20:30",
    "chair_name": "工会主席",
    "chair_phone": "010-0000-0000",
    "chair_email": "gh@example.org",
    "reception": "每月第一个星期三下午",
    "rules": "人员分工\n主席接待日办法\n帮扶回访办法\n场地使用办法",
    "services": "困难帮扶\n劳动争议调解\n职工书屋\n技能培训\n文体活动\n法律咨询",
    "procedures": "申请困难帮扶\n到103室领表，或者打电话\n三天内上门了解情况\n会员小组议一议\n七天内答复\n\n"
    "劳动争议求助\n来人来电都可以\n工会当天找双方了解\n调解；不成的，请法律援助",
}
ANSWERS = {
    "换班的时候去办事，门老锁着。": "从10月20日起，每周二、周四开到20:30。",
    "图书室的书多少年没换了。": "新书120册，11月底到；想看什么，写在书屋的本子上。",
    "意见提了，过几个月也没人说行还是不行。": "意见箱每周开一次，十个工作日内答复，贴在宣传栏。",
    "夜班没有地方热饭，请给休息室添个微波炉。": "已添两台，放在二车间休息室。",
    "暑期托管班帮了双职工大忙。": "明年接着办，名额加到40个。",
}

STORIES: dict[str, Callable[[Stage, orders.Case], None]] = {
    "overdue": orders.overdue,
    "rectifying": orders.rectifying,
    "plan_under_review": orders.plan_under_review,
    "served": orders.served,
    "passed": orders.passed,
    "awaiting_inspection": orders.awaiting_inspection,
    "reminder_closed": orders.reminder_closed,
    "proposed": orders.proposed,
}


def play_out(stage: Stage) -> None:
    """Confirm after the objection window, publish, and let every order run its part."""
    for number, home in enumerate(RATED, start=1):
        days_ago = CONFIRMED_LATE.get(home.fate, CONFIRMED)
        stage.at(days_ago)
        with stage.writing() as session:
            result = _result(session, home)
            if result.state != ResultState.PROVISIONAL:
                continue
            confirm(
                session,
                _officer(session, home),
                result,
                version=result.version,
                reason=_why(result),
                at=stage.now,
            )
        stage.at(days_ago - PUBLISHED_LATER)
        if home.fate not in LEFT_FINAL:
            with stage.writing() as session:
                publish(session, _officer(session, home), _result(session, home), at=stage.now)
        if home.fate in STORIES:
            STORIES[home.fate](stage, orders.Case(home, f"zhuxi{number}", _login(home)))
    orders.let_days_pass(stage)
    review_words(stage)
    show_homes(stage)


def object_to(stage: Stage, played: Played) -> None:
    """The chair of the late home objects; another officer will have to decide."""
    number = HOMES.index(LATE[0]) + 1
    stage.at(5)
    with stage.writing() as session:
        chair = actor_named(session, f"zhuxi{number}", Role.CHAIR)
        result = session.scalars(select(Result).where(Result.round_id == played.round_id)).one()
        text = "投票那周有两个队在外地执勤，手机没有信号，想投没投成。请上级核实，能不能补评一次。"
        raise_objection(session, chair, result, text=text, at=stage.now)


def review_words(stage: Stage) -> None:
    """Most homes' words are reviewed, names masked; the home with the order overdue still waits."""
    for home in RATED:
        if home.fate in {"overdue", "served"}:
            continue
        stage.at(REVIEWED)
        with stage.writing() as session:
            officer = _officer(session, home)
            for one in _words(session, officer, home):
                release(session, officer, one.comment, text=one.proposal, at=stage.now)


def show_homes(stage: Stage) -> None:
    """The chairs fill their public page and answer two things members said."""
    for number, home in enumerate(HOMES, start=1):
        stage.at(ANSWERED)
        with stage.writing() as session:
            chair = actor_named(session, f"zhuxi{number}", Role.CHAIR)
            unit = session.scalars(select(Unit).where(Unit.name == home.name)).one()
            save_page(session, chair, unit.id, values=PAGE, version=0, at=stage.now)
            for comment in words_to_answer(session, chair)[:2]:
                answer = ANSWERS.get(comment.original, "已经记下，下次会员小组会上答复。")
                answer_comment(session, chair, comment, answer=answer, at=stage.now)


def _words(session: Session, officer: Actor, home: DemoHome) -> list[Reviewable]:
    result = _result(session, home)
    return comments_to_review(session, officer, result.round_id, result.home_id)


def _why(result: Result) -> str:
    two_sides = "V1" in result.marks
    return "两个数的差别来自参评少的一类，按办法以折算的数为准。" if two_sides else ""


def _login(home: DemoHome) -> str:
    return "chanye" if home.parent == INDUSTRY else "quzong"


def _officer(session: Session, home: DemoHome) -> Actor:
    return actor_named(session, _login(home), Role.OFFICER)


def _result(session: Session, home: DemoHome) -> Result:
    return session.scalars(
        select(Result).join(Unit, Unit.id == Result.home_id).where(Unit.name == home.name)
    ).one()
