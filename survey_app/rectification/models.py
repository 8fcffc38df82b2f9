"""Tables of rectification: orders, their problems and limits, and what both sides did about them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class OrderKind(StrEnum):
    """限期整改 from a class 不满意; 提醒 from a qualified rating with the mark."""

    RECTIFICATION = "rectification"
    REMINDER = "reminder"


class OrderState(StrEnum):
    """Where an order stands; 逾期 is derived from its limits, 延期 and 督办 stand beside."""

    DRAFT = "draft"
    AWAITING_SIGNATURE = "awaiting_signature"
    REFUSED = "refused"
    SERVED = "served"
    PLAN_DUE = "plan_due"
    PLAN_UNDER_REVIEW = "plan_under_review"
    PLAN_RETURNED = "plan_returned"
    RECTIFYING = "rectifying"
    AWAITING_INSPECTION = "awaiting_inspection"
    INSPECTION_FAILED = "inspection_failed"
    PASSED = "passed"
    REEVALUATION = "reevaluation"
    VOTE_SHORT = "vote_short"
    NOTED = "noted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ProblemState(StrEnum):
    """Where one problem of an order stands."""

    OPEN = "rectifying"
    REPORTED = "reported"
    FAILED = "inspection_failed"
    VERIFIED = "verified"
    LONG_TERM = "long_term"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class LimitKind(StrEnum):
    """What a time limit is for."""

    ISSUE = "issue"
    ACKNOWLEDGE = "acknowledge"
    PLAN = "plan"
    REVIEW = "review"
    COMPLETION = "completion"
    REPORT = "report"
    EXTENSION_ANSWER = "extension_answer"
    SUPERVISED_ANSWER = "supervised_answer"
    INSPECTION = "inspection"
    REEVALUATION = "reevaluation"
    DECISION = "decision"
    NOTE = "note"


class Order(RosterBase):
    """An order and how far it has come; the figures are frozen as they stood when it was proposed.

    `next_due_on`, `next_due_kind` and the three flags repeat what the rows below say, so that a ledger of
    10,000 orders is one indexed query; `orders.refresh` is the only writer.
    """

    __tablename__ = "rect_order"
    __table_args__ = (
        Index("ix_rect_order_home_id", "home_id"),
        Index("ix_rect_order_state_next_due_on", "state", "next_due_on"),
        UniqueConstraint("result_id", "reopens_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(24), default=OrderState.DRAFT)
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"))
    # 0 for a first order: a NULL would let the unique key accept two orders from one result.
    reopens_id: Mapped[int] = mapped_column(default=0)
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    co_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    number: Mapped[str] = mapped_column(String(60), default="")
    figures: Mapped[dict[str, Any]]
    policy: Mapped[dict[str, Any]]
    proposed_at: Mapped[datetime]
    submitted_by: Mapped[int | None]
    decided_by: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[int | None]
    issued_by_name: Mapped[str] = mapped_column(String(60), default="")
    served_on: Mapped[date | None]
    served_how: Mapped[str] = mapped_column(String(12), default="")
    acknowledged_by: Mapped[str] = mapped_column(String(60), default="")
    opinion: Mapped[str] = mapped_column(Text, default="")
    re_evaluation_round_id: Mapped[str | None] = mapped_column(ForeignKey("round.id"))
    closed_on: Mapped[date | None]
    closed_by_name: Mapped[str] = mapped_column(String(60), default="")
    close_ground: Mapped[str] = mapped_column(Text, default="")
    closed_by_rule: Mapped[bool] = mapped_column(default=False)
    next_due_on: Mapped[date | None]
    next_due_kind: Mapped[str] = mapped_column(String(20), default="")
    next_due_provisional: Mapped[bool] = mapped_column(default=False)
    problems: Mapped[int] = mapped_column(default=0)
    supervised: Mapped[bool] = mapped_column(default=False)
    extension_pending: Mapped[bool] = mapped_column(default=False)
    escalation_pending: Mapped[bool] = mapped_column(default=False)
    resources_pending: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class Problem(RosterBase):
    """One problem of an order: the duty, what the members said, what is asked, by which class of limit."""

    __tablename__ = "rect_problem"
    __table_args__ = (UniqueConstraint("order_id", "ordinal"), Index("ix_rect_problem_item_id", "item_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"))
    ordinal: Mapped[int]
    item_id: Mapped[str] = mapped_column(String(40))
    duty: Mapped[str] = mapped_column(String(120))
    finding: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(String(60))
    requirement: Mapped[str] = mapped_column(Text)
    grade: Mapped[str] = mapped_column(String(1))
    state: Mapped[str] = mapped_column(String(20), default=ProblemState.OPEN)
    done: Mapped[str] = mapped_column(Text, default="")
    member_feedback: Mapped[str] = mapped_column(Text, default="")
    left_over: Mapped[str] = mapped_column(Text, default="")
    reported_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    resources_wanted: Mapped[str] = mapped_column(Text, default="")
    resources_granted: Mapped[str] = mapped_column(Text, default="")


class Limit(RosterBase):
    """A time limit: start and rule to recount it, the date as printed, and the day it was met."""

    __tablename__ = "rect_limit"
    __table_args__ = (
        Index("ix_rect_limit_order_id", "order_id"),
        Index("ix_rect_limit_open", "met_on", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"))
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("rect_problem.id"))
    kind: Mapped[str] = mapped_column(String(20))
    event: Mapped[str] = mapped_column(String(16))
    start_on: Mapped[date]
    counting: Mapped[str] = mapped_column(String(16))
    days: Mapped[int]
    due_on: Mapped[date]
    provisional: Mapped[bool]
    met_on: Mapped[date | None]
    # An extended or withdrawn limit is dropped, not deleted: its date was printed once.
    dropped_at: Mapped[datetime | None]


class LimitMove(RosterBase):
    """An open date that a new official calendar moved: old, new and the notice that moved it."""

    __tablename__ = "rect_limit_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    limit_id: Mapped[int] = mapped_column(ForeignKey("rect_limit.id"), index=True)
    at: Mapped[datetime]
    old: Mapped[date]
    new: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)


class Plan(RosterBase):
    """One version of the plan: handed in, then approved or returned with reasons."""

    __tablename__ = "rect_plan"
    __table_args__ = (UniqueConstraint("order_id", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"))
    edition: Mapped[int]
    organisation: Mapped[str] = mapped_column(Text, default="")
    items: Mapped[list[Any]]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(String(60))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    approved: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(Text, default="")


class PlanDraft(RosterBase):
    """A plan being written, with its gaps: one an order, the home's alone."""

    __tablename__ = "rect_plan_draft"

    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"), primary_key=True)
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(60))


