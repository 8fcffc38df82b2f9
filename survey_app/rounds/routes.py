"""URLs of rounds."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("rounds", __name__)


def register(app: Flask) -> None:
    """Add the pages of rounds to the application."""
    app.register_blueprint(pages)
