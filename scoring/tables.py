"""Every estimate of one home with every variance, for the statistician who checks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scoring.exchange import digest_of_scheme, digest_of_sheet
from scoring.methods import METHOD_VERSION, as_known
from scoring.scheme import Scheme
from scoring.sheet import DIMENSION_UNIT, INDEX, INDEX_UNIT, Ints, Question, Sheet
from scoring.variance import (
    Moments,
    cell_correction,
    design_effect,
    jackknife,
    linearise,
    moments_of_points,
    overall_correction,
    unit_correction,
)
from scoring.weighting import Weights, weigh


@dataclass(frozen=True)
class Row:
    """One estimate: a share (0 to 1) or a mean of points (0 to 100) in the home or in one of its classes."""

    question: str
    figure: str
    domain: str  # empty for the whole home
    estimate: float
    se_overall: float  # one finite-population correction, as R's survey package
    se_unit: float  # correction per ballot: the one behind the rating
    se_without: float  # no correction: statements beyond this year's vote
    se_cells: float | None  # classes as strata, where their rosters are known
    se_jackknife: float | None
    design_effect: float | None
    design_effect_replace: float | None


@dataclass(frozen=True)
class Table:
    """All estimates of a home together with what they were made from and by which version of the method."""

    home: str
    rows: tuple[Row, ...]
    parameters: Scheme
    method_version: str
    input_digest: str
    parameters_digest: str


def table(sheet: Sheet, scheme: Scheme | None = None, method: str = METHOD_VERSION) -> Table:
    """The statistician's table of one home, frozen like a rating."""
    sheet, scheme = as_known(sheet, method), scheme or Scheme()
    rows = estimates(sheet, scheme)
    return Table(sheet.home, rows, scheme, method, digest_of_sheet(sheet), digest_of_scheme(scheme))


def estimates(sheet: Sheet, scheme: Scheme | None = None) -> tuple[Row, ...]:
    """All rates and means of a sheet, for the home and for every class, with all variances."""
    scheme = scheme or Scheme()
    weights = weigh(sheet, scheme)
    if weights.n <= weights.rank:
        return ()
    return tuple(
        row
        for question, figure, moments, points in _figures(sheet)
        for row in _rows(sheet, weights, scheme, question, figure, moments, points)
    )


def _figures(sheet: Sheet) -> Iterator[tuple[str, str, Moments, tuple[Question, tuple[int, ...]] | None]]:
    for question in sheet.questions:
        scale, count = question.scale, len(question.scale.options)
        table = sheet.answers(question)[:, :count].astype(np.float64)
        for figure, values in (
            ("strict", (1,) + (0,) * (count - 1)),
            ("combined", (1,) * scale.favourable + (0,) * (count - scale.favourable)),
            ("points", scale.points),
        ):
            yield question.id, figure, moments_of_points(table, values), (question, values)
    for name in (*sheet.dimensions, INDEX):
        moments = _score_moments(sheet, name)
        if moments is not None:
            yield name, "score", moments, None


def _score_moments(sheet: Sheet, name: str) -> Moments | None:
    sums = [cell.scores.get(name) for cell in sheet.cells]
    if any(s is None for s, cell in zip(sums, sheet.cells, strict=True) if cell.ballots):
        return None
    unit = float(INDEX_UNIT if name == INDEX else DIMENSION_UNIT)
    triples = np.array([(s.count, s.total / unit, s.squares / unit**2) if s else (0, 0, 0) for s in sums])
    return Moments(*(triples[:, column].astype(np.float64) for column in range(3)))


def _rows(
    sheet: Sheet,
    weights: Weights,
    scheme: Scheme,
    question: str,
    figure: str,
    moments: Moments,
    points: tuple[Question, tuple[int, ...]] | None,
) -> Iterator[Row]:
    for domain, inside in _domains(sheet):
        part = moments.within(inside)
        if float((weights.w * part.count).sum()) <= 0:
            continue
        yield _row(sheet, weights, scheme, (question, figure, domain), part, None if domain else points)


def _domains(sheet: Sheet) -> Iterator[tuple[str, list[bool]]]:
    yield "", [True] * len(sheet.cells)
    for name in sheet.variables:
        levels = sorted({cell.levels[name] for cell in sheet.cells})
        if len(levels) > 1:
            for level in levels:
                yield f"{name}={level}", [cell.levels[name] == level for cell in sheet.cells]


def _row(
    sheet: Sheet,
    weights: Weights,
    scheme: Scheme,
    names: tuple[str, str, str],
    moments: Moments,
    points: tuple[Question, tuple[int, ...]] | None,
) -> Row:
    line = linearise(moments, weights)
    overall = overall_correction(line, weights, sheet.members)
    without, unit = unit_correction(line, weights)
    rosters = _rosters(sheet)
    return Row(
        *names,
        estimate=line.estimate,
        se_overall=_root(overall),
        se_unit=_root(unit),
        se_without=_root(without),
        se_cells=None if rosters is None else _root(cell_correction(line, weights, rosters)),
        se_jackknife=None if points is None else _root(_jackknifed(sheet, weights, scheme, *points)),
        design_effect=_effect(overall, moments, weights, replace=False),
        design_effect_replace=_effect(overall, moments, weights, replace=True),
    )


def _root(variance: float) -> float:
    return math.sqrt(max(0.0, variance))


def _rosters(sheet: Sheet) -> Ints | None:
    known = [cell.roster for cell in sheet.cells if cell.roster is not None]
    return np.array(known, dtype=np.int64) if len(known) == len(sheet.cells) else None


def _jackknifed(
    sheet: Sheet, weights: Weights, scheme: Scheme, question: Question, values: tuple[int, ...]
) -> float:
    counts = sheet.answers(question).astype(np.float64)
    return jackknife(counts, values, weights, sheet.members, (weights.n / sheet.members, scheme.g_upper))


def _effect(variance: float, moments: Moments, weights: Weights, *, replace: bool) -> float | None:
    with np.errstate(divide="ignore", invalid="ignore"):
        if moments.count.sum() < 2:
            return None
        value = np.float64(design_effect(variance, moments, weights, replace=replace))
    return float(value) if np.isfinite(value) else None
