"""Make the Flask application: every feature in its order, access declared everywhere or no start."""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from survey_app.core.clock import Clock, system_clock
from survey_app.core.db import Databases, open_databases
from survey_app.core.files import FileStore
from survey_app.core.settings import Settings
from survey_app.journal.scope import set_scope
from survey_app.units.queries import scope
from survey_app.web import access, books, compression, desk, errors, headers, i18n, numbers, probes

# From ground to roof; each has a `routes` room with `register(app)`.
FEATURES = (
    "accounts",
    "units",
    "instruments",
    "rosters",
    "rounds",
    "invitations",
    "box",
    "counting",
    "results",
    "rectification",
    "retention",
    "noticeboard",
    "overview",
    "outbox",
    "journal",
    "holidays",
)


def create_app(settings: Settings, databases: Databases | None = None, clock: Clock = system_clock) -> Flask:
    """The application on the given installation. Raises UndeclaredAccess if an endpoint hides its access."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="pj_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["pingjia"] = books.Installation(
        settings=settings,
        databases=databases or open_databases(settings),
        clock=clock,
        files=FileStore(settings.data_folder / "files"),
    )
    app.extensions["csrf_guard"] = CSRFProtect(app)
    app.view_functions["static"] = access.public(app.view_functions["static"])
    for plumbing in (numbers, i18n, errors, desk, probes):
        plumbing.setup(app)
    for feature in FEATURES:
        import_module(f"survey_app.{feature}.routes").register(app)
    set_scope(scope)
    app.after_request(headers.secure)
    app.after_request(compression.compress_static)
    app.teardown_appcontext(books.close_reader)
    access.refuse_undeclared(app)
    return app
