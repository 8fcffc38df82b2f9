"""The package depends on the standard library, the bundled data and itself: no clock, web or database."""

import ast
import sys
from pathlib import Path

import pytest

import survey_app.workdays

ROOMS = sorted(Path(survey_app.workdays.__file__).parent.glob("*.py"))


def imported_by(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return names


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_a_room_imports_only_the_standard_library_the_data_and_its_siblings(room):
    foreign = {
        name
        for name in imported_by(ast.parse(room.read_text(encoding="utf-8")))
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("survey_app.workdays", "chinese_calendar"))
    }
    assert foreign == set()


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_a_room_never_asks_what_day_it_is(room):
    tree = ast.parse(room.read_text(encoding="utf-8"))
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not asked & {"today", "now", "utcnow", "time"}
