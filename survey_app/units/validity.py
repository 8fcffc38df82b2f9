"""What a unit must fulfil to stand where it stands: name, kind under kind, partner, credit code."""

from __future__ import annotations

from collections.abc import Iterable

from survey_app.core.errors import Fault
from survey_app.units import credit_code
from survey_app.units.models import UnitKind, UnitNature

SUPERIORS = frozenset(
    {
        UnitKind.FEDERATION,
        UnitKind.INDUSTRIAL_UNION,
        UnitKind.SYSTEM_UNION,
        UnitKind.TOWNSHIP_UNION,
        UnitKind.SERVICE_STATION,
    }
)
GRASSROOTS = frozenset({UnitKind.GRASSROOTS_UNION, UnitKind.JOINT_UNION})
LONGEST_NAME = 120


def kind_faults(kind: str, parent_kind: str | None) -> list[Fault]:
    """Whether a unit of this kind may be affiliated to one of that kind (None: it is a root)."""
    if kind not in set(UnitKind):
        return [Fault("unit_kind_unknown", {"kind": kind}, "kind")]
    if parent_kind is None:
        return [] if kind in SUPERIORS else [Fault("unit_needs_parent", where="parent")]
    if kind == UnitKind.BRANCH_UNION:
        allowed: Iterable[str] = GRASSROOTS | {UnitKind.BRANCH_UNION}
    elif kind == UnitKind.UNION_GROUP:
        allowed = GRASSROOTS | {UnitKind.BRANCH_UNION}
    else:
        allowed = SUPERIORS
    if parent_kind in set(allowed):
        return []
    code = "branch_needs_grassroots" if kind not in SUPERIORS | GRASSROOTS else "grassroots_is_no_superior"
    return [Fault(code, where="parent")]


def partner_faults(partner_kind: str | None) -> list[Fault]:
    """Whether a unit may be a territorial partner: federations of an area and their stations."""
    if partner_kind is None or partner_kind in SUPERIORS:
        return []
    return [Fault("partner_is_no_superior", where="territory")]


def value_faults(name: str, nature: str | None, code: str | None, stated_members: int | None) -> list[Fault]:
    """Faults of the plain values, each with the field it belongs to."""
    faults = []
    if not 2 <= len(name) <= LONGEST_NAME:
        faults.append(Fault("unit_name_length", {"most": LONGEST_NAME}, "name"))
    if nature is not None and nature not in set(UnitNature):
        faults.append(Fault("unit_nature_unknown", {"nature": nature}, "nature"))
    if code and not credit_code.is_valid(code):
        faults.append(Fault("credit_code_wrong", {"code": code}, "credit_code"))
    if stated_members is not None and not 0 <= stated_members <= 10_000_000:
        faults.append(Fault("stated_members_wrong", where="stated_members"))
    return faults
