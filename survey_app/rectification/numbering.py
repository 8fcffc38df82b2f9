"""Document numbers 柳总工改〔2026〕12号: consecutive per organ, year of signing and kind, never reused."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.rectification.models import NumberedPaper, NumberSeries, Order
from survey_app.units.models import Unit

KIND_OF_PAPER = {
    "order": "改",
    "urging": "催",
    "supervision": "督",
    "formal_talk": "约",
    "circular": "通",
    "extension_reply": "复",
    "inspection": "验",
    "closing": "销",
}
"""The character that stands for a kind of paper behind the organ's own prefix."""


def take_number(
    session: Session, issuer: Unit, paper: str, order: Order, subject_id: int, *, signed_on: date
) -> NumberedPaper:
    """Reserve the next number in the caller's transaction: if that fails, the number was never taken."""
    kind = KIND_OF_PAPER[paper]
    serial = _next_serial(session, issuer.id, signed_on.year, kind)
    prefix = issuer.document_prefix or issuer.short_name
    row = NumberedPaper(
        issuer_id=issuer.id,
        year=signed_on.year,
        kind=kind,
        serial=serial,
        text=f"{prefix}{kind}〔{signed_on.year}〕{serial}号",
        order_id=order.id,
        paper=paper,
        subject_id=subject_id,
        signed_on=signed_on,
    )
    session.add(row)
    session.flush()
    return row


def _next_serial(session: Session, issuer_id: int, year: int, kind: str) -> int:
    key = {"issuer_id": issuer_id, "year": year, "kind": kind}
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        make(NumberSeries)
        .values(**key, last=0)
        .on_conflict_do_nothing(index_elements=["issuer_id", "year", "kind"])
    )
    # The update locks the row until the transaction ends, so numbers come out in order and without a gap.
    return session.execute(
        update(NumberSeries)
        .where(NumberSeries.issuer_id == issuer_id, NumberSeries.year == year, NumberSeries.kind == kind)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    ).scalar_one()


def void_numbers(session: Session, order: Order) -> None:
    """The papers of a withdrawn order keep their numbers and are void (作废)."""
    for row in session.scalars(
        select(NumberedPaper).where(NumberedPaper.order_id == order.id, NumberedPaper.paper == "order")
    ):
        row.void = True


def numbered_papers(session: Session, order_id: int) -> list[NumberedPaper]:
    """The numbered papers of an order in the order of their signing."""
    return list(
        session.scalars(
            select(NumberedPaper)
            .where(NumberedPaper.order_id == order_id)
            .order_by(NumberedPaper.signed_on, NumberedPaper.id)
        )
    )
