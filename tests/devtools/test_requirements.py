"""What is installed: locked by hash, free of addresses, and only by the standard library."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

import pytest

from devtools import virtualenv

ROOT = virtualenv.ROOT
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """The pinned versions by normalised name."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PIN.findall(text)}


def lock(kind: str) -> str:
    """The text of one lock file."""
    return virtualenv.LOCKS[kind].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "file", ["dev.py", *(f"devtools/{one.name}" for one in (ROOT / "devtools").glob("*.py"))]
)
def test_the_commands_import_the_standard_library_only(file):
    imported = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= sys.stdlib_module_names | {"devtools"}


@pytest.mark.parametrize("kind", ["runtime", "test"])
def test_every_locked_package_has_a_hash_and_no_address(kind):
    entries = re.split(r"\n(?=\w)", lock(kind).strip())
    assert len(entries) > 40
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|^-|find-links|index-url", lock(kind), re.MULTILINE)


def test_the_test_lock_contains_the_runtime_lock():
    assert pins(lock("runtime")).items() <= pins(lock("test")).items()


def test_the_locks_hold_what_the_project_file_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = pins("\n".join(project["dependencies"]))
    assert wanted.items() <= pins(lock("runtime")).items()
    further = pins("\n".join(project["optional-dependencies"]["test"]))
    assert further.items() <= pins(lock("test")).items()
