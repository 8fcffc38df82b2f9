"""Command line: rate one home, list all its estimates, or rate a synthetic city; everything as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scoring.error_rates import simulate_city
from scoring.exchange import load, plain
from scoring.methods import METHOD_VERSION, METHODS
from scoring.rating import rate, written
from scoring.sheet import Fault, FaultyInput
from scoring.tables import table


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 2 the input has faults (each on its own line of standard error)."""
    options = _parser().parse_args(arguments)
    try:
        print_json(options.run(options))
    except FaultyInput as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scoring", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, about in (
        ("rate", _rate, "class, reason, bounds and every figure of one home"),
        ("estimate", _estimate, "every rate and mean of one home and its classes, with every variance"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("sheet", help="a JSON file, or - for standard input")
        command.set_defaults(run=run)
        versions = f"version of the method: {', '.join(METHODS)} (default: the last)"
        command.add_argument("--method", default=METHOD_VERSION, help=versions)
    city = commands.add_parser("simulate", help="a synthetic city, rated by the rule and by other rules")
    city.add_argument("--homes", type=int, default=3000)
    city.add_argument("--seed", type=int, default=1)
    city.set_defaults(run=_simulate)
    return parser


def _rate(options: argparse.Namespace) -> object:
    return written(rate(*load(_text(options.sheet)), options.method))


def _estimate(options: argparse.Namespace) -> object:
    return plain(table(*load(_text(options.sheet)), options.method))


def _simulate(options: argparse.Namespace) -> object:
    if options.homes < 1 or options.seed < 0:
        raise FaultyInput((Fault("simulate", "OUT_OF_RANGE", f"{options.homes} homes, seed {options.seed}"),))
    return plain(simulate_city(options.homes, options.seed))


def print_json(data: object) -> None:
    """Print one document, keys sorted, so that two runs can be compared line by line."""
    print(json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False))


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FaultyInput((Fault("document", "NOT_READABLE", str(error)),)) from error


if __name__ == "__main__":
    sys.exit(main())
