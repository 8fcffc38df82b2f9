"""Files sent in and looked at before anything is written: whose they are, and how faults are said.

A file waits sealed in the folder of uploads; the page that shows what it would do carries a signed ticket.
"""

from __future__ import annotations

from collections.abc import Mapping

from survey_app.core.errors import Fault
from survey_app.spreadsheets.tickets import Ticket
from survey_app.spreadsheets.uploads import Uploads
from survey_app.units.models import Unit
from survey_app.units.queries import writable_unit
from survey_app.web import errors
from survey_app.web.access import actor
from survey_app.web.books import installation, reader
from survey_app.web.i18n import Lazy


def uploads() -> Uploads:
    """Where files wait, sealed."""
    settings = installation().settings
    return Uploads(settings.data_folder / "uploads", settings.wrapping_key)


def ticket_of(purpose: str, text: str) -> tuple[Ticket, Unit]:
    """The ticket and the unit it was made for; NotFound when that unit is not in the reader's hand."""
    ticket = Ticket.read(installation().settings.secret_key, purpose, text)
    return ticket, writable_unit(reader(), actor(), ticket.owner)


def content_of(purpose: str, ticket: Ticket) -> bytes:
    """The file that the ticket stands for."""
    return uploads().open(ticket.upload, purpose=purpose, owner=ticket.owner)


def fault_sentence(fault: Fault, fields: Mapping[str, str | Lazy]) -> str:
    """A fault in words, with the column called as people call it."""
    field = str(fields.get(fault.where or "", ""))
    return errors.sentence(Fault(fault.code, {"field": field, **fault.details}, fault.where))
