"""The same homes through scoring, R survey, samplics and svy: time per home and agreement.

usage: python benchmarks/scoring_peers.py [--homes 60] [--seed 1]

Samplics and svy are installed into a throw-away environment; R with its survey package must be on the path.
Each peer is used one home at a time through its public interface: weights raked to the roster, then the mean
and standard error of 63 statistics. They are general tools and pay for generality at every call.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
PEERS = ("samplics==0.6.1", "svy==0.35.0")
Found = list[list[list[float]]]  # homes x statistics x (estimate, standard error)


def prepare(folder: Path, homes: int, seed: int) -> dict[str, Any]:
    """Write the homes as tables of ballots, and score them here."""
    import numpy as np

    from scoring.city import score_city
    from scoring.rating import rate
    from scoring.synthetic import count_block, draw_city

    block = next(draw_city(1000, np.random.default_rng(seed)))
    city = count_block(block)
    scores = score_city(city)
    chosen = _plain_homes(city, scores, homes)
    questions = city.answers.shape[1]
    columns = [f"{kind}{q}" for kind in ("top", "good", "points") for q in range(questions)]
    described = []
    for number in chosen:
        rows = np.flatnonzero(city.home[block.cell] == number)
        cells = np.flatnonzero(city.home == number)
        used = [
            v
            for v, count in enumerate(scores.weights.levels)
            if (scores.weights.codes[v][cells] < count).all()
        ]
        codes = {f"v{v}": scores.weights.codes[v][block.cell[rows]] for v in used}
        weights = scores.weights.w[block.cell[rows]]
        margins = {
            name: {f"L{level}": float(weights[code == level].sum()) for level in sorted(set(code.tolist()))}
            for name, code in codes.items()
        }
        file = f"home{number}.csv"
        _write_table(folder / file, codes, block.ballots[rows], columns)
        described.append(
            {
                "file": file,
                "members": int(city.members[number]),
                "variables": list(codes),
                "margins": margins,
                "columns": columns,
            }
        )
    (folder / "homes.json").write_text(json.dumps(described))
    part = _only(city, chosen)
    (seconds, cpu), result = best(lambda: score_city(part))
    sheets = [part.sheet(number) for number in range(part.homes)]
    (alone, alone_cpu), _ = best(lambda: [rate(sheet) for sheet in sheets])
    stats = result.statistics
    order = [*range(questions), *range(questions, 2 * questions), *range(2 * questions, 3 * questions)]
    found = [[[stats.estimate[h, c], stats.v_overall[h, c] ** 0.5] for c in order] for h in range(part.homes)]
    return {
        "all at once": {"seconds": seconds, "cpu": cpu},
        "one by one": {"seconds": alone, "cpu": alone_cpu},
        "found": found,
        "ballots": int(part.ballots.sum()),
    }


def best(work: Callable[[], Any], times: int = 5) -> tuple[tuple[float, float], Any]:
    """Shortest wall and processor time of some runs: a machine shared with others only ever adds."""
    spent = []
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        result = work()
        spent.append((time.perf_counter() - start, time.process_time() - cpu))
    return (min(wall for wall, _ in spent), min(cpu for _, cpu in spent)), result


def _plain_homes(city: Any, scores: Any, homes: int) -> list[int]:
    """Homes rated on their weights, where no bound on a weight was needed: every peer can do those."""
    import numpy as np

    ballots = np.bincount(city.home, city.ballots, city.homes)
    low = np.full(city.homes, np.inf)
    np.minimum.at(low, city.home, scores.weights.g)
    free = (low > 1.001 * ballots / city.members) & (scores.weights.kept > 0) & (ballots >= 60)
    return np.flatnonzero(free)[:homes].tolist()


def _only(city: Any, chosen: list[int]) -> Any:
    import numpy as np

    from scoring.city import CityCounts

    rows = np.isin(city.home, chosen)
    number = np.searchsorted(chosen, city.home[rows])
    return CityCounts(
        city.members[chosen], city.held[chosen], number, city.ballots[rows], city.roster[rows],
        tuple(level[rows] for level in city.levels), tuple(margin[chosen] for margin in city.margins),
        city.answers[rows], city.scores[rows],
    )  # fmt: skip


def _write_table(path: Path, codes: dict[str, Any], ballots: Any, columns: list[str]) -> None:
    top = {0: 1, 1: 0, 2: 0}
    good = {0: 1, 1: 1, 2: 0}
    points = {0: 100, 1: 50, 2: 0}
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*codes, *columns])
        for row, answers in enumerate(ballots.tolist()):
            values = [kind.get(answer, "NA") for kind in (top, good, points) for answer in answers]
            writer.writerow([*(f"L{code[row]}" for code in codes.values()), *values])


def read(folder: Path) -> list[tuple[dict[str, Any], dict[str, list[str]]]]:
    homes = json.loads((folder / "homes.json").read_text())
    tables = []
    for home in homes:
        with (folder / home["file"]).open() as file:
            rows = list(csv.DictReader(file))
        tables.append((home, {name: [row[name] for row in rows] for name in rows[0]}))
    return tables


def run_samplics(folder: Path) -> dict[str, Any]:
    import numpy as np
    from samplics.estimation import TaylorEstimator
    from samplics.utils.types import PopParam
    from samplics.weighting import SampleWeight

    homes = read(folder)
    start, cpu, found = time.perf_counter(), time.process_time(), []
    for home, table in homes:
        n = len(next(iter(table.values())))
        weights = np.full(n, home["members"] / n)
        if home["variables"]:
            margins = {v: np.array(table[v]) for v in home["variables"]}
            weights = SampleWeight().rake(
                weights, margins, control=home["margins"], tol=1e-9, ctrl_tol=1e-9, max_iter=500
            )
        fpc = 1 - n / home["members"]
        row = []
        for column in home["columns"]:
            y = np.array([np.nan if v == "NA" else float(v) for v in table[column]])
            mean = TaylorEstimator(PopParam.mean)
            mean.estimate(y=y, samp_weight=weights, fpc=fpc, remove_nan=True)
            row.append([float(mean.point_est), float(mean.stderror)])
        found.append(row)
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "found": found}


def run_svy(folder: Path) -> dict[str, Any]:
    import polars as pl
    import svy

    homes = read(folder)
    start, cpu, found = time.perf_counter(), time.process_time(), []
    for home, table in homes:
        n = len(next(iter(table.values())))
        data: dict[str, list[Any]] = {v: table[v] for v in home["variables"]}
        data |= {c: [None if v == "NA" else float(v) for v in table[c]] for c in home["columns"]}
        data |= {"w": [home["members"] / n] * n, "N": [home["members"]] * n}
        sample = svy.Sample(pl.DataFrame(data), svy.Design(wgt="w", pop_size="N"))
        if home["variables"]:
            sample = sample.weighting.rake(controls=home["margins"], tol=1e-9, max_iter=500)
        means = [sample.estimation.mean(column, drop_nulls=True) for column in home["columns"]]
        found.append([[float(m.estimates[0].est), float(m.estimates[0].se)] for m in means])
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "found": found}


RUNS = {"samplics": run_samplics, "svy": run_svy}


def elsewhere(folder: Path, name: str, python: Path) -> dict[str, Any]:
    command = [str(python), "-W", "ignore", str(HERE), "--peer", name, "--folder", str(folder)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads((folder / f"{name}.json").read_text()))


def in_r(folder: Path) -> dict[str, Any]:
    subprocess.run(["Rscript", str(HERE.with_suffix(".R")), str(folder)], check=True, capture_output=True)
    return dict(json.loads((folder / "r.json").read_text()))


def agreement(ours: Found, theirs: Found) -> dict[str, float]:
    """Largest relative difference of estimates and the range of the ratio of standard errors."""
    estimate, ratios = 0.0, []
    for our_home, their_home in zip(ours, theirs, strict=True):
        for (e, s), (e2, s2) in zip(our_home, their_home, strict=True):
            estimate = max(estimate, abs(e - e2) / max(abs(e), 1e-9))
            if s > 1e-9 and s2 > 1e-9:
                ratios.append(s2 / s)
    ratios.sort()
    return {
        "estimates": estimate,
        "se_ratio_low": ratios[0],
        "se_ratio_median": ratios[len(ratios) // 2],
        "se_ratio_high": ratios[-1],
    }


def compare(homes: int, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="scoring-peers-") as name:
        folder = Path(name)
        ours = prepare(folder, homes, seed)
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True, capture_output=True)
        results = {"R survey": in_r(folder), **{peer: elsewhere(folder, peer, python) for peer in RUNS}}
    count = len(ours["found"])
    own = {name: ours[name] for name in ("all at once", "one by one")}
    lines = {f"scoring, {name}": per_home(spent, count) for name, spent in own.items()}
    base = lines["scoring, all at once"]["ms_cpu"]
    for name, result in results.items():
        spent = per_home(result, count)
        lines[name] = spent | {"times": spent["ms_cpu"] / base, **agreement(ours["found"], result["found"])}
    return {"homes": count, "ballots": ours["ballots"], "lines": lines}


def per_home(spent: dict[str, float], homes: int) -> dict[str, float]:
    return {"ms": 1000 * spent["seconds"] / homes, "ms_cpu": 1000 * spent["cpu"] / homes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", choices=sorted(RUNS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        result = RUNS[options.peer](options.folder)
        (options.folder / f"{options.peer}.json").write_text(json.dumps(result))
        return
    json.dump(compare(options.homes, options.seed), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
