"""PostgreSQL for real: two app processes of two gunicorn workers, two workers, and no right too many."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_app.box.models import Intake
from survey_app.core.db import open_databases, read_session, reading
from survey_app.counting.audit import audit
from survey_app.outbox.models import Job
from survey_app.rounds.models import RoundState
from tests.faults.test_kills import wait_until
from tests.support.least_rights import least_rights, limited_to
from tests.support.member_client import MemberClient, answers_of, over_http
from tests.support.round_builder import HomeSpec, build_round
from tests.support.server import PINGJIA, ROOT, LiveServer, environment_of, free_port, serving

DEPLOY = ROOT / "deploy"


@contextmanager
def background_worker(settings) -> Iterator[None]:
    """One `pingjia worker` until the block ends."""
    with (settings.data_folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [*PINGJIA, "worker"],
            cwd=ROOT,
            env=environment_of(settings, settings.base_url),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0, "a worker ends in good order when it is asked to"


def plain_proxy(apps: list[str], port: int, folder: Path) -> str:
    """The shipped upstream and TLS server as a whole nginx file that speaks plain HTTP on one port."""
    text = (DEPLOY / "nginx.conf").read_text().replace("/var/log/nginx", str(folder))
    for number, app in zip((8001, 8002), apps, strict=True):
        text = text.replace(f"127.0.0.1:{number}", app.removeprefix("http://"))
    upstream, _redirect, server = text.split("server {\n")
    server = "\n".join(line for line in server.splitlines() if "ssl" not in line)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log crit; events {{}}\n"
        f"http {{ {temporary}\n{upstream}\nserver {{ listen 127.0.0.1:{port};\n{server}\n}}\n"
    )


@contextmanager
def doors(apps: list[str], folder: Path) -> Iterator[list[str]]:
    """Where phones knock: the shipped nginx file without its TLS, or the processes if nginx is absent."""
    nginx = shutil.which("nginx")
    if nginx is None:
        yield apps
        return
    port = free_port()
    (folder / "nginx.conf").write_text(plain_proxy(apps, port, folder))
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf")])
    try:
        yield [f"http://127.0.0.1:{port}"]
        left = (folder / "pingjia-desks.log").read_text() + (folder / "error.log").read_text()
        assert left == "", "a member left a line in a log"
    finally:
        process.terminate()
        process.wait(20)


def vote_while_one_dies(
    phones: list[MemberClient], answers: dict[str, object], dying: LiveServer
) -> list[str]:
    """Let phones vote at once and kill one app process, with its gunicorn workers, in their midst."""
    first = threading.Event()

    def vote(phone: MemberClient) -> str:
        given = phone.vote_through(answers)
        first.set()
        return given

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(vote, phone) for phone in phones]
        assert first.wait(60)
        dying.kill()
        assert any(not one.done() for one in waiting), "killed after the last vote: nothing was shown"
        return [one.result() for one in waiting]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_two_app_processes_and_two_workers_share_a_round(settings, databases, tmp_path):
    now = datetime.now(UTC)
    hours = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=1), "at": now}
    with least_rights(settings, databases) as names, ExitStack() as stack:
        limited = limited_to(settings, names)
        opened = open_databases(limited)
        stack.callback(opened.dispose)
        built = build_round(limited, opened, [HomeSpec.of(12)] * 2, **hours)
        built.request("prepare")
        for _ in range(2):
            stack.enter_context(background_worker(limited))
        servers = [stack.enter_context(serving(limited, "--workers", "2")) for _ in range(2)]
        apps = [server.base_url for server in servers]
        wait_until(lambda: built.state is RoundState.READY)
        built.clock.at = datetime.now(UTC)
        built.request("open")
        wait_until(lambda: built.state is RoundState.VOTING)
        turns = itertools.cycle([over_http(url) for url in stack.enter_context(doors(apps, tmp_path))])
        codes = [code for home in built.home_ids for code in built.codes(home)]
        answers = answers_of(built.questionnaire)
        # Every call of a phone goes to the next process: nothing of a vote lives in one of them.
        phones = [MemberClient(lambda *call: next(turns)(*call), code) for code in codes]
        receipts = {phone.vote(answers) for phone in phones[:12]}
        receipts |= set(vote_while_one_dies(phones[12:], answers, servers[0]))
        assert len(receipts) == 24
        with reading(read_session(opened.box)) as box:
            assert box.scalar(select(func.count()).select_from(Intake)) == 24
        with reading(read_session(opened.roster)) as session:
            jobs = session.scalars(select(Job).where(Job.kind.startswith("counting."))).all()
            assert {job.state for job in jobs} == {"done"}
            assert {job.attempts for job in jobs} == {1}, "no job was taken by both workers"
        assert audit(opened).passed
