"""Writes the tables of docs/method.md that tell how often the rule is wrong and what turnout buys.

usage: python benchmarks/scoring_error_rates.py [--replications 10000] [--homes 30000]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from scoring.error_rates import (
    SCENARIOS,
    CityRun,
    Counting,
    Coverage,
    coverage_grid,
    enumerate_errors,
    simulate_city,
    simulate_coverage,
    thresholds,
)
from scoring.scheme import Scheme

METHOD = Path(__file__).resolve().parents[1] / "docs" / "method.md"
BEGIN, END = "<!-- begin: error rates -->", "<!-- end: error rates -->"
SIZES = (30, 60, 150, 500, 2000)
TURNOUTS = (0.50, 0.67, 0.80, 0.95, 1.00)
POWER_SIZES, POWER_RATES = (40, 60, 80, 150, 300), (0.2, 0.3, 0.4, 0.5)
AWARD_RATES = (0.93, 0.95, 0.97, 1.0)
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
    """The product's own settings, and beside them what merging did before the bounds knew of it."""
    own, blind = (_worst(replications, counting) for counting in (Counting(), Counting(strata=False)))
    head = ["scenario", "classes", "response", "lean", "above U, %", "below L, %"]
    head += ["wrong order, %", "wrong award, %", "without widening: above U", "below L"]
    return table(
        head,
        (
            [
                s.name,
                " ".join(f"{share:.2f}" for share in s.shares),
                " ".join(f"{r:.2f}" for r in s.response),
                " ".join(f"{lean:+.2f}" for lean in s.lean),
                *(f"{percent(c.above)} ({_at(c)})" for c in [max(own[s.name], key=lambda c: c.above)]),
                *(f"{percent(c.below)} ({_at(c)})" for c in [max(own[s.name], key=lambda c: c.below)]),
                percent(max(c.wrong_order for c in own[s.name])),
                percent(max(c.wrong_award for c in own[s.name])),
                percent(max(c.above for c in blind[s.name])),
                percent(max(c.below for c in blind[s.name])),
            ]
            for s in SCENARIOS
        ),
    )


def _worst(replications: int, counting: Counting) -> dict[str, list[Coverage]]:
    by: dict[str, list[Coverage]] = defaultdict(list)
    for found in coverage_grid(replications, np.random.default_rng(1), counting):
        by[found.scenario].append(found)
    return by


def _at(found: Coverage) -> str:
    return f"{found.members}, {found.rate:.0%}"


def power(replications: int) -> str:
    """How often a truly bad home gets its order: counted apart, as the product does, without widening."""
    return _compared(replications, POWER_RATES, Counting(strata=False), lambda found: found.order)


def award_power(replications: int) -> str:
    """How often a truly good home reaches an award: counted apart, as the product does, classes not asked."""
    return _compared(replications, AWARD_RATES, Counting(guard=False), lambda found: found.award)


def _compared(
    replications: int, rates: tuple[float, ...], other: Counting, share: Callable[[Coverage], float]
) -> str:
    designs = (Counting(1, 10**6), Counting(), other)
    rows = []
    for scenario in SCENARIOS:
        if len(scenario.shares) == 1:
            continue
        for members in POWER_SIZES:
            cells = []
            for true in rates:
                found = [
                    simulate_coverage(scenario, members, true, replications, np.random.default_rng(2), design)
                    for design in designs
                ]
                if None not in found:
                    cells.append(" / ".join(percent(share(one), 0) for one in found if one is not None))
            if cells:
                rows.append([scenario.name, members, *cells])
    return table(["scenario", "N", *(f"true {true:.0%}" for true in rates)], rows)


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

Classes are those of the product: one class under forty members, fifteen members at least in each, merged
under ten ballots or above five times N/n, exactly as at counting (a test holds the two together).
`response` is the chance to answer by class, `lean` how far a class differs from the home. "Above U" and
"below L" are the worst shares of draws in which the true rate lies outside, over homes of 25 to 5,000
members and true rates of 40 to 100 percent, with the size and the rate where that was; {replications:,}
draws a cell, so a figure near 5 % has a standard error of {percent((0.05 * 0.95 / replications) ** 0.5, 2)}
points, and the worst of some seventy cells lies about two and a half of them too high. A wrong order needs a
true rate of 60 % or more and U below it, a wrong award a true rate under 90 % and L at it. The last two
columns are the same draws without the widening of "Classes counted together".

{coverage(replications)}

### What the widening costs

How often a home that is truly bad ends with an order, in percent: counted apart (which anonymity forbids) /
as the product does it / merged without the widening (which errs in up to one case in six, see above).

{power(max(1000, replications // 4))}

### What asking each class costs

How often a home that is truly good reaches the award line, in percent: counted apart /
as the product does it / without asking each merged class (version 1.1).

{award_power(max(1000, replications // 4))}

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
    written = text(options.replications, options.homes)
    page = METHOD.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    METHOD.write_text(before + written + after, encoding="utf-8")


if __name__ == "__main__":
    main()
