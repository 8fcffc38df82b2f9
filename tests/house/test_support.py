"""The shared fixtures keep their word: a shut network, fresh databases, a browser that writes Chinese."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from tests.support.browser import DESKTOP
from tests.support.network import NetworkIsShut, is_loopback
from tests.support.server import run_pingjia

# 203.0.113.0/24 is reserved for documentation: nobody is there even if the guard were broken.
NOBODY = "203.0.113.1"
PAGE = """<!doctype html><html lang=zh-CN><meta name=viewport content="width=device-width, initial-scale=1">
<title>评家</title><main><h1>会员评家</h1><p>{}</p></main></html>"""


def test_a_connection_beyond_loopback_is_refused():
    with socket.socket() as probe, pytest.raises(NetworkIsShut):
        probe.connect((NOBODY, 80))


def test_a_datagram_beyond_loopback_is_refused():
    with socket.socket(type=socket.SOCK_DGRAM) as probe, pytest.raises(NetworkIsShut):
        probe.sendto(b"", (NOBODY, 53))


def test_a_name_is_not_looked_up():
    with pytest.raises(NetworkIsShut):
        urllib.request.urlopen("http://pingjia.example/")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("10.0.0.1", False)],
)
def test_loopback_is_this_machine_only(host, loopback):
    assert is_loopback(host) is loopback


def test_postgres_databases_are_separate(postgres_url):
    first, second = postgres_url(), postgres_url()
    with psycopg.connect(first.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
    engine = create_engine(second)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_every_test_gets_migrated_databases_of_its_own(new_installation, database_kind):
    from survey_app.core.db import open_databases

    one, other = open_databases(new_installation()), open_databases(new_installation())
    assert one.roster.dialect.name == one.box.dialect.name == database_kind
    assert "alembic_version" in " ".join(inspect(one.roster).get_table_names())
    for engine in (one.roster, one.box):
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE only_here (id INTEGER)"))
    for engine in (other.roster, other.box):
        assert "only_here" not in inspect(engine).get_table_names()
    one.dispose()
    other.dispose()


def test_the_phone_draws_chinese_glyphs(phone):
    phone.set_content("<canvas id=c width=60 height=60></canvas>")
    ink = phone.evaluate(
        """() => { const pen = document.getElementById('c').getContext('2d');
        pen.font = '48px sans-serif'; pen.fillText('评', 4, 48);
        return pen.getImageData(0, 0, 60, 60).data.filter((value, i) => i % 4 === 3 && value > 0).length }"""
    )
    assert ink > 300


def test_the_devices_have_the_promised_sizes(phone, open_page):
    phone.set_content(PAGE.format(""))
    assert phone.evaluate("[innerWidth, innerHeight]") == [390, 844]
    assert open_page(DESKTOP).evaluate("[innerWidth, innerHeight]") == [1440, 900]


def test_axe_finds_a_fault_and_accepts_a_sound_page(phone, axe):
    phone.set_content(PAGE.format("说实话,办实事"))
    assert axe(phone) == []
    phone.set_content(PAGE.format("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"))
    assert [line for line in axe(phone) if line.startswith("image-alt")]


def test_the_browser_cannot_leave_the_machine(chromium):
    context = chromium.new_context()
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        context.new_page().goto("http://pingjia.example/")
    context.close()


def test_the_live_server_is_ready(live_server):
    with urllib.request.urlopen(f"{live_server.base_url}/readyz") as answer:
        assert answer.status == 200
    assert os.getsid(live_server.process.pid) == live_server.process.pid, "a process of its own"
    live_server.kill()
    assert live_server.process.poll() == -signal.SIGKILL
    with pytest.raises(OSError, match=r"refused|reset"):
        urllib.request.urlopen(f"{live_server.base_url}/readyz")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_command_prints_ends_and_knows_its_own_environment_alone(settings):
    helped = run_pingjia(settings, "--help")
    assert (helped.returncode, helped.stdout[:14], helped.stderr) == (0, "Usage: pingjia", "")
    refused = run_pingjia(settings, "round", "recompute", "0" * 32)
    assert (refused.returncode, refused.stdout, "not_found" in refused.stderr) == (2, "", True)
    nowhere = replace(settings, database_url="sqlite:////nowhere/at/all.sqlite3")
    assert run_pingjia(nowhere, "user", "first-admin").returncode == 1
