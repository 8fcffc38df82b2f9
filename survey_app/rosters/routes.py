"""URLs of rosters: the chair's own roster, its import in two steps, the superior's list and decision."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from datetime import date

from flask import Blueprint, Flask, redirect, render_template, request, url_for

from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import Invalid, Refused
from survey_app.journal.wording import learn_verbs
from survey_app.outbox.wording import learn_kinds
from survey_app.rosters import listing, operations, queries
from survey_app.rosters.contacts import covered
from survey_app.rosters.dry_run import DryRun, dry_run, entries, headings_of
from survey_app.rosters.entries import ALIASES, REQUIRED
from survey_app.rosters.forms import DecisionForm, RosterFileForm
from survey_app.rosters.models import Roster, RosterState
from survey_app.rosters.secrets import RosterKeys
from survey_app.rosters.states import ROSTER
from survey_app.rosters.waiting import Waiting, decider_of, waiting_by_year
from survey_app.rosters.wording import FIELDS, MESSAGES, STATES, VERBS, WARNINGS, WORDS
from survey_app.spreadsheets.tickets import Ticket, chosen_places
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below, visible_path, visible_unit, writable_unit
from survey_app.units.routes import add_link
from survey_app.units.sent_files import content_of, fault_sentence, ticket_of, uploads
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.years import asked_year

pages = Blueprint("rosters", __name__)
PURPOSE = "rosters.import"
MEANINGS = tuple(ALIASES)
UNSETTLED = frozenset({RosterState.DRAFT, RosterState.SUBMITTED})


def register(app: Flask) -> None:
    """Add the pages of rosters to the application and their place to the rail."""
    errors.learn(WORDS)
    learn_verbs(VERBS)
    learn_kinds(MESSAGES)
    app.register_blueprint(pages)
    app.jinja_env.filters["covered_contact"] = covered
    app.jinja_env.globals.update(roster_states=STATES, roster_fields=FIELDS)
    add_place(Place("rosters.own", _l("花名册"), "people", 50, _has_own, prefix="/roster"))
    add_place(
        Place(
            "rosters.index",
            _l("花名册"),
            "people",
            50,
            lambda one: not _has_own(one) and one.may("roster.read"),
        )
    )
    add_link(
        _l("看花名册"),
        lambda person, unit: unit.is_home and person.may("roster.read"),
        lambda unit: url_for("rosters.own", home=unit.id),
    )


@pages.get("/roster")
@requires("roster.read")
def own():
    """The roster of a home for a year: its state, its members by stratum, what to do now."""
    home = _home(request.args.get("home", type=int))
    year = asked_year(_this_year())
    return _own_page(home, year, _new_file_form(home, year))


def _own_page(home: Unit, year: int, form: RosterFileForm) -> str:
    rosters = queries.newest_by_year(reader(), home.id)
    found = rosters.get(year)
    frozen = queries.frozen_roster(reader(), home.id, year)
    years = sorted({_this_year() + 1, _this_year(), year, *rosters}, reverse=True)
    return render_template(
        "rosters/own.html",
        home=home,
        year=year,
        form=form,
        frozen=frozen if frozen is not found else None,
        years=[(one, rosters.get(one)) for one in years],
        unsettled=[one for one in rosters.values() if one.year != year and _is_unsettled(one)],
        form_year=_year_of(form, year, rosters),
        decider=decider_of(reader(), home.id),
        own_unit=actor().unit_id,
        **_view(found),
    )


def _is_unsettled(found: Roster) -> bool:
    """Whether a list of this year or a later one still asks something of somebody."""
    return found.year >= _this_year() and found.state in UNSETTLED


def _year_of(form: RosterFileForm, year: int, rosters: Container[int]) -> int | None:
    """For which year the page of `year` asks for a file; None when that one has a list on its own page."""
    asked = year if form.year.errors else form.year.data or year
    return asked if asked == year or asked not in rosters else None


@pages.post("/roster/file")
@requires("roster.import")
def bring():
    """Take a file in, sealed, and lead to the look at it."""
    home = writable_unit(reader(), actor(), request.args.get("home", actor().unit_id, type=int))
    form = RosterFileForm()
    if form.validate_on_submit():
        content = form.file.data.read()
        ticket = Ticket(
            upload=uploads().keep(content, purpose=PURPOSE, owner=home.id),
            file_name=(form.file.data.filename or "")[:200],
            checksum=hashlib.sha256(content).hexdigest(),
            owner=home.id,
            facts={"year": form.year.data, "eligible_on": (form.eligible_on.data or date.min).isoformat()},
        )
        try:
            operations.refuse_far_day(form.year.data, form.eligible_on.data)
            operations.refuse_unless_open(reader(), home, form.year.data)
            headings_of(content)
        except Invalid as invalid:
            uploads().remove(ticket.upload)
            for fault in invalid.faults:
                field = form.eligible_on if fault.where == "eligible_on" else form.file
                field.errors = [*field.errors, errors.sentence(fault)]
        except Refused as refused:
            uploads().remove(ticket.upload)
            form.year.errors = [errors.sentence(refused)]
        else:
            signed = ticket.signed(installation().settings.secret_key, PURPOSE)
            return redirect(url_for("rosters.look", ticket=signed), 303)
    return _own_page(home, asked_year(_this_year()), form), 422


@pages.get("/roster/look")
@requires("roster.import")
def look():
    """What the file holds, with every fault by its row; nothing is written."""
    ticket, home = ticket_of(PURPOSE, request.args.get("ticket", ""))
    report = _read(ticket, chosen_places(request.args.to_dict(), MEANINGS))
    return render_template(
        "rosters/look.html",
        home=home,
        ticket=request.args["ticket"],
        file_name=ticket.file_name,
        facts=ticket.facts,
        eligible_on=date.fromisoformat(ticket.facts["eligible_on"]),
        before=queries.latest_roster(reader(), home.id, ticket.facts["year"]),
        report=report,
        meanings=[(name, FIELDS[name], name in REQUIRED) for name in MEANINGS],
        faults=[
            (one.row, FIELDS.get(one.fault.where or "", ""), fault_sentence(one.fault, FIELDS))
            for one in report.faults
        ],
    )


@pages.post("/roster/take")
@requires("roster.import")
def take():
    """Import exactly what was shown, whole or not at all."""
    ticket, home = ticket_of(PURPOSE, request.form.get("ticket", ""))
    places = chosen_places(request.form.to_dict(), MEANINGS)
    if not _read(ticket, places).is_sound:
        raise Refused("roster_file_has_faults")
    content, eligible_on = content_of(PURPOSE, ticket), date.fromisoformat(ticket.facts["eligible_on"])
    rows = entries(content, headings_of(content, places), eligible_on)
    with committing(roster()) as session:
        made = operations.import_roster(
            session,
            actor(),
            session.get_one(Unit, home.id),
            (entry for _row, entry, _faults in rows),
            keys=RosterKeys.of(installation().settings),
            year=ticket.facts["year"],
            eligible_on=eligible_on,
            file_name=ticket.file_name,
            file_checksum=ticket.checksum,
            at=now(),
        )
    uploads().remove(ticket.upload)
    say(gettext("已导入%(count)s人。看过没有问题，就报给上级确认。", count=made.members), "done")
    return redirect(url_for("rosters.own", home=home.id, year=made.year), 303)


@pages.post("/rosters/<int:roster_id>/submit")
@requires("roster.import")
def submit(roster_id: int):
    """Hand the roster to the superior."""
    found = queries.visible_roster(reader(), actor(), roster_id)
    with committing(roster()) as session:
        operations.submit(session, actor(), _locked(session, found.id), at=now())
    say(gettext("已报给上级，等上级确认。"), "done")
    return redirect(url_for("rosters.own", home=found.home_id, year=found.year), 303)


@pages.post("/rosters/<int:roster_id>/delete")
@requires("roster.import")
def remove(roster_id: int):
    """Take a draft back; a frozen list of the same year is shown again."""
    found = queries.visible_roster(reader(), actor(), roster_id)
    version = request.form.get("version", 0, type=int)
    with committing(roster()) as session:
        operations.delete_draft(session, actor(), _locked(session, found.id), version=version, at=now())
    say(gettext("草稿已删除。"), "done")
    return redirect(url_for("rosters.own", home=found.home_id, year=found.year), 303)


@pages.get("/rosters")
@requires("roster.read")
def index():
    """The rosters below the scope, those that wait first; on demand the homes that have none."""
    person = actor()
    waiting = {_this_year(): Waiting(), **waiting_by_year(reader(), person)}
    year = asked_year(_awaited(waiting))
    states = _filters(person)
    state = request.args.get("state", "") if request.args.get("state") in states else ""
    text = request.args.get("text", "").strip()
    page = max(request.args.get("page", 1, type=int), 1)
    rows: Sequence[listing.RosterRow] = ()
    homes: Sequence[listing.RosterlessHome] = ()
    if state == listing.MISSING:
        homes, total = listing.homes_without(reader(), person, year=year, text=text, page=page)
    else:
        rows, total = listing.visible_rosters(reader(), person, year=year, state=state, text=text, page=page)
    return render_template(
        "rosters/index.html",
        rows=rows,
        homes=homes,
        total=total,
        year=year,
        state=state,
        text=text,
        page=page,
        pages=max(-(-total // listing.PER_PAGE), 1),
        waiting=sorted(waiting.items(), reverse=True),
        awaits=waiting.get(year, Waiting()),
        may_confirm=person.may("roster.confirm"),
        may_invite=person.may("account.invite"),
        own_unit=person.unit_id,
        counts=listing.count_by_state(reader(), person, year),
        state_options=states.items(),
        link=lambda **changes: url_for(
            "rosters.index", **{"year": year, "state": state, "text": text, **changes}
        ),
    )


def _awaited(waiting: dict[int, Waiting]) -> int:
    """The first year in which something waits for me, or for others, or this year.

    Next year's lists come in while this year runs.
    """
    mine = [year for year, one in waiting.items() if one.mine]
    others = [year for year, one in waiting.items() if one.others]
    return min(mine or others, default=_this_year())


def _filters(person: Actor) -> dict[str, object]:
    """What the list can be narrowed to: what waits for me, a state, or the homes that have no roster."""
    mine = {listing.MINE: gettext("等您确认")} if person.may("roster.confirm") else {}
    states = {str(state): words for state, words in STATES.items()}
    return {"": gettext("全部状态"), **mine, **states, listing.MISSING: gettext("还没导入")}


@pages.route("/rosters/<int:roster_id>", methods=["GET", "POST"])
@requires("roster.read")
def show(roster_id: int):
    """One roster as its superior decides on it."""
    found = queries.visible_roster(reader(), actor(), roster_id)
    home = visible_unit(reader(), actor(), found.home_id)
    form = DecisionForm(version=str(found.version))
    form.reason.flags.required = bool(found.warnings)
    if form.is_submitted():
        actor().need("roster.confirm")
        writable_unit(reader(), actor(), found.home_id)
    if form.validate_on_submit():
        try:
            said = _decide(found, form)
        except Invalid as invalid:
            form.reason.errors = [errors.sentence(fault) for fault in invalid.faults]
        else:
            say(said, "done")
            return redirect(url_for("rosters.index", year=found.year), 303)
    page = render_template(
        "rosters/show.html",
        home=home,
        form=form,
        path=visible_path(reader(), actor(), home.id),
        same=queries.same_persons(reader(), found),
        may_decide=_may_decide(home),
        decider=decider_of(reader(), home.id),
        **_view(found),
    )
    return page, 422 if form.reason.errors else 200


def _may_decide(home: Unit) -> bool:
    """Whether the actor stands above the home in its own line and may decide; the other line only reads."""
    person = actor()
    above = person.unit_id != home.id and is_below(reader(), home.id, person.unit_id, Line.AFFILIATION)
    return person.may("roster.confirm") and above


def _decide(found: Roster, form: DecisionForm) -> str:
    reason, version = form.reason.data or "", request.form.get("version", 0, type=int)
    with committing(roster()) as session:
        held = _locked(session, found.id)
        if request.form.get("decision") == "confirm":
            operations.confirm(session, actor(), held, reason=reason, version=version, at=now())
            return gettext("花名册已确认。")
        operations.return_roster(session, actor(), held, reason=reason, version=version, at=now())
    return gettext("花名册已退回，对方会看到您写的说明。")


def _view(found: Roster | None) -> dict[str, object]:
    """What every page of a roster shows of it."""
    person = actor()
    state = RosterState(found.state) if found else None
    actions = ROSTER.actions(state, person.permissions) if state else ()
    return {
        "roster": found,
        "levels": queries.levels_of(reader(), found.id) if found else {},
        "paper_only": queries.without_contact(reader(), found.id) if found else 0,
        "warnings": [(str(WARNINGS[one["code"]]) % one) for one in found.warnings] if found else [],
        "actions": actions,
        "may_import": person.may("roster.import")
        and (state in (None, RosterState.DRAFT, RosterState.FROZEN)),
    }


def _home(home_id: int | None) -> Unit:
    home = visible_unit(reader(), actor(), home_id if home_id is not None else actor().unit_id)
    if not home.is_home:
        raise Refused("not_a_home", unit=home.name)
    return home


def _has_own(person: Actor) -> bool:
    return person.role is Role.CHAIR


def _this_year() -> int:
    return beijing_day(now()).year


def _new_file_form(home: Unit, year: int) -> RosterFileForm:
    """The form for the year on the page, or for the next one when the list of that year is in use."""
    try:
        operations.refuse_unless_open(reader(), home, year)
    except Refused:
        year += 1
    return RosterFileForm(formdata=None, year=year, eligible_on=beijing_day(now()))


def _locked(session, roster_id: int) -> Roster:
    return session.get_one(Roster, roster_id, with_for_update=True)


def _read(ticket: Ticket, places: dict[str, int] | None) -> DryRun:
    return dry_run(content_of(PURPOSE, ticket), date.fromisoformat(ticket.facts["eligible_on"]), places)
