"""What each role may do at all; where it may do it is decided by the loaders (`visible_*`)."""

from __future__ import annotations

from survey_app.core.actor import Role

READING = frozenset(
    {"unit.read", "roster.read", "round.read", "result.read", "order.read", "journal.read", "report.read"}
)

OF_ROLE: dict[Role, frozenset[str]] = {
    Role.OFFICER: READING
    | {
        "unit.edit",
        "roster.confirm",
        "roster.import",
        "roster.submit",
        "instrument.edit",
        "scheme.issue",
        "round.edit",
        "round.run",
        "round.appoint",
        "slip.print",
        "card.hand_out",
        "invitation.replace",
        "link.send",
        "round.remind",
        "result.confirm",
        "result.decide_objection",
        "comment.review",
        "order.issue",
        "order.review",
        "order.inspect",
        "account.invite",
        "message.read",
    },
    Role.CHAIR: frozenset(
        {
            "unit.read",
            "roster.read",
            "roster.import",
            "roster.submit",
            "round.read",
            "round.remind",
            "report.write",
            "result.read",
            "result.object",
            "order.read",
            "order.answer",
            "home_page.edit",
            "message.read",
            "report.read",
        }
    ),
    Role.AUDITOR: READING | {"message.read", "audit.read"},
    Role.ADMINISTRATOR: frozenset(
        {
            "unit.read",
            "unit.edit",
            "account.read",
            "account.edit",
            "account.invite",
            "calendar.edit",
            "template.edit",
            "journal.read",
            "message.read",
            "system.read",
        }
    ),
    Role.CUSTODIAN: frozenset({"box.custody", "round.read", "message.read"}),
    Role.WORKING_GROUP: frozenset({"slip.print", "card.hand_out", "round.read", "message.read"}),
    Role.TELLER: frozenset({"paper.key", "round.read", "message.read"}),
}


def permissions_of(role: Role) -> frozenset[str]:
    """The permissions a role carries."""
    return OF_ROLE[role]
