"""URLs of overview."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("overview", __name__)


def register(app: Flask) -> None:
    """Add the pages of overview to the application."""
    app.register_blueprint(pages)
