"""Rate every home of a counted round: sheet, rating, immutable snapshot, provisional result."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import scoring
from scoring import Rating, Scheme, Sheet, exchange
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
from survey_app.results.limits import calendar_of
from survey_app.results.models import RatingSnapshot, Result, ResultState
from survey_app.results.states import RESULT
from survey_app.rounds.models import Round, RoundHome, RoundKind
from survey_app.rounds.queries import policy_of


def rate_round(workshop: Workshop, leased: LeasedJob) -> None:
    """The job `results.rate`: every home of a counted round; a second run finds nothing left to do."""
    round_id: str = leased.payload["round_id"]
    roster = workshop.databases.roster
    with reading(read_session(roster)) as session:
        round_ = session.get_one(Round, round_id)
        if round_.kind == RoundKind.PRACTICE:
            return
        homes = list(session.scalars(select(HomeCount.home_id).where(HomeCount.round_id == round_id)))
    for done, home_id in enumerate(homes, start=1):
        with committing(write_session(roster)) as session:
            rate_home(session, workshop, round_id, home_id, at=workshop.clock())
            note_progress(session, leased, done, len(homes), at=workshop.clock())


def rate_home(session: Session, workshop: Workshop, round_id: str, home_id: int, *, at: datetime) -> Result:
    """Rate one home unless it has been; the result is provisional, or held where the count rule says so."""
    present = session.scalars(
        select(Result).where(Result.round_id == round_id, Result.home_id == home_id)
    ).one_or_none()
    if present is not None:
        return present
    round_ = session.get_one(Round, round_id)
    sheet, scheme, fingerprint = inputs_of(session, workshop, round_, home_id)
    rating = scoring.rate(sheet, scheme)
    policy = policy_of(round_)
    result = Result(
        round_id=round_id,
        home_id=home_id,
        year=round_.year,
        state=ResultState.HELD
        if rating.rating_class is scoring.RatingClass.HELD
        else ResultState.PROVISIONAL,
        provisional_at=at,
        objection_until=calendar_of(session).add_workdays(beijing_day(at), policy.objection_workdays).date,
        rating_class=rating.rating_class.value,
        code=rating.reason.value,
        marks=[],
    )
    session.add(result)
    session.flush()
    take_snapshot(session, result, sheet, scheme, rating, fingerprint, cause="counted", at=at)
    record(
        session,
        SYSTEM,
        "result.rated",
        "result",
        result.id,
        at=at,
        code=result.code,
        digest=rating.input_digest,
    )
    _supersede_earlier(session, round_, result, at)
    chairs = [post.id for post in posts_at(session, home_id, Role.CHAIR)]
    tell(session, chairs, "result.provisional", {"year": round_.year}, "/desk", at=at)
    return result


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
        rating=exchange.plain(rating),
        input_digest=rating.input_digest,
        method_version=rating.method_version,
        questionnaire_fingerprint=fingerprint,
    )
    session.add(snapshot)
    session.flush()
    result.snapshot_id = snapshot.id
    result.rating_class, result.code = rating.rating_class.value, rating.reason.value
    result.reminder = rating.reminder
    result.marks = ["V1"] if rating.two_sides else []
    session.flush()
    return snapshot


def rating_of(session: Session, result: Result) -> Rating:
    """The rating behind a result, computed again from its frozen inputs: the same to the last digit."""
    snapshot = session.get_one(RatingSnapshot, result.snapshot_id)
    return rating_of_snapshot(snapshot)


def rating_of_snapshot(snapshot: RatingSnapshot) -> Rating:
    """The rating of a snapshot's frozen sheet and scheme."""
    sheet, scheme = exchange.read(snapshot.sheet)
    return scoring.rate(sheet, scheme)


def differences(snapshot: RatingSnapshot) -> list[str]:
    """What a recomputation gives otherwise than the snapshot holds (nothing, unless the method changed)."""
    again: dict[str, Any] = exchange.plain(rating_of_snapshot(snapshot))
    return sorted(
        key for key in again.keys() | snapshot.rating.keys() if again.get(key) != snapshot.rating.get(key)
    )


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
