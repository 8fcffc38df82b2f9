"""The same ballots give the same bytes from either database as counted by hand, in any order."""

from __future__ import annotations

from dataclasses import replace

import scoring
from scoring import Forms, Group, exchange
from scoring.ballots import Ballot, sheet_of_ballots
from survey_app.core.db import read_session, reading
from survey_app.results.collect import CLASS, questions_of
from survey_app.results.models import RatingSnapshot
from survey_app.results.rating import inputs_of
from survey_app.rounds.models import Round
from survey_app.rounds.policy import Policy
from tests.support.counted_home import CountedRound, ballots_of
from tests.survey_app.results.conftest import RIVER

OPTIONS = (None, "SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")


def counted_by_hand(built: CountedRound) -> scoring.Sheet:
    """The sheet of that home from its single ballots, the last one first; no database takes part."""
    questions = questions_of(built.form)
    ballots = [
        Ballot(
            {CLASS: part.label},
            {q.id: option for q, code in zip(questions, codes, strict=True) if (option := OPTIONS[code])},
        )
        for part in RIVER.classes
        for codes in ballots_of(built.form, part)
    ]
    names = [section.id for section in built.form.dimensions]
    sheet = sheet_of_ballots(
        str(built.homes[0].id),
        {((CLASS, part.label),): part.members for part in reversed(RIVER.classes)},
        reversed(ballots),
        questions,
        dict(zip(names, Policy().dimension_weights, strict=True)),
    )
    return replace(
        sheet,
        groups=tuple(Group(part.label, part.members, part.valid) for part in RIVER.classes),
        redeemed=len(ballots),
        forms=Forms(sheet.members, len(ballots)),
    )


def test_either_database_gives_the_bytes_of_counting_by_hand(build):
    built = build(RIVER).rate()
    by_hand = counted_by_hand(built)
    with reading(read_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        sheet, scheme, _form = inputs_of(session, built.workshop, round_, built.homes[0].id)
        stored = session.get_one(RatingSnapshot, built.result().snapshot_id).rating
    assert exchange.digest_of_sheet(sheet) == exchange.digest_of_sheet(by_hand)
    written = exchange.canonical(scoring.written(scoring.rate(by_hand, scheme)))
    assert exchange.canonical(scoring.written(scoring.rate(sheet, scheme))) == written
    assert exchange.canonical(stored) == written
    other = replace(by_hand, redeemed=by_hand.ballots + 1)
    assert exchange.digest_of_sheet(other) != exchange.digest_of_sheet(sheet)
