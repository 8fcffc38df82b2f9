"""Daily backups compared with each other tell nothing (anonymity.md section 9, number 3).

The attacker copies every readable table each evening, notes who used his link since yesterday, and looks for
answers that were not there yesterday. Where several voted in a day he guesses among them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import pytest
from sqlalchemy import select, text

from questionnaires import load, read_answers
from survey_app.box.models import Ballot, BoxComment, CountingClass, Leaf, Opening, Tally
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.digests import codes_of
from survey_app.invitations.models import Invitation, InvitationState
from tests.anonymity.scene import Scene, set_scene, telling_answers
from tests.support.round_builder import HomeSpec

DAYS = 10
READABLE = (Ballot, BoxComment, CountingClass, Leaf, Opening, Tally)
Answers = tuple[int, ...]


@dataclass(frozen=True)
class Evening:
    """What a backup of one evening holds: who has used the link, and which answers can be read."""

    used: frozenset[int]
    answers: dict[bytes, Answers]


def evening(scene: Scene) -> Evening:
    length = len(scene.built.questionnaire.closed_questions)
    with reading(read_session(scene.built.databases.box)) as box:
        rows = box.scalars(select(Ballot).where(Ballot.round_id == scene.built.id)).all()
        answers = {row.id: codes_of(row)[:length] for row in rows}
    return Evening(used_by(scene), answers)


def used_by(scene: Scene) -> frozenset[int]:
    """Places in the order of arrival of those who used their link."""
    place_of = {place: arrival for arrival, place in enumerate(scene.roster_places)}
    with reading(read_session(scene.built.databases.roster)) as session:
        states = session.scalars(
            select(Invitation.state)
            .where(Invitation.round_id == scene.built.id)
            .order_by(Invitation.member_id)
        ).all()
    return frozenset(place_of[at] for at, state in enumerate(states) if state == InvitationState.ISSUED)


def hits_of(evenings: list[Evening], truth: dict[Answers, int], seed: int) -> int:
    """How many members' answers the attacker names by comparing each evening with the one before."""
    chance, hits = random.Random(seed), 0
    for before, after in pairwise(evenings):
        newcomers = sorted(after.used - before.used)
        fresh = [after.answers[key] for key in after.answers.keys() - before.answers.keys()]
        chance.shuffle(fresh)
        hits += sum(truth[answers] == member for member, answers in zip(newcomers, fresh, strict=False))
    return hits


def days(voters: int, seed: int) -> list[tuple[int, int]]:
    """Who comes on which day, as chance has it: from and to, in the order of arrival."""
    cuts = sorted(random.Random(seed).sample(range(1, voters), DAYS - 1))
    return list(zip([0, *cuts], [*cuts, voters], strict=True))


@pytest.mark.parametrize("members", [12, pytest.param(60, marks=pytest.mark.slow)])
def test_backups_of_every_evening_name_nobody(build, members):
    built = build(HomeSpec.of(members)).prepare().open()
    scene = set_scene(built, seed=3)
    evenings = [evening(scene)]

    for first, last in days(members, seed=3):
        scene.vote(first=first, last=last)
        with reading(read_session(built.databases.box)) as box:
            filled = [table for table in READABLE if box.scalars(select(table)).first() is not None]
        assert filled == [], "nothing but sealed ballots before the count"
        evenings.append(evening(scene))
    built.close().count().finish()
    evenings.append(evening(scene))
    evenings.append(evening(scene))
    assert len(evenings[-1].answers) == members
    assert evenings[-1].answers == evenings[-2].answers, "nothing moves after the count"
    assert hits_of(evenings, scene.ballots, seed=3) == 0


def test_the_same_comparison_names_most_voters_of_plain_ballots(databases):
    voters, form = 12, load("national-core-1")
    truth = {read_answers(form, telling_answers(form, n)).codes: n for n in range(voters)}
    in_order = list(truth)
    with committing(write_session(databases.box)) as box:
        box.execute(text("CREATE TABLE plain (answers TEXT)"))
    evenings = [Evening(frozenset(), {})]
    for first, last in days(voters, seed=3):
        with committing(write_session(databases.box)) as box:
            for codes in in_order[first:last]:
                box.execute(text("INSERT INTO plain VALUES (:it)"), {"it": " ".join(map(str, codes))})
        with reading(read_session(databases.box)) as box:
            found = [tuple(map(int, one.split())) for one in box.scalars(text("SELECT answers FROM plain"))]
        evenings.append(Evening(frozenset(range(last)), {bytes(codes): codes for codes in found}))
    assert hits_of(evenings, truth, seed=3) >= voters * 2 // 3
