"""The life of a result as a table."""

from __future__ import annotations

from survey_app.core.states import Move, TransitionTable
from survey_app.results.models import ResultState as S

CONFIRM = "result.confirm"
UNDECIDED = (S.PROVISIONAL, S.OBJECTED)
COUNTED = (*UNDECIDED, S.FINAL, S.PUBLISHED)  # the vote stands: lists, totals and years contain it

RESULT = TransitionTable(
    "result",
    {
        (S.HELD, "accept_hold"): Move(S.PROVISIONAL),
        (S.HELD, "void"): Move(S.VOIDED),
        (S.PROVISIONAL, "object"): Move(S.OBJECTED, "result.object"),
        (S.PROVISIONAL, "waive_objection"): Move(S.PROVISIONAL, "result.object"),
        (S.OBJECTED, "reject_objection"): Move(S.PROVISIONAL, "result.decide_objection"),
        (S.OBJECTED, "uphold_objection"): Move(S.VOIDED, "result.decide_objection"),
        (S.PROVISIONAL, "confirm"): Move(S.FINAL, CONFIRM),
        (S.FINAL, "publish"): Move(S.PUBLISHED, CONFIRM),
        (S.PROVISIONAL, "supersede"): Move(S.SUPERSEDED),
        (S.FINAL, "supersede"): Move(S.SUPERSEDED),
        (S.PUBLISHED, "supersede"): Move(S.SUPERSEDED),
    },
)
