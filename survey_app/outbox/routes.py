"""URLs of outbox."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("outbox", __name__)


def register(app: Flask) -> None:
    """Add the pages of outbox to the application."""
    app.register_blueprint(pages)
