"""Writes of rounds by people: plan, choose homes, extend, cancel. The steps of the box are `counting`'s."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Conflict, Fault, Invalid, Refused
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.journal.operations import record
from survey_app.outbox.jobs import enqueue
from survey_app.rounds.attaching import attach_rosters
from survey_app.rounds.models import (
    BallotClass,
    CustodianStep,
    Electorate,
    Round,
    RoundHome,
    RoundKind,
    RoundSecret,
    RoundState,
    SchemeVersion,
)
from survey_app.rounds.policy import Policy
from survey_app.rounds.states import ROUND
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below

Undo = Callable[[Session, Round], None]
_undo: list[Undo] = []
End = Callable[[Session, Round, datetime], None]
_end: list[End] = []


def on_undo(undo: Undo) -> None:
    """Let a higher feature remove its rows when a round goes back to draft."""
    if undo not in _undo:
        _undo.append(undo)


def on_cancel(end: End) -> None:
    """Let a higher feature remove its rows when a round is cancelled, or refuse that it is cancelled now."""
    if end not in _end:
        _end.append(end)


def move(session: Session, round_: Round, action: str) -> None:
    """Take a lawful move of the round's table and raise its version."""
    round_.state = ROUND.target(RoundState(round_.state), action)
    round_.version += 1
    session.flush()


def create_round(
    session: Session,
    actor: Actor,
    organiser: Unit,
    scheme: SchemeVersion,
    questionnaire: QuestionnaireVersion,
    *,
    values: Mapping[str, Any],
    at: datetime,
) -> Round:
    """Plan a round. `values`: title, year, opens_at, closes_at and any of `EDITABLE`; kind, electorate."""
    actor.need("round.edit")
    if scheme.year != values["year"]:
        raise Invalid([Fault("scheme_of_other_year", {"year": scheme.year}, "scheme_id")])
    _refuse_bad_plan(values, at)
    round_ = Round(
        id=secrets.token_hex(16),
        title=values["title"],
        year=values["year"],
        kind=values.get("kind", RoundKind.ORDINARY),
        electorate=values.get("electorate", Electorate.MEMBERS),
        organiser_id=organiser.id,
        scheme_id=scheme.id,
        questionnaire_id=questionnaire.id,
        follows_round_id=values.get("follows_round_id"),
        policy=dict(scheme.policy),
        state=RoundState.DRAFT,
        opens_at=values["opens_at"],
        closes_at=values["closes_at"],
        deputies=[],
        created_by=actor.account_id,
    )
    _set_editable(round_, values)
    session.add(round_)
    session.flush()
    record(session, actor, "round.created", "round", round_.id, at=at, title=round_.title, year=round_.year)
    return round_


PLANNED = ("opens_at", "closes_at", "opening_planned_on", "deputies")
EDITABLE = (
    "title",
    "opens_at",
    "closes_at",
    "opening_planned_on",
    "deputies",
    "notice",
    "privacy_handler",
    "privacy_contact",
    "privacy_text",
)


def edit_round(
    session: Session, actor: Actor, round_: Round, *, values: Mapping[str, Any], version: int, at: datetime
) -> None:
    """Change a draft; `version` is what the editor had read, so that nobody overwrites a colleague."""
    actor.need("round.edit")
    ROUND.target(RoundState(round_.state), "edit")
    if round_.version != version:
        raise Conflict("changed_meanwhile")
    _refuse_bad_plan({**{name: getattr(round_, name) for name in PLANNED}, **values}, at, round_.opens_at)
    _set_editable(round_, values)
    move(session, round_, "edit")
    record(session, actor, "round.edited", "round", round_.id, at=at, fields=sorted(values))


def _set_editable(round_: Round, values: Mapping[str, Any]) -> None:
    for name in EDITABLE:
        if name in values:
            setattr(round_, name, values[name])


def _refuse_bad_plan(values: Mapping[str, Any], at: datetime, opened_before: datetime | None = None) -> None:
    """All faults of the dates and the two deputies at once; a start left as it stood may have come."""
    opens_at, closes_at, faults = values["opens_at"], values["closes_at"], []
    if opens_at != opened_before and beijing_day(opens_at) < beijing_day(at):
        faults.append(Fault("round_opens_in_the_past", {}, "opens_on"))
    planned = values.get("opening_planned_on")
    if planned is not None and planned < beijing_day(closes_at):
        faults.append(Fault("round_opening_before_close", {}, "opening_planned_on"))
    deputies = [str(name).strip() for name in values.get("deputies", ())]
    if len(deputies) != len(set(deputies)):
        faults.append(Fault("round_deputies_same", {}, "deputy_2"))
    if closes_at <= opens_at:
        faults.append(Fault("round_closes_before_opening", {}, "closes_at"))
    if closes_at <= at:
        faults.append(Fault("round_closes_in_the_past", {}, "closes_at"))
    if faults:
        raise Invalid(faults)


