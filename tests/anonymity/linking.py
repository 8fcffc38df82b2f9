"""The link attack on the product: a home votes in a known order, is counted, and is attacked."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, text

from survey_app.box.models import Ballot, BoxComment
from survey_app.core.db import Databases, read_session, reading
from survey_app.core.settings import Settings
from survey_app.counting.digests import codes_of
from tests.anonymity.attacks import Finding, Target, attack, attack_beside
from tests.anonymity.naive import checkpointed, log_place, naive_engine, naive_votes, naive_words
from tests.anonymity.scene import Scene, set_scene
from tests.support.round_builder import HomeSpec, build_round


def targets(settings: Settings, databases: Databases, members: int, seed: int) -> dict[str, Target]:
    """A counted home's ballots and comments, ready to be attacked."""
    start = log_place(databases.box)
    built = build_round(settings, databases, (HomeSpec.of(members),)).prepare().open()
    scene = set_scene(built, seed)
    scene.vote()
    numbers = _transactions_of_arrivals(scene)
    built.close().count().finish()
    places = scene.leaf_places()
    owners = {"ballot": _owners_of_ballots(scene), "comment": _owners_of_comments(scene)}
    where = f"round_id = '{built.id}' AND home_id = {scene.home_id}"
    return {
        table: Target(
            databases.box,
            table,
            where,
            "id",
            "id",
            owners[table],
            used_numbers=lambda: numbers,
            leaf_places=lambda: places,
            log_from=start,
        )
        for table in owners
    }


def _owners_of_ballots(scene: Scene) -> dict[bytes, int]:
    known, length = scene.ballots, len(scene.built.questionnaire.closed_questions)
    with reading(read_session(scene.built.databases.box)) as box:
        rows = box.scalars(select(Ballot).where(Ballot.round_id == scene.built.id)).all()
    assert len(rows) == len(scene.arrivals)
    return {row.id: known[codes_of(row)[:length]] for row in rows}


def _owners_of_comments(scene: Scene) -> dict[bytes, int]:
    with reading(read_session(scene.built.databases.box)) as box:
        rows = box.scalars(select(BoxComment).where(BoxComment.round_id == scene.built.id)).all()
    assert len(rows) == len(scene.arrivals)
    return {row.id: scene.comments[row.text] for row in rows}


def _transactions_of_arrivals(scene: Scene) -> list[int]:
    """PostgreSQL: the transaction in which each arrival's entitlement was spent."""
    roster = scene.built.databases.roster
    if roster.dialect.name != "postgresql":
        return []
    statement = text("SELECT i.xmin::text FROM invitation i WHERE i.round_id = :round ORDER BY i.member_id")
    with roster.connect() as connection:
        numbers = [int(one) for one in connection.scalars(statement, {"round": scene.built.id})]
    return [numbers[place] for place in scene.roster_places]


def attacked(settings: Settings, databases: Databases, members: int, seed: int) -> dict[str, Finding]:
    """Every finding of one seed, by table and feature; `words` are the comments beside their ballots."""
    made = targets(settings, databases, members, seed)
    found = {table: attack(target) for table, target in made.items()}
    return by_name({**found, "words": attack_beside(made["ballot"], made["comment"])})


def attacked_naively(databases: Databases, folder: Path, members: int) -> dict[str, Finding]:
    """The same attacks on the naive designs: while their log is full, then with the log brought home."""
    engine = naive_engine(databases.box, folder)
    target, (ballots, words) = naive_votes(engine, members), naive_words(engine, members)
    found = {"ballot": attack(target), "words": attack_beside(ballots, words)}
    checkpointed(engine)
    found["ballot"] |= attack(target, ["bytes of the file"])
    found["words"] |= attack_beside(ballots, words, ["bytes of the file"])
    if engine is not databases.box:
        engine.dispose()
    return by_name(found)


def by_name(found: dict[str, dict[str, Finding]]) -> dict[str, Finding]:
    """Findings under 'table: feature'."""
    return {f"{table}: {feature}": one for table, all_ in found.items() for feature, one in all_.items()}
