"""Tables of the tree: units, their closure over both lines, and the changes of their life."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class UnitKind(StrEnum):
    """What a node of the tree is (domain.md 2.1)."""

    FEDERATION = "federation"
    INDUSTRIAL_UNION = "industrial_union"
    SYSTEM_UNION = "system_union"
    TOWNSHIP_UNION = "township_union"
    SERVICE_STATION = "service_station"
    GRASSROOTS_UNION = "grassroots_union"
    JOINT_UNION = "joint_union"
    BRANCH_UNION = "branch_union"
    UNION_GROUP = "union_group"


HOME_KINDS = frozenset({UnitKind.GRASSROOTS_UNION, UnitKind.JOINT_UNION, UnitKind.BRANCH_UNION})


class UnitNature(StrEnum):
    """The employer's nature, the four types the seed names."""

    ENTERPRISE = "enterprise"
    PUBLIC_INSTITUTION = "public_institution"
    GOVERNMENT_BODY = "government_body"
    OTHER_SOCIAL_ORG = "other_social_org"


class Line(StrEnum):
    """Through which of its two superiors a unit is reached."""

    AFFILIATION = "affiliation"
    TERRITORY = "territory"


class Unit(RosterBase):
    """A union: a superior or a home (职工之家). `parent` is its affiliation, `territory` its partner."""

    __tablename__ = "unit"
    __table_args__ = (
        Index("ix_unit_parent_id", "parent_id"),
        Index("ix_unit_territory_id", "territory_id"),
        Index("ix_unit_name", "name"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(60))
    is_home: Mapped[bool] = mapped_column(default=False)
    nature: Mapped[str | None] = mapped_column(String(24))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    stated_members: Mapped[int | None]
    chair_name: Mapped[str] = mapped_column(String(60), default="")
    chair_phone: Mapped[str] = mapped_column(String(40), default="")
    chair_email: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    document_prefix: Mapped[str] = mapped_column(String(40), default="")
    founded_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)


class UnitAncestor(RosterBase):
    """Closure of the tree: every ancestor of a unit (itself at depth 0), by the line that leads there."""

    __tablename__ = "unit_ancestor"
    __table_args__ = (Index("ix_unit_ancestor_ancestor_id", "ancestor_id", "unit_id"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[str] = mapped_column(String(12), primary_key=True)
    depth: Mapped[int]


class UnitChange(RosterBase):
    """A merge, split, move or rename with its effect date."""

    __tablename__ = "unit_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    effective_on: Mapped[date]
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]]