class SavedFilter(RosterBase):
    """A filter of the ledger that a person keeps under a name of his own; nobody else has it."""

    __tablename__ = "rect_saved_filter"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(20))
    address: Mapped[dict[str, Any]]


class Evidence(RosterBase):
    """A file that answers a problem; a later one may replace it, nothing overwrites it."""

    __tablename__ = "rect_evidence"
    __table_args__ = (Index("ix_rect_evidence_order_id", "order_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"))
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("rect_problem.id"))
    purpose: Mapped[str] = mapped_column(String(12), default="evidence")
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    checksum: Mapped[str] = mapped_column(String(64))
    thumbnail: Mapped[str] = mapped_column(String(64), default="")
    reduced: Mapped[str] = mapped_column(String(64), default="")
    own_date: Mapped[date]
    place: Mapped[str] = mapped_column(String(120), default="")
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(60))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("rect_evidence.id"))
    # From then on the members' page shows the reduced picture; who let it stand is in the order's story.
    released_at: Mapped[datetime | None]


class Inspection(RosterBase):
    """What the inspectors found, problem by problem; one of them has an account and recorded it."""

    __tablename__ = "rect_inspection"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"), index=True)
    inspected_on: Mapped[date]
    way: Mapped[str] = mapped_column(String(120))
    inspectors: Mapped[list[Any]]
    findings: Mapped[list[Any]]
    passed: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class Extension(RosterBase):
    """A request for more time, a paper of its own, and its answer."""

    __tablename__ = "rect_extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"), index=True)
    problem_ids: Mapped[list[Any]]
    days: Mapped[int]
    due_on: Mapped[date]
    wanted_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    progress: Mapped[str] = mapped_column(Text)
    interim_measures: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(60))
    answered_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    new_due_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(Text, default="")


class Escalation(RosterBase):
    """One rung of the ladder: proposed by the program on its working day, decided by a person."""

    __tablename__ = "rect_escalation"
    __table_args__ = (UniqueConstraint("limit_id", "step"), Index("ix_rect_escalation_order_id", "order_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"))
    limit_id: Mapped[int] = mapped_column(ForeignKey("rect_limit.id"))
    step: Mapped[str] = mapped_column(String(16))
    due_on: Mapped[date]
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    sent: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    terms: Mapped[dict[str, Any]]


class NumberSeries(RosterBase):
    """The last number of an organ, year and kind of paper; its row is locked by whoever takes the next."""

    __tablename__ = "rect_number_series"

    issuer_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int]


class NumberedPaper(RosterBase):
    """The register of numbers: which paper bears which, and whether it was declared void (作废)."""

    __tablename__ = "rect_numbered_paper"
    __table_args__ = (UniqueConstraint("issuer_id", "year", "kind", "serial"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    serial: Mapped[int]
    text: Mapped[str] = mapped_column(String(60))
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"), index=True)
    paper: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int]
    signed_on: Mapped[date]
    void: Mapped[bool] = mapped_column(default=False)


class Event(RosterBase):
    """One line of an order's story, in the words of its kind; a message to the other side is one, too."""

    __tablename__ = "rect_event"
    __table_args__ = (Index("ix_rect_event_order_id", "order_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("rect_order.id"))
    at: Mapped[datetime]
    side: Mapped[str] = mapped_column(String(8))
    who: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    values: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text, default="")
    told: Mapped[list[Any]]
