"""Brings the shared fixtures, marks the tests by what they need, and puts the long ones first."""

from __future__ import annotations

import gc

import pytest

pytest_plugins = (
    "tests.support.compiled",
    "tests.support.network",
    "tests.support.postgres",
    "tests.support.databases",
    "tests.support.server",
    "tests.support.browser",
)

POSTGRES_FIXTURES = {"postgres_server", "postgres_url", "postgres_template"}

# Run by `python3 dev.py test --all`: the daily run keeps a short sibling of each (tests/faults, tests/proof).
LONG_FILES = {"test_two_app_processes.py", "test_fuzz.py"}
LONG_ON_POSTGRESQL = {"test_crashes.py"}


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark that the database fixtures set by themselves."""
    config.addinivalue_line("markers", "postgresql: needs a PostgreSQL server (set by the fixtures)")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or PostgreSQL by its fixtures, so that no test can forget to say it.

    Browser files start first: with two workers a long file at the end would leave one idle.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "chromium" in fixtures:
            item.add_marker(pytest.mark.browser)
        if fixtures & POSTGRES_FIXTURES or _kind(item) == "postgresql":
            item.add_marker(pytest.mark.postgresql)
    for item in items:
        if item.path.name in LONG_FILES or (
            item.path.name in LONG_ON_POSTGRESQL and _kind(item) == "postgresql"
        ):
            item.add_marker(pytest.mark.slow)
    first = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in first)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector pass over the thousands of tests themselves: measured, a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def _kind(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("database_kind") if callspec else None
