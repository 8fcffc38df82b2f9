"""URLs of noticeboard."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("noticeboard", __name__)


def register(app: Flask) -> None:
    """Add the pages of noticeboard to the application."""
    app.register_blueprint(pages)
