"""Numbers in addresses: at most as large as a key in the database, else the address is not there."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_KEY = 2**31 - 1


class KeyConverter(IntegerConverter):
    """A positive number that a key can have; Python would turn thousands of digits into an error."""

    regex = "[0-9]{1,10}"

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": LARGEST_KEY, **options})


def setup(app: Flask) -> None:
    """Read every `<int:...>` of an address this way."""
    app.url_map.converters["int"] = KeyConverter
