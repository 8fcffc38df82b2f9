"""The life of a round as a table; the -ing states belong to the resumable verbs of `counting`."""

from __future__ import annotations

from survey_app.core.states import Move, TransitionTable
from survey_app.rounds.models import RoundState as S

RUN = "round.run"

ROUND = TransitionTable(
    "round",
    {
        (S.DRAFT, "edit"): Move(S.DRAFT, "round.edit"),
        (S.DRAFT, "prepare"): Move(S.PREPARING, RUN),
        (S.PREPARING, "prepared"): Move(S.READY),
        (S.READY, "return_to_draft"): Move(S.DRAFT, RUN),
        (S.READY, "open"): Move(S.OPENING, RUN),
        (S.OPENING, "opened"): Move(S.VOTING),
        (S.VOTING, "extend"): Move(S.VOTING, RUN),
        (S.READY, "extend"): Move(S.READY, RUN),
        (S.VOTING, "close"): Move(S.CLOSING, RUN),
        (S.CLOSING, "closed"): Move(S.CLOSED),
        (S.CLOSED, "count"): Move(S.COUNTING, "box.custody"),
        (S.COUNTING, "counted"): Move(S.COUNTED),
        (S.COUNTED, "archive"): Move(S.ARCHIVED, RUN),
        (S.DRAFT, "cancel"): Move(S.CANCELLED, RUN),
        (S.READY, "cancel"): Move(S.CANCELLED, RUN),
        (S.VOTING, "cancel"): Move(S.CANCELLED, RUN),
        (S.CLOSED, "cancel"): Move(S.CANCELLED, RUN),
        # The way out when the passphrase is lost in the middle or a custodian never confirms.
        (S.COUNTING, "cancel"): Move(S.CANCELLED, RUN),
    },
)
