"""URLs of units: the table of the tree, one unit, its changes, and the import of a whole tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import Fault, Invalid
from survey_app.journal.wording import learn_verbs
from survey_app.units import import_routes, operations
from survey_app.units.forms import KIND_CHOICES, CloseForm, MoveForm, NewUnitForm, UnitForm
from survey_app.units.models import Line, Unit, UnitKind
from survey_app.units.operations import UnitFacts
from survey_app.units.queries import is_below, visible_path, visible_unit, writable_unit
from survey_app.units.tree_table import TreeFilter, changes_of, find_named, superiors_in, tree_page
from survey_app.units.validity import SUPERIORS
from survey_app.units.wording import CHANGES, FILE_WORDS, KINDS, NATURES, VERBS, WORDS
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.i18n import Lazy, gettext
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("units", __name__)
import_routes.register(pages)
# Links that higher features add to a unit's page: label, who sees it, where it leads.
FURTHER: list[tuple[Lazy, Callable[[Actor, Unit], bool], Callable[[Unit], str]]] = []


def add_link(label: Lazy, shows: Callable[[Actor, Unit], bool], address: Callable[[Unit], str]) -> None:
    """Add a link to a unit's page (called by a feature when it registers)."""
    if all(address.__module__ != other.__module__ for _label, _shows, other in FURTHER):
        FURTHER.append((label, shows, address))


def register(app: Flask) -> None:
    """Add the pages of units to the application and their place to the rail."""
    errors.learn({**WORDS, **FILE_WORDS})
    learn_verbs(VERBS)
    app.register_blueprint(pages)
    app.jinja_env.globals.update(unit_kinds=KINDS, unit_natures=NATURES, unit_changes=CHANGES)
    add_place(
        Place(
            "units.index",
            _l("单位"),
            "tree",
            40,
            shows=lambda person: person.may("unit.read") and person.role != "chair",
            prefix="/units",
        )
    )


@pages.get("/units")
@requires("unit.read")
def index():
    """The tree at `?at=`, or what a search finds below it."""
    wanted = TreeFilter(
        text=request.args.get("text", "").strip(),
        kind=request.args.get("kind", ""),
        state=request.args.get("state", "open"),
        sort=request.args.get("sort", "name"),
        page=request.args.get("page", 1, type=int),
    )
    table = tree_page(reader(), actor(), request.args.get("at", type=int), wanted)
    return render_template(
        "units/index.html",
        table_of=table,
        wanted=wanted,
        **_way(table.root.unit),
        kind_options=[("", gettext("全部类型")), *KIND_CHOICES],
        may_edit=_may_edit(table.root.unit),
        link=lambda **changes: _address(table.root.unit.id, wanted, **changes),
    )


@pages.get("/units/<int:unit_id>")
@requires("unit.read")
def show(unit_id: int):
    """One unit: where it stands, what is kept about it, what changed."""
    unit = visible_unit(reader(), actor(), unit_id)
    return render_template(
        "units/show.html",
        unit=unit,
        **_way(unit),
        merged=_merged(unit),
        further=[(str(label), address(unit)) for label, shows, address in FURTHER if shows(actor(), unit)],
        parent=_named(unit.parent_id),
        territory=_named(unit.territory_id),
        changes=changes_of(reader(), unit.id),
        may_edit=_may_edit(unit),
        may_move=_may_edit(unit) and unit.id != actor().unit_id,
        is_superior=unit.kind in SUPERIORS,
    )


@pages.route("/units/new", methods=["GET", "POST"])
@requires("unit.edit")
def new():
    """A new unit below one of the scope."""
    above = writable_unit(reader(), actor(), request.args.get("at", actor().unit_id, type=int))
    form = NewUnitForm(parent=above.name, kind=_kind_below(above))

    def add(session: Session) -> Unit:
        same = (form.parent.data or "").strip() == above.name
        parent = (
            session.get_one(Unit, above.id) if same else _meant(session, form.parent.data, actor(), "parent")
        )
        return operations.add_unit(
            session,
            actor(),
            kind=form.kind.data,
            parent=parent,
            territory=_meant(session, form.territory.data, None, "territory"),
            is_home=form.is_home.data,
            at=now(),
            **_facts(form),
        )

    if form.validate_on_submit() and (made := _attempt(form, add)):
        say(gettext("已增加：%(name)s", name=made.name), "done")
        return redirect(url_for("units.show", unit_id=made.id), 303)
    return _form_page(form, None, above)


@pages.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
@requires("unit.edit")
def edit(unit_id: int):
    """Change what is kept about a unit."""
    unit = writable_unit(reader(), actor(), unit_id)
    form = UnitForm(obj=unit)

    def change(session: Session) -> Unit:
        return operations.edit_unit(
            session,
            actor(),
            session.get_one(Unit, unit.id, with_for_update=True),
            facts=UnitFacts(**_facts(form), founded_on=unit.founded_on),
            kind=form.kind.data,
            is_home=form.is_home.data,
            version=request.form.get("version", 0, type=int),
            at=now(),
        )

    if form.validate_on_submit() and _attempt(form, change):
        say(gettext("已保存。"), "done")
        return redirect(url_for("units.show", unit_id=unit.id), 303)
    return _form_page(form, unit, unit)


