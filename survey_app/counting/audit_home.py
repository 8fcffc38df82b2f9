"""Audit of one counted home: figures, leaves and signatures, the count rule, ballots, tallies."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import AnswerError
from questionnaires.model import BLANK
from survey_app.box.models import Ballot, CountingClass, Leaf, Opening, ScoreSum, Tally
from survey_app.counting.classes import LEAST_BALLOTS
from survey_app.counting.digests import ballots_digest, codes_of, tallies_digest
from survey_app.counting.home_opening import HomeTask
from survey_app.counting.models import HomeCount
from survey_app.counting.rule import violations
from survey_app.counting.tallies import ClassTally, SumOfScores, tally
from survey_app.counting.traits import traits_row
from survey_app.invitations.queries import ClassEntitlements
from survey_app.seals.blind import verify
from survey_app.seals.receipts import cred_hash, leaf, list_digest

SAME_ON_BOTH_SIDES = ("sealed", "paper", "valid", "void", "leaves_root", "ballots_digest", "tallies_digest")
MEMBERS_LINE = "more_entitlements_than_members"
SEALED_LINES = ("more_link_ballots_than_signatures", "more_cards_than_handed_out")


@dataclass(frozen=True)
class HomeEvidence:
    """All rows that speak about a home's count, from both sides."""

    opening: Opening | None
    figures: HomeCount | None
    journal: dict[str, Any] | None
    keys: dict[str, bytes]
    leaves: Sequence[Leaf]
    ballots: Sequence[Ballot]
    classes: Sequence[CountingClass]
    tallies: Sequence[Tally]
    sums: Sequence[ScoreSum]

    @classmethod
    def read(
        cls,
        box: Session,
        opening: Opening | None,
        figures: HomeCount | None,
        journal: dict[str, Any] | None,
        *,
        sheet: bytes,
    ) -> HomeEvidence:
        """Gather the box's rows of the home; keys come from the sheet that the members were shown."""
        entries = json.loads(sheet).get("classes", [])
        keys = {entry["id"]: base64.b64decode(entry["n"]) for entry in entries}

        def rows(table: Any) -> Any:
            if opening is None:
                return []
            return box.scalars(
                select(table).where(table.round_id == opening.round_id, table.home_id == opening.home_id)
            ).all()

        return cls(
            opening,
            figures,
            journal,
            keys,
            rows(Leaf),
            rows(Ballot),
            rows(CountingClass),
            rows(Tally),
            rows(ScoreSum),
        )

    @property
    def is_voided(self) -> bool:
        """The vote was voided: ballots and tallies are gone for good."""
        return self.figures is not None and bool(self.figures.void_reason)

    @property
    def is_erased(self) -> bool:
        """There were ballots, and none is left."""
        return bool(self.classes) and not self.ballots


def home_faults(evidence: HomeEvidence, task: HomeTask) -> list[str]:
    """Everything in a home's count that does not hold."""
    opening, figures = evidence.opening, evidence.figures
    if opening is None or figures is None:
        return ["a counted round without the opening of this home on both sides"]
    faults = [*_figure_faults(evidence, opening, figures), *_leaf_faults(evidence, opening)]
    faults += _rule_faults(evidence, opening, task)
    if not evidence.is_voided:
        faults += [*_tally_faults(evidence, opening, task), *_ballot_faults(evidence, opening, task)]
    elif evidence.ballots or evidence.tallies:
        faults.append("a voided home still has ballots or tallies")
    return faults


def _figure_faults(evidence: HomeEvidence, opening: Opening, figures: HomeCount) -> Iterator[str]:
    for name in SAME_ON_BOTH_SIDES:
        if getattr(opening, name) != getattr(figures, name):
            yield f"{name} differs between box and roster"
    if bool(opening.unopened) != figures.unopened or json.loads(opening.held or "[]") != figures.held:
        yield "what holds the home differs between box and roster"
    if (json.loads(opening.traits) if opening.traits else None) != figures.traits:
        yield "traits differ between box and roster"
    line = evidence.journal
    if line is None:
        yield "the journal has no line about this count"
        return
    said = (line["sealed"], line["valid"], line["void"], line["leaves"], line["ballots"], line["tallies"])
    stored = (
        opening.sealed,
        opening.valid,
        opening.void,
        opening.leaves_root.hex(),
        opening.ballots_digest.hex(),
        opening.tallies_digest.hex(),
    )
    if said != stored:
        yield "figures or digests differ from the journal"
    if opening.valid + opening.void != (0 if opening.unopened else opening.sealed + opening.paper):
        yield "valid and void ballots do not add up to those received"


def _leaf_faults(evidence: HomeEvidence, opening: Opening) -> Iterator[str]:
    if list_digest(row.leaf for row in evidence.leaves) != opening.leaves_root:
        yield "the list of leaves does not fit its digest"
    unverified = sum(
        line["excess"]
        for line in json.loads(opening.held)
        if line["code"] == "ballots_without_valid_credential"
    )
    expected = 0 if opening.unopened else opening.sealed - unverified
    if len(evidence.leaves) != expected:
        yield f"{len(evidence.leaves)} leaves for {expected} sealed ballots"
    for row in evidence.leaves:
        if row.leaf != leaf(cred_hash(row.cred), row.sealed_hash):
            yield f"leaf {row.leaf.hex()[:16]} is not made of its credential and seal"
        if not _is_credential(evidence, row):
            yield f"leaf {row.leaf.hex()[:16]} has no valid credential under the sheet's key"


