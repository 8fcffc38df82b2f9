"""How long a limit still runs, in working days, and whether it has passed: on a rest day the two differ."""

from __future__ import annotations


class DaysLeft(int):
    """Working days until a limit, negative once some have passed; `late` from the day after it on.

    On the weekend after a Friday no working day has passed yet, and the limit has: 0, and late.
    """

    late: bool

    def __new__(cls, count: int, *, late: bool) -> DaysLeft:
        """The count with its lateness."""
        made = super().__new__(cls, count)
        made.late = late
        return made

    @property
    def late_by(self) -> int:
        """How many working days it is late."""
        return max(0, -int(self))
