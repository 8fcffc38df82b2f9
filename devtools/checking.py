"""`dev.py test`: runs every check, reports all of them, and says aloud when something was left out."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

from devtools.chromium import ensure_chromium
from devtools.console import FAILED, say
from devtools.virtualenv import ROOT, clean_environment, ensure_installed, tool

STATIC = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",))
WORKERS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
PARTIAL = "NOT A FULL RUN"
CLOSING = re.compile(r"\d+ (?:passed|failed|errors?|skipped|deselected)\b.* in [\d.]+s")
TAIL_BYTES = 20_000


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    code: int
    seconds: float
    tail: str

    @property
    def closing_line(self) -> str:
        """The line with which pytest closes."""
        return next((line for line in reversed(self.tail.splitlines()) if CLOSING.search(line)), "")

    def __str__(self) -> str:
        return f"{'通过 ok    ' if self.code == 0 else '失败 FAILED'} {self.seconds:6.1f} s  {self.name}"


def test(options: argparse.Namespace) -> int:
    """Run every check and let pytest's closing line be the last one: that is where a reader of CI looks."""
    ensure_installed("test")
    environment = clean_environment()
    if not (options.quick or options.without_browser):
        environment["CHROMIUM"] = ensure_chromium()
    static = () if options.pytest else STATIC
    outcomes = [check(command, environment) for command in (*static, pytest_command(options))]
    say("")
    for outcome in outcomes:
        say(str(outcome))
    if is_partial(options):
        say(f"{PARTIAL}: 只跑了一部分")
    say(outcomes[-1].closing_line)
    return FAILED if any(outcome.code for outcome in outcomes) else 0


def is_partial(options: argparse.Namespace) -> bool:
    """Whether something that CI runs was left out."""
    return bool(options.quick or options.without_browser or options.pytest)


def pytest_command(options: argparse.Namespace) -> tuple[str, ...]:
    """Two workers, a file never split, the kinds of test that were asked for."""
    left_out = {
        "browser": options.quick or options.without_browser,
        "postgresql": options.quick,
        "slow": not options.everything,
    }
    chosen = " and ".join(f"not {mark}" for mark, out in left_out.items() if out)
    colour = ("--color=yes",) if sys.stdout.isatty() else ()
    return ("pytest", *WORKERS, *colour, "-m", chosen, *options.pytest)


def check(command: tuple[str, ...], environment: dict[str, str]) -> Outcome:
    """Run one check and pass its output on as it comes."""
    name = " ".join(command) if command in STATIC else command[0]
    say(f"\n== {name}")
    started = time.monotonic()
    tail = b""
    reader, writer = os.pipe()
    with subprocess.Popen(
        [tool(command[0]), *command[1:]], cwd=ROOT, env=environment, stdout=writer, stderr=writer
    ) as process:
        os.close(writer)
        while chunk := os.read(reader, 65_536):
            os.write(sys.stdout.fileno(), chunk)
            tail = (tail + chunk)[-TAIL_BYTES:]
    os.close(reader)
    return Outcome(name, process.returncode, time.monotonic() - started, tail.decode(errors="replace"))