def set_homes(
    session: Session, actor: Actor, round_: Round, home_ids: Iterable[int], *, at: datetime
) -> None:
    """Choose the homes of a draft: all below the organiser in the line of affiliation, each once a year."""
    actor.need("round.edit")
    ROUND.target(RoundState(round_.state), "edit")
    wanted = set(home_ids)
    present = {row.home_id: row for row in session.scalars(_homes_of(round_.id))}
    new = sorted(wanted - present.keys())
    _refuse_foreign_homes(session, round_, new)
    for home_id in present.keys() - wanted:
        session.delete(present[home_id])
    session.flush()
    year = round_.year if round_.kind == RoundKind.ORDINARY else None
    _refuse_second_round(session, new, year)
    for home_id in new:
        session.add(
            RoundHome(
                round_id=round_.id,
                home_id=home_id,
                ordinary_year=year,
                questionnaire_id=round_.questionnaire_id,
            )
        )
    session.flush()
    attach_rosters(session, round_)
    move(session, round_, "edit")
    record(session, actor, "round.homes_chosen", "round", round_.id, at=at, homes=len(wanted), added=len(new))


def _homes_of(round_id: str) -> Any:
    return select(RoundHome).where(RoundHome.round_id == round_id)


def _refuse_foreign_homes(session: Session, round_: Round, home_ids: list[int]) -> None:
    faults = []
    for unit in session.scalars(select(Unit).where(Unit.id.in_(home_ids))):
        below = is_below(session, unit.id, round_.organiser_id, Line.AFFILIATION)
        if not unit.is_home or unit.closed_on is not None or not below:
            faults.append(Fault("home_not_in_line", {"name": unit.name}, str(unit.id)))
    if faults:
        raise Invalid(faults)


def _refuse_second_round(session: Session, home_ids: list[int], year: int | None) -> None:
    if year is None:
        return
    taken = session.execute(
        select(Unit.name, Round.title)
        .join(RoundHome, RoundHome.home_id == Unit.id)
        .join(Round, Round.id == RoundHome.round_id)
        .where(RoundHome.home_id.in_(home_ids), RoundHome.ordinary_year == year)
    )
    faults = [Fault("home_has_a_round", {"name": name, "round": title}, name) for name, title in taken]
    if faults:
        raise Invalid(faults)


def extend_round(
    session: Session, actor: Actor, round_: Round, *, closes_at: datetime, reason: str, at: datetime
) -> None:
    """Move the close later: once, before it has passed, with a reason that the members' page shows."""
    actor.need("round.run")
    faults = []
    if round_.first_closes_at is not None:
        raise Refused("round_extended_before")
    if at >= round_.closes_at:
        raise Refused("round_close_has_passed")
    if closes_at <= round_.closes_at:
        faults.append(Fault("round_extension_not_later", {}, "closes_at"))
    if not reason.strip():
        faults.append(Fault("reason_missing", {}, "reason"))
    if faults:
        raise Invalid(faults)
    before = round_.closes_at
    round_.first_closes_at, round_.closes_at, round_.extension_reason = before, closes_at, reason.strip()
    move(session, round_, "extend")
    record(
        session,
        actor,
        "round.extended",
        "round",
        round_.id,
        at=at,
        was=before.isoformat(),
        now=closes_at.isoformat(),
        reason=reason.strip(),
    )


def cancel_round(session: Session, actor: Actor, round_: Round, *, reason: str, at: datetime) -> None:
    """End a round without a result; its sealed ballots are destroyed by the job `counting.destroy`."""
    actor.need("round.run")
    if not reason.strip():
        raise Invalid([Fault("reason_missing", {}, "reason")])
    for end in _end:
        end(session, round_, at)
    move(session, round_, "cancel")
    round_.cancel_reason = reason.strip()
    for row in session.scalars(_homes_of(round_.id)):
        row.ordinary_year = None
    _erase_secrets(session, round_, at)
    record(session, actor, "round.cancelled", "round", round_.id, at=at, reason=reason.strip())
    enqueue(session, "counting.destroy", at=at, slot=f"counting.destroy/{round_.id}", round_id=round_.id)


