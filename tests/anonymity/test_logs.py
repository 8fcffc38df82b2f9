"""No log names anybody: fifty members through the real server, and every error that can be forced.

Number 8 of anonymity.md section 9. The members come from an address and with a browser of their own, so that
both would be found if any line kept them.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DatabaseError

from survey_app.seals.codes import code_mac
from tests.anonymity.scene import Scene, set_scene, words_of
from tests.support.desk import cards_by_class, choose_channel
from tests.support.member_client import answers_of, base64_text
from tests.support.round_builder import HomeSpec
from tests.support.server import LiveServer, serving

ADDRESS = "127.0.0.77"
AGENT = "MicroMessenger-canary/8.0.50"
FORWARDED = "203.0.113.77"
VOTERS = 50
PLAIN, CARD_WORDS = "application/x-www-form-urlencoded", "金丝雀在票卡上".encode()


def from_a_phone(base_url: str):
    """Calls of a phone whose address and browser can be told from everybody else's."""
    parts = urlsplit(base_url)

    def send(path: str, call, method: str = "POST", kind: str = "application/json") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=20, source_address=(ADDRESS, 0)
        )
        headers = {"Content-Type": kind, "User-Agent": AGENT, "X-Forwarded-For": FORWARDED}
        body = call if isinstance(call, bytes) else json.dumps(dict(call))
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        found = reply.status, reply.read()
        connection.close()
        return found

    return send


def logs_of(server: LiveServer, box: Engine) -> list[Path]:
    """Everything that is written beside the databases: the server's output, PostgreSQL's log."""
    files = [file for file in server.settings.data_folder.rglob("*.log") if file.is_file()]
    if box.dialect.name == "postgresql":
        with box.connect() as connection:
            folder = Path(connection.scalar(text("SHOW data_directory")) or "")
        files += [file for file in (folder / "log", folder / "pg_log") if file.is_file()]
    return files


def found_in(files: list[Path], needles: dict[str, bytes], since: dict[Path, int]) -> set[str]:
    """Which of the secrets stand in what was written since."""
    written = b"".join(file.read_bytes()[since.get(file, 0) :] for file in files)
    return {name for name, needle in needles.items() if needle in written}


def needles_of(scene: Scene) -> dict[str, bytes]:
    """Everything that would tell who did what: address, browser, codes, credentials, words, receipts."""
    mac = code_mac(scene.built.settings.code_pepper, card_of(scene))
    cards = {
        "card": card_of(scene).encode(),
        "card's hash": mac[:12].hex().encode(),
        "card's words": CARD_WORDS,
    }
    return dict(_needles(scene)) | cards


def card_of(scene: Scene) -> str:
    """The one card of the home."""
    [codes] = cards_by_class(scene.built, scene.home_id).values()
    return codes[0]


def by_card(scene: Scene, base_url: str) -> list[int]:
    """The plain form from a phone without script; the statuses of its three steps."""
    answers = answers_of(scene.built.questionnaire, comment=CARD_WORDS.decode())
    steps = [{"code": card_of(scene), "step": step, **answers} for step in ("open", "review", "cast")]
    send = from_a_phone(base_url)
    return [send("/card", urlencode(one).encode(), kind=PLAIN)[0] for one in steps]


def _needles(scene: Scene) -> Iterator[tuple[str, bytes]]:
    yield from (("address", ADDRESS.encode()), ("agent", AGENT.encode()), ("forwarded", FORWARDED.encode()))
    for number, code in enumerate(scene.arrivals):
        yield f"code {number}", code.encode()
        yield f"words {number}", words_of(number).encode()
        yield f"escaped words {number}", words_of(number).encode("unicode_escape")
    for number, credential in enumerate(scene.credentials):
        yield f"credential {number}", credential[:12].hex().encode()
        yield f"coded credential {number}", base64.b64encode(credential[:12])
    for number, receipt in enumerate(scene.receipts):
        yield f"receipt {number}", receipt.encode()


