"""How a score came about, step by step, with numbers that add up on a pocket calculator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scoring import Percent, Rating, ReasonCode, ShownQuestion, ShownRating, Suppressed
from scoring.decision import BY_BOUNDS, Gate
from scoring.shown import ClassRow, ShownBounds, ShownWorstCase
from survey_app.results.figures import printed
from survey_app.results.reading import portion
from survey_app.results.view import ResultView
from survey_app.web.i18n import gettext


@dataclass(frozen=True)
class Condition:
    """One gate: what is asked, how it is here, whether it holds."""

    text: str
    here: str
    passed: bool


@dataclass(frozen=True)
class ClassTable:
    """The classes with the sums of their columns."""

    rows: tuple[ClassRow, ...]
    roster: int | None
    ballots: int
    opinions: int
    favourable: int
    weighted_opinions: float
    weighted_favourable: float


def conditions(view: ResultView) -> list[Condition]:
    """The gates of the rating in the order in which they are asked."""
    gates = list(_telling(view.rating))
    of_ballots = next((gate for gate in gates if gate.code is ReasonCode.I1), None)
    return [
        _opinions(gate, view.shown)
        if gate.code is ReasonCode.I1 and gate is not of_ballots
        else _condition(gate, view.shown)
        for gate in gates
    ]


def _telling(rating: Rating) -> Iterator[Gate]:
    """All gates, of the two about I1 both; a home of fewer than ten members needs only that one."""
    for gate in rating.gates:
        yield gate
        if gate.code is ReasonCode.I0 and not gate.passed:
            return


def _condition(gate: Gate, shown: ShownRating) -> Condition:
    write = {
        ReasonCode.H1: _fits,
        ReasonCode.I0: _members,
        ReasonCode.I1: _ballots,
        ReasonCode.I2: _turnout,
        ReasonCode.I3: _unknown,
        ReasonCode.I4: _groups,
    }[gate.code]
    text, here = write(gate, shown)
    return Condition(text, here, gate.passed)


def _fits(gate: Gate, _shown: ShownRating) -> tuple[str, str]:
    return gettext("每一类的票都不多于人数"), gettext("是") if gate.passed else gettext("不是")


def _members(gate: Gate, _shown: ShownRating) -> tuple[str, str]:
    text = gettext("会员不少于%(n)s人", n=f"{gate.limit:g}")
    return text, gettext("%(n)s人", n=gate.numerator)


def _ballots(gate: Gate, _shown: ShownRating) -> tuple[str, str]:
    text = gettext("有效票不少于%(n)s张", n=f"{gate.limit:g}")
    return text, gettext("%(n)s张", n=gate.numerator)


def _opinions(gate: Gate, shown: ShownRating) -> Condition:
    text = gettext("对总的评价有看法的不少于%(n)s票", n=f"{gate.limit:g}")
    # Where the rate is masked, how many had an opinion would give the masked counts away.
    here = gettext("%(n)s票", n=gate.numerator) if isinstance(shown.bounds, ShownBounds) else "—"
    return Condition(text, here if here != "—" else _short(gate), gate.passed)


def _short(gate: Gate) -> str:
    return gettext("够") if gate.passed else gettext("不够")


def _turnout(gate: Gate, _shown: ShownRating) -> tuple[str, str]:
    limit = f"{100 * gate.limit:.4g}"
    sum_ = f"{gate.numerator} ÷ {gate.denominator} = {100 * (gate.value or 0):.2f}%"
    return gettext("参评率不低于%(limit)s%%", limit=limit), sum_


def _unknown(gate: Gate, shown: ShownRating) -> tuple[str, str]:
    text = gettext("“不了解”和没答的不超过%(limit)s", limit=portion(gate.limit))
    if gate.value is None or not isinstance(shown.bounds, ShownBounds):
        return text, _short_unknown(gate)
    return text, gettext("%(share)s（折算）", share=f"{100 * gate.value:.2f}%")


def _short_unknown(gate: Gate) -> str:
    return gettext("没超过") if gate.passed else gettext("超过了")


def _groups(gate: Gate, _shown: ShownRating) -> tuple[str, str]:
    text = gettext("没有哪一类人几乎没来")
    if gate.value is None:
        return text, gettext("不分类")
    share = f"{100 * gate.value:.2f}%"
    return text, gettext("最低%(share)s（%(group)s）", share=share, group=gate.group)


def class_table(view: ResultView) -> ClassTable | None:
    """The table of classes, or nothing where it may not be shown."""
    rows = view.shown.classes
    if isinstance(rows, Suppressed):
        return None
    known = [row.roster for row in rows]
    return ClassTable(
        rows=rows,
        roster=None if None in known else sum(size or 0 for size in known),
        ballots=sum(row.ballots for row in rows),
        opinions=sum(row.opinions for row in rows),
        favourable=sum(row.favourable for row in rows),
        weighted_opinions=sum(row.weighted_opinions for row in rows),
        weighted_favourable=sum(row.weighted_favourable for row in rows),
    )


@dataclass(frozen=True)
class Division:
    """Both rates as a quotient of two printed numbers; empty where only counts may be shown."""

    weighted: str
    weighted_sum: str
    raw: str
    raw_sum: str
    strict: str
    strict_raw: str
    strict_sum: str


def division(view: ResultView) -> Division | None:
    """The rates with the sums they come from."""
    overall, combined, strict = view.shown.overall, view.rating.combined, view.rating.strict
    if not isinstance(overall, ShownQuestion) or combined is None or strict is None:
        return None
    if not isinstance(overall.combined, Percent) or overall.combined.weighted is None:
        return None
    strict_shown = isinstance(overall.strict, Percent) and overall.strict.weighted is not None
    return Division(
        weighted=f"{overall.combined.weighted:.2f}%",
        weighted_sum=f"{combined.weighted_count:.2f} ÷ {combined.weighted_base:.2f}",
        raw=f"{overall.combined.raw:.2f}%",
        raw_sum=f"{combined.count} ÷ {combined.base}",
        strict=f"{100 * strict.weighted:.2f}%" if strict_shown else "",
        strict_raw=f"{100 * strict.raw:.2f}%" if strict_shown else "",
        strict_sum=f"{strict.count} ÷ {strict.base}" if strict_shown else "",
    )


@dataclass(frozen=True)
class ErrorRange:
    """Rate, range and effective ballots as they are printed, with as many decimals as may be shown."""

    p: str
    low: str
    high: str
    n_effective: str
    alpha: str  # each end is missed in at most so many of a hundred cases
    silent: int  # members without a ballot
    below: str  # what counting classes together adds at each end; empty where nothing was
    above: str


def error_range(view: ResultView) -> ErrorRange | None:
    """The error range in print; nothing where it is hidden or where everybody answered."""
    bounds, turnout = view.shown.bounds, view.rating.turnout
    if not isinstance(bounds, ShownBounds) or bounds.full_count:
        return None
    widened = bool(bounds.below or bounds.above)
    return ErrorRange(
        p=printed(bounds.p, bounds),
        low=printed(bounds.low, bounds),
        high=printed(bounds.high, bounds),
        n_effective=f"{bounds.n_effective:.1f}",
        alpha=f"{100 * view.rating.parameters.alpha:g}",
        silent=turnout.members - turnout.ballots,
        below=printed(bounds.below, bounds) if widened else "",
        above=printed(bounds.above, bounds) if widened else "",
    )


@dataclass(frozen=True)
class Extremes:
    """The rate if all the silent were against, or all in favour, as sums; and where it would turn."""

    low_sum: str
    low: str
    high_sum: str
    high: str
    tipping: str
    decides: bool  # a gate failed, and these two are what still may give a class


def extremes(view: ResultView) -> Extremes | None:
    """Worst and best case with their arithmetic, and the tipping point where it means something."""
    worst, turnout, bounds = view.shown.worst_case, view.rating.turnout, view.shown.bounds
    if not isinstance(worst, ShownWorstCase) or not isinstance(bounds, ShownBounds) or not turnout.silent:
        return None
    silent = turnout.members - turnout.ballots
    aside = turnout.unknown + turnout.blank
    tip = worst.tipping_point
    return Extremes(
        low_sum=f"{turnout.favourable} ÷ {turnout.members}",
        low=f"{printed(worst.low, bounds)}%",
        high_sum=gettext(
            "（%(a)s＋%(b)s＋%(c)s）÷ %(n)s", a=turnout.favourable, b=silent, c=aside, n=turnout.members
        ),
        high=f"{printed(worst.high, bounds)}%",
        tipping=f"{100 * tip:.0f}%" if tip is not None and 0 <= tip <= 1 else "",
        decides=view.rating.reason not in BY_BOUNDS,
    )


def turning_sentence(view: ResultView) -> str:
    """For officers: how unequal the readiness to answer would have to be for the verdict to turn.

    No weighting can see it (docs/method.md).
    """
    delta = view.shown.delta_to_line
    if isinstance(delta, Suppressed) or delta == 0:  # nobody is dissatisfied, so nobody's readiness matters
        return ""
    ratio, line = f"{delta:.2f}", f"{100 * view.rating.parameters.t_bad:g}"
    return gettext(
        "不满意的会员交票的可能若是满意会员的%(ratio)s倍，真实的综合满意率就正好在%(line)s；这一点折算看不出来。",
        ratio=ratio,
        line=line,
    )