def return_to_draft(session: Session, actor: Actor, round_: Round, *, reason: str, at: datetime) -> None:
    """Go back from `ready`: every link becomes void, keys and classes are made anew."""
    actor.need("round.run")
    if not reason.strip():
        raise Invalid([Fault("reason_missing", {}, "reason")])
    move(session, round_, "return_to_draft")
    for undo in _undo:
        undo(session, round_)
    session.execute(delete(BallotClass).where(BallotClass.round_id == round_.id))
    session.execute(delete(CustodianStep).where(CustodianStep.round_id == round_.id))
    session.execute(delete(RoundSecret).where(RoundSecret.round_id == round_.id))
    for row in session.scalars(_homes_of(round_.id)):
        row.sheet, row.sheet_fingerprint = None, None
    round_.ready_at = None
    record(session, actor, "round.returned_to_draft", "round", round_.id, at=at, reason=reason.strip())
    enqueue(
        session,
        "counting.destroy",
        at=at,
        slot=f"counting.destroy/{round_.id}/{round_.version}",
        round_id=round_.id,
    )


def _erase_secrets(session: Session, round_: Round, at: datetime) -> None:
    for row in session.scalars(select(BallotClass).where(BallotClass.round_id == round_.id)):
        row.issuing_private = None
    secret = session.get(RoundSecret, round_.id)
    if secret is not None:
        secret.code_key, secret.opening_ciphertext, secret.erased_at = None, None, at


def issue_scheme(
    session: Session, actor: Actor, issuer: Unit, *, year: int, title: str, policy: Policy, at: datetime
) -> SchemeVersion:
    """Issue a scheme for a year; a level below another issuer may only tighten the policy above it."""
    actor.need("scheme.issue")
    check_scheme(session, issuer, year=year, title=title, policy=policy)
    editions = session.scalars(
        select(SchemeVersion.edition).where(
            SchemeVersion.issuer_unit_id == issuer.id, SchemeVersion.year == year
        )
    )
    scheme = SchemeVersion(
        issuer_unit_id=issuer.id,
        year=year,
        edition=max(editions, default=0) + 1,
        title=title.strip(),
        policy=policy.to_dict(),
        issued_at=at,
    )
    session.add(scheme)
    session.flush()
    record(session, actor, "scheme.issued", "scheme", scheme.id, at=at, title=scheme.title, year=year)
    return scheme


def check_scheme(session: Session, issuer: Unit, *, year: int, title: str, policy: Policy) -> None:
    """Everything that would keep a scheme from being issued, all at once."""
    faults = policy.faults()
    above = scheme_above(session, issuer, year)
    if above is not None:
        faults += policy.loosened_against(Policy.from_dict(above.policy))
    if not title.strip():
        faults.append(Fault("title_missing", {}, "title"))
    if faults:
        raise Invalid(faults)


def scheme_above(session: Session, issuer: Unit, year: int) -> SchemeVersion | None:
    """The newest scheme of the nearest superior in the line of affiliation, if any issued one."""
    parent_id = issuer.parent_id
    while parent_id is not None:
        found = session.scalars(
            select(SchemeVersion)
            .where(SchemeVersion.issuer_unit_id == parent_id, SchemeVersion.year == year)
            .order_by(SchemeVersion.edition.desc())
            .limit(1)
        ).one_or_none()
        if found is not None:
            return found
        parent_id = session.scalars(select(Unit.parent_id).where(Unit.id == parent_id)).one()
    return None


def set_work_report(
    session: Session,
    actor: Actor,
    home: RoundHome,
    *,
    text: str,
    file_name: str,
    checksum: str,
    at: datetime,
) -> None:
    """The chair's work report (述职) shown on the member's first page; it freezes with roster and sheet."""
    actor.need("report.write")
    # Locked: preparing begins after this report or refuses it, and every member rates the same one.
    round_ = session.get_one(Round, home.round_id, with_for_update=True, populate_existing=True)
    if round_.state != RoundState.DRAFT:
        raise Refused("wrong_state", thing="round", state=round_.state, action="report")
    home.work_report_text = text.strip()
    if checksum:
        home.work_report_name, home.work_report_checksum = file_name, checksum
    session.flush()
    record(
        session,
        actor,
        "report.written",
        "round_home",
        f"{home.round_id}/{home.home_id}",
        at=at,
        file=file_name,
    )
