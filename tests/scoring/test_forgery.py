"""Six seeded kinds of forgery in homes of sixty ballots and more: nine in ten found, few false alarms."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scoring import rate
from scoring.forgery import Sign, corner_density, findings, join_traits, row_of, traits_of, traits_of_rows
from scoring.synthetic import Block, draw_city
from tests.scoring.sheets import one_class

PLANTED = 60


def city(seed: int = 5, homes: int = 2500) -> Block:
    """One city in one block, homes of sixty ballots and more among smaller ones."""
    blocks = list(draw_city(homes, np.random.default_rng(seed)))
    offsets = np.cumsum([0, *(len(block.home) for block in blocks[:-1])])
    return Block(
        first=0,
        members=np.concatenate([block.members for block in blocks]),
        margins=(),
        home=np.concatenate([block.home for block in blocks]),
        roster=np.concatenate([block.roster for block in blocks]),
        levels=(),
        cell=np.concatenate([block.cell + offset for block, offset in zip(blocks, offsets, strict=True)]),
        ballots=np.concatenate([block.ballots for block in blocks]),
        truth=np.concatenate([block.truth for block in blocks]),
    )


CITY = city()
HOME = CITY.home[CITY.cell]
COUNT = np.bincount(HOME, minlength=len(CITY.members))
LARGE = np.flatnonzero((COUNT >= 60) & (COUNT <= 3000))


def copied(own: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """A fifth of the ballots replaced by copies of a few others."""
    forged = own.copy()
    uneven = np.flatnonzero((own[:, 1:] != own[:, 1:2]).any(axis=1))
    sources = chance.choice(uneven, 3, replace=False)
    target = chance.choice(len(own), len(own) // 5, replace=False)
    forged[target] = own[chance.choice(sources, len(target))]
    return forged


def straight(own: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Thirty percent more ballots with one answer throughout, that of their overall question."""
    forged = own.copy()
    target = chance.choice(len(own), int(0.3 * len(own)), replace=False)
    forged[target, 1:] = np.minimum(own[target, :1], 2)
    return forged


