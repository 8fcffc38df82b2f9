"""The one process that meets the passphrase: started with a pipe, told both halves, alone until it is done.

`start` is called in the web process or the command line; the process itself runs `main`. The halves travel
through its standard input and stand in no argument, environment, file or log.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from survey_app.accounts.queries import actor_of_post
from survey_app.core.actor import SYSTEM, Actor
from survey_app.core.clock import Clock, system_clock
from survey_app.core.db import open_databases, read_session, reading
from survey_app.core.errors import PingjiaError
from survey_app.core.settings import Settings
from survey_app.counting.opening import count
from survey_app.outbox.jobs import Workshop
from survey_app.seals.errors import HalfMistyped

log = logging.getLogger("pingjia.counting")


@dataclass(frozen=True)
class Answer:
    """What the process said after unlocking: started, or the code and details of its refusal."""

    started: bool
    code: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def start(
    settings: Settings,
    round_id: str,
    post_id: int,
    halves: tuple[str, str],
    *,
    ahead: timedelta = timedelta(0),
) -> Answer:
    """Start counting in a process of its own and wait only until the key is unlocked.

    `ahead`: how far the clock of this installation is ahead of the real one (a demo's may be moved on).
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "survey_app.counting.child", round_id, str(post_id)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(settings),
        text=True,
        start_new_session=True,
    )
    # Nobody waits for the count itself; the thread only takes leave of the process when it ends.
    threading.Thread(target=process.wait, daemon=True).start()
    if process.stdin is None or process.stdout is None:
        return Answer(started=False, code="counting_failed")
    with process.stdin as pipe, process.stdout as reply:
        pipe.write(json.dumps([*halves, ahead.total_seconds()]) + "\n")
        pipe.close()
        line = reply.readline()
    return Answer(**json.loads(line)) if line else Answer(started=False, code="counting_failed")


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "BOX_DATABASE_URL": settings.box_database_url,
        "PINGJIA_DATA": str(settings.data_folder),
        "PINGJIA_BASE_URL": settings.base_url,
        "PINGJIA_SECRET_KEY": settings.secret_key,
        "PINGJIA_WRAPPING_KEY": base64.b64encode(settings.wrapping_key).decode(),
        "PINGJIA_CODE_PEPPER": base64.b64encode(settings.code_pepper).decode(),
    }


def main(round_id: str, post_id: int) -> None:
    """Read the halves, unlock, answer with one line, count."""
    first, second, ahead = json.loads(sys.stdin.readline())
    sys.stdin.close()
    settings = Settings.from_environment(os.environ)
    clock = _clock_ahead(timedelta(seconds=ahead))
    workshop = Workshop(open_databases(settings), settings, clock)
    said: list[bool] = []

    def say(answer: dict[str, Any]) -> None:
        if not said:
            said.append(True)
            print(json.dumps(answer), flush=True)

    try:
        count(
            workshop,
            round_id,
            (str(first), str(second)),
            _actor(workshop, post_id),
            workers=os.cpu_count() or 1,
            started=lambda: say({"started": True}),
        )
    except HalfMistyped as error:
        details = {"half": error.half, "fault": error.fault}
        say({"started": False, "code": "half_mistyped", "details": details})
    except PingjiaError as error:
        log.error("count of round %s ended: %s", round_id, error.code)
        say({"started": False, "code": error.code, "details": error.details})
    finally:
        workshop.databases.dispose()


def _clock_ahead(ahead: timedelta) -> Clock:
    return lambda: system_clock() + ahead


def _actor(workshop: Workshop, post_id: int) -> Actor:
    if not post_id:
        return SYSTEM
    with reading(read_session(workshop.databases.roster)) as session:
        return actor_of_post(session, post_id)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
