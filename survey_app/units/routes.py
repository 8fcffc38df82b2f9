"""URLs of units."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("units", __name__)


def register(app: Flask) -> None:
    """Add the pages of units to the application."""
    app.register_blueprint(pages)
