"""What the second vote changed: both rates and their difference, each with its range; information only."""

from __future__ import annotations

from dataclasses import dataclass

from survey_app.results.models import Result
from survey_app.results.trends import RatedYear, change_between


@dataclass(frozen=True)
class VoteChange:
    """Two combined rates in percent and their difference in points, each with its range."""

    before: float
    before_range: tuple[float, float]
    after: float
    after_range: tuple[float, float]
    points: float
    points_range: tuple[float, float]

    @property
    def is_seen(self) -> bool:
        """Whether the range of the difference leaves out zero and the two ranges do not touch."""
        (low, high), (again_low, again_high) = self.before_range, self.after_range
        apart = again_low > high or again_high < low
        return apart and (self.points_range[0] > 0 or self.points_range[1] < 0)


def vote_change(before: Result, after: Result | None) -> VoteChange | None:
    """The change from the rating to the second vote; None where either rate may not be shown.

    The overall question is asked in the same words of the members who stayed, so the two may be compared.
    """
    if after is None:
        return None
    first, second = _rated(before), _rated(after)
    moved = change_between(first, second)
    if moved is None:
        return None
    return VoteChange(
        before=before.combined or 0.0,
        before_range=(before.low or 0.0, before.high or 0.0),
        after=after.combined or 0.0,
        after_range=(after.low or 0.0, after.high or 0.0),
        points=100 * moved.difference,
        points_range=(100 * moved.interval.low, 100 * moved.interval.high),
    )


def _rated(result: Result) -> RatedYear:
    return RatedYear(
        result.home_id, result.year, result.combined, result.low, result.high, result.n_effective, ()
    )
