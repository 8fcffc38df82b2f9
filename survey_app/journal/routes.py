"""URLs of journal."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("journal", __name__)


def register(app: Flask) -> None:
    """Add the pages of journal to the application."""
    app.register_blueprint(pages)
