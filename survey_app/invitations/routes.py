"""URLs of invitations."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("invitations", __name__)


def register(app: Flask) -> None:
    """Add the pages of invitations to the application."""
    app.register_blueprint(pages)