@pages.route("/units/<int:unit_id>/move", methods=["GET", "POST"])
@requires("unit.edit")
def move(unit_id: int):
    """Another superior or partner; the whole subtree comes along."""
    unit = writable_unit(reader(), actor(), unit_id)
    parent, territory = _named(unit.parent_id), _named(unit.territory_id)
    form = MoveForm(
        parent=parent.name if parent else "",
        territory=territory.name if territory else "",
        effective_on=beijing_day(now()),
    )

    def carry(session: Session) -> Unit:
        moved = session.get_one(Unit, unit.id, with_for_update=True)
        same = parent is not None and (form.parent.data or "").strip() == parent.name
        above = session.get_one(Unit, parent.id) if same and parent else None
        return operations.move_unit(
            session,
            actor(),
            moved,
            parent=above or _meant(session, form.parent.data, actor(), "parent"),
            territory=_meant(session, form.territory.data, None, "territory"),
            effective_on=form.effective_on.data or date.min,
            note=form.note.data or "",
            at=now(),
        )

    if form.validate_on_submit() and _attempt(form, carry):
        say(gettext("已转移，下面的单位也跟着转了。"), "done")
        return redirect(url_for("units.show", unit_id=unit.id), 303)
    page = render_template("units/move.html", form=form, unit=unit, **_choices())
    return page, 422 if form.errors else 200


@pages.route("/units/<int:unit_id>/close", methods=["GET", "POST"])
@requires("unit.edit")
def close(unit_id: int):
    """End a unit, by itself or into another: a page of its own, for it cannot be taken back."""
    unit = writable_unit(reader(), actor(), unit_id)
    form = CloseForm(effective_on=beijing_day(now()))

    def end(session: Session) -> Unit:
        return operations.close_unit(
            session,
            actor(),
            session.get_one(Unit, unit.id, with_for_update=True),
            merged_into=_meant(session, form.merged_into.data, actor(), "merged_into"),
            effective_on=form.effective_on.data or date.min,
            note=form.note.data or "",
            at=now(),
        )

    if form.validate_on_submit() and _attempt(form, end):
        say(gettext("已记下：%(name)s不再使用。", name=unit.name), "done")
        return redirect(url_for("units.show", unit_id=unit.id), 303)
    page = render_template("units/close.html", form=form, unit=unit)
    return page, 422 if form.errors else 200


def _attempt(form: FlaskForm, act: Callable[[Session], Unit]) -> Unit | None:
    """Do it, or put every fault beside its field."""
    try:
        with committing(roster()) as session:
            return act(session)
    except Invalid as invalid:
        for fault in invalid.faults:
            field = form[fault.where] if fault.where and fault.where in form else None
            (field.errors if field else form.form_errors).append(errors.sentence(fault))
        return None


def _meant(session: Session, text: str | None, within: Actor | None, where: str) -> Unit | None:
    """The unit a person named; None for an empty text, Invalid when nobody or several are meant."""
    if not (text or "").strip():
        return None
    found = find_named(session, text or "", within)
    if len(found) == 1:
        return found[0]
    code = "superior_ambiguous" if found else "superior_unknown"
    raise Invalid([Fault(code, {"name": (text or "").strip(), "count": len(found)}, where)])


def _facts(form: UnitForm) -> dict[str, Any]:
    names = (
        *("name", "short_name", "chair_name", "chair_phone", "chair_email", "address", "document_prefix"),
        *("nature", "credit_code"),
    )
    return {name: form[name].data or "" for name in names} | {"stated_members": form.stated_members.data}


def _form_page(form: UnitForm, unit: Unit | None, above: Unit) -> tuple[str, int]:
    page = render_template(
        "units/form.html",
        form=form,
        unit=unit,
        **_way(above, whole=True),
        **_choices(),
    )
    return page, 422 if form.errors else 200


def _choices() -> dict[str, Any]:
    return {"superiors": superiors_in(reader(), actor()), "partners": superiors_in(reader(), None)}


def _kind_below(above: Unit) -> str:
    """What a new unit below this one most likely is."""
    return str(UnitKind.GRASSROOTS_UNION if above.kind in SUPERIORS else UnitKind.BRANCH_UNION)


def _way(unit: Unit, whole: bool = False) -> dict[str, Any]:
    """The breadcrumb: the way down to the unit (itself included when `whole`), as far as it is in scope."""
    path = visible_path(reader(), actor(), unit.id)
    above = path if whole else path[:-1]
    parts = [(one.short_name, url_for("units.index", at=one.id)) for one in above]
    return {"path": path, "crumb_parts": parts or [(gettext("单位"), url_for("units.index"))]}


def _merged(unit: Unit) -> dict[str, Any] | None:
    """Where a merged unit went."""
    return next((one.details for one in changes_of(reader(), unit.id) if one.kind == "merge"), None)


def _named(unit_id: int | None) -> Unit | None:
    """A superior by name only: who it is stands on every certificate, whatever the scope."""
    return None if unit_id is None else reader().get(Unit, unit_id)


def _may_edit(unit: Unit) -> bool:
    person = actor()
    return person.may("unit.edit") and is_below(reader(), unit.id, person.unit_id, Line.AFFILIATION)


def _address(at: int, wanted: TreeFilter, **changes: Any) -> str:
    values = {
        "at": at,
        "text": wanted.text,
        "kind": wanted.kind,
        "state": "" if wanted.state == "open" else wanted.state,
        "sort": "" if wanted.sort == "name" else wanted.sort,
        **changes,
    }
    return url_for("units.index", **{key: value for key, value in values.items() if value not in ("", None)})
