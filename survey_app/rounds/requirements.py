"""The requirements `rounds` itself makes before a round is ready, open or counted."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Role
from survey_app.rosters.models import Roster, RosterState
from survey_app.rounds.appointments import duties
from survey_app.rounds.channels import desk_uncounted
from survey_app.rounds.models import Round, RoundHome
from survey_app.rounds.queries import custodian_steps, secret_of
from survey_app.rounds.readiness import Missing, add_requirement
from survey_app.units.models import Unit

CUSTODIANS = 2
LISTED_AT_MOST = 50


def register_requirements() -> None:
    """Put the requirements of this feature into the lists."""
    for requirement in (texts, homes, rosters, custodians, opening_key):
        add_requirement("ready", requirement)
    add_requirement("count", desk_uncounted)


def texts(_session: Session, round_: Round) -> list[Missing]:
    """Notice, privacy block, planned opening day and the two deputies."""
    named = len([name for name in round_.deputies if str(name).strip()])
    wanted = {
        "notice_missing": ("notice", round_.notice.strip()),
        "privacy_handler_missing": ("privacy_handler", round_.privacy_handler.strip()),
        "privacy_contact_missing": ("privacy_contact", round_.privacy_contact.strip()),
        "opening_day_missing": ("opening_planned_on", round_.opening_planned_on),
        "deputies_missing": (f"deputy_{min(named, 1) + 1}", named >= CUSTODIANS),
    }
    return [
        Missing(code, {}, "organiser", ("rounds.edit", {"round_id": round_.id, "_anchor": field}))
        for code, (field, value) in wanted.items()
        if not value
    ]


def homes(session: Session, round_: Round) -> list[Missing]:
    """At least one home."""
    count = session.scalar(select(func.count()).select_from(RoundHome).where(RoundHome.round_id == round_.id))
    return (
        []
        if count
        else [Missing("homes_missing", {}, "organiser", ("rounds.homes", {"round_id": round_.id}))]
    )


def rosters(session: Session, round_: Round) -> list[Missing]:
    """A confirmed roster in every home, by name; after the fiftieth only the number is given.

    One confirmed after the homes were chosen counts: it is attached then, and again at preparing.
    """
    has_one = (
        select(Roster.id)
        .where(
            Roster.home_id == RoundHome.home_id,
            Roster.year == round_.year,
            Roster.state.in_((RosterState.CONFIRMED, RosterState.FROZEN)),
        )
        .correlate(RoundHome)
        .exists()
    )
    rows = session.execute(
        select(Unit.id, Unit.name, Roster.state, Roster.id)
        .join(RoundHome, RoundHome.home_id == Unit.id)
        .outerjoin(Roster, (Roster.home_id == Unit.id) & (Roster.year == round_.year))
        .where(RoundHome.round_id == round_.id, RoundHome.roster_id.is_(None), ~has_one)
        .order_by(Unit.name)
    ).all()
    missing = [_roster_missing(*row) for row in rows[:LISTED_AT_MOST]]
    if len(rows) > LISTED_AT_MOST:
        missing.append(Missing("more_rosters_missing", {"count": len(rows) - LISTED_AT_MOST}, "chair"))
    return missing


def _roster_missing(unit_id: int, name: str, state: str | None, roster_id: int | None) -> Missing:
    if state == RosterState.SUBMITTED:
        return Missing(
            "roster_waits_for_you", {"name": name}, "superior", ("rosters.show", {"roster_id": roster_id})
        )
    code = "roster_not_submitted" if state else "roster_not_imported"
    return Missing(code, {"name": name}, "chair", ("units.show", {"unit_id": unit_id}))


def custodians(session: Session, round_: Round) -> list[Missing]:
    """Two custodians."""
    people = {account.id for _post, account, _unit in duties(session, round_.id, Role.CUSTODIAN)}
    if len(people) >= CUSTODIANS:
        return []
    link = ("rounds.duties", {"round_id": round_.id})
    return [Missing("custodians_missing", {"count": CUSTODIANS - len(people)}, "organiser", link)]


def opening_key(session: Session, round_: Round) -> list[Missing]:
    """An opening key, and its rehearsal by every custodian."""
    secret, steps = secret_of(session, round_.id), custodian_steps(session, round_.id)
    if secret is None or secret.opening_public is None:
        return [Missing("opening_key_missing", {}, "custodians")]
    # One of them alone could have made and tried a pair whose halves the others do not hold.
    keepers = {account.id for _post, account, _unit in duties(session, round_.id, Role.CUSTODIAN)}
    return (
        [] if keepers <= steps.get("rehearsed", set()) else [Missing("rehearsal_missing", {}, "custodians")]
    )
