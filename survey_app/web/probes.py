"""`/healthz`: the process answers. `/readyz`: both databases are up to date and no step is stuck."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

import migrations
from survey_app.web.access import public
from survey_app.web.books import Installation, installation

Check = Callable[[Installation], list[str]]
_checks: list[Check] = []


def add_check(check: Check) -> None:
    """Add a readiness check of a feature; it returns sentences about what is wrong."""
    if check not in _checks:
        _checks.append(check)


def setup(app: Flask) -> None:
    """Register both probes."""
    app.add_url_rule("/healthz", "healthz", public(_healthz))
    app.add_url_rule("/readyz", "readyz", public(_readyz))


def _healthz() -> Response:
    return jsonify(status="ok")


def _readyz() -> tuple[Response, int]:
    try:
        problems = [f"migration:{lineage}" for lineage in migrations.behind(installation().databases)]
        if not problems:
            problems = [line for check in _checks for line in check(installation())]
    except SQLAlchemyError as error:
        problems = [f"database:{type(error).__name__}"]
    return jsonify(status="ready" if not problems else "not ready", problems=problems), (
        503 if problems else 200
    )
