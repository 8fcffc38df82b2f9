"""`strata` for all homes of a city at once: the same divisions, laid out as one row a ballot class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.sheet import Floats, Ints
from scoring.strata import exact_low

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class CityStrata:
    """Ballot classes of the cells that hold several, one row each, in any order."""

    cell: Ints
    members: Ints
    cast: Ints

    def spread(self, cells: int) -> Floats:
        """Per cell the mean squared weight of its ballots over the square of their mean."""
        cast = np.bincount(self.cell, self.cast, cells)
        squares = np.bincount(self.cell, self.cast * self._factors(cells) ** 2, cells)
        mean = np.divide(squares, cast, out=np.ones(cells), where=cast > 0)
        return np.asarray(np.maximum(1.0, mean))

    def _factors(self, cells: int) -> Floats:
        """Weight of a class's ballots over the cell's mean; zero where nobody came."""
        members, cast = (np.bincount(self.cell, part, cells)[self.cell] for part in (self.members, self.cast))
        whole = self.cast * members
        factor = np.divide(self.members * cast, whole, out=np.zeros(len(self.cell)), where=whole > 0)
        return np.asarray(factor)

    def divided(
        self, home: Ints, homes: int, w: Floats, ballots: Ints, favourable: Ints, opinions: Ints
    ) -> tuple[Floats, Floats]:
        """Per home the lowest and the highest rate over all divisions."""
        cells = len(home)
        heavy_f, light_f = self._extremes(ballots, favourable)
        heavy_u, light_u = self._extremes(ballots, opinions - favourable)
        members = np.bincount(self.cell, self.members, cells)
        missing = np.bincount(self.cell, self.members * (self.cast == 0), cells)
        silent = ballots * np.divide(missing, members, out=np.zeros(cells), where=members > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            low = np.bincount(home, w * light_f, homes) / np.bincount(
                home, w * (light_f + heavy_u + silent), homes
            )
            high = np.bincount(home, w * (heavy_f + silent), homes) / np.bincount(
                home, w * (heavy_f + silent + light_u), homes
            )
        return low, high

    def least_rate(
        self, home: Ints, w: Floats, favourable: Ints, opinions: Ints, asked: Flags, alpha: float
    ) -> Floats:
        """Per home asked for, the lowest rate that one of its merged classes allows; infinite elsewhere."""
        least = np.full(len(asked), np.inf)
        members, cast = (
            np.bincount(self.cell, part, len(home)).astype(np.int64) for part in (self.members, self.cast)
        )
        apart = np.zeros(len(home), dtype=bool)
        apart[self.cell[self.cast * members[self.cell] != self.members * cast[self.cell]]] = True
        rows = np.flatnonzero(asked[home[self.cell]] & apart[self.cell])
        if not len(rows):
            return least
        base, whole = (np.bincount(home, w * part, len(asked)) for part in (opinions, favourable))
        cell = self.cell[rows]
        sure = np.maximum(0, self.cast[rows] - (cast[cell] - favourable[cell]))
        low = np.array(
            [
                exact_low(*map(int, triple), alpha)
                for triple in zip(self.members[rows], self.cast[rows], sure, strict=True)
            ]
        )
        missing = (self.members[rows] - low) / members[cell]
        rate = whole[home[cell]] + w[cell] * (opinions[cell] * (1 - missing) - favourable[cell])
        np.minimum.at(least, home[cell], rate / base[home[cell]])
        return least

    def _extremes(self, ballots: Ints, count: Ints) -> tuple[Floats, Floats]:
        """The most and the least that so many of each cell's ballots can weigh, in its mean ballots."""
        cells, factor = len(ballots), self._factors(len(ballots))
        cast = np.bincount(self.cell, self.cast, cells)
        share = np.divide(self.cast, cast[self.cell], out=np.zeros(len(self.cell)), where=cast[self.cell] > 0)
        room = np.asarray(ballots[self.cell] * share, dtype=np.float64)
        plain = np.where(cast > 0, 0.0, count)
        most = plain + self._filled(np.lexsort((-factor, self.cell)), room, factor, count)
        least = plain + self._filled(np.lexsort((factor, self.cell)), room, factor, count)
        return most, least

    def _filled(self, order: Ints, room: Floats, factor: Floats, count: Ints) -> Floats:
        """Fill the rooms of every cell in this order until its count is used up."""
        cell, cells = self.cell[order], len(count)
        if not len(cell):
            return np.zeros(cells)
        end = np.cumsum(room[order])
        first = np.r_[True, np.diff(cell) > 0]
        before = np.maximum.accumulate(np.where(first, end - room[order], 0.0))
        start = end - room[order] - before
        taken = np.clip(count[cell] - start, 0.0, room[order])
        return np.asarray(np.bincount(cell, taken * factor[order], cells), dtype=np.float64)
