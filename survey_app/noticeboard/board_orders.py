"""The orders on the notice-board sheet: number, plan, progress, what is late, second vote, end, pictures."""

from __future__ import annotations

from collections.abc import Sequence

from survey_app.core.files import FileStore
from survey_app.papers.board_sheet import BoardOrder, BoardPicture, BoardProblem
from survey_app.papers.wording import long_date
from survey_app.rectification.models import Evidence, OrderKind, OrderState
from survey_app.rectification.pictures import for_paper
from survey_app.rectification.public_story import PublicOrder, PublicProblem
from survey_app.results.reading import class_tag

MOST_PICTURES = 4
GRADES = {
    "model_eligible": "可申报",
    "qualified": "合格",
    "qualified_reminder": "合格·提醒",
    "insufficient_evidence": "证据不足",
    "dissatisfied": "不满意",
    "held": "暂停，待核实",
    "turnout_short": "参评不足",
    "not_rated": "未评定",
}
STATES = {
    "rectifying": "整改中",
    "reported": "已整改，待复查",
    "inspection_failed": "复查未过",
    "verified": "复查通过",
    "long_term": "长期坚持",
    "closed": "已销号",
}


def board_orders(orders: Sequence[PublicOrder]) -> tuple[BoardOrder, ...]:
    """Every order of the page in words; a paper always writes the year."""
    return tuple(
        BoardOrder(
            said=_issued(order),
            problems=tuple(_problem(order, one) for one in order.problems),
            after=_after(order),
        )
        for order in orders
    )


def overdue_words(orders: Sequence[PublicOrder]) -> str:
    """How much is late and since when; a plan or report that is late has no problem of its own."""
    late = [one.overdue_since for order in orders for one in order.problems if one.overdue_since]
    if late:
        return f"{len(late)}项逾期，最早从{long_date(min(late))}起。"
    since = [order.overdue_since for order in orders if order.overdue_since]
    return f"{long_date(min(since))}起逾期。" if since else ""


def board_pictures(orders: Sequence[PublicOrder], files: FileStore) -> tuple[tuple[BoardPicture, ...], bool]:
    """The first pictures of the page, those of problems before those of the board; whether it has more."""
    found: list[tuple[Evidence, str]] = [
        (row, one.duty) for order in orders for one in order.problems for row in one.pictures
    ]
    found += [(row, "公告栏") for order in orders for row in order.displays]
    shown = tuple(
        BoardPicture(for_paper(files.get(row.reduced)), words, f"{long_date(row.own_date)}拍")
        for row, words in found[:MOST_PICTURES]
    )
    return shown, len(found) > MOST_PICTURES


def _issued(order: PublicOrder) -> str:
    if order.issued_on is None:
        return ""
    if order.kind == OrderKind.REMINDER:
        return f"{order.lead}{long_date(order.issued_on)}发了提醒函。"
    issued = f"{order.lead}{long_date(order.issued_on)}发了限期整改通知，{order.number}。"
    if order.plan_approved_on:
        return f"{issued}整改方案{long_date(order.plan_approved_on)}通过。"
    if order.plan_handed_in_on:
        return f"{issued}整改方案{long_date(order.plan_handed_in_on)}报了，等上级审。"
    return f"{issued}整改方案还没有报。"


def _problem(order: PublicOrder, problem: PublicProblem) -> BoardProblem:
    told = []
    if problem.measure:
        by = f"（{long_date(problem.planned_on)}办成）" if problem.planned_on else ""
        told.append(f"打算：{problem.measure}{by}")
    if problem.done:
        told.append(f"做了：{problem.done}")
    elif problem.progress:
        day, words = problem.progress
        told.append(f"{long_date(day)}：{words}")
    return BoardProblem(problem.duty, tuple(told), _standing(order, problem))


def _standing(order: PublicOrder, problem: PublicProblem) -> tuple[str, ...]:
    if problem.overdue_since:
        return ("逾期", f"从{long_date(problem.overdue_since)}起")
    if order.kind == OrderKind.REMINDER and order.state == OrderState.CLOSED:
        return ("已办结",)
    due = (f"{long_date(problem.due_on)}到期",) if problem.due_on else ()
    return (STATES.get(problem.state, ""), *due)


def _after(order: PublicOrder) -> tuple[str, ...]:
    note = f"{long_date(order.note[0])}报的改进情况：{order.note[1]}" if order.note else ""
    return tuple(line for line in (note, _second_vote(order), _ending(order)) if line)


def _second_vote(order: PublicOrder) -> str:
    vote = order.second_vote
    if vote is None:
        waits = order.kind == OrderKind.RECTIFICATION and order.state != OrderState.CLOSED
        return "整改完，还要请会员再评一次。会员说行，才算行。" if waits else ""
    said = f"会员再评：{long_date(vote.opens_on)}到{long_date(vote.closes_on)}。"
    if not vote.rating_class:
        return said
    before, after = (GRADES[class_tag(name, reminder=False)] for name in (order.before, vote.rating_class))
    return f"{said}再评以前：{before}；再评以后：{after}。"


def _ending(order: PublicOrder) -> str:
    if order.state != OrderState.CLOSED or order.closed_on is None:
        return ""
    reminder = order.kind == OrderKind.REMINDER
    ended = f"{long_date(order.closed_on)}{'办结' if reminder else '销号'}。"
    if order.closed_by_rule or not order.close_ground:
        return ended
    return f"{ended}{'' if reminder else '销号的理由：'}{order.close_ground}"
