"""The package needs the standard library and itself, nothing else."""

import ast
import sys
from pathlib import Path

import pytest

import questionnaires
from questionnaires.fingerprint import canonical_json

ROOMS = sorted(Path(questionnaires.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_a_room_imports_only_the_standard_library_and_its_siblings(room):
    names = set()
    for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    assert {name for name in names if name.split(".")[0] not in sys.stdlib_module_names} <= {
        name for name in names if name.split(".")[0] == "questionnaires"
    }


def test_canonical_json_writes_chinese_as_itself_and_sorts_its_keys():
    assert canonical_json({"b": ["满意", None], "a": {"d": 1, "c": True}}) == (
        '{"a":{"c":true,"d":1},"b":["满意",null]}'.encode()
    )


@pytest.mark.parametrize("data", [{"a": 1.0}, {"a": [{"b": 0.5}]}, {"a": {1: "x"}}])
def test_canonical_json_refuses_what_has_more_than_one_spelling(data):
    with pytest.raises(TypeError):
        canonical_json(data)
