"""Years in addresses and forms: four digits that an evaluation can have, or one clear sentence."""

from __future__ import annotations

from typing import TypeVar

from flask import request
from wtforms.validators import NumberRange

from survey_app.core.errors import PingjiaError
from survey_app.web.i18n import lazy_gettext as _l

FIRST_YEAR, LAST_YEAR = 2020, 2100
A_YEAR = NumberRange(FIRST_YEAR, LAST_YEAR, _l("年度要写2020到2100之间的四位数。"))
LONGEST_QUOTED = 12

Default = TypeVar("Default", int, None)


def asked_year(default: Default) -> int | Default:
    """The year this address asks for, or `default` when it asks for none; any other text is refused."""
    asked = request.args.get("year", "").strip()
    if not asked:
        return default
    year = int(asked) if asked.isdecimal() and len(asked) == len(str(LAST_YEAR)) else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PingjiaError("year_unknown", year=asked[:LONGEST_QUOTED], first=FIRST_YEAR, last=LAST_YEAR)
    return year
