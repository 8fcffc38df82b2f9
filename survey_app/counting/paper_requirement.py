"""What is missing of paper before counting: batches not settled, paper handed out but not keyed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.counting.models import PaperBatch
from survey_app.invitations.models import Exchange, Invitation
from survey_app.rounds.models import Channel, Round, RoundHome
from survey_app.rounds.readiness import Missing
from survey_app.units.models import Unit


def paper_open(session: Session, round_: Round) -> list[Missing]:
    """Every open batch by home and number, then homes that gave out paper of which nothing was keyed."""
    rows = session.execute(
        select(PaperBatch, Unit.name)
        .join(Unit, Unit.id == PaperBatch.home_id)
        .where(PaperBatch.round_id == round_.id)
        .order_by(Unit.name, PaperBatch.ordinal)
    ).all()
    missing = [
        Missing("paper_batch_open", {"name": name, "number": batch.ordinal}, "tellers")
        for batch, name in rows
        if not batch.settled
    ]
    begun = {batch.home_id for batch, _name in rows}
    missing += [
        Missing("paper_not_keyed", {"name": name}, "tellers")
        for home_id, name in _with_paper(session, round_)
        if home_id not in begun
    ]
    return missing


def _with_paper(session: Session, round_: Round) -> list[tuple[int, str]]:
    exchanged = select(Invitation.home_id).where(
        Invitation.round_id == round_.id, Invitation.exchanged_for == Exchange.PAPER
    )
    rows = session.execute(
        select(RoundHome.home_id, Unit.name)
        .join(Unit, Unit.id == RoundHome.home_id)
        .where(
            RoundHome.round_id == round_.id,
            (RoundHome.channel == Channel.PAPER) | RoundHome.home_id.in_(exchanged),
        )
        .order_by(Unit.name)
    )
    return [(home_id, name) for home_id, name in rows]
