"""The worker beside the server (`serve --with-worker`): killed, it comes back; it ends with the server."""

from __future__ import annotations

from contextlib import suppress

import psutil
import pytest

from tests.faults.test_kills import wait_until
from tests.support.server import serving


def workers_of(pid: int) -> list[psutil.Process]:
    """The worker processes that a server has started."""
    found = []
    for process in psutil.Process(pid).children():
        with suppress(psutil.NoSuchProcess):
            if process.cmdline()[-1:] == ["worker"]:
                found.append(process)
    return found


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_killed_worker_comes_back_and_ends_with_its_server(settings, databases):
    with serving(settings, "--with-worker") as server:
        wait_until(lambda: len(workers_of(server.process.pid)) == 1)
        [first] = workers_of(server.process.pid)
        first.kill()
        wait_until(lambda: [one.pid for one in workers_of(server.process.pid)] not in ([], [first.pid]))
        [second] = workers_of(server.process.pid)
    wait_until(lambda: not second.is_running() or second.status() == psutil.STATUS_ZOMBIE)