def quiet(own: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """No 不了解, no blank and no criticism at all."""
    return np.where(own >= 2, chance.integers(0, 2, own.shape), own).astype(np.uint8)


def contradicting(own: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Fifteen percent of the ballots: overall 满意 over at least fifteen items 不满意."""
    forged = own.copy()
    target = chance.choice(len(own), int(np.ceil(0.15 * len(own))), replace=False)
    forged[target, 0] = 0
    for row in target:
        forged[row, 1 + chance.choice(20, 16, replace=False)] = 2
    return forged


def stuffed(own: np.ndarray, members: int) -> np.ndarray:
    """Abstainers filled in with the best answer throughout, to 98 % turnout."""
    extra = max(0, int(np.ceil(0.98 * members)) - len(own))
    return np.vstack([own, np.zeros((extra, own.shape[1]), dtype=np.uint8)])


def plant(kind, seed: int) -> tuple[set[int], set[int]]:
    """Homes that were forged and homes that were flagged."""
    chance = np.random.default_rng(seed)
    open_homes = LARGE[COUNT[LARGE] < 0.9 * CITY.members[LARGE]] if kind is stuffed else LARGE
    chosen = set(chance.choice(open_homes, PLANTED, replace=False).tolist())
    keep = ~np.isin(HOME, list(chosen))
    homes, ballots = [HOME[keep]], [CITY.ballots[keep]]
    for home in sorted(chosen):
        own = CITY.ballots[home == HOME]
        forged = stuffed(own, int(CITY.members[home])) if kind is stuffed else kind(own, chance)
        homes.append(np.full(len(forged), home))
        ballots.append(forged)
    found = findings(traits_of(np.concatenate(homes), np.concatenate(ballots), CITY.members))
    return chosen, {finding.home for finding in found}


@pytest.mark.parametrize(
    "kind", [copied, stuffed, straight, quiet, contradicting], ids=lambda kind: kind.__name__
)
def test_nine_in_ten_forged_homes_are_flagged(kind):
    chosen, flagged = plant(kind, 17)
    assert len(chosen & flagged) >= 0.9 * PLANTED
    assert len((flagged - chosen) & set(LARGE.tolist())) <= 0.01 * len(LARGE)


def test_an_untouched_city_gives_one_percent_false_alarms_at_most():
    flagged = {finding.home for finding in findings(traits_of(HOME, CITY.ballots, CITY.members))}
    assert len(flagged & set(LARGE.tolist())) <= 0.01 * len(LARGE)
    assert len(flagged) <= 0.01 * len(CITY.members)


def test_one_group_complete_while_the_others_stay_away():
    chance = np.random.default_rng(8)
    honest = {}
    for home in range(1000):
        members, redeemed = np.zeros(4, dtype=int), np.zeros(4, dtype=int)
        while redeemed.sum() < 60:  # the promise is for homes of sixty ballots and more
            members = chance.integers(12, 80, 4)
            redeemed = chance.binomial(members, chance.uniform(0.2, 1.0))
        honest[home] = (members, redeemed)
    forged = {
        home: (np.array([55, 40, 60]), np.array([55, *chance.binomial([40, 60], 0.15)]))
        for home in range(1000, 1100)
    }
    assert min(redeemed.sum() for _, redeemed in (honest | forged).values()) >= 60
    none = traits_of(np.zeros(0, dtype=int), np.zeros((0, 21), dtype=np.uint8), np.zeros(0, dtype=int))
    flagged = {f.home for f in findings(none, groups=honest | forged) if f.sign is Sign.ONE_GROUP}
    assert len(flagged & forged.keys()) >= 90
    assert len(flagged & honest.keys()) <= 10


def test_a_jump_from_last_year_is_told_in_standard_errors():
    none = traits_of(np.zeros(0, dtype=int), np.zeros((0, 21), dtype=np.uint8), np.zeros(0, dtype=int))
    found = findings(none, jumps=np.array([1.0, -7.5, np.nan, 6.5]))
    assert [(finding.home, finding.sign) for finding in found] == [(1, Sign.JUMP), (3, Sign.JUMP)]


def test_unanimity_alone_is_no_sign():
    """A contented home whose members came at their own pace: everybody 满意 overall, items as they are."""
    ballots = CITY.ballots.copy()
    home = int(LARGE[np.argmax(CITY.truth[LARGE])])
    ballots[home == HOME, 0] = 0
    found = findings(traits_of(HOME, ballots, CITY.members))
    assert home not in {finding.home for finding in found if finding.sign in (Sign.CORNER, Sign.NO_NOISE)}


def test_a_flag_changes_no_count_and_no_rating():
    before = CITY.ballots.copy()
    findings(traits_of(HOME, CITY.ballots, CITY.members))
    assert np.array_equal(before, CITY.ballots)
    assert rate(one_class(100, 100)).rating_class == "ELIGIBLE"


def test_order_of_ballots_does_not_matter():
    order = np.random.default_rng(1).permutation(len(HOME))
    one = traits_of(HOME, CITY.ballots, CITY.members)
    other = traits_of(HOME[order], CITY.ballots[order], CITY.members)
    assert findings(one) == findings(other)
    chosen = range(0, len(CITY.members), 100)
    alone = [
        traits_of(np.zeros(COUNT[h], dtype=int), CITY.ballots[h == HOME], CITY.members[h : h + 1])
        for h in chosen
    ]
    joined = join_traits(alone)
    stored = json.loads(json.dumps([row_of(one, home) for home in range(len(CITY.members))]))
    assert findings(traits_of_rows(stored)) == findings(one)
    assert np.array_equal(joined.pairs, one.pairs[::100])
    assert np.array_equal(joined.critical, one.critical[::100])
    assert 0 <= corner_density(one) <= 1
