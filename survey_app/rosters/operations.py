"""Writes of rosters: import, submit, confirm, return, delete, freeze. An import is whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from survey_app.accounts.queries import posts_at
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Conflict, Fault, Invalid, Refused
from survey_app.journal.operations import record
from survey_app.outbox.messages import tell
from survey_app.rosters import queries
from survey_app.rosters.entries import MemberEntry
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rosters.secrets import RosterKeys
from survey_app.rosters.states import ROSTER
from survey_app.rosters.waiting import decider_of
from survey_app.rosters.warnings import warnings_of
from survey_app.units.models import Unit
from survey_app.units.queries import writable_unit

BATCH = 5_000
COLUMNS = (
    *("roster_id", "number", "name", "contact_wrapped", "contact_mac", "person_mac"),
    *("employment", "age_band", "gender", "department"),
)
SHORTEST_REASON = 4
BY_THE_SUPERIOR = frozenset({"confirm", "return"})

Follow = Callable[[Session, Roster], None]
_followers: list[Follow] = []
Keep = Callable[[Session, int, int], None]
_keepers: list[Keep] = []


def on_change(follow: Follow) -> None:
    """Let a higher feature take a roster that was confirmed, and let go of one returned or deleted."""
    if follow not in _followers:
        _followers.append(follow)


def before_new_edition(keep: Keep) -> None:
    """Let a higher feature refuse that a home (its id, the year) gets a list beside its frozen one."""
    if keep not in _keepers:
        _keepers.append(keep)


def import_roster(
    session: Session,
    actor: Actor,
    home: Unit,
    entries: Iterable[MemberEntry],
    *,
    keys: RosterKeys,
    year: int,
    eligible_on: date,
    at: datetime,
    file_name: str = "",
    file_checksum: str = "",
) -> Roster:
    """Put `entries` in place of the draft of this home and year, or begin a new roster when there is none."""
    _need(actor, "roster.import")
    writable_unit(session, actor, home.id)
    if not home.is_home or home.closed_on is not None:
        raise Refused("not_a_home", unit=home.name)
    refuse_far_day(year, eligible_on)
    roster = _draft_of(session, home, year, eligible_on)
    roster.eligible_on, roster.imported_at = eligible_on, at
    roster.file_name, roster.file_checksum = file_name[:200], file_checksum
    session.execute(delete(RosterMember).where(RosterMember.roster_id == roster.id))
    roster.members = _insert(session, roster.id, entries, keys)
    roster.warnings = warnings_of(session, roster, home)
    roster.version += 1
    record(
        session,
        actor,
        "roster.import",
        "roster",
        roster.id,
        at=at,
        home=home.id,
        year=year,
        members=roster.members,
        file=file_checksum,
    )
    return roster


def submit(session: Session, actor: Actor, roster: Roster, *, at: datetime) -> Roster:
    """Hand the roster to the superior; from now on it is only read."""
    home = _check_in_hand(session, actor, roster, "submit")
    if not roster.members:
        raise Refused("roster_empty")
    _step(roster, "submit")
    roster.warnings = warnings_of(session, roster, home)
    roster.submitted_at, roster.return_reason = at, ""
    record(session, actor, "roster.submit", "roster", roster.id, at=at, members=roster.members)
    told = {"home": home.name, "members": roster.members}
    tell(session, _officers_above(session, home), "roster.submitted", told, f"/rosters/{roster.id}", at=at)
    return roster


def confirm(
    session: Session,
    actor: Actor,
    roster: Roster,
    *,
    at: datetime,
    version: int | None = None,
    reason: str = "",
) -> Roster:
    """The superior says that these are the members. With warnings he writes why that is right."""
    _check_version(roster, version)
    home = _check_in_hand(session, actor, roster, "confirm")
    warnings = warnings_of(session, roster, home)
    if warnings and len(reason.strip()) < SHORTEST_REASON:
        raise Invalid([Fault("confirm_reason_missing", where="reason")])
    _step(roster, "confirm")
    roster.warnings = warnings
    roster.confirmed_at, roster.confirmed_by = at, actor.account_id
    warned = [warning["code"] for warning in roster.warnings]
    record(
        session, actor, "roster.confirm", "roster", roster.id, at=at, reason=reason.strip(), warnings=warned
    )
    _tell_followers(session, roster)
    _tell_chairs(session, home, "roster.confirmed", {"year": roster.year}, at)
    return roster


def return_roster(
    session: Session, actor: Actor, roster: Roster, *, reason: str, at: datetime, version: int | None = None
) -> Roster:
    """The superior sends it back to be corrected, and says why."""
    _check_version(roster, version)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid([Fault("return_reason_missing", where="reason")])
    home = _check_in_hand(session, actor, roster, "return")
    _step(roster, "return")
    roster.return_reason = reason.strip()
    roster.submitted_at = roster.confirmed_at = roster.confirmed_by = None
    record(session, actor, "roster.return", "roster", roster.id, at=at, reason=roster.return_reason)
    _tell_followers(session, roster)
    told = {"year": roster.year, "reason": roster.return_reason}
    _tell_chairs(session, home, "roster.returned", told, at)
    return roster


def delete_draft(
    session: Session, actor: Actor, roster: Roster, *, at: datetime, version: int | None = None
) -> None:
    """Take back a draft with all its members; what was handed in or confirmed is never deleted."""
    home = _check_in_hand(session, actor, roster, "delete")
    _check_version(roster, version)
    _tell_followers(session, roster)
    session.execute(delete(RosterMember).where(RosterMember.roster_id == roster.id))
    facts = {"home": home.id, "year": roster.year, "members": roster.members}
    record(session, actor, "roster.delete", "roster", roster.id, at=at, **facts)
    session.delete(roster)
    session.flush()


def freeze(session: Session, roster: Roster, *, at: datetime) -> Roster:
    """No joiners from here on (a round takes this step at `ready`); the digest shows later changes."""
    _step(roster, "freeze")
    roster.frozen_at = at
    roster.digest = digest_of(session, roster.id)
    return roster


def digest_of(session: Session, roster_id: int) -> bytes:
    """SHA-256 over the members in the order of their numbers, independent of the database's order."""
    total = hashlib.sha256()
    for member in sorted(queries.members_of(session, roster_id), key=lambda one: one.number):
        line = {key: value for key, value in asdict(member).items() if key != "id"}
        total.update(json.dumps(line, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return total.digest()


def _need(actor: Actor, permission: str) -> None:
    if not actor.is_system:
        actor.need(permission)


def refuse_unless_open(session: Session, home: Unit, year: int) -> None:
    """Refuse a new list when the newest one of the year is frozen and a higher feature keeps to it."""
    latest = queries.latest_roster(session, home.id, year)
    if latest is not None and latest.state == RosterState.FROZEN:
        for keep in _keepers:
            keep(session, home.id, year)


def refuse_far_day(year: int, eligible_on: date) -> None:
    """Refuse a day of membership outside the year of the evaluation and the two years beside it."""
    first, last = date(year - 1, 1, 1), date(year + 1, 12, 31)
    if not first <= eligible_on <= last:
        facts = {"year": year, "first": first, "last": last}
        raise Invalid([Fault("eligible_on_far", facts, "eligible_on")])


def _draft_of(session: Session, home: Unit, year: int, eligible_on: date) -> Roster:
    # The row of the home serialises two imports for it: the second one finds the first one's draft.
    session.execute(select(Unit.id).where(Unit.id == home.id).with_for_update())
    latest = queries.latest_roster(session, home.id, year)
    if latest is not None and latest.state != RosterState.FROZEN:
        ROSTER.target(RosterState(latest.state), "import")
        return latest
    refuse_unless_open(session, home, year)
    roster = Roster(
        home_id=home.id,
        year=year,
        edition=1 if latest is None else latest.edition + 1,
        eligible_on=eligible_on,
        state=str(RosterState.DRAFT),
        warnings=[],
        version=0,
    )
    session.add(roster)
    session.flush()
    return roster


def _insert(session: Session, roster_id: int, entries: Iterable[MemberEntry], keys: RosterKeys) -> int:
    rows = _rows(roster_id, entries, keys)
    if session.get_bind().dialect.name == "postgresql":
        return _copy(session, rows)
    count = 0
    while batch := list(islice(rows, BATCH)):
        session.execute(insert(RosterMember), batch)
        count += len(batch)
    return count


def _copy(session: Session, rows: Iterable[dict[str, Any]]) -> int:
    """PostgreSQL takes long lists by COPY, in the same transaction, several times faster than by INSERT."""
    count = 0
    statement = f"COPY roster_member ({', '.join(COLUMNS)}) FROM STDIN"
    with session.connection().connection.cursor() as cursor, cursor.copy(statement) as stream:  # type: ignore[attr-defined]  # psycopg's cursor
        for row in rows:
            stream.write_row([row[name] for name in COLUMNS])
            count += 1
    return count


def _rows(roster_id: int, entries: Iterable[MemberEntry], keys: RosterKeys) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for entry in entries:
        if not entry.number or not entry.name:
            raise Invalid([Fault("number_missing" if not entry.number else "name_missing_row")])
        if entry.number in seen:
            raise Invalid([Fault("number_twice_plain", {"number": entry.number}, "number")])
        seen.add(entry.number)
        yield {
            "roster_id": roster_id,
            "number": entry.number,
            "name": entry.name,
            "contact_wrapped": keys.seal(entry.contact, roster_id, entry.number),
            "contact_mac": keys.contact_mac(entry.contact),
            "person_mac": keys.person_mac(entry.name, entry.contact),
            "employment": entry.employment,
            "age_band": entry.age_band,
            "gender": entry.gender,
            "department": entry.department,
        }


def _check_in_hand(session: Session, actor: Actor, roster: Roster, action: str) -> Unit:
    """Refuse an action that the permission, the scope or the state does not allow; returns the home."""
    move = ROSTER.moves.get((RosterState(roster.state), action))
    if move is not None and move.permission:
        _need(actor, move.permission)
    home = writable_unit(session, actor, roster.home_id)
    ROSTER.target(RosterState(roster.state), action)
    if action in BY_THE_SUPERIOR and not actor.is_system and actor.unit_id == home.id:
        raise Refused("own_roster")
    return home


def _officers_above(session: Session, home: Unit) -> list[int]:
    superior = decider_of(session, home.id)
    return [post.id for post in posts_at(session, superior.id, Role.OFFICER)] if superior else []


def _tell_followers(session: Session, roster: Roster) -> None:
    session.flush()
    for follow in _followers:
        follow(session, roster)


def _tell_chairs(session: Session, home: Unit, kind: str, values: dict[str, Any], at: datetime) -> None:
    chairs = [post.id for post in posts_at(session, home.id, Role.CHAIR)]
    tell(session, chairs, kind, values, f"/roster?year={values['year']}", at=at)


def _step(roster: Roster, action: str) -> None:
    roster.state = ROSTER.target(RosterState(roster.state), action)
    roster.version += 1


def _check_version(roster: Roster, version: int | None) -> None:
    if version is not None and roster.version != version:
        raise Conflict("changed_meanwhile")
