"""Who acts: an account in one of its posts, handed to every operation; there is no ambient user."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from survey_app.core.errors import Refused


class Role(StrEnum):
    """The posts a person can hold; the last three belong to one round."""

    OFFICER = "officer"
    CHAIR = "chair"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    CUSTODIAN = "custodian"
    WORKING_GROUP = "working_group"
    TELLER = "teller"


@dataclass(frozen=True)
class Actor:
    """An account in one post. `unit_id` bounds the scope (its subtree); `round_id` only in round posts."""

    account_id: int
    name: str
    post_id: int
    role: Role
    unit_id: int
    unit_name: str
    permissions: frozenset[str]
    round_id: str | None = None
    is_system: bool = False

    def may(self, permission: str) -> bool:
        """Whether the post carries the permission at all; the scope is the loader's affair."""
        return permission in self.permissions

    def need(self, permission: str) -> None:
        """Refuse unless the post carries the permission (the check inside an operation)."""
        if not self.may(permission):
            raise Refused("role_may_not", permission=permission)


SYSTEM = Actor(
    account_id=0,
    name="系统",
    post_id=0,
    role=Role.ADMINISTRATOR,
    unit_id=0,
    unit_name="",
    permissions=frozenset(),
    is_system=True,
)