def _is_credential(evidence: HomeEvidence, row: Leaf) -> bool:
    key = evidence.keys.get(row.class_id)
    return key is not None and row.sig is not None and verify(key, row.cred, row.sig)


def _rule_faults(evidence: HomeEvidence, opening: Opening, task: HomeTask) -> Iterator[str]:
    """What leaves and entitlements alone decide of the rule, against what the opening held.

    A leaf does not tell a card from a link, so the two lines about them are looked at as one sum.
    """
    if opening.unopened:
        return
    held: dict[tuple[str, str], int] = {
        (line["class_id"], line["code"]): line["excess"] for line in json.loads(opening.held)
    }
    sealed = Counter(row.class_id for row in evidence.leaves)
    members = {
        (one.class_id, one.code): one.excess
        for one in violations(list(task.given), {})
        if one.code == MEMBERS_LINE
    }
    same = members == {key: excess for key, excess in held.items() if key[1] == MEMBERS_LINE}
    if not same or not all(_fits(one, sealed[one.class_id], held) for one in task.given):
        yield "the count rule is broken in another way than the opening recorded"


def _fits(given: ClassEntitlements, sealed: int, held: dict[tuple[str, str], int]) -> bool:
    links, cards = (held.get((given.class_id, code), 0) for code in SEALED_LINES)
    enough = links + cards >= sealed - given.issued - given.cards_handed_out
    # No more may be held than the leaves can explain.
    return enough and sealed >= max(links and given.issued + links, cards and given.cards_handed_out + cards)


def _ballot_faults(evidence: HomeEvidence, opening: Opening, task: HomeTask) -> Iterator[str]:
    if evidence.is_erased:
        return
    rows = [(row.counting_class, row.id, codes_of(row)) for row in evidence.ballots]
    if ballots_digest(rows) != opening.ballots_digest:
        yield "the ballots do not fit their digest"
    length = len(task.questionnaire.closed_questions)
    for counting_class in evidence.classes:
        inside = [codes[:length] for name, _, codes in rows if name == counting_class.id]
        if len(inside) != counting_class.valid:
            yield f"{len(inside)} ballots in a counting class of {counting_class.valid}"
        try:
            recounted = tally(task.questionnaire, inside, task.weights)
        except AnswerError:
            yield "a ballot carries a number that is no answer"
            continue
        if recounted != _stored_tally(evidence, counting_class.id):
            yield "the tallies differ from a recount of the ballots"
    yield from _trait_faults(opening, task, [codes[:length] for _, _, codes in rows])


def _trait_faults(opening: Opening, task: HomeTask, ballots: list[tuple[int, ...]]) -> Iterator[str]:
    """Traits of counts made before they were kept are absent, and so is this check."""
    known = {BLANK, *(option.value for option in task.questionnaire.scale.options)}
    if opening.traits is None or not all(code in known for codes in ballots for code in codes):
        return
    members = sum(one.members for one in task.given)
    if traits_row(task.questionnaire, ballots, members) != json.loads(opening.traits):
        yield "the traits differ from a recount of the ballots"


def _stored_tally(evidence: HomeEvidence, counting_class: str) -> ClassTally:
    return ClassTally(
        {
            (row.question, row.option): row.n
            for row in evidence.tallies
            if row.counting_class == counting_class
        },
        {
            row.score: SumOfScores(row.ballots, row.total, row.squares)
            for row in evidence.sums
            if row.counting_class == counting_class
        },
    )


def _tally_faults(evidence: HomeEvidence, opening: Opening, task: HomeTask) -> Iterator[str]:
    if tallies_digest(evidence.classes, evidence.tallies, evidence.sums) != opening.tallies_digest:
        yield "the tallies do not fit their digest"
    kept = opening.valid if opening.valid >= LEAST_BALLOTS else 0
    if sum(row.valid for row in evidence.classes) != kept:
        yield "the counting classes do not add up to the valid ballots"
    if any(row.valid < LEAST_BALLOTS for row in evidence.classes):
        yield "a counting class has fewer than ten ballots"
    stored = [json.loads(row.ballot_classes) for row in evidence.classes]
    held = sorted(one for classes in stored for one in classes)
    yield from _cast_faults(evidence, opening, [one for one in stored if isinstance(one, dict)])
    if evidence.classes and held != sorted(one.class_id for one in task.given):
        yield "the counting classes do not hold every ballot class once"


def _cast_faults(evidence: HomeEvidence, opening: Opening, stored: list[dict[str, int]]) -> Iterator[str]:
    """The ballots cast by class, on which the error range rests, against the leaves and the paper forms."""
    cast = {name: count for one in stored for name, count in one.items()}
    leaves = Counter(leaf.class_id for leaf in evidence.leaves)
    if cast and (
        sum(cast.values()) != leaves.total() + opening.paper
        or any(cast.get(name, 0) < count for name, count in leaves.items())
    ):
        yield "the ballots cast by class do not fit the leaves and the paper forms"
