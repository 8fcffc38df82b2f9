"""The shipped nginx file and units: a member leaves no line anywhere, and the commands they start exist."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from click import Context

from survey_app.app import create_app
from survey_app.cli import main
from survey_app.core.settings import Settings
from survey_app.web.access import access_of

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MADE_WITH_CODES = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Location:
    """One location of the server that speaks TLS: how it is matched, and its own directives."""

    exact: bool
    path: str
    body: str


def tls_server() -> str:
    """The text of the second server block."""
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text())
    return text.split("server {")[2]


def locations() -> list[Location]:
    """Every location of that block."""
    found = re.findall(r"location (= )?(\S+) \{([^}]*)\}", tls_server())
    return [Location(bool(exact), path, body) for exact, path, body in found]


def location_of(url: str) -> Location:
    """The location nginx takes for a path: the exact one, else the longest prefix."""
    exact = [one for one in locations() if one.exact and one.path == url]
    prefixes = [one for one in locations() if not one.exact and url.startswith(one.path)]
    return exact[0] if exact else max(prefixes, key=lambda one: len(one.path))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The application, for its URLs."""
    folder = tmp_path_factory.mktemp("deploy")
    addresses = (f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3")
    settings = Settings(*addresses, folder, "http://localhost", "k" * 40, bytes(32), bytes(32))
    made = create_app(settings)
    yield made
    made.extensions["pingjia"].databases.dispose()


def test_no_page_that_a_member_opens_is_logged(app):
    everybody = {"member", "public"}
    urls = {
        MADE_WITH_CODES.sub("1", rule.rule)
        for rule in app.url_map.iter_rules()
        if access_of(app, rule.endpoint) in everybody
    }
    assert {"/e", "/e/issue", "/box/cast", "/card", "/r", "/h/1", "/"} <= urls
    logged = [url for url in sorted(urls) if "access_log" in location_of(url).body]
    assert not logged, f"these would write an address and a time: {logged}"
    outside = tls_server().split("location")[0]
    assert "access_log off;" in outside
    assert re.search(r"error_log \S+ crit;", outside)
    assert "$remote_addr" not in tls_server()
    assert "$proxy_add_x_forwarded_for" not in tls_server()


def test_no_desk_hides_among_the_members_pages(app):
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) not in {"member", "public"}:
            url = MADE_WITH_CODES.sub("1", rule.rule)
            assert "access_log" in location_of(url).body, f"{url} belongs into the log of the desks"


def test_members_calls_are_bounded_in_size_but_never_by_their_neighbours():
    for url in ("/e", "/e/issue", "/box/cast", "/card"):
        assert "limit_req" not in location_of(url).body
        assert "limit_conn" not in location_of(url).body
    assert "client_max_body_size 16k" in location_of("/box/cast").body
    assert "client_max_body_size 21m" in location_of("/orders/1").body


def test_what_the_operator_reads_stays_on_the_machine():
    for url in ("/metrics", "/readyz"):
        assert "return 404" in location_of(url).body


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("*.service")))
def test_every_unit_starts_a_command_that_exists(unit):
    text = (DEPLOY / unit).read_text()
    start = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    words = shlex.split(start.removeprefix("ExecStart="))
    if words[0] == "/bin/sh":
        words = shlex.split(words[2].removeprefix("exec ").replace("$(", "").replace(")", ""))
    assert words[0].endswith("/pingjia")
    command = main.get_command(Context(main), words[1])
    assert command is not None, words[1]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words[2:] if word.startswith("--")} <= known
    for promise in ("EnvironmentFile=/etc/pingjia/pingjia.env", "LimitCORE=0", "UMask=0077", "User=pingjia"):
        assert promise in text, "a core file would hold the opening key"


def test_the_example_of_the_environment_names_every_setting_that_is_needed(tmp_path):
    lines = (DEPLOY / "pingjia.env.example").read_text().splitlines()
    pairs = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert all(not pairs[name] for name in pairs if name.endswith(("KEY", "PEPPER", "TOKEN"))), (
        "no secret here"
    )
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    filled = {name: value or key for name, value in pairs.items()}
    assert Settings.from_environment(filled).base_url.startswith("https://")
