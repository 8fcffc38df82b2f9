"""What each of the cast may see, written down by hand: the oracle that the application is held against."""

from __future__ import annotations

from collections.abc import Set

from tests.proof.world import ABROAD, FAR, FOREIGN, NEXT, OWN, PARTNER

BELOW_DISTRICT = frozenset({OWN, NEXT, FAR, PARTNER})
# Both lines: PARTNER belongs to the industry and stands on the street's ground.
HOMES: dict[str, Set[str]] = {
    "municipal": BELOW_DISTRICT | {FOREIGN},
    "district": BELOW_DISTRICT,
    "industry": {PARTNER},
    "street": {OWN, NEXT, PARTNER},
    "chair": {OWN},
    "neighbour": {NEXT},
    "working_group": {OWN},
    "teller": {OWN},
    "custodian": {OWN, NEXT, FAR},
    "auditor": BELOW_DISTRICT,
    "administrator": BELOW_DISTRICT | {FOREIGN},
    "stranger": {FOREIGN},
}
NEAR_TO_FAR = (OWN, NEXT, FAR, PARTNER, FOREIGN, ABROAD)
# Posts of one round see that round and no other.
OF_ONE_ROUND = frozenset({"working_group", "teller", "custodian"})
ORGANISERS: dict[str, Set[str]] = {
    "municipal": {"柳堤区总工会", "装备制造产业工会", "北关区总工会"},
    "administrator": {"柳堤区总工会", "装备制造产业工会", "北关区总工会"},
    "district": {"柳堤区总工会"},
    "auditor": {"柳堤区总工会"},
    "industry": {"装备制造产业工会"},
    "stranger": {"北关区总工会"},
}
# The territorial superiors of PARTNER: they read it, they never write.
TERRITORIAL = ("district", "street")


def sees_home(actor: str, home: str, round_kind: str) -> bool:
    """Whether the home, in this round if one is named, lies within the scope."""
    in_round = actor not in OF_ONE_ROUND or round_kind == "voting"
    return in_round and home in HOMES[actor]


def sees_round(actor: str, lead: str, homes: Set[str], round_kind: str) -> bool:
    """Whether a round of `lead` over these homes lies within the scope; drafts are the organiser's own."""
    if actor in OF_ONE_ROUND:
        return lead == "柳堤区总工会" and round_kind == "voting"
    return lead in ORGANISERS.get(actor, ()) or (round_kind != "draft" and bool(homes & HOMES[actor]))


def strange_homes(actor: str) -> tuple[str, ...]:
    """Homes to try from outside: the nearest, the farthest, and their own for posts of one round."""
    strange = [home for home in NEAR_TO_FAR if home not in HOMES[actor]]
    own = [home for home in NEAR_TO_FAR if home in HOMES[actor]][:1] if actor in OF_ONE_ROUND else []
    return tuple(dict.fromkeys([*own, strange[0], strange[-1]]))
