#!/usr/bin/env python3
"""The two commands of a developer, with nothing but the standard library: `run` the product, `test` it.

    python3 dev.py run  [--port N] [--host ADDRESS] [--lan] [--data FOLDER] [--empty]
    python3 dev.py test [--quick | --all] [--without-browser] [pytest arguments]

Both make `.venv` and install the hash-locked packages when their inputs changed. Everything may be
interrupted and said again: what was finished is kept, what was half done is done anew.
Exit codes: 1 a check failed, 2 wrong use, 3 something is missing on this machine, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from devtools.checking import test
from devtools.console import INTERRUPTED, MISSING, Stop, say
from devtools.running import run
from devtools.virtualenv import ROOT

OLDEST_PYTHON = (3, 11)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of one of the two commands; what `test` does not know goes to pytest."""
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="启动 (start the product)")
    runs.add_argument("--port", type=int, default=8000, help="端口 (default 8000)")
    runs.add_argument("--host", default="127.0.0.1", help="监听地址 (default 127.0.0.1)")
    runs.add_argument(
        "--lan", action="store_true", help="让同一网络的手机打开，自签证书 (phones on this network)"
    )
    runs.add_argument(
        "--data", type=Path, default=ROOT / "var", metavar="FOLDER", help="数据文件夹 (default var/)"
    )
    runs.add_argument("--empty", action="store_true", help="不装演示数据 (no demonstration)")
    tests = commands.add_parser("test", help="检查并测试 (check and test)")
    extent = tests.add_mutually_exclusive_group()
    extent.add_argument(
        "--quick", action="store_true", help="不含浏览器、PostgreSQL 和慢测试 (the fast ones)"
    )
    extent.add_argument("--all", action="store_true", dest="everything", help="含慢测试 (the slow ones too)")
    tests.add_argument("--without-browser", action="store_true", help="不含浏览器测试 (no browser)")
    options, further = parser.parse_known_args(arguments)
    if further and options.command == "run":
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    options.pytest = further
    return options


def main(arguments: list[str]) -> int:
    """Carry out one command and return its exit code."""
    options = parse(arguments)
    try:
        if sys.version_info < OLDEST_PYTHON:
            raise Stop("需要 Python 3.11 或更新 (Python 3.11 or newer is needed)", MISSING)
        return run(options) if options.command == "run" else test(options)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        say("\n已停止；再运行一次会接着做 (stopped; run again to go on)")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
