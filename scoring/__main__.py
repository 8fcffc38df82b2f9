"""Command line: `python -m scoring rate SHEET.json` prints the rating of one home as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scoring.exchange import load, plain
from scoring.rating import rate
from scoring.sheet import Fault, FaultyInput


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 2 the input has faults (each on its own line of standard error)."""
    parser = argparse.ArgumentParser(prog="python -m scoring", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    rating = commands.add_parser("rate", help="class, reason, bounds and every figure of one home")
    rating.add_argument("sheet", help="a JSON file, or - for standard input")
    options = parser.parse_args(arguments)
    try:
        print_json(plain(rate(*load(_text(options.sheet)))))
    except FaultyInput as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2
    return 0


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
