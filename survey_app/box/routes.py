"""URLs of box."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("box", __name__)


def register(app: Flask) -> None:
    """Add the pages of box to the application."""
    app.register_blueprint(pages)
