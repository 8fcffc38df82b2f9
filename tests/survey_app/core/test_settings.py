"""Settings: no default secret, every gap named at once, the two books in two places."""

from __future__ import annotations

import base64

import pytest

from survey_app.core.errors import SettingsError
from survey_app.core.settings import Settings

WHOLE = {
    "DATABASE_URL": "sqlite:///roster.sqlite3",
    "BOX_DATABASE_URL": "sqlite:///box.sqlite3",
    "PINGJIA_DATA": "data",
    "PINGJIA_BASE_URL": "https://pingjia.example/",
    "PINGJIA_SECRET_KEY": "s" * 40,
    "PINGJIA_WRAPPING_KEY": base64.b64encode(b"w" * 32).decode(),
    "PINGJIA_CODE_PEPPER": base64.b64encode(b"p" * 32).decode(),
}


def gaps(environment: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environment)
    return sorted((fault.details["name"], fault.code) for fault in caught.value.faults)


def test_a_whole_environment_is_read_and_its_secrets_stay_out_of_print() -> None:
    settings = Settings.from_environment(WHOLE)
    assert settings.base_url == "https://pingjia.example"
    printed = repr(settings)
    assert "ssss" not in printed
    assert "wwww" not in printed
    assert "pppp" not in printed


def test_an_empty_environment_names_everything_it_needs() -> None:
    assert gaps({}) == sorted((name, "setting_missing") for name in WHOLE)


def test_short_and_malformed_secrets_are_named_together() -> None:
    wrong = {**WHOLE, "PINGJIA_SECRET_KEY": "short", "PINGJIA_WRAPPING_KEY": "not base64!"}
    assert gaps(wrong) == [
        ("PINGJIA_SECRET_KEY", "setting_too_short"),
        ("PINGJIA_WRAPPING_KEY", "setting_not_32_bytes_base64"),
    ]


def test_one_place_for_both_books_is_refused() -> None:
    both = {**WHOLE, "BOX_DATABASE_URL": WHOLE["DATABASE_URL"]}
    assert gaps(both) == [("BOX_DATABASE_URL", "setting_two_books_one_place")]
