"""URLs of accounts."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("accounts", __name__)


def register(app: Flask) -> None:
    """Add the pages of accounts to the application."""
    app.register_blueprint(pages)
