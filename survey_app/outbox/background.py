"""Background work of the outbox: the daily digest."""

from __future__ import annotations

from survey_app.outbox import digest
from survey_app.outbox.jobs import Handler
from survey_app.outbox.schedules import Schedule
from survey_app.outbox.sending import LetterKind

HANDLERS: dict[str, Handler] = {digest.KIND: digest.gather}
SCHEDULES = (Schedule(digest.KIND, hour=8),)
LETTERS: dict[str, LetterKind] = {digest.KIND: digest.LETTER}
