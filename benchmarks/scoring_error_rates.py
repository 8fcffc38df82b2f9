"""Writes the tables of docs/method.md that tell how often the rule is wrong and what turnout buys.

usage: python benchmarks/scoring_error_rates.py [--replications 10000] [--homes 30000]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from scoring.error_rates import (
    SCENARIOS,
    CityRun,
    Coverage,
    coverage_grid,
    enumerate_errors,
    simulate_city,
    thresholds,
)
from scoring.scheme import Scheme

METHOD = Path(__file__).resolve().parents[1] / "docs" / "method.md"
BEGIN, END = "<!-- begin: error rates -->", "<!-- end: error rates -->"
SIZES = (30, 60, 150, 500, 2000)
TURNOUTS = (0.50, 0.67, 0.80, 0.95, 1.00)
ENUMERATED = (10, 25, 30, 50, 60, 80, 100, 150, 200, 300, 500, 1000, 2000)


def row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    return "\n".join([row(names), row("---" for _ in names), *map(row, rows)])


def percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f}"


def below_line(value: float) -> str:
    """One decimal, or two where one would round up to the line itself."""
    return percent(value, 2 if percent(value) == percent(Scheme().t_bad) else 1)


def what_turnout_buys() -> str:
    def cell(members: int, turnout: float) -> str:
        n = round(members * turnout)
        cut = thresholds(members, n)
        order = below_line(cut.order_at_most / n) if cut.order_at_most >= 0 else "–"
        good = percent(cut.qualified_from / n) if cut.qualified_from <= n else "–"
        award = percent(cut.award_from / n) if cut.award_from <= n else "–"
        return f"{order} / {good} / {award}"

    head = ["N", *(f"turnout {turnout:.0%}" for turnout in TURNOUTS)]
    return table(head, ([members, *(cell(members, t) for t in TURNOUTS)] for members in SIZES))


def enumeration() -> str:
    found = [(members, enumerate_errors(members)) for members in ENUMERATED]
    return table(
        ["N", "wrong order, %", "at n", "wrong award, %", "at n"],
        (
            [n, percent(e.wrong_order, 2), e.order_at[1], percent(e.wrong_award, 2), e.award_at[1]]
            for n, e in found
        ),
    )


def coverage(replications: int) -> str:
    def worst(scheme: Scheme) -> dict[str, tuple[float, float]]:
        by: dict[str, list[Coverage]] = defaultdict(list)
        for found in coverage_grid(replications, np.random.default_rng(1), scheme):
            by[found.scenario].append(found)
        return {name: (max(c.above for c in rows), max(c.below for c in rows)) for name, rows in by.items()}

    own, merged = worst(Scheme()), worst(Scheme(min_level_ballots=10))
    return table(
        [
            "scenario",
            "classes",
            "response",
            "lean",
            "above U, %",
            "below L, %",
            "above U, merged at 10",
            "below L, merged at 10",
        ],
        (
            [
                s.name,
                " ".join(f"{share:.2f}" for share in s.shares),
                " ".join(f"{r:.2f}" for r in s.response),
                " ".join(f"{lean:+.2f}" for lean in s.lean),
                *(percent(value) for value in (*own[s.name], *merged[s.name])),
            ]
            for s in SCENARIOS
        ),
    )


def city(run: CityRun) -> str:
    return table(
        ["rule", "flagged", "wrong", "missed"], ([r.rule, r.flagged, r.wrong, r.missed] for r in run.rules)
    )


def text(replications: int, homes: int) -> str:
    run = simulate_city(homes, 1)
    return f"""{BEGIN}
The tables are written by `benchmarks/scoring_error_rates.py`; nobody edits them by hand.

### What turnout buys

Highest rate that still leads to 不满意 / lowest 合格 / lowest whose bound reaches the award line, in percent,
for one class and no blanks. Where turnout is below two thirds the third figure is the bound only.

{what_turnout_buys()}

### Wrong orders and wrong awards, enumerated

Largest chance, over every turnout at which the rule speaks, that a home whose true rate just reaches 60 % is
rated 不满意, and that a home whose true rate is just below 90 % is rated 可申报 (one class, hypergeometric
distribution, no simulation).

{enumeration()}

### Unequal response, simulated

Worst share of draws in which the true rate lies above U or below L, over homes of 25 to 5,000 members and
true rates of 40 to 100 percent, {replications:,} draws each. Classes are those of the product: one class
under forty members, fifteen members at least in each. `response` is the chance to answer by class, `lean`
how far a class differs from the home. The last two columns merge classes under ten ballots, as anonymity
demands at counting, instead of five: what then differs inside a merged class can no longer be weighted, and
that is the price of it in homes near the floor.

{coverage(replications)}

### A whole city

{run.homes:,} synthetic homes, {run.members:,} members, {run.ballots:,} ballots; {run.truly_below} homes that
pass the gates are truly below 60 %. Of the orders, {percent(run.visit_first_share)} % are not on the
conditional-BH list and carry the mark V2.

{city(run)}
{END}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=10_000)
    parser.add_argument("--homes", type=int, default=30_000)
    options = parser.parse_args()
    page = METHOD.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    METHOD.write_text(before + text(options.replications, options.homes) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
