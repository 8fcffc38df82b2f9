"""Estimates and variances of many statistics for many homes at once, from cell sums.

The same formulas as `uncertainty` and `estimates`, laid out as cells x statistics, a few hundred homes at a
time so that the working arrays stay small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.city_weighting import CityWeights
from scoring.sheet import Floats, Ints

RANK_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Regression:
    """Projection on the level dummies of each home: for every cell its row x and x (sum n x x')^+."""

    x: Floats
    projected: Floats
    rank: Ints  # per home

    def fitted(self, first: Floats, starts: Ints, home: Ints) -> Floats:
        """Fitted value of each cell for every column of `first` (cells x statistics)."""
        fitted = np.zeros_like(first)
        for column in range(self.x.shape[1]):
            sums = np.add.reduceat(self.x[:, column, None] * first, starts, axis=0)
            fitted += self.projected[:, column, None] * sums[home]
        return fitted


def regress(
    home: Ints, starts: Ints, ballots: Floats, codes: list[Ints], levels: tuple[int, ...]
) -> Regression:
    """Regression of a chunk of homes on intercept and all level dummies, by pseudo-inverse."""
    blocks = [np.ones((len(home), 1))]
    for code, count in zip(codes, levels, strict=True):
        if (code < count).any():
            blocks.append((code[:, None] == np.arange(count)).astype(np.float64))
    x = np.hstack(blocks)
    normal = np.add.reduceat(ballots[:, None, None] * x[:, :, None] * x[:, None, :], starts, axis=0)
    values, vectors = np.linalg.eigh(normal)
    keep = values > RANK_TOLERANCE * np.maximum(values[:, -1:], 1e-300)
    inverse = np.where(keep, 1 / np.where(keep, values, 1.0), 0.0)
    pseudo = np.einsum("hik,hk,hjk->hij", vectors, inverse, vectors)
    projected = np.einsum("ci,cij->cj", x, pseudo[home])
    return Regression(x, projected, np.maximum(1, keep.sum(axis=1)))


@dataclass(frozen=True)
class Block:
    """Statistics of homes: arrays of homes x statistics."""

    estimate: Floats
    base: Floats  # weighted number of answers
    n_kish: Floats
    v0: Floats  # without a correction
    v1: Floats  # correction per ballot: the decision's
    v_overall: Floats  # one correction per home: as R


@dataclass(frozen=True)
class CellChunk:
    """The cells of a chunk of homes with what the variances need."""

    home: Ints
    starts: Ints
    ballots: Floats
    w: Floats
    w2: Floats  # mean squared weight
    members: Floats
    regression: Regression

    def sums(self, values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))


def rates(chunk: CellChunk, favourable: Floats, opinions: Floats) -> Block:
    """Shares with variances as sums of non-negative cell terms."""
    base, total = (chunk.sums(chunk.w[:, None] * part) for part in (opinions, favourable))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = total / base
        yes, no = ((1 - p) / base)[chunk.home], (-p / base)[chunk.home]
    against = opinions - favourable
    first = favourable * yes + against * no
    fitted = chunk.regression.fitted(first, chunk.starts, chunk.home)
    rest = chunk.ballots[:, None] - opinions
    squares = favourable * (yes - fitted) ** 2 + against * (no - fitted) ** 2 + rest * fitted**2
    return _block(chunk, p, base, opinions, first, fitted, squares)


def means(chunk: CellChunk, count: Floats, total: Floats, squares: Floats) -> Block:
    """Means from count, sum and sum of squares per cell."""
    base, weighted = (chunk.sums(chunk.w[:, None] * part) for part in (count, total))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = weighted / base
        scale, centre = (1 / base)[chunk.home], mean[chunk.home]
    first = (total - centre * count) * scale
    second = np.maximum(squares - 2 * centre * total + centre**2 * count, 0.0) * scale**2
    fitted = chunk.regression.fitted(first, chunk.starts, chunk.home)
    residual = np.maximum(second - 2 * fitted * first + chunk.ballots[:, None] * fitted**2, 0.0)
    return _block(chunk, mean, base, count, first, fitted, residual)


def _block(
    chunk: CellChunk,
    value: Floats,
    base: Floats,
    count: Floats,
    first: Floats,
    fitted: Floats,
    squares: Floats,
) -> Block:
    w, w2, n = chunk.w[:, None], chunk.w2[:, None], chunk.sums(chunk.ballots)[:, None]
    rank = chunk.regression.rank[:, None]
    square, unit = chunk.sums(w2 * squares), chunk.sums((w2 - w) * squares)
    residual = chunk.sums(w * (first - chunk.ballots[:, None] * fitted))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(n > rank, n / (n - rank), np.inf)
        overall = (1 - n / chunk.members[:, None]) * n / (n - 1) * (square - residual**2 / n)
        kish = base**2 / chunk.sums(w2 * count)
        return Block(value, base, kish, factor * square, factor * unit, overall)


def chunk_of(
    cells: slice, local: Ints, ballots: Ints, members: Ints, weights: CityWeights, spread: Floats
) -> CellChunk:
    """The cells of some homes, numbered from zero in `local`, with the members of those homes."""
    starts = np.flatnonzero(np.r_[True, np.diff(local) > 0])
    n = ballots[cells].astype(np.float64)
    codes = [code[cells] for code in weights.codes]
    regression = regress(local, starts, n, codes, weights.levels)
    w = weights.w[cells]
    return CellChunk(local, starts, n, w, w * w * spread[cells], members.astype(np.float64), regression)
