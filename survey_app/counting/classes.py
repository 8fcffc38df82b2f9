"""Counting classes: ballot classes merged until each has ten valid ballots and weighs at most five times.

Pure: members and valid ballots per class in, groups of classes out. What is stored is never a ballot
class of fewer than ten ballots, because the roster knows who redeemed an entitlement in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_app.box.queries import LEAST_BALLOTS

LARGEST_WEIGHT = 5


@dataclass(frozen=True)
class ClassTurnout:
    """A ballot class with its members and the valid ballots found in it; `levels` in policy order."""

    id: str
    ordinal: int
    levels: tuple[str, ...]
    members: int
    valid: int


@dataclass(frozen=True)
class MergedClass:
    """A counting class: the ballot classes it holds, in their order."""

    classes: tuple[ClassTurnout, ...]

    @property
    def members(self) -> int:
        """Roster members of all its ballot classes."""
        return sum(one.members for one in self.classes)

    @property
    def valid(self) -> int:
        """Valid ballots of all its ballot classes."""
        return sum(one.valid for one in self.classes)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of its ballot classes."""
        return tuple(one.id for one in self.classes)


def counting_classes(classes: Sequence[ClassTurnout]) -> list[MergedClass]:
    """Merge the class with the fewest ballots first, into its closest kin, until every class stands.

    Closest kin: the longest shared prefix of levels, then fewest ballots, then the first. A home that has
    fewer than ten valid ballots in all has no counting class.
    """
    groups = [MergedClass((one,)) for one in sorted(classes, key=lambda one: one.ordinal)]
    members = sum(group.members for group in groups)
    valid = sum(group.valid for group in groups)
    if valid < LEAST_BALLOTS:
        return []
    while len(groups) > 1:
        weak = [group for group in groups if not _stands(group, members, valid)]
        if not weak:
            break
        first = min(weak, key=lambda group: (group.valid, group.classes[0].ordinal))
        kin = min(
            (group for group in groups if group is not first),
            key=lambda group: (-_shared(first, group), group.valid, group.classes[0].ordinal),
        )
        merged = MergedClass(tuple(sorted(first.classes + kin.classes, key=lambda one: one.ordinal)))
        groups = [group for group in groups if group is not first and group is not kin] + [merged]
        groups.sort(key=lambda group: group.classes[0].ordinal)
    return groups


def _stands(group: MergedClass, members: int, valid: int) -> bool:
    # N_c / n_c > 5 N / n, as whole numbers.
    too_heavy = group.members * valid > LARGEST_WEIGHT * members * group.valid
    return group.valid >= LEAST_BALLOTS and not too_heavy


def _shared(one: MergedClass, other: MergedClass) -> int:
    """The longest prefix of levels that any two of their classes share."""
    return max(_prefix(a.levels, b.levels) for a in one.classes for b in other.classes)


def _prefix(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def levels_in_order(levels: Mapping[str, Sequence[str]], variables: Sequence[str]) -> tuple[str, ...]:
    """A class's levels as one text each, in the order of the policy's variables."""
    return tuple("\x1f".join(levels[name]) for name in variables if name in levels)
