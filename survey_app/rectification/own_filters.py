"""Filters of the ledger that a person keeps: saved under a name, found again, thrown away, each his own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account
from survey_app.core.actor import Actor
from survey_app.core.errors import NotFound, Refused
from survey_app.rectification.models import SavedFilter

# Neither the page nor the month: what is kept is asked anew every time.
PARTS = ("view", "unit", "state", "own", "item", "grade", "q", "saved", "sort", "dir")
LONGEST_NAME = 20
LONGEST_PART = 60
MOST = 20


def filter_parts(values: Mapping[str, str]) -> dict[str, str]:
    """What of an address makes up a filter."""
    return {name: values[name][:LONGEST_PART] for name in PARTS if values.get(name)}


def own_filters(session: Session, actor: Actor) -> Sequence[SavedFilter]:
    """The person's filters by name, whatever post he acts in: the scope is cut when one is opened."""
    statement = select(SavedFilter).where(SavedFilter.account_id == actor.account_id)
    return session.scalars(statement.order_by(SavedFilter.name)).all()


def save_filter(session: Session, actor: Actor, name: str, values: Mapping[str, str]) -> SavedFilter:
    """Keep a filter; one of the same name is replaced. A convenience of one person, so not journalled."""
    actor.need("order.read")
    name, parts = " ".join(name.split())[:LONGEST_NAME], filter_parts(values)
    if not name:
        raise Refused("filter_without_name")
    if not parts:
        raise Refused("filter_is_empty")
    # Two windows of one person come one after the other: names stay single and the number within bounds.
    session.get_one(Account, actor.account_id, with_for_update=True)
    mine = {one.name: one for one in own_filters(session, actor)}
    if name not in mine and len(mine) >= MOST:
        raise Refused("too_many_filters", most=MOST)
    kept = mine.get(name) or SavedFilter(account_id=actor.account_id, name=name)
    kept.address = parts
    session.add(kept)
    session.flush()
    return kept


def drop_filter(session: Session, actor: Actor, filter_id: int) -> SavedFilter:
    """Throw away one's own filter; another's is not found."""
    actor.need("order.read")
    kept = session.get(SavedFilter, filter_id)
    if kept is None or kept.account_id != actor.account_id:
        raise NotFound("filter")
    session.delete(kept)
    return kept
