"""Figures of an area, kept until the next line of the journal: whatever changes them writes one.

Readings of turnout come once a day without a line, therefore nothing is kept longer than five minutes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.journal.models import JournalHead

Figures = TypeVar("Figures")
LONGEST_S = 300
MOST = 256

_kept: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()


def kept(session: Session, key: Hashable, at: datetime, compute: Callable[[], Figures]) -> Figures:
    """The figures under `key`, computed unless nothing can have changed since they were."""
    line = session.scalars(select(JournalHead.digest).where(JournalHead.id == 1)).one_or_none()
    whole = (str(session.get_bind().url), key, line, int(at.timestamp()) // LONGEST_S)  # type: ignore[union-attr]  # sessions are bound to engines
    with _lock:
        if whole in _kept:
            _kept.move_to_end(whole)
            return cast(Figures, _kept[whole])
    found = compute()
    with _lock:
        _kept[whole] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found
