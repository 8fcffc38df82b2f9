"""URLs of the import of a tree: send a file in, look at what it would do, do exactly that."""

from __future__ import annotations

import hashlib

from flask import Blueprint, redirect, render_template, request, url_for

from survey_app.core.db import committing
from survey_app.core.errors import Invalid
from survey_app.spreadsheets.tickets import Ticket, chosen_places
from survey_app.units import operations
from survey_app.units.forms import TreeFileForm
from survey_app.units.importing import ALIASES, Known, TreePlan, plan_tree
from survey_app.units.models import Unit
from survey_app.units.queries import known_units, writable_unit
from survey_app.units.sent_files import content_of, fault_sentence, ticket_of, uploads
from survey_app.units.wording import FIELDS
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.i18n import gettext

PURPOSE = "units.import"
MEANINGS = tuple(ALIASES)


def register(pages: Blueprint) -> None:
    """Add the three steps."""
    pages.add_url_rule("/units/import", "bring", bring, methods=["GET", "POST"])
    pages.add_url_rule("/units/import/look", "look", look)
    pages.add_url_rule("/units/import/take", "take", take, methods=["POST"])


@requires("unit.edit")
def bring():
    """Choose a file; it is kept sealed until it is imported or a day has passed."""
    root = writable_unit(reader(), actor(), request.args.get("at", actor().unit_id, type=int))
    form = TreeFileForm()
    if form.validate_on_submit():
        content = form.file.data.read()
        ticket = Ticket(
            upload=uploads().keep(content, purpose=PURPOSE, owner=root.id),
            file_name=(form.file.data.filename or "")[:200],
            checksum=hashlib.sha256(content).hexdigest(),
            owner=root.id,
            facts={},
        )
        try:
            _plan(ticket, root, None)
        except Invalid as invalid:
            uploads().remove(ticket.upload)
            form.file.errors = [errors.sentence(fault) for fault in invalid.faults]
        else:
            signed = ticket.signed(installation().settings.secret_key, PURPOSE)
            return redirect(url_for("units.look", ticket=signed), 303)
    return render_template("units/import.html", form=form, root=root), 422 if form.file.errors else 200


@requires("unit.edit")
def look():
    """What the file would do, with every fault by its row."""
    ticket, root = ticket_of(PURPOSE, request.args.get("ticket", ""))
    plan = _plan(ticket, root, chosen_places(request.args.to_dict(), MEANINGS))
    return render_template(
        "units/look.html",
        plan=plan,
        ticket=request.args["ticket"],
        file_name=ticket.file_name,
        root=root,
        meanings=[(name, FIELDS[name], name == "name") for name in MEANINGS],
        faults=[
            (row, FIELDS.get(fault.where or "", ""), fault_sentence(fault, FIELDS))
            for row, fault in plan.faults
        ],
    )


@requires("unit.edit")
def take():
    """Import exactly what was shown."""
    ticket, root = ticket_of(PURPOSE, request.form.get("ticket", ""))
    plan = _plan(ticket, root, chosen_places(request.form.to_dict(), MEANINGS))
    with committing(roster()) as session:
        count = operations.import_tree(session, actor(), session.get_one(Unit, root.id), plan, at=now())
    uploads().remove(ticket.upload)
    say(gettext("已导入%(count)s个单位。", count=count), "done")
    return redirect(url_for("units.index", at=root.id), 303)


def _plan(ticket: Ticket, root: Unit, places: dict[str, int] | None) -> TreePlan:
    content = content_of(PURPOSE, ticket)
    known = known_units(reader(), actor())
    return plan_tree(
        content, Known(root.id, root.name, root.kind, root.parent_id, root.credit_code), known, places
    )