def force_errors(scene: Scene, base_url: str) -> set[int]:
    """Wrong calls of every kind with real codes in them; returns the statuses."""
    send, code = from_a_phone(base_url), scene.arrivals[0]
    b = base64_text(b"\x01" * 256)
    calls: list[tuple[str, object, str]] = [
        ("/e/lookup", b"{" + code.encode(), "POST"),
        ("/e/lookup", {"code": code + "X"}, "POST"),
        ("/e/lookup", {"wrong": code}, "POST"),
        ("/e/issue", {"code": code, "tag": base64_text(b"abcd"), "b": b}, "POST"),
        ("/e/issue", {"code": code, "tag": "!!", "b": b}, "POST"),
        ("/e/issue", {"code": code}, "PUT"),
        ("/box/cast", {"class": "0" * 32, "m": code, "s": b, "x": b}, "POST"),
        ("/box/cast", {"class": code, "m": base64_text(scene.credentials[0]), "s": b, "x": b}, "POST"),
        ("/r", b"receipt=" + scene.receipts[0].encode(), "POST"),
        (f"/e/{code}", b"", "GET"),
        (f"/nowhere/{code}?code={code}", b"", "GET"),
    ]
    return {send(path, call, method)[0] for path, call, method in calls}


def break_tables(scene: Scene) -> None:
    """What the next calls need fails inside the database, with real values bound."""
    databases = scene.built.databases
    if databases.box.dialect.name == "sqlite":
        # A lost table counts as a busy one here; a refused row is an error like any other.
        trigger = "CREATE TRIGGER t BEFORE INSERT ON intake BEGIN SELECT RAISE(ABORT, 'no'); END"
        statements = [(databases.box, trigger)]
    else:
        statements = [
            (databases.box, "ALTER TABLE intake RENAME TO gone"),
            (databases.roster, "ALTER TABLE invitation RENAME TO gone"),
        ]
    for engine, statement in statements:
        with engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture
def voting(build) -> Scene:
    """A round that is open by the clock of the machine, as the real server needs it."""
    now = datetime.now(UTC)
    opened = now - timedelta(hours=1)
    built = build(HomeSpec.of(VOTERS), opens_at=opened, closes_at=now + timedelta(hours=1), at=now)
    choose_channel(built, built.home_ids[0], cards=1)
    built.prepare().open()
    built.clock.at = now
    return set_scene(built, seed=8)


def test_no_log_names_a_member(voting):
    box = voting.built.databases.box
    with serving(voting.built.settings) as server:
        since = {file: file.stat().st_size for file in logs_of(server, box)}
        send = from_a_phone(server.base_url)
        voting.vote(send)
        assert by_card(voting, server.base_url) == [200] * 3
        assert {400, 404, 405} <= force_errors(voting, server.base_url)
        break_tables(voting)
        assert send("/box/cast", voting.last_cast)[0] == 500
        assert 500 in by_card(voting, server.base_url)
        looked_up = send("/e/lookup", {"code": voting.arrivals[1]})[0]
        assert looked_up == (200 if box.dialect.name == "sqlite" else 500)
    files = logs_of(server, box)
    assert found_in(files, needles_of(voting), since) == set()
    assert found_in(files, {"error": b"INSERT INTO intake"}, since), "the control: the error was logged"


def test_the_same_search_finds_what_a_careless_server_logs(voting, tmp_path):
    voting.vote(last=1)
    url = voting.built.databases.box.url
    careless = create_engine(url)
    with suppress(DatabaseError), careless.connect() as connection:
        try:
            words = {"code": voting.arrivals[0], "words": words_of(0), "address": ADDRESS}
            connection.execute(text("INSERT INTO nowhere VALUES (:code, :words, :address)"), words)
        except DatabaseError as error:
            (tmp_path / "careless.log").write_text(str(error))
    careless.dispose()
    found = found_in([tmp_path / "careless.log"], needles_of(voting), {})
    assert found >= {"code 0", "words 0", "address"}
