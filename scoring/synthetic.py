"""A synthetic city: homes of all sizes, rosters by up to four variables, unequal response, ballots.

For benchmarks, simulations and tests only. The model is ours and says nothing about real homes: sizes are
log-normal, response depends on the cell, an answer is a latent normal of home, cell, person and question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from scoring.city import CityCounts
from scoring.sheet import Floats, Ints
from scoring.tally import Codes, tally

SHAPE = (3, 4, 2, 4)  # employment, age, gender, department
QUESTIONS = 21
TRAIT = 0.9  # spread of persons beside a spread of 1 of single answers
CUTS = (0.35, -0.9)  # above: 满意; between: 基本满意; below: 不满意
UNKNOWN_RATE, BLANK_RATE = 0.08, 0.02
BLOCK = 1000  # homes drawn at a time


@dataclass(frozen=True)
class Block:
    """Homes that were drawn together: roster, ballots, and the share that is truly favourable."""

    first: int  # number of the first home
    members: Ints
    margins: tuple[Ints, ...]
    home: Ints  # per cell with at least one ballot
    roster: Ints
    levels: tuple[Ints, ...]
    cell: Ints  # per ballot
    ballots: Codes
    truth: Floats  # per home


def draw_city(homes: int, generator: np.random.Generator, median: float = 113.0) -> Iterator[Block]:
    """Homes in blocks of a thousand, so that five million ballots never stand in memory at once."""
    for first in range(0, homes, BLOCK):
        yield _draw(first, min(BLOCK, homes - first), generator, median)


def _draw(first: int, homes: int, generator: np.random.Generator, median: float) -> Block:
    members = np.clip(np.exp(generator.normal(np.log(median), 1.21, homes)), 25, 20_000).astype(np.int64)
    joint = _joint(members, generator)
    roster = generator.multinomial(members, joint).astype(np.int64)
    cells = roster.shape[1]
    lean = generator.normal(0, 0.35, (homes, cells))
    chance = 1 / (1 + np.exp(-(0.9 + generator.normal(0, 0.5, homes)[:, None] + 0.9 * lean)))
    ballots = generator.binomial(roster, chance)
    quality = generator.normal(0.95, 0.72, homes)[:, None] + lean
    rows, columns = np.nonzero(ballots)
    count = ballots[rows, columns]
    codes = _answers(quality[rows, columns], count, generator)
    cell = np.repeat(np.arange(len(rows)), count)
    favourable = np.bincount(cell[codes[:, 0] < 2], minlength=len(rows)).astype(np.int64)
    opinions = np.bincount(cell[codes[:, 0] < 3], minlength=len(rows)).astype(np.int64)
    truth = _truth(roster, quality, rows, columns, favourable, opinions, generator)
    grid = np.unravel_index(np.arange(cells), SHAPE)
    margins = tuple(
        np.stack([roster[:, axis == level].sum(axis=1) for level in range(size)], axis=1)
        for axis, size in zip(grid, SHAPE, strict=True)
    )
    levels = tuple(axis[columns].astype(np.int64) for axis in grid)
    return Block(first, members, margins, rows + first, roster[rows, columns], levels, cell, codes, truth)


def _joint(members: Ints, generator: np.random.Generator) -> Floats:
    """Shares of the joint cells; small homes have fewer variables, as their rosters do."""
    homes = len(members)
    joint = np.ones((homes, 1))
    for number, size in enumerate(SHAPE):
        share = generator.dirichlet(np.full(size, 4.0), homes)
        if number >= 2:
            plain = members < (200, 1500)[number - 2]
            share[plain] = np.eye(size)[0]
        joint = (joint[:, :, None] * share[:, None, :]).reshape(homes, -1)
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _answers(quality: Floats, count: Ints, generator: np.random.Generator) -> Codes:
    total = int(count.sum())
    person = np.repeat(quality, count).astype(np.float32)
    person += np.float32(TRAIT) * generator.standard_normal(total, dtype=np.float32)
    ease = generator.normal(0, 0.2, QUESTIONS).astype(np.float32)
    ease[0] = 0
    codes = np.empty((total, QUESTIONS), dtype=np.uint8)
    for question in range(QUESTIONS):
        latent = person + ease[question] + generator.standard_normal(total, dtype=np.float32)
        codes[:, question] = (latent < CUTS[0]).astype(np.uint8) + (latent < CUTS[1])
        silent = generator.random(total, dtype=np.float32)
        codes[silent < UNKNOWN_RATE, question] = 3
        codes[silent > 1 - BLANK_RATE, question] = 4
    return codes


def _truth(
    roster: Ints,
    quality: Floats,
    rows: Ints,
    columns: Ints,
    favourable: Ints,
    opinions: Ints,
    generator: np.random.Generator,
) -> Floats:
    """Share of all members who are favourable, the silent drawn like their cell."""
    unseen = roster.copy()
    unseen[rows, columns] -= opinions
    chance = ndtr((quality - CUTS[1]) / np.sqrt(1 + TRAIT**2))
    hidden = generator.binomial(unseen, chance).sum(axis=1)
    seen = np.bincount(rows, favourable, len(roster))
    return np.asarray((hidden + seen) / roster.sum(axis=1))


def count_block(block: Block) -> CityCounts:
    """Counts of one block, homes numbered from zero."""
    counted = tally(block.cell, len(block.home), block.ballots)
    return CityCounts(
        members=block.members,
        held=np.zeros(len(block.members), dtype=bool),
        home=block.home - block.first,
        ballots=counted.ballots,
        roster=block.roster,
        levels=block.levels,
        margins=block.margins,
        answers=counted.answers,
        scores=counted.scores,
    )


def join_counts(parts: list[CityCounts]) -> CityCounts:
    """Counts of consecutive blocks as one city."""
    offsets = np.cumsum([0, *(part.homes for part in parts[:-1])])
    together = [
        [np.concatenate([getattr(part, name)[v] for part in parts]) for v in range(len(parts[0].levels))]
        for name in ("levels", "margins")
    ]
    return CityCounts(
        members=np.concatenate([part.members for part in parts]),
        held=np.concatenate([part.held for part in parts]),
        home=np.concatenate([part.home + offset for part, offset in zip(parts, offsets, strict=True)]),
        ballots=np.concatenate([part.ballots for part in parts]),
        roster=np.concatenate([part.roster for part in parts]),
        levels=tuple(together[0]),
        margins=tuple(together[1]),
        answers=np.concatenate([part.answers for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
    )


def synthetic_city(homes: int, seed: int) -> tuple[CityCounts, Floats]:
    """Counts of a whole city and the true rate of every home."""
    parts, truths = [], []
    for block in draw_city(homes, np.random.default_rng(seed)):
        parts.append(count_block(block))
        truths.append(block.truth)
    return join_counts(parts), np.concatenate(truths)
