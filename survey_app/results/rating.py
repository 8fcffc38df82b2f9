"""Rate every home of a counted round: sheet, rating, immutable snapshot, provisional result.

The job runs again for a single home when its hold was decided: accepted, it is rated anew; voided, it ends.
A round is rated by one version of the method, whatever happens to the program in between.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

import scoring
from scoring import Rating, Scheme, Sheet, exchange
from scoring.comparison import release_check
from scoring.decision import BY_BOUNDS
from scoring.shown import ShownBounds
from survey_app.accounts.queries import posts_at
from survey_app.core.actor import SYSTEM, Role
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.models import HomeCount
from survey_app.counting.queries import cells
from survey_app.instruments.queries import questionnaire_of
from survey_app.journal.operations import record
from survey_app.outbox.jobs import LeasedJob, Workshop, note_progress
from survey_app.outbox.messages import tell
from survey_app.results.collect import scheme_of, sheet_of
from survey_app.results.comments import take_over
from survey_app.results.flags import flag_homes
from survey_app.results.limits import calendar_of
from survey_app.results.models import RatingSnapshot, Result, ResultState
from survey_app.results.states import COUNTED, RESULT, UNDECIDED
from survey_app.rounds.models import Round, RoundHome, RoundKind
from survey_app.rounds.queries import policy_of

TWO_SIDES, VISIT_FIRST = "V1", "V2"


def rate_round(workshop: Workshop, leased: LeasedJob) -> None:
    """The job `results.rate`: every home of a counted round, or the one whose hold was decided.

    A second run finds nothing left to do.
    """
    round_id: str = leased.payload["round_id"]
    roster = workshop.databases.roster
    with reading(read_session(roster)) as session:
        round_ = session.get_one(Round, round_id)
        if round_.kind == RoundKind.PRACTICE:
            return
        homes = list(session.scalars(select(HomeCount.home_id).where(HomeCount.round_id == round_id)))
        method = method_of(session, round_id)
    if "home_id" in leased.payload:
        homes = [leased.payload["home_id"]]
    for done, home_id in enumerate(homes, start=1):
        with committing(write_session(roster)) as session:
            result = rate_home(session, workshop, round_id, home_id, method=method, at=workshop.clock())
            settle_hold(session, workshop, result, method=method, at=workshop.clock())
            note_progress(session, leased, done, len(homes), at=workshop.clock())
        take_over(workshop, round_id, home_id)
    with committing(write_session(roster)) as session:
        mark_first_visits(session, round_id)
        flag_homes(session, round_id)


def method_of(session: Session, round_id: str) -> str:
    """The version of the method that rates a round: that of its first snapshot, today's for a new round.

    A hold accepted after the program was renewed, or a job resumed then, must not be rated by another rule
    than the homes beside it: they answered the same round under the same published policy.
    """
    first = session.scalars(
        select(RatingSnapshot.method_version)
        .join(Result, Result.id == RatingSnapshot.result_id)
        .where(Result.round_id == round_id)
        .order_by(RatingSnapshot.id)
        .limit(1)
    ).first()
    return first or scoring.METHOD_VERSION


def rate_home(
    session: Session, workshop: Workshop, round_id: str, home_id: int, *, method: str, at: datetime
) -> Result:
    """Rate one home unless it has been; the result is provisional, or held where the count rule says so."""
    present = session.scalars(
        select(Result).where(Result.round_id == round_id, Result.home_id == home_id)
    ).one_or_none()
    if present is not None:
        return present
    round_ = session.get_one(Round, round_id)
    sheet, scheme, fingerprint = inputs_of(session, workshop, round_, home_id)
    rating = scoring.rate(sheet, scheme, method)
    held = rating.rating_class is scoring.RatingClass.HELD
    result = Result(
        round_id=round_id,
        home_id=home_id,
        year=round_.year,
        state=ResultState.HELD if held else ResultState.PROVISIONAL,
        provisional_at=at,
        objection_until=_window_end(session, round_, at),
        rating_class=rating.rating_class.value,
        code=rating.reason.value,
        marks=[],
    )
    session.add(result)
    session.flush()
    take_snapshot(session, result, sheet, scheme, rating, fingerprint, cause="counted", at=at)
    _record_rating(session, result, rating, at)
    _supersede_earlier(session, round_, result, at)
    _tell_of_rating(session, round_, result, at)
    return result


def _record_rating(session: Session, result: Result, rating: Rating, at: datetime) -> None:
    record(
        session,
        SYSTEM,
        "result.rated",
        "result",
        result.id,
        at=at,
        code=result.code,
        digest=rating.input_digest,
        method=rating.method_version,
    )


def settle_hold(session: Session, workshop: Workshop, result: Result, *, method: str, at: datetime) -> None:
    """Follow the decision about a held home: rate it anew, or end the result with the vote."""
    count = session.get_one(HomeCount, (result.round_id, result.home_id))
    if result.state != ResultState.HELD or not (count.hold_accepted_reason or count.void_reason):
        return
    if count.void_reason:
        _move(result, "void")
        record(session, SYSTEM, "result.voided", "result", result.id, at=at)
        return
    round_ = session.get_one(Round, result.round_id)
    sheet, scheme, fingerprint = inputs_of(session, workshop, round_, result.home_id)
    rating = scoring.rate(sheet, scheme, method)
    take_snapshot(session, result, sheet, scheme, rating, fingerprint, cause="hold_accepted", at=at)
    _move(result, "accept_hold")
    result.provisional_at, result.objection_until = at, _window_end(session, round_, at)
    _record_rating(session, result, rating, at)
    _tell_of_rating(session, round_, result, at)


def _move(result: Result, action: str) -> None:
    result.state = RESULT.target(ResultState(result.state), action)
    result.version += 1


def _window_end(session: Session, round_: Round, at: datetime) -> date:
    """The last day on which the chair may object; the day before where the policy gives no window."""
    span = policy_of(round_).objection_workdays
    if not span:
        return beijing_day(at) - timedelta(days=1)
    return calendar_of(session).add_workdays(beijing_day(at), span).date


def _tell_of_rating(session: Session, round_: Round, result: Result, at: datetime) -> None:
    """A held result is the organiser's affair alone; every other goes to the chair first."""
    values = {"year": round_.year}
    if result.state == ResultState.HELD:
        officers = [post.id for post in posts_at(session, round_.organiser_id, Role.OFFICER)]
        tell(session, officers, "result.held", values, f"/ratings/{result.id}", at=at)
        return
    chairs = [post.id for post in posts_at(session, result.home_id, Role.CHAIR)]
    tell(session, chairs, "result.provisional", values, f"/results/{result.id}", at=at)


