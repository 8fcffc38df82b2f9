"""Mend one member's contact on a roster that is already frozen: entitlement and classes stay as they are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.errors import Fault, Invalid, NotFound
from survey_app.rosters.entries import tidy_contact
from survey_app.rosters.models import RosterMember
from survey_app.rosters.secrets import RosterKeys


def mend_contact(session: Session, keys: RosterKeys, member_id: int, typed: str) -> str:
    """Store the new contact in place of the old and give it in its tidy form.

    The caller checks who may do this and writes the journal. The roster's digest covers who is entitled,
    not how a member is reached, so it still holds.
    """
    contact, fault = tidy_contact(typed.strip())
    if fault is not None:
        raise Invalid([fault])
    if not contact:
        raise Invalid([Fault("contact_missing", {}, "contact")])
    member = session.scalars(select(RosterMember).where(RosterMember.id == member_id)).one_or_none()
    if member is None:
        raise NotFound("member")
    member.contact_wrapped = keys.seal(contact, member.roster_id, member.number)
    member.contact_mac = keys.contact_mac(contact)
    member.person_mac = keys.person_mac(member.name, contact)
    session.flush()
    return contact


def covered(contact: str) -> str:
    """The contact as a page may show it: enough to see whether the column is right, not enough to call."""
    name, at, domain = contact.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    return f"{contact[:3]}{'*' * max(len(contact) - 7, 3)}{contact[-4:]}"
