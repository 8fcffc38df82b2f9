"""URLs of results."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("results", __name__)


def register(app: Flask) -> None:
    """Add the pages of results to the application."""
    app.register_blueprint(pages)
