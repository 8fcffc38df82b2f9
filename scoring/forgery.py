"""Signs that ballots were not filled in by those who were entitled: advice to check, never a rating.

A flag removes no ballot. Unanimity alone is no evidence: contented members and quick answers are natural
here. Inputs are anonymous, without times. Sources: Klimek et al., PNAS 109 (2012); Kuriakose & Robbins,
Stat. J. IAOS 32 (2016), on the limits of duplicate rules; Benjamini & Hochberg (1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from scoring.comparison import benjamini_hochberg
from scoring.sheet import Floats, Ints
from scoring.tally import OPTIONS, Codes

Flags = NDArray[np.bool_]
FALSE_DISCOVERIES = 0.01
LEAST_FOR_PATTERNS = 15  # ballots that are not constant
LEAST_FOR_ABSENCE = 50
ROBUST_LIMIT = 4.0
NEAR_FULL, NEAR_UNANIMOUS, LARGE = 0.98, 0.995, 60
ALL_CAME, FEW_CAME = 1.0, 0.30
CONTRADICTIONS = 15  # items against the overall answer
CONTRADICTORY_SHARE = 0.05
JUMP = 6.0
SIZE_BANDS = (60, 120, 300, 1000)
RATE_BANDS = (0.6, 0.7, 0.8, 0.9, 0.95)
PRAISE_QUANTILES = (0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)  # equal answers grow steeply with praise


class Sign(StrEnum):
    """What was noticed; each is printed with its numbers as 建议核查."""

    PATTERNS = "PATTERNS"  # the same answers repeated too often
    STRAIGHT = "STRAIGHT"  # too many ballots with one answer throughout
    ALL_TOP = "ALL_TOP"  # too many ballots with the best answer throughout
    CORNER = "CORNER"  # nearly everybody came and nearly everybody approved
    NO_NOISE = "NO_NOISE"  # no 不了解, no blank, no criticism at all
    CONTRADICTION = "CONTRADICTION"  # overall answer against nearly all items
    ONE_GROUP = "ONE_GROUP"  # one group complete while the others hardly came
    JUMP = "JUMP"  # too far from last year


@dataclass(frozen=True)
class Finding:
    """One sign at one home with the numbers that an inspector will want to see."""

    home: int
    sign: Sign
    observed: float
    expected: float


@dataclass(frozen=True)
class Traits:
    """What single ballots of a home look like, counted; nothing here names a ballot."""

    members: Ints
    ballots: Ints
    rate: Floats  # raw combined rate of the overall question
    praise: Floats  # share of the best option among all answers to items
    straight: Ints  # same opinion on every item
    all_top: Ints
    contradictory: Ints
    critical: Ints  # answers that are 不满意, 不了解 or blank
    uneven: Ints  # ballots that are not constant
    pairs: Ints  # pairs of uneven ballots with the same answers


def traits_of(home: Ints, ballots: Codes, members: Ints) -> Traits:
    """Count what the signs need, from ballots of many homes in any order; the overall question is first."""
    homes = len(members)
    items = ballots[:, 1:]

    def per_home(flag: Flags) -> Ints:
        return np.bincount(home[flag], minlength=homes).astype(np.int64)

    opinion = ballots[:, 0] < 3
    good = (ballots[:, 0] < 2) & opinion
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = per_home(good) / per_home(opinion)
    constant = (items == items[:, :1]).all(axis=1)
    against = (items == 2).sum(axis=1)
    praised = (items == 0).sum(axis=1)
    contradictory = ((ballots[:, 0] == 0) & (against >= CONTRADICTIONS)) | (
        (ballots[:, 0] == 2) & (praised >= CONTRADICTIONS)
    )
    critical = np.bincount(home, (ballots >= 2).sum(axis=1), homes).astype(np.int64)
    return Traits(
        members=members,
        ballots=np.bincount(home, minlength=homes).astype(np.int64),
        rate=rate,
        # Whole numbers until the last division: the last bits of a sum of shares tell the order of ballots.
        praise=np.bincount(home, praised, homes)
        / np.maximum(np.bincount(home, minlength=homes) * items.shape[1], 1),
        straight=per_home(constant & (items[:, 0] < 3)),
        all_top=per_home(constant & (items[:, 0] == 0)),
        contradictory=per_home(contradictory),
        critical=critical,
        uneven=per_home(~constant),
        pairs=_equal_pairs(home[~constant], items[~constant], homes),
    )


def join_traits(parts: Sequence[Traits]) -> Traits:
    """Traits that were counted home by home, as one area; a home's number is its place."""
    names = [field.name for field in fields(Traits)]
    return Traits(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


SHARES = ("rate", "praise")  # the traits that are not whole numbers


def row_of(traits: Traits, home: int) -> dict[str, int | float | None]:
    """The traits of one home as plain values to be stored when its ballots are counted."""
    row = {field.name: getattr(traits, field.name)[home].item() for field in fields(Traits)}
    return {name: None if value != value else value for name, value in row.items()}


def traits_of_rows(rows: Sequence[Mapping[str, int | float | None]]) -> Traits:
    """Traits of an area from the stored rows of its homes; a home's number is its place."""
    columns: dict[str, Any] = {}
    for field in fields(Traits):
        values = [row[field.name] for row in rows]
        if field.name in SHARES:
            columns[field.name] = np.array(
                [np.nan if value is None else value for value in values], np.float64
            )
        else:
            columns[field.name] = np.array(values, dtype=np.int64)
    return Traits(**columns)


def _equal_pairs(home: Ints, items: Codes, homes: int) -> Ints:
    """Pairs of ballots of one home with the same answers: answers packed to base 5 in one whole number."""
    base = OPTIONS ** np.arange(items.shape[1], dtype=np.int64)
    pattern = items.astype(np.int64) @ base
    order = np.lexsort((pattern, home))
    h, p = home[order], pattern[order]
    starts = (
        np.flatnonzero(np.r_[True, (np.diff(h) != 0) | (np.diff(p) != 0)]) if len(h) else np.zeros(0, int)
    )
    count = np.diff(np.r_[starts, len(h)])
    return np.bincount(h[starts], count * (count - 1) // 2, homes).astype(np.int64)


def bands(values: Floats, cuts: tuple[float, ...]) -> Ints:
    """Which band of comparable homes a value falls into; a value on a cut belongs to the band above."""
    return np.searchsorted(np.asarray(cuts, dtype=np.float64), values, side="right").astype(np.int64)


def findings(
    traits: Traits,
    groups: Mapping[int, tuple[Ints, Ints]] | None = None,
    jumps: Floats | None = None,
) -> tuple[Finding, ...]:
    """Every sign at every home, in order of homes; `groups` gives members and redeemed of the roster groups.

    `jumps` is the change of the combined rate over its standard error, NaN where there is no last year.
    """
    found = [
        *_patterns(traits),
        *_robust(traits, traits.straight, Sign.STRAIGHT),
        *_robust(traits, traits.all_top, Sign.ALL_TOP),
        *_corner(traits),
        *_no_noise(traits),
        *_contradictions(traits),
        *one_group(groups or {}),
        *_jumps(jumps),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.home, finding.sign)))