def mark_first_visits(session: Session, round_id: str) -> None:
    """Mark V2 先实地核实: proposed orders that a false-discovery rule over the round would not keep.

    The family are the homes whose bounds were compared with the lines, as in the measured table of
    docs/method.md: a home that failed a gate was not tested, nor was one whose vote is void. What was
    confirmed keeps the mark it was confirmed with.
    """
    rows = list(
        session.scalars(
            select(Result)
            .where(
                Result.round_id == round_id,
                Result.p_value.is_not(None),
                Result.code.in_(BY_BOUNDS),
                Result.state.in_(COUNTED),
            )
            .order_by(Result.id)
        )
    )
    if not rows:
        return
    p_values = np.array([row.p_value for row in rows], dtype=np.float64)
    ordered = np.array([row.code == scoring.ReasonCode.D1 for row in rows])
    check = release_check(p_values, ordered)
    for row, visit in zip(rows, check.visit_first, strict=True):
        marks = [mark for mark in row.marks if mark != VISIT_FIRST] + ([VISIT_FIRST] if visit else [])
        if marks != row.marks and row.state in UNDECIDED:
            row.marks = marks


def inputs_of(session: Session, workshop: Workshop, round_: Round, home_id: int) -> tuple[Sheet, Scheme, str]:
    """Sheet, scheme and questionnaire fingerprint of a home, collected afresh."""
    home = session.get_one(RoundHome, (round_.id, home_id))
    count = session.get_one(HomeCount, (round_.id, home_id))
    questionnaire = questionnaire_of(session, home.questionnaire_id)
    counted = cells(workshop.databases, round_.id, home_id)
    sheet = sheet_of(round_, home, count, counted, questionnaire)
    return sheet, scheme_of(policy_of(round_), questionnaire), questionnaire.fingerprint


