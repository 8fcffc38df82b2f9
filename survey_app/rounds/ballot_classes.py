"""Ballot classes: the strata of a home in which entitlements are given, formed on the roster alone.

Levels of a variable are merged until each has `least` members (the rule of scoring.md 4.2, by members).
The classes are the combinations of the longest prefix of the variables in which every combination that
occurs has `least` members and there are at most `most` of them. A home under 40 members is one class.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

ONE_CLASS_BELOW = 40
WHOLE_HOME = "全体会员"
BLANK = "未填"
ORDERED = frozenset({"age_band"})
NAMED_LEVELS = 3
LABEL_LIMIT = 120


class Member(Protocol):
    """What forming classes needs of a member: an id, and the stratum fields as attributes."""

    @property
    def id(self) -> int:
        """The member's id."""
        ...


@dataclass(frozen=True)
class FormedClass:
    """A class as words, as levels by variable, and as the members entitled in it."""

    label: str
    levels: Mapping[str, tuple[str, ...]]
    member_ids: tuple[int, ...]


Level = tuple[str, ...]


def form_classes(
    members: Sequence[Member], variables: Sequence[str], *, least: int = 15, most: int = 8
) -> list[FormedClass]:
    """The classes of one home. The same roster gives the same classes in any order of its rows."""
    if len(members) < ONE_CLASS_BELOW:
        return [_whole(members)]
    merged = {name: merged_levels(name, members, least) for name in variables}
    useful = [name for name in variables if len(set(merged[name].values())) > 1]
    chosen: dict[tuple[Level, ...], list[int]] = {}
    for length in range(1, len(useful) + 1):
        combined = _combine(members, useful[:length], merged)
        if len(combined) > most or min(map(len, combined.values())) < least:
            break
        chosen = combined
    if not chosen:
        return [_whole(members)]
    names = useful[: len(next(iter(chosen)))]
    ranks = {name: _ranks(merged[name]) for name in names}
    return [
        FormedClass(
            label="，".join(map(level_words, levels))[:LABEL_LIMIT],
            levels=dict(zip(names, levels, strict=True)),
            member_ids=tuple(sorted(ids)),
        )
        for levels, ids in sorted(
            chosen.items(),
            key=lambda entry: [ranks[name][level] for name, level in zip(names, entry[0], strict=True)],
        )
    ]


def level_of(member: Member, variable: str) -> str:
    """A member's level of a variable before merging; what is not filled in is a level of its own."""
    return str(getattr(member, variable)).strip() or BLANK


def ordered_levels(variable: str, levels: Iterable[str]) -> list[str]:
    """The fixed order of levels: ages by their numbers, everything else by its text, blanks last."""
    rank = _age if variable in ORDERED else lambda level: (0, 0, level)
    return sorted(set(levels), key=lambda level: (level == BLANK, rank(level)))


def level_words(level: Level) -> str:
    """A merged level in words, shortened when it holds many."""
    return "、".join(level) if len(level) <= NAMED_LEVELS else f"{level[0]}等{len(level)}类"


def _whole(members: Sequence[Member]) -> FormedClass:
    return FormedClass(WHOLE_HOME, {}, tuple(sorted(member.id for member in members)))


def _age(level: str) -> tuple[int, int, str]:
    """`35岁以下` stands before `35-45岁`, and that before `45岁以上`."""
    found = re.search(r"\d+", level)
    below = "以下" in level or "under" in level.lower() or level.strip().startswith("<")
    return (int(found.group()) if found else 0, 0 if below else 1, level)


def merged_levels(variable: str, members: Sequence[Member], least: int) -> dict[str, Level]:
    """From each level as written to the merged level it belongs to."""
    sizes = Counter(level_of(member, variable) for member in members)
    groups: list[Level] = [(level,) for level in ordered_levels(variable, sizes)]

    def size(group: Level) -> int:
        return sum(sizes[level] for level in group)

    while len(groups) > 1:
        thin = min(range(len(groups)), key=lambda at: (size(groups[at]), at))
        if size(groups[thin]) >= least:
            break
        others = [at for at in range(len(groups)) if at != thin]
        if variable in ORDERED:
            others = [at for at in others if abs(at - thin) == 1]
        partner = min(others, key=lambda at: (size(groups[at]), at))
        first, second = sorted((thin, partner))
        groups[first] = tuple(ordered_levels(variable, groups[first] + groups[second]))
        del groups[second]
    return {level: group for group in groups for level in group}


def _combine(
    members: Sequence[Member], names: Sequence[str], merged: Mapping[str, Mapping[str, Level]]
) -> dict[tuple[Level, ...], list[int]]:
    combined: dict[tuple[Level, ...], list[int]] = {}
    for member in members:
        levels = tuple(merged[name][level_of(member, name)] for name in names)
        combined.setdefault(levels, []).append(member.id)
    return combined


def _ranks(merged: Mapping[str, Level]) -> dict[Level, int]:
    ranks: dict[Level, int] = {}
    for group in merged.values():
        ranks.setdefault(group, len(ranks))
    return ranks