def _patterns(traits: Traits) -> list[Finding]:
    """More equal pairs than homes of the same satisfaction have, by the upper Poisson tail and BH."""
    n = traits.uneven.astype(np.float64)
    possible = n * (n - 1) / 2
    enough = traits.uneven >= LEAST_FOR_PATTERNS
    expected = np.zeros(len(n))
    cuts = tuple(np.quantile(traits.praise[enough], PRAISE_QUANTILES)) if enough.any() else ()
    for own in _groups(bands(traits.praise, cuts), enough):
        expected[own] = 2 * _pooled_rate(traits.pairs[own], possible[own]) * possible[own]
    pairs = traits.pairs.astype(np.float64)
    tail = np.where(pairs > 0, gammainc(np.maximum(pairs, 1), np.maximum(expected, 1e-12)), 1.0)
    flagged = np.zeros(len(n), dtype=bool)
    flagged[enough] = benjamini_hochberg(tail[enough], FALSE_DISCOVERIES)
    return [Finding(int(h), Sign.PATTERNS, pairs[h], expected[h]) for h in np.flatnonzero(flagged)]


def _pooled_rate(pairs: Ints, possible: Floats) -> float:
    """Collision rate of a band without its most suspicious twentieth."""
    share = pairs / np.maximum(possible, 1)
    kept = share <= np.quantile(share, 0.95)
    return float((pairs[kept].sum() + 0.5) / max(possible[kept].sum(), 1.0))


def _groups(band: Ints, enough: Flags) -> list[Ints]:
    return [rows for value in np.unique(band) if len(rows := np.flatnonzero((band == value) & enough))]


