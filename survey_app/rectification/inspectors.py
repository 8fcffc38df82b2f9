"""Who inspects: the recorder, colleagues with an account, and persons named with their unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account
from survey_app.accounts.queries import posts_at
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Fault, Refused
from survey_app.rectification.models import Inspection, Order
from survey_app.rectification.orders import policy_of
from survey_app.units.models import Unit


@dataclass(frozen=True)
class Inspector:
    """One who inspected: by an account of the lead or the co-supervisor, or by name and unit."""

    name: str
    unit: str = ""
    account_id: int | None = None

    @property
    def words(self) -> str:
        """The name as a paper has it."""
        return f"{self.name}（{self.unit}）" if self.unit else self.name


def colleagues(session: Session, actor: Actor, order: Order) -> list[Inspector]:
    """Officers of lead and co-supervisor who may inspect beside the actor: never who signed."""
    units = [order.lead_id] + ([order.co_id] if order.co_id else [])
    found: dict[int, Inspector] = {}
    for unit in session.scalars(select(Unit).where(Unit.id.in_(units)).order_by(Unit.id)):
        ids = {post.account_id for post in posts_at(session, unit.id, Role.OFFICER)}
        for account in session.scalars(select(Account).where(Account.id.in_(ids)).order_by(Account.id)):
            found[account.id] = Inspector(account.name, unit.short_name, account.id)
    return [one for key, one in found.items() if key not in (actor.account_id, order.issued_by)]


def refuse_own_order(order: Order, actor: Actor, others: Iterable[Inspector]) -> None:
    """Four eyes: who signed the order does not judge whether it was obeyed."""
    accounts = {actor.account_id, *(one.account_id for one in others)}
    if order.issued_by in accounts or order.issued_by_name in {one.name for one in others}:
        raise Refused("issuer_may_not_inspect")


def people_faults(session: Session, order: Order, actor: Actor, others: Sequence[Inspector]) -> list[Fault]:
    """What is wrong with the list: too few people, an account that may not, a name without a unit."""
    known = {one.account_id for one in colleagues(session, actor, order)}
    faults = []
    if any(one.account_id is not None and one.account_id not in known for one in others):
        faults.append(Fault("inspector_unknown", {}, "colleagues"))
    for number, one in enumerate([one for one in others if one.account_id is None]):
        if not one.unit:
            faults.append(Fault("inspector_unit_missing", {"name": one.name}, f"other_unit_{number}"))
    least = policy_of(order).inspectors
    if len({actor.name, *(one.name for one in others)}) < least:
        faults.append(Fault("inspectors_too_few", {"least": least}, "colleagues"))
    return faults


def stored(actor: Actor, others: Sequence[Inspector]) -> list[dict[str, object]]:
    """The inspectors as the opinion keeps them, the recorder first."""
    first = Inspector(actor.name, actor.unit_name, actor.account_id)
    return [asdict(one) for one in (first, *others)]


def inspectors_of(row: Inspection) -> list[Inspector]:
    """Who inspected; opinions from before units were asked for hold bare names."""
    return [Inspector(one) if isinstance(one, str) else Inspector(**one) for one in row.inspectors]


def accounts_in(rows: Iterable[Inspection]) -> set[int | None]:
    """The accounts of all who inspected."""
    named = {one.account_id for row in rows for one in inspectors_of(row)}
    return {row.recorded_by for row in rows} | named - {None}
