"""A process that knows the program already, and from which servers and commands are forked.

Starting Python and importing the application takes longer than most tests that need a server. What is forked
is a process of its own all the same, with its own group, environment, files and connections, and dies by
kill -9 like any other. `tests/faults/test_kills.py` starts the program from nothing, as an operator does.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STEP_S = 0.01
# A library that computes in threads of its own would not survive the fork in one piece.
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Grown:
    """A forked process, with what tests need of `subprocess.Popen`."""

    pid: int
    end: Path
    """Where the nursery writes how it ended."""

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        try:
            return int(self.end.read_text())
        except FileNotFoundError:
            return None

    def wait(self, patience: float) -> int:
        """Wait for the end."""
        deadline = time.monotonic() + patience
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("pingjia", patience)
            time.sleep(STEP_S)
        return code

    def terminate(self) -> None:
        """Ask it to end."""
        os.kill(self.pid, signal.SIGTERM)


class Nursery:
    """The side of the tests: asks for a process and gets its number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="pingjia-nursery-")
        self._number = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"],
            cwd=ROOT,
            env={**os.environ, **ALONE},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._close)

    def grow(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        output: Path,
        errors: Path | None = None,
        typed: Path | None = None,
    ) -> Grown:
        """`pingjia` with these arguments and nothing but this environment; outputs are appended to files."""
        with self._lock:
            self._number += 1
            end = Path(self._folder.name, str(self._number))
            call = {
                "arguments": list(arguments),
                "environment": dict(environment),
                "files": [str(typed or os.devnull), str(output), str(errors or output)],
                "end": str(end),
            }
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(call) + "\n")
            self._process.stdin.flush()
            return Grown(int(self._process.stdout.readline()), end)

    def _close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()


@cache
def nursery() -> Nursery:
    """The nursery of this test process, started when it is first needed."""
    return Nursery()


def _tend() -> None:
    """The side of the processes: learn the program once, then fork for every line that comes in."""
    for name in ("survey_app", "questionnaires", "scoring"):
        for module in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
            import_module(module.name)
    assert threading.active_count() == 1, "a thread would not survive the fork"
    gc.freeze()
    ends: dict[int, Path] = {}

    def reap(*_signal: object) -> None:
        while ends:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            end = ends.pop(pid)
            half = end.with_suffix(".half")
            half.write_text(str(os.waitstatus_to_exitcode(status)))
            half.rename(end)

    signal.signal(signal.SIGCHLD, reap)
    for line in sys.stdin:
        call = json.loads(line)
        # Nobody is reaped before it is known where its end is to be written.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        child = os.fork()
        if child == 0:
            _become(call)
        ends[child] = Path(call["end"])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        print(child, flush=True)


def _become(call: dict[str, Any]) -> None:
    """In the child: the command with its environment and files, as if it had been started from nothing."""
    from survey_app.cli import main

    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.environ.clear()
        os.environ.update(call["environment"])
        for number, path in enumerate(call["files"]):
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
            os.dup2(os.open(path, flags, 0o600), number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
        sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115 - open to the end
        sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115 - open to the end
        sys.argv = ["pingjia", *call["arguments"]]
        main(args=call["arguments"], prog_name="pingjia")
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _tend()