def _robust(traits: Traits, count: Ints, sign: Sign) -> list[Finding]:
    """A share far above what homes of this size and satisfaction have, measured in robust deviations."""
    n = traits.ballots.astype(np.float64)
    enough = traits.ballots >= LEAST_FOR_PATTERNS
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / n
    found = []
    band = bands(n, SIZE_BANDS) * 10 + bands(traits.rate, RATE_BANDS)
    for own in _groups(band, enough):
        centre = _expected_share(share[own], traits.rate[own])
        middle = np.clip(centre, 0.5 / n[own], 1)
        spread = np.maximum(1.4826 * np.median(np.abs(share[own] - centre)), np.sqrt(middle / n[own]))
        z = (share[own] - centre) / spread
        found += [
            Finding(int(h), sign, float(share[h]), float(c))
            for h, c, value in zip(own, centre, z, strict=True)
            if value > ROBUST_LIMIT
        ]
    return found


def _expected_share(share: Floats, rate: Floats) -> Floats:
    """Typical share at this satisfaction: a robust line within the band, for the band itself is wide."""
    centre = float(np.median(rate))
    if len(share) < 20 or np.ptp(rate) == 0:
        return np.full(len(share), float(np.median(share)))
    order = np.argsort(rate, kind="stable")
    third = len(order) // 3
    low, high = order[:third], order[-third:]
    run = float(np.median(rate[high]) - np.median(rate[low]))
    slope = max(0.0, float(np.median(share[high]) - np.median(share[low])) / run) if run > 0 else 0.0
    level = float(np.median(share - slope * (rate - centre)))
    return np.maximum(0.0, level + slope * (rate - centre))


def _corner(traits: Traits) -> list[Finding]:
    """Nearly full turnout and nearly full approval in a large home."""
    with np.errstate(invalid="ignore", divide="ignore"):
        turnout = traits.ballots / traits.members
    flag = (turnout >= NEAR_FULL) & (traits.rate >= NEAR_UNANIMOUS) & (traits.ballots >= LARGE)
    return [Finding(int(h), Sign.CORNER, float(traits.rate[h]), NEAR_UNANIMOUS) for h in np.flatnonzero(flag)]


def corner_density(traits: Traits) -> float:
    """Share of the large homes of an area that stand in the corner: the figure for a district."""
    large = int((traits.ballots >= LARGE).sum())
    return len(_corner(traits)) / large if large else 0.0


def _no_noise(traits: Traits) -> list[Finding]:
    """No 不了解, no blank and no criticism anywhere, where the peers leave some on every ballot."""
    enough = traits.ballots >= LEAST_FOR_ABSENCE
    found = []
    for own in _groups(bands(traits.rate, RATE_BANDS), enough):
        expected = float(np.median(traits.critical[own] / traits.ballots[own])) * traits.ballots[own]
        found += [
            Finding(int(h), Sign.NO_NOISE, 0.0, float(e))
            for h, e in zip(own, expected, strict=True)
            if traits.critical[h] == 0 and e > np.log(1 / (FALSE_DISCOVERIES / max(1, int(enough.sum()))))
        ]
    return found


def _contradictions(traits: Traits) -> list[Finding]:
    """More ballots than elsewhere whose overall answer goes against nearly all of their items."""
    n = traits.ballots.astype(np.float64)
    city = float((traits.contradictory.sum() + 1) / max(n.sum(), 1.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = traits.contradictory / n
    expected = n * city
    tail = np.where(
        traits.contradictory > 0,
        gammainc(np.maximum(traits.contradictory, 1), np.maximum(expected, 1e-12)),
        1.0,
    )
    flag = benjamini_hochberg(tail, FALSE_DISCOVERIES) & (share >= CONTRADICTORY_SHARE)
    flag &= traits.ballots >= LEAST_FOR_PATTERNS
    return [Finding(int(h), Sign.CONTRADICTION, float(share[h]), city) for h in np.flatnonzero(flag)]


def one_group(groups: Mapping[int, tuple[Ints, Ints]]) -> list[Finding]:
    """One roster group redeemed completely while all others stayed under thirty percent."""
    found = []
    for home, (members, redeemed) in groups.items():
        large = members >= 10
        if large.sum() < 2:
            continue
        share = redeemed[large] / members[large]
        rest = np.delete(share, share.argmax())
        if share.max() >= ALL_CAME and rest.max() < FEW_CAME:
            found.append(Finding(home, Sign.ONE_GROUP, float(share.max()), float(rest.max())))
    return found


def _jumps(jumps: Floats | None) -> list[Finding]:
    if jumps is None:
        return []
    far = np.flatnonzero(np.abs(np.nan_to_num(jumps)) > JUMP)
    return [Finding(int(h), Sign.JUMP, float(jumps[h]), JUMP) for h in far]
