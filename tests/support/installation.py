"""What the settings of a test installation are: real in shape, worthless as secrets."""

from __future__ import annotations

import base64
from pathlib import Path

from survey_app.core.settings import Settings

KINDS = ("sqlite", "postgresql")
KEY = base64.b64encode(bytes(range(32))).decode()


def environment_for(
    roster: str, box: str, folder: Path, base_url: str = "http://localhost"
) -> dict[str, str]:
    """The environment variables of an installation with these two databases."""
    return {
        "DATABASE_URL": roster,
        "BOX_DATABASE_URL": box,
        "PINGJIA_DATA": str(folder),
        "PINGJIA_BASE_URL": base_url,
        "PINGJIA_SECRET_KEY": "a secret of the tests, worth nothing elsewhere",
        "PINGJIA_WRAPPING_KEY": KEY,
        "PINGJIA_CODE_PEPPER": KEY,
        # Browsers of tests are signed in without a form; the demand has tests of its own.
        "PINGJIA_SECOND_FACTOR": "none",
    }


def settings_for(roster: str, box: str, folder: Path) -> Settings:
    """The settings read from that environment, as the command line reads them."""
    return Settings.from_environment(environment_for(roster, box, folder))
