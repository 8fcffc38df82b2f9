"""The answer to a wrong code: delayed under a bound of the process, so guessing never holds up a voter."""

from __future__ import annotations

import threading
import time

from survey_app.core.errors import NotFound, PingjiaError

DELAY_SECONDS = 0.5
DELAYED_AT_ONCE = 2
_waiting = threading.BoundedSemaphore(DELAYED_AT_ONCE)


class UnknownCode(NotFound):
    """Nothing has this code; `code` says in which words."""

    def __init__(self, code: str) -> None:
        super().__init__("code")
        self.code = code


def wrong_code(code: str) -> PingjiaError:
    """The error to raise or show after the delay; at most two wait at once, others try later."""
    if not _waiting.acquire(blocking=False):
        return PingjiaError("code_look_up_busy")
    try:
        time.sleep(DELAY_SECONDS)
    finally:
        _waiting.release()
    return UnknownCode(code)
