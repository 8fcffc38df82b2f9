"""The life of a roster: draft -> submitted -> confirmed -> frozen; returned is a draft; drafts may go."""

from __future__ import annotations

from survey_app.core.states import Move, TransitionTable
from survey_app.rosters.models import RosterState

ROSTER = TransitionTable(
    "roster",
    {
        (RosterState.DRAFT, "import"): Move(RosterState.DRAFT, "roster.import"),
        (RosterState.DRAFT, "delete"): Move(RosterState.DRAFT, "roster.import"),
        (RosterState.DRAFT, "submit"): Move(RosterState.SUBMITTED, "roster.submit"),
        (RosterState.SUBMITTED, "confirm"): Move(RosterState.CONFIRMED, "roster.confirm"),
        (RosterState.SUBMITTED, "return"): Move(RosterState.DRAFT, "roster.confirm"),
        (RosterState.CONFIRMED, "return"): Move(RosterState.DRAFT, "roster.confirm"),
        (RosterState.CONFIRMED, "freeze"): Move(RosterState.FROZEN),
    },
)
