"""`dev.py test`: what it leaves out it says aloud, and no failure is lost."""

from __future__ import annotations

import os

import pytest

import dev
from devtools import chromium, console, virtualenv
from devtools.checking import CLOSING, Outcome, check, is_partial, pytest_command


@pytest.mark.parametrize(
    ("arguments", "left_out", "partial"),
    [
        ([], "not slow", False),
        (["--all"], "", False),
        (["--quick"], "not browser and not postgresql and not slow", True),
        (["--without-browser"], "not browser and not slow", True),
        (["--all", "--without-browser"], "not browser", True),
        (["tests/box"], "not slow", True),
    ],
)
def test_what_is_left_out_is_said(arguments, left_out, partial):
    options = dev.parse(["test", *arguments])
    command = pytest_command(options)
    assert command[command.index("-m") + 1] == left_out
    assert is_partial(options) is partial


def test_what_test_does_not_know_goes_to_pytest_and_run_refuses_it():
    assert pytest_command(dev.parse(["test", "tests/box", "-k", "cast"]))[-3:] == ("tests/box", "-k", "cast")
    with pytest.raises(SystemExit):
        dev.parse(["run", "-k", "cast"])


def test_a_failing_check_is_told_by_its_exit_code(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "pytest"
    script.write_text("#!/bin/sh\necho '1 failed, 2 passed in 0.10s'\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(virtualenv, "VENV", tmp_path)
    outcome = check(("pytest",), dict(os.environ))
    assert (outcome.code, outcome.closing_line) == (1, "1 failed, 2 passed in 0.10s")
    assert "FAILED" in str(outcome)


@pytest.mark.parametrize("line", ["3 passed in 1.20s", "1 failed, 2 passed, 4 skipped in 61.02s (0:01:01)"])
def test_the_closing_line_is_found_behind_other_lines(line):
    assert Outcome("pytest", 0, 1.0, f"noise\n{line}\nlate words\n").closing_line == line
    assert not CLOSING.search("checked 3 passed students")


def test_without_chromium_and_without_rights_the_line_to_run_is_shown(monkeypatch):
    monkeypatch.setattr(chromium, "find_chromium", lambda: None)
    monkeypatch.setattr(chromium, "administrator_prefix", lambda: None)
    with pytest.raises(console.Stop, match=r"sudo apt-get install .*chromium") as stop:
        chromium.ensure_chromium()
    assert stop.value.code == console.MISSING
