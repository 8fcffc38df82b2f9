"""A data folder for the tests of the two commands."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def usual_umask():
    """Restore the umask that making settings narrows."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def data(tmp_path, usual_umask):
    """A data folder that does not exist yet."""
    return tmp_path / "数据 of the office"
