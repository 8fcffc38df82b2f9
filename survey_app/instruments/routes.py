"""URLs of instruments."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("instruments", __name__)


def register(app: Flask) -> None:
    """Add the pages of instruments to the application."""
    app.register_blueprint(pages)
