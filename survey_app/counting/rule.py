"""The count rule: what the box holds must fit what the roster side gave out, class by class.

I signatures given, R replacements granted after an issue, X exchanged, M members (anonymity.md section 5).
Over all channels together a class may not hold more ballots than I - R + X: whoever was replaced after an
issue and brings in a second ballot, by link, card or paper, holds the home.
A breach never stops the round: the home is counted with the others and its result is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from survey_app.invitations.queries import ClassEntitlements


@dataclass(frozen=True)
class Received:
    """Ballots of one class by the way they came; `unverified` ones carry no valid credential."""

    link: int = 0
    card: int = 0
    paper: int = 0
    unverified: int = 0


@dataclass(frozen=True)
class Violation:
    """One broken line of the rule in one class: its code, and by how much it is exceeded."""

    class_id: str
    label: str
    code: str
    excess: int
    replaced: int

    def to_dict(self) -> dict[str, Any]:
        """As it is stored beside the opening."""
        return asdict(self)


NOTHING = Received()
EXPLAINED_BY_REPLACEMENTS = frozenset(
    {
        "more_link_ballots_than_signatures",
        "more_entitlements_than_members",
        "more_ballots_than_entitlements",
    }
)


def violations(given: list[ClassEntitlements], received: Mapping[str, Received]) -> list[Violation]:
    """Every broken line, in the order of the classes. Classes the roster does not know are broken too."""
    found = []
    for one in given:
        got = received.get(one.class_id, NOTHING)
        exchanged = one.exchanged_card + one.exchanged_paper
        lines = (
            ("more_link_ballots_than_signatures", got.link - one.issued),
            ("more_entitlements_than_members", one.issued - one.replaced + exchanged - one.members),
            ("more_cards_than_handed_out", got.card - one.cards_handed_out),
            ("more_cards_handed_out_than_exchanged", one.cards_handed_out - one.exchanged_card),
            ("more_paper_than_exchanged", got.paper - one.exchanged_paper),
            ("ballots_without_valid_credential", got.unverified),
            ("more_ballots_than_entitlements", _second_ballots(one, got)),
        )
        found += [
            Violation(one.class_id, one.label, code, excess, one.replaced)
            for code, excess in lines
            if excess > 0
        ]
    known = {one.class_id for one in given}
    found += [
        Violation(class_id, "", "class_unknown", got.link + got.card + got.paper + got.unverified, 0)
        for class_id, got in sorted(received.items())
        if class_id not in known
    ]
    return found


def _second_ballots(one: ClassEntitlements, got: Received) -> int:
    """Where nobody was replaced the other lines say it all."""
    if not one.replaced:
        return 0
    entitled = one.issued - one.replaced + one.exchanged_card + one.exchanged_paper
    return got.link + got.card + got.paper - entitled


def may_be_accepted(held: list[dict[str, Any]]) -> bool:
    """Only an excess that replacements explain may be accepted; everything else is voided and repeated."""
    return bool(held) and all(
        line["code"] in EXPLAINED_BY_REPLACEMENTS and line["excess"] <= line["replaced"] for line in held
    )
