"""URLs of counting."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("counting", __name__)


def register(app: Flask) -> None:
    """Add the pages of counting to the application."""
    app.register_blueprint(pages)
