"""What may enter a decision is a matter of structure: the import rule of the engine's rooms."""

from __future__ import annotations

import ast
from pathlib import Path

import scoring

ROOMS = {path.stem: path for path in Path(scoring.__file__).parent.glob("*.py")}

# The decision path: what each of its rooms may know of the engine. Nothing else can change a rating.
DECISION = {
    "sheet": set(),
    "scheme": {"sheet"},
    "strata": {"sheet"},
    "weighting": {"sheet", "scheme", "strata"},
    "uncertainty": {"sheet", "weighting"},
    "decision": {"sheet", "scheme", "weighting", "strata", "uncertainty"},
}
REPORTS = {
    "comparison",
    "reliability",
    "drivers",
    "forgery",
    "variance",
    "disclosure",
    "shown",
    "synthetic",
    "city",
}


def imports(room: str) -> set[str]:
    """Rooms of the engine and outside packages that a file imports anywhere, even inside a function."""
    found = set()
    for node in ast.walk(ast.parse(ROOMS[room].read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {name.removeprefix("scoring.") for name in names}
    return found


def test_the_decision_knows_only_counts_policy_weights_and_bounds():
    for room, allowed in DECISION.items():
        assert imports(room) & ROOMS.keys() <= allowed, room


def test_the_rating_is_composed_without_any_other_home():
    reached, pending = set(), {"rating"}
    while pending:
        room = pending.pop()
        reached.add(room)
        pending |= (imports(room) & ROOMS.keys()) - reached
    assert not reached & REPORTS


def test_the_engine_knows_numpy_scipy_and_the_standard_library_only():
    outside = {name.split(".")[0] for room in ROOMS for name in imports(room) - ROOMS.keys()}
    for name in (
        "flask",
        "sqlalchemy",
        "survey_app",
        "questionnaires",
        "matplotlib",
        "pandas",
        "random",
        "time",
    ):
        assert name not in outside
    assert {"numpy", "scipy"} <= outside


def test_randomness_comes_only_from_a_generator_that_was_passed_in():
    for room, path in ROOMS.items():
        text = path.read_text(encoding="utf-8")
        assert "np.random.seed" not in text, room
        uses = (
            text.count("np.random.")
            - text.count("np.random.Generator")
            - text.count("np.random.default_rng(seed)")
        )
        assert uses == 0, room
