"""Secrets are made once, kept private, and never replaced beside existing data."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from devtools import console, settings_file
from survey_app.core.settings import Settings

URL = "http://127.0.0.1:8000"


def test_fresh_settings_are_complete_and_private(data):
    made = settings_file.settings_of(data, URL, demo=False)
    settings = Settings.from_environment(made)
    assert settings.data_folder == data
    assert settings.demo is False
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "settings.env").stat().st_mode & 0o777 == 0o600


def test_secrets_stay_with_their_folder_and_differ_between_folders(data, tmp_path):
    first = settings_file.settings_of(data, URL, demo=True)
    again = settings_file.settings_of(data, "https://192.0.2.7:9000", demo=False)
    other = settings_file.settings_of(tmp_path / "other", URL, demo=True)
    assert {**again, "PINGJIA_BASE_URL": URL} == first
    assert again["PINGJIA_BASE_URL"] == "https://192.0.2.7:9000"
    for name in ("PINGJIA_SECRET_KEY", "PINGJIA_WRAPPING_KEY", "PINGJIA_CODE_PEPPER"):
        assert first[name] != other[name]


def test_a_shell_reads_the_same_settings(data):
    made = settings_file.settings_of(data, URL, demo=False)
    script = 'set -a; . "$1"; exec "$2" -c "import json, os; print(json.dumps(dict(os.environ)))"'
    command = ["sh", "-c", script, "sh", str(data / "settings.env"), sys.executable]
    read = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert made.items() <= read.items()


def test_a_moved_folder_keeps_its_databases(data, tmp_path):
    settings_file.settings_of(data, URL, demo=False)
    moved = data.rename(tmp_path / "moved")
    settings = settings_file.settings_of(moved, URL, demo=False)
    assert settings["DATABASE_URL"] == f"sqlite:///{moved}/roster.sqlite3"
    assert settings["BOX_DATABASE_URL"] == f"sqlite:///{moved}/box.sqlite3"


def test_databases_without_their_secrets_are_not_given_new_ones(data):
    data.mkdir()
    (data / "roster.sqlite3").touch()
    with pytest.raises(console.Stop, match=r"settings\.env"):
        settings_file.settings_of(data, URL, demo=False)
    assert not (data / "settings.env").exists()
