"""How a figure that passed the disclosure rules is written; pages, files and charts all ask here.

A figure that may not be shown never becomes a number, an empty cell or a zero: it becomes its reason.
"""

from __future__ import annotations

from scoring import Band, Figure, Masked, Percent, Points, Score, Side, Suppressed, Why
from scoring.disclosure import COUNTS_FROM, FLOOR, precision
from scoring.sheet import QuestionKind
from scoring.shown import ShownBounds
from survey_app.web.i18n import Lazy, gettext
from survey_app.web.i18n import lazy_gettext as _l

REASONS: dict[Why, Lazy] = {
    Why.FEW_BALLOTS: _l("有效票不足10张，不显示"),
    Why.FEW_OPINIONS: _l("有看法的不足10票，不显示"),
    Why.MASKED: _l("为了保护填票的人，不显示"),
    Why.HELD: _l("核实前不显示"),
    Why.NOT_PUBLIC: _l("不对外公布"),
    Why.NOT_KNOWN: _l("这一项没有"),
}
ROUGHLY: dict[Band, Lazy] = {
    Band.VERY_FEW: _l("很少（不到20%）"),
    Band.FEW: _l("较少（20%–40%）"),
    Band.HALF: _l("一半左右（40%–60%）"),
    Band.MANY: _l("较多（60%–80%）"),
    Band.VERY_MANY: _l("很多（80%以上）"),
}
# Of a box that stayed shut nobody knows a valid ballot: every page and file says this, never 0 %.
UNOPENED = _l("没有开箱（不到10张票）")
SIDES: dict[Side, Lazy] = {Side.HIGH: _l("85%以上"), Side.LOW: _l("15%以下")}


def absence(missing: Suppressed, ballots: int | Suppressed) -> str:
    """Why a figure is not shown, in words."""
    several = isinstance(ballots, int) and FLOOR <= ballots < COUNTS_FROM
    if missing.reason is Why.FEW_BALLOTS and several:
        return gettext("有效票不足20张，只写大概")
    return str(REASONS[missing.reason])


def share_words(figure: Figure, ballots: int | Suppressed) -> str:
    """A share: with its percentage, as counts alone, masked, in words, or the reason of its absence."""
    if isinstance(figure, Percent):
        if figure.weighted is None or figure.digits is None:
            return gettext("%(base)s票中%(count)s票", base=figure.base, count=figure.count)
        return f"{figure.weighted:.{figure.digits}f}%"
    return _other_words(figure, ballots)


def raw_words(figure: Figure, ballots: int | Suppressed) -> str:
    """The same share on the raw count."""
    if isinstance(figure, Percent) and figure.raw is not None and figure.digits is not None:
        return f"{figure.raw:.{figure.digits}f}%"
    return share_words(figure, ballots)


def _other_words(figure: Masked | Band | Suppressed, ballots: int | Suppressed) -> str:
    if isinstance(figure, Masked):
        return str(SIDES[figure.side])
    if isinstance(figure, Band):
        return str(ROUGHLY[figure])
    return absence(figure, ballots)


def count_words(count: int | Masked | Suppressed, ballots: int | Suppressed) -> int | str:
    """A count, the range it lies in, or the reason of its absence."""
    if isinstance(count, Masked):
        if count.counts is not None:
            return f"{count.counts[0]}–{count.counts[1]}"
        return str(SIDES[count.side])
    return absence(count, ballots) if isinstance(count, Suppressed) else count


def score_words(score: Score, ballots: int | Suppressed) -> str:
    """Mean points from 0 to 100."""
    if isinstance(score, Points):
        return f"{score.value:.{score.digits}f}"
    return _other_words(score, ballots)


def printed(percent: float, bounds: ShownBounds, most: int = 2) -> str:
    """A figure of the error range, with the decimals that the size of the home allows: none under twenty."""
    return f"{percent:.{min(bounds.digits, most)}f}"


def rate_words(percent: float, ballots: int | None) -> str:
    """A weighted rate that may be shown, with the decimals of its size."""
    return f"{percent:.{_decimals(ballots)}f}%"


def range_words(low: float, high: float, ballots: int | None) -> str:
    """Its error range, likewise; never with ±, for it is not symmetric."""
    ends = (f"{end:.{_decimals(ballots)}f}" for end in (low, high))
    return gettext("%(low)s到%(high)s", **dict(zip(("low", "high"), ends, strict=True)))


def _decimals(ballots: int | None) -> int:
    return precision(QuestionKind.OVERALL, ballots or 0).digits or 0


def number_or_reason(value: float | int | Suppressed, ballots: int | Suppressed, digits: int = 0) -> str:
    """A plain number, or the reason of its absence."""
    return absence(value, ballots) if isinstance(value, Suppressed) else f"{value:.{digits}f}"


def turnout_words(value: float | Suppressed, ballots: int | Suppressed, *, unopened: bool) -> str:
    """The turnout, or that the box stayed shut."""
    return str(UNOPENED) if unopened else percent_or_reason(value, ballots)


def percent_or_reason(value: float | Suppressed, ballots: int | Suppressed) -> str:
    """A percentage with two decimals, or the reason of its absence."""
    return absence(value, ballots) if isinstance(value, Suppressed) else f"{value:.2f}%"
