"""Flags in plain sentences with their numbers, as the superior reads them: 建议核查.

Every reading of a flag stands here and asks first who reads; a test holds the other rooms to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from scoring.forgery import Sign
from survey_app.core.actor import Actor, Role
from survey_app.results.models import Result, ResultFlag
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l

SUPERIORS = frozenset({Role.OFFICER, Role.AUDITOR})
NUMBERS_FROM = 30  # below, a share close to all or none would tell how single members answered
ANY = "any"

SIGN_TITLES = {
    Sign.PATTERNS: _l("答案雷同的票多"),
    Sign.STRAIGHT: _l("每题同一个答案的票多"),
    Sign.ALL_TOP: _l("每题都满意的票多"),
    Sign.CORNER: _l("人人参评，人人满意"),
    Sign.NO_NOISE: _l("没有一点不同意见"),
    Sign.CONTRADICTION: _l("总评和各题相反的票多"),
    Sign.ONE_GROUP: _l("只有一类人员来齐"),
    Sign.JUMP: _l("和上年相差太大"),
}


@dataclass(frozen=True)
class FlagLine:
    """One flag as it is read: what was noticed, and the numbers behind it."""

    title: str
    sentence: str


def flags_of(session: Session, actor: Actor, result: Result) -> list[FlagLine]:
    """The flags of a result for its superiors; nobody else is ever given one."""
    if actor.role not in SUPERIORS:
        return []
    rows = session.scalars(
        select(ResultFlag).where(ResultFlag.result_id == result.id).order_by(ResultFlag.sign)
    )
    few = result.ballots is None or result.ballots < NUMBERS_FROM
    return [_line(row, few=few) for row in rows]


def with_flag(actor: Actor, check: str) -> Select[int]:
    """Ids of results with one sign, or with any; none for who is no superior."""
    statement = select(ResultFlag.result_id)
    if actor.role not in SUPERIORS:
        return statement.where(false())
    return statement if check == ANY else statement.where(ResultFlag.sign == check)


def flagged_ids(session: Session, actor: Actor, result_ids: Collection[int]) -> set[int]:
    """Which of these results carry a flag, for superiors."""
    if actor.role not in SUPERIORS:
        return set()
    return set(
        session.scalars(select(ResultFlag.result_id).where(ResultFlag.result_id.in_(result_ids)).distinct())
    )


def flag_counts(session: Session, actor: Actor, results: Select[int]) -> dict[str, int]:
    """How many of these results carry each sign, for superiors."""
    if actor.role not in SUPERIORS:
        return {}
    rows = session.execute(
        select(ResultFlag.sign, func.count())
        .where(ResultFlag.result_id.in_(results))
        .group_by(ResultFlag.sign)
    )
    return {row[0]: row[1] for row in rows}


def _line(flag: ResultFlag, *, few: bool) -> FlagLine:
    sign = Sign(flag.sign)
    if few and sign not in (Sign.JUMP, Sign.ONE_GROUP):
        sentence = gettext("比大小和满意率相近的单位明显多。有效票不足30张，不写数。")
    else:
        sentence = _SENTENCES[sign](flag.observed, flag.expected)
    return FlagLine(str(SIGN_TITLES[sign]), sentence)


def _share(value: float) -> str:
    return f"{100 * value:.0f}%"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1 else gettext("不到%(n)s", n=1)


def _patterns(observed: float, expected: float) -> str:
    return gettext(
        "有%(n)s对票的答案一模一样，满意率相近的单位按票数算约有%(m)s对。",
        n=f"{observed:.0f}",
        m=_number(expected),
    )


def _straight(observed: float, expected: float) -> str:
    return gettext(
        "%(share)s的票从头到尾一个答案，大小和满意率相近的单位约%(usual)s。",
        share=_share(observed),
        usual=_share(expected),
    )


def _all_top(observed: float, expected: float) -> str:
    return gettext(
        "%(share)s的票每题都是“满意”，大小和满意率相近的单位约%(usual)s。",
        share=_share(observed),
        usual=_share(expected),
    )


def _corner(observed: float, _expected: float) -> str:
    return gettext(
        "参评率在98%%以上，综合满意率%(rate)s。大单位里两样都接近全部的很少。", rate=f"{100 * observed:.1f}%"
    )


def _no_noise(_observed: float, expected: float) -> str:
    return gettext(
        "没有一张票有一题“不满意”“不了解”或者没填，满意率相近的单位按票数算约有%(m)s处。",
        m=_number(expected),
    )


def _contradiction(observed: float, expected: float) -> str:
    return gettext(
        "%(share)s的票总的评价和15道以上的题相反，全部单位合起来约%(usual)s。",
        share=_share(observed),
        usual=f"{100 * expected:.1f}%",
    )


def _one_group(_observed: float, expected: float) -> str:
    return gettext("有一类人员全部参评，其他各类参评最多的也只有%(share)s。", share=_share(expected))


def _jump(observed: float, _expected: float) -> str:
    words = {"n": f"{abs(observed):.0f}"}
    if observed > 0:
        return gettext("综合满意率比上年高出的部分，是抽样误差的%(n)s倍。", **words)
    return gettext("综合满意率比上年低出的部分，是抽样误差的%(n)s倍。", **words)


_SENTENCES: dict[Sign, Callable[[float, float], str]] = {
    Sign.PATTERNS: _patterns,
    Sign.STRAIGHT: _straight,
    Sign.ALL_TOP: _all_top,
    Sign.CORNER: _corner,
    Sign.NO_NOISE: _no_noise,
    Sign.CONTRADICTION: _contradiction,
    Sign.ONE_GROUP: _one_group,
    Sign.JUMP: _jump,
}
