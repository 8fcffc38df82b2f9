"""Domain faults back onto the form they came from, so that nothing a person typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from survey_app.core.errors import Conflict, Invalid, Refused
from survey_app.web.errors import sentence


@contextmanager
def refill(form: Any) -> Iterator[None]:
    """Turn Invalid, Refused and Conflict into errors of `form`; ask `form.errors` afterwards.

    Always the outer of two managers, `with refill(form), committing(roster()) as session:`, so that the
    transaction sees the error and rolls back before it becomes a sentence on the page.
    """
    try:
        yield
    except Invalid as error:
        for fault in error.faults:
            target = form[fault.where] if fault.where in getattr(form, "_fields", {}) else None
            _add(form, target, sentence(fault))
    except (Refused, Conflict) as error:
        _add(form, None, sentence(error))


def _add(form: Any, field: Any, text: str) -> None:
    if field is not None:
        field.errors = [*field.errors, text]
    else:
        form.form_errors = [*form.form_errors, text]
