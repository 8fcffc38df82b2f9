"""URLs of rectification."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("rectification", __name__)


def register(app: Flask) -> None:
    """Add the pages of rectification to the application."""
    app.register_blueprint(pages)
