"""Years in addresses and forms: four digits that an evaluation can have, or one clear sentence."""

from __future__ import annotations

from typing import TypeVar

from flask import request
from wtforms import Field

from survey_app.core.errors import PingjiaError
from survey_app.web.form_rules import Between
from survey_app.web.i18n import gettext

FIRST_YEAR, LAST_YEAR = 2020, 2100
LONGEST_QUOTED = 12

Default = TypeVar("Default", int, None)


class Year(Between):
    """A year as people write it."""

    def __init__(self) -> None:
        super().__init__(FIRST_YEAR, LAST_YEAR)

    def sentence(self, field: Field) -> str:
        """What is said of any other number."""
        name = str(field.label.text)
        return gettext(
            "“%(field)s”要写%(first)s到%(last)s之间的四位数。",
            field=name,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )


def asked_year(default: Default) -> int | Default:
    """The year this address asks for, or `default` when it asks for none; any other text is refused."""
    asked = request.args.get("year", "").strip()
    if not asked:
        return default
    year = int(asked) if asked.isdecimal() and len(asked) == len(str(LAST_YEAR)) else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PingjiaError("year_unknown", year=asked[:LONGEST_QUOTED], first=FIRST_YEAR, last=LAST_YEAR)
    return year
