"""Signs 建议核查: found over the homes of one organiser and year after rating, for their superior alone.

A flag changes no rating and removes no ballot; nothing here reads or writes a rating's class or figures but
to tell how far a rate moved. Chairs and the public never meet this room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from scoring.forgery import Finding, findings, one_group, traits_of_rows
from scoring.sheet import Floats, Ints
from survey_app.counting.models import HomeCount
from survey_app.results.models import RatingSnapshot, Result, ResultFlag, ResultState
from survey_app.rounds.models import Round, RoundHome, RoundKind

COMPARED = (
    ResultState.HELD,
    ResultState.PROVISIONAL,
    ResultState.OBJECTED,
    ResultState.FINAL,
    ResultState.PUBLISHED,
)
FARTHEST = 99.0
WAY = (
    RatingSnapshot.questionnaire_fingerprint,
    RatingSnapshot.scheme["basis"].as_string(),
    Round.electorate,
)


@dataclass(frozen=True)
class Candidate:
    """A home whose ballots are compared with those of the others."""

    result_id: int
    home_id: int
    form_id: int
    way: tuple[str, ...]  # questions, basis, who voted: years rated in another way do not jump
    combined: float | None
    n_effective: float | None
    traits: dict[str, Any]
    groups: list[dict[str, Any]]


def flag_homes(session: Session, round_id: str) -> None:
    """Find the signs anew for every home that the round's organiser rates in its year."""
    round_ = session.get_one(Round, round_id)
    by_form: dict[int, list[Candidate]] = defaultdict(list)
    for one in _candidates(session, round_):
        by_form[one.form_id].append(one)
    every = _results(round_).with_only_columns(Result.id)
    session.execute(delete(ResultFlag).where(ResultFlag.result_id.in_(every)))
    rows = [row for homes in by_form.values() for row in _flags(session, round_.year, homes)]
    if rows:
        session.execute(insert(ResultFlag), rows)


def _results(round_: Round) -> Any:
    return (
        select(Result)
        .join(Round, Round.id == Result.round_id)
        .where(
            Round.organiser_id == round_.organiser_id,
            Round.kind != RoundKind.PRACTICE,
            Result.year == round_.year,
        )
    )


def _candidates(session: Session, round_: Round) -> list[Candidate]:
    """Homes with traits, in a fixed order; a superseded or voided vote says nothing about the others."""
    statement = (
        _results(round_)
        .join(HomeCount, (HomeCount.round_id == Result.round_id) & (HomeCount.home_id == Result.home_id))
        .join(RoundHome, (RoundHome.round_id == Result.round_id) & (RoundHome.home_id == Result.home_id))
        .join(RatingSnapshot, RatingSnapshot.id == Result.snapshot_id)
        .where(Result.state.in_(COMPARED), HomeCount.traits.is_not(None))
        .order_by(Result.id)
        .with_only_columns(
            Result.id,
            Result.home_id,
            RoundHome.questionnaire_id,
            *WAY,
            Result.combined,
            Result.n_effective,
            HomeCount.traits,
            HomeCount.groups,
        )
    )
    return [
        Candidate(result_id, home_id, form_id, (questions, basis, electorate), *figures)
        for result_id, home_id, form_id, questions, basis, electorate, *figures in session.execute(statement)
    ]


def _flags(session: Session, year: int, homes: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The rows of homes that answered the same form."""
    traits = traits_of_rows([one.traits for one in homes])
    found = [*findings(traits, jumps=_jumps(session, year, homes)), *_group_findings(homes)]
    strongest: dict[tuple[int, str], Finding] = {}
    for finding in found:
        strongest.setdefault((homes[finding.home].result_id, finding.sign.value), finding)
    return [
        {
            "result_id": result_id,
            "sign": sign,
            "observed": float(np.clip(finding.observed, -1e9, 1e9)),
            "expected": float(finding.expected),
        }
        for (result_id, sign), finding in sorted(strongest.items())
    ]


def _group_findings(homes: Sequence[Candidate]) -> list[Finding]:
    """One variable at a time: a group is compared with the other levels of its own variable only."""
    by_variable: dict[str, dict[int, tuple[Ints, Ints]]] = defaultdict(dict)
    for number, one in enumerate(homes):
        levels: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for group in one.groups:
            levels[group.get("variable", "")].append((group["members"], group["redeemed"]))
        for variable, pairs in levels.items():
            members, redeemed = np.array(pairs, dtype=np.int64).T
            by_variable[variable][number] = members, redeemed
    return [finding for _, groups in sorted(by_variable.items()) for finding in one_group(groups)]


def _jumps(session: Session, year: int, homes: Sequence[Candidate]) -> Floats:
    """Change since last year's result rated in the same way, in standard errors; NaN where there is none."""
    before = _last_year(session, year, homes)
    jumps = np.full(len(homes), np.nan)
    for number, one in enumerate(homes):
        earlier = before.get(one.home_id)
        if earlier is None or one.combined is None or earlier.way != one.way:
            continue
        variance = _variance(one.combined, one.n_effective)
        variance += _variance(earlier.combined, earlier.n_effective)
        distance = (one.combined - earlier.combined) / 100 / np.sqrt(variance)
        jumps[number] = np.clip(distance, -FARTHEST, FARTHEST)
    return jumps


@dataclass(frozen=True)
class _Before:
    """A home's result of the year before."""

    combined: float
    n_effective: float | None
    way: tuple[str, ...]


def _last_year(session: Session, year: int, homes: Sequence[Candidate]) -> dict[int, _Before]:
    first, last = min(one.home_id for one in homes), max(one.home_id for one in homes)
    rows = session.execute(
        select(Result.home_id, Result.combined, Result.n_effective, *WAY)
        .join(RatingSnapshot, RatingSnapshot.id == Result.snapshot_id)
        .join(Round, Round.id == Result.round_id)
        .where(
            Result.year == year - 1,
            Result.home_id.between(first, last),
            Result.state.in_((ResultState.FINAL, ResultState.PUBLISHED)),
            Result.combined.is_not(None),
            Round.kind.in_((RoundKind.ORDINARY, RoundKind.REPEAT)),
        )
        .order_by(Result.id)
    )
    return {
        home_id: _Before(rate or 0.0, n_effective, tuple(way)) for home_id, rate, n_effective, *way in rows
    }


def _variance(percent: float, n_effective: float | None) -> float:
    """Of a rate in percent; at 0 and 100 % as if half a ballot stood on the other side."""
    n = max(n_effective or 1.0, 1.0)
    share = min(max(percent / 100, 0.5 / n), 1 - 0.5 / n)
    return share * (1 - share) / n
