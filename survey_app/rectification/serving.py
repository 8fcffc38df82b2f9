"""Service of an order: the chair signs for it, a paper proves it, or the days for signing run out."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import SYSTEM, Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Fault, Invalid
from survey_app.rectification import limits, story
from survey_app.rectification.letters import served_by_mail
from survey_app.rectification.models import Limit, LimitKind, Order, OrderState
from survey_app.rectification.orders import problems_of, refresh, take


def acknowledge(session: Session, actor: Actor, order: Order, *, opinion: str = "", at: datetime) -> None:
    """The chair signs for the order. Signing is not agreeing: an opinion may be written beside it."""
    take(session, actor, order, "acknowledge")
    order.opinion, order.acknowledged_by = opinion.strip()[:2000], actor.name
    _serve(session, order, beijing_day(at), "acknowledged")
    story.write(session, actor, order, "acknowledged", at=at, told=story.SUPERIOR, text=order.opinion)
    refresh(session, order)


PAPER, MAIL = "paper", "mail"


def record_service(
    session: Session,
    actor: Actor,
    order: Order,
    *,
    served_on: date,
    proof: str,
    how: str = PAPER,
    at: datetime,
) -> None:
    """It was handed over, sent with proof, or mailed: the day and the proof stand for the signature.

    A mail counts only if the log of the outbox has it, on the day on which the mail server took it.
    """
    faults = []
    if how == MAIL:
        letter = served_by_mail(session, order.id)
        if letter is None or letter.sent_at is None or beijing_day(letter.sent_at) != served_on:
            faults.append(Fault("mail_not_sent", {}, "served_on"))
        else:
            proof = f"{proof.strip()}（{letter.who}，{letter.reference}）"
    if not proof.strip():
        faults.append(Fault("proof_missing", {}, "proof"))
    issued_on = beijing_day(order.issued_at) if order.issued_at else None
    if issued_on is not None and not issued_on <= served_on <= beijing_day(at):
        faults.append(Fault("served_on_impossible", {}, "served_on"))
    if faults:
        raise Invalid(faults)
    take(session, actor, order, "record_service")
    _serve(session, order, served_on, how)
    story.write(
        session,
        actor,
        order,
        "service_recorded" if how == PAPER else "service_by_mail",
        at=at,
        told=story.HOME,
        text=proof.strip()[:2000],
        served_on=served_on.isoformat(),
    )
    refresh(session, order)


def deem_served(session: Session, order: Order, *, at: datetime) -> bool:
    """Count an order as served once the days for signing have run out; False while they run."""
    limit = session.scalars(limits.open_limits(order, LimitKind.ACKNOWLEDGE)).first()
    if order.state != OrderState.SERVED or limit is None or beijing_day(at) <= limit.due_on:
        return False
    served_on = limit.due_on
    take(session, SYSTEM, order, "deem_served")
    _serve(session, order, served_on, "deemed")
    story.write(
        session, SYSTEM, order, "deemed_served", at=at, told=story.HOME, served_on=served_on.isoformat()
    )
    story.tell_side(session, order, story.SUPERIOR, "order.deemed_served", at=at)
    refresh(session, order)
    return True


def unsigned(session: Session, today: date) -> list[int]:
    """Orders whose days for signing ended before today."""
    return list(
        session.scalars(
            select(Order.id)
            .join(Limit, Limit.order_id == Order.id)
            .where(
                Order.state == OrderState.SERVED,
                Limit.kind == LimitKind.ACKNOWLEDGE,
                Limit.met_on.is_(None),
                Limit.dropped_at.is_(None),
                Limit.due_on < today,
            )
            .order_by(Order.id)
        )
    )


def _serve(session: Session, order: Order, served_on: date, how: str) -> None:
    order.served_on, order.served_how = served_on, how
    limits.meet(session, order, LimitKind.ACKNOWLEDGE, on=served_on)
    limits.begin_after_service(session, order, problems_of(session, order), served_on)
