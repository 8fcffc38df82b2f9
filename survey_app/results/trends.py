"""Years of a home beside each other, with a break where they cannot be compared; the change in words.

Works on what is shown of each year only: percent as printed and effective ballots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from scoring.comparison import Change, arrows, change
from scoring.uncertainty import limits
from survey_app.results import charts
from survey_app.results.charts import BandChart, BandRow, Drawing, RuleLine
from survey_app.results.models import RatingSnapshot, Result
from survey_app.results.states import COUNTED
from survey_app.rounds.models import Round, RoundKind
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l

MOST_YEARS = 5
TAIL = 0.025
MADE_OF = (_l("测评表的题目"), _l("计算方法"), _l("计算方法"), _l("投票的人"))  # as `RatedYear.method` stands


@dataclass(frozen=True)
class RatedYear:
    """A year of a home as far as it is shown, and what makes it comparable with another."""

    home_id: int
    year: int
    combined: float | None
    low: float | None
    high: float | None
    n_effective: float | None
    method: tuple[str, ...]  # questions, computation, basis, who voted

    @property
    def is_shown(self) -> bool:
        """Whether the rate with its range may be shown."""
        return None not in (self.combined, self.low, self.high, self.n_effective)


def rated_years() -> Select[
    int, int, float | None, float | None, float | None, float | None, str, str, str, str
]:
    """Every rated year of every home, a re-evaluation left out; the caller says which homes and years."""
    return (
        select(
            Result.home_id,
            Result.year,
            Result.combined,
            Result.low,
            Result.high,
            Result.n_effective,
            RatingSnapshot.questionnaire_fingerprint,
            RatingSnapshot.method_version,
            RatingSnapshot.scheme["basis"].as_string(),
            Round.electorate,
        )
        .join(RatingSnapshot, RatingSnapshot.id == Result.snapshot_id)
        .join(Round, Round.id == Result.round_id)
        .where(Round.kind != RoundKind.RE_EVALUATION)
        .order_by(Result.home_id, Result.year, Result.id)
    )


def _year(
    home_id: int,
    year: int,
    combined: float | None,
    low: float | None,
    high: float | None,
    n_effective: float | None,
    *method: str,
) -> RatedYear:
    return RatedYear(home_id, year, combined, low, high, n_effective, method)


def years_of(session: Session, home_id: int, until: int, states: Sequence[str] = COUNTED) -> list[RatedYear]:
    """The last years of a home up to one, oldest first; of a year rated twice the later result."""
    statement = rated_years().where(Result.home_id == home_id, Result.year <= until, Result.state.in_(states))
    by_year = {row[1]: _year(*row) for row in session.execute(statement)}
    return list(by_year.values())[-MOST_YEARS:]


def change_between(before: RatedYear, after: RatedYear) -> Change | None:
    """Whether the rate moved underneath (scoring.md 14); None where the years cannot be compared."""
    if before.method != after.method or not (before.is_shown and after.is_shown):
        return None
    first, second = ((year.combined or 0.0) / 100 for year in (before, after))
    return change(
        first,
        limits(first, max(before.n_effective or 1.0, 1.0), 1.0, TAIL),
        second,
        limits(second, max(after.n_effective or 1.0, 1.0), 1.0, TAIL),
    )


def change_sentence(before: RatedYear, after: RatedYear) -> str:
    """The change in words; overlapping ranges are never called higher or lower."""
    moved = change_between(before, after)
    if moved is None:
        return ""
    words = {"year": before.year, "points": f"{abs(100 * moved.difference):.1f}"}
    if moved.excludes_zero and (after.low or 0) > (before.high or 0):
        return gettext("和%(year)s年比，高了%(points)s个百分点。", **words)
    if moved.excludes_zero and (after.high or 0) < (before.low or 0):
        return gettext("和%(year)s年比，低了%(points)s个百分点。", **words)
    return gettext("和%(year)s年比，看不出差别。", year=before.year)


def trend_note(years: Sequence[RatedYear]) -> str:
    """What to read from the years: the last change, and every break."""
    said = [change_sentence(*years[-2:])] if len(years) > 1 else []
    said += [
        gettext("%(year)s年起%(what)s改了，前后不能直接比。", year=after.year, what=changed(before, after))
        for before, after in pairwise(years)
        if before.method != after.method
    ]
    return "".join(said)


def changed(before: RatedYear, after: RatedYear) -> str:
    """In words, what makes two years no longer comparable."""
    found = {
        str(words): None
        for words, one, other in zip(MADE_OF, before.method, after.method, strict=True)
        if one != other
    }
    return gettext("、").join(found)


def trend_picture(years: Sequence[RatedYear], lines: tuple[RuleLine, ...]) -> Drawing | None:
    """The years as bands, with a row of words wherever the method changed; None for less than two."""
    if len(years) < 2 or not any(year.is_shown for year in years):
        return None
    rows = [_row(years[0])]
    for before, after in pairwise(years):
        if before.method != after.method:
            what = gettext("%(what)s改了，前后不能直接比", what=changed(before, after))
            rows.append(BandRow("", None, None, None, "", what))
        rows.append(_row(after))
    described = gettext("；").join(f"{row.name} {row.figure or row.words}".strip() for row in rows)
    return charts.trend(BandChart(gettext("历年综合满意率"), described, tuple(rows), lines))


def _row(year: RatedYear) -> BandRow:
    name = gettext("%(year)s年", year=year.year)
    if not year.is_shown or year.combined is None:
        return BandRow(name, None, None, None, "", gettext("没有可以显示的数"))
    return BandRow(name, year.combined, year.low, year.high, f"{year.combined:.1f}")


@dataclass(frozen=True)
class Changes:
    """How many homes of an area moved since the year before, after the false-discovery rule."""

    compared: int
    up: int
    down: int

    @property
    def same(self) -> int:
        """Homes without a change to be seen."""
        return self.compared - self.up - self.down


def area_changes(session: Session, homes: Select[int], year: int) -> Changes:
    """Arrows over all homes of an area that were rated in the same way in both years."""
    statement = rated_years().where(
        Result.home_id.in_(homes), Result.year.in_((year - 1, year)), Result.state.in_(COUNTED)
    )
    by_home: dict[int, dict[int, RatedYear]] = {}
    for row in session.execute(statement):
        by_home.setdefault(row[0], {})[row[1]] = _year(*row)
    found = [
        moved
        for years in by_home.values()
        if len(years) == 2 and (moved := change_between(years[year - 1], years[year])) is not None
    ]
    signs = arrows(found)
    return Changes(len(found), int((signs > 0).sum()), int((signs < 0).sum()))
