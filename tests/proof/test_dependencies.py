"""The list of dependencies in docs/ is that of the locked requirements, with a licence for each."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_list_names_every_locked_package_with_its_licence() -> None:
    page = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    maker = runpy.run_path(str(DOCS / "dependencies.py"))
    locked = maker["pinned"](DOCS.parent / "requirements" / "runtime.lock")
    assert len(locked) > 30
    for name, version in locked:
        assert f"| {name} | {version} |" in page, f"{name}: run python docs/dependencies.py"
    assert "not stated" not in page
    assert "GPL-3.0" not in page.replace("LGPL-3.0", "")