def take_snapshot(
    session: Session,
    result: Result,
    sheet: Sheet,
    scheme: Scheme,
    rating: Rating,
    fingerprint: str,
    *,
    cause: str,
    at: datetime,
) -> RatingSnapshot:
    """Freeze inputs and outcome; the result points at its newest snapshot."""
    numbers = session.scalars(select(RatingSnapshot.number).where(RatingSnapshot.result_id == result.id))
    snapshot = RatingSnapshot(
        result_id=result.id,
        number=max(numbers, default=0) + 1,
        made_at=at,
        cause=cause,
        sheet=exchange.write(sheet, scheme),
        scheme=exchange.plain(scheme),
        rating=scoring.written(rating),
        input_digest=rating.input_digest,
        method_version=rating.method_version,
        questionnaire_fingerprint=fingerprint,
    )
    session.add(snapshot)
    session.flush()
    result.snapshot_id = snapshot.id
    result.marks = [TWO_SIDES] if rating.two_sides else []
    keep(result, rating)
    session.flush()
    return snapshot


KEPT = (
    *("rating_class", "code", "reminder", "members", "ballots", "combined", "low", "high", "n_effective"),
    *("opinions", "satisfied", "favourable", "p_value"),
)


def keep(result: Result, rating: Rating) -> None:
    """Copy into the row the class and what a superior may be shown, and nothing else."""
    result.rating_class, result.code = rating.rating_class.value, rating.reason.value
    result.reminder = rating.reminder
    shown = scoring.disclose(rating, scoring.Audience.SUPERIOR)
    result.members = shown.members
    result.ballots = shown.ballots if isinstance(shown.ballots, int) else None
    bounds = shown.bounds if isinstance(shown.bounds, ShownBounds) else None
    result.combined, result.low, result.high = (bounds.p, bounds.low, bounds.high) if bounds else (None,) * 3
    result.n_effective = bounds.n_effective if bounds else None
    whole = scoring.total([shown])
    summed = (whole.opinions, whole.satisfied, whole.favourable) if whole.homes else (None,) * 3
    result.opinions, result.satisfied, result.favourable = summed
    result.p_value = rating.bounds.p_value if rating.bounds else None


def rating_of(session: Session, result: Result) -> Rating:
    """The rating behind a result, computed again from its frozen inputs: the same to the last digit."""
    snapshot = session.get_one(RatingSnapshot, result.snapshot_id)
    return rating_of_snapshot(snapshot)


def rating_of_snapshot(snapshot: RatingSnapshot) -> Rating:
    """The rating of a snapshot's frozen sheet and scheme, by the version of the method it was made under."""
    sheet, scheme = exchange.read(snapshot.sheet)
    return scoring.rate(sheet, scheme, snapshot.method_version)


def differences(snapshot: RatingSnapshot) -> list[str]:
    """What recomputing by its own version gives otherwise than a snapshot holds: nothing, if all is well.

    The columns beside the rating, by which years are compared, must say the same as the sheet.
    """
    sheet, scheme = exchange.read(snapshot.sheet)
    again: dict[str, Any] = scoring.written(scoring.rate(sheet, scheme, snapshot.method_version))
    found = {
        key for key in again.keys() | snapshot.rating.keys() if again.get(key) != snapshot.rating.get(key)
    }
    if snapshot.input_digest != again["input_digest"]:
        found.add("input_digest")
    if snapshot.scheme != exchange.plain(scheme):
        found.add("scheme")
    return sorted(found)


def row_differences(result: Result, snapshot: RatingSnapshot) -> list[str]:
    """What the row that lists, totals and orders read says otherwise than its newest snapshot."""
    rating, fresh = rating_of_snapshot(snapshot), Result(marks=[])
    keep(fresh, rating)
    found = [name for name in KEPT if getattr(fresh, name) != getattr(result, name)]
    return found + ["marks"] * ((TWO_SIDES in result.marks) != rating.two_sides)


def _supersede_earlier(session: Session, round_: Round, result: Result, at: datetime) -> None:
    """A repeat counts instead of the round it repeats; both stay visible."""
    if round_.kind != RoundKind.REPEAT or round_.follows_round_id is None:
        return
    earlier = session.scalars(
        select(Result).where(Result.round_id == round_.follows_round_id, Result.home_id == result.home_id)
    ).one_or_none()
    if earlier is None or (ResultState(earlier.state), "supersede") not in RESULT.moves:
        return
    earlier.state = RESULT.target(ResultState(earlier.state), "supersede")
    earlier.superseded_by = result.id
    record(session, SYSTEM, "result.superseded", "result", earlier.id, at=at, by=result.id)
