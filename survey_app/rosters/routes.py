"""URLs of rosters."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("rosters", __name__)


def register(app: Flask) -> None:
    """Add the pages of rosters to the application."""
    app.register_blueprint(pages)
