"""`dev.py run`: the order of its steps, the port it refuses, and what it serves to phones."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import dev
from devtools import console, running, settings_file

ROOT = Path(dev.__file__).parent


def test_a_taken_port_is_refused_before_anything_is_installed():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, str(ROOT / "dev.py"), "run", "--port", str(port)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == console.MISUSED
    assert f"python3 dev.py run --port {port + 1}" in answer.stderr
    assert answer.stdout == ""


def started(monkeypatch, data: Path, *arguments: str, knows_demo: bool = False) -> list[list[str]]:
    """What `run` would do, command by command, without installing or serving."""
    said: list[list[str]] = []

    def replaced(path, command, environment):
        said.append(command[1:])
        raise SystemExit

    monkeypatch.setattr(running, "ensure_installed", lambda kind: None)
    monkeypatch.setattr(running, "check_port", lambda host, port: None)
    monkeypatch.setattr(running, "knows_demo", lambda: knows_demo)
    monkeypatch.setattr(running, "lan_address", lambda: "192.0.2.7")
    monkeypatch.setattr(running, "lan_certificate", lambda data, address: ["--cert", address])
    monkeypatch.setattr(running, "pingjia", lambda environment, *command: said.append(list(command)))
    monkeypatch.setattr(os, "execve", replaced)
    with pytest.raises(SystemExit):
        dev.main(["run", "--data", str(data), *arguments])
    return said


def test_an_empty_installation_gets_its_first_administrator(data, monkeypatch):
    assert started(monkeypatch, data, "--empty", knows_demo=True)[:2] == [
        ["db", "upgrade"],
        ["user", "first-admin"],
    ]


def test_the_demonstration_is_built_where_the_product_knows_it(data, monkeypatch):
    assert started(monkeypatch, data, knows_demo=True)[:2] == [["db", "upgrade"], ["demo", "build"]]


def test_a_demonstration_folder_is_never_called_empty(data, monkeypatch, capsys):
    started(monkeypatch, data, knows_demo=True)
    assert dev.main(["run", "--data", str(data), "--empty"]) == console.MISUSED
    assert "--data FOLDER" in capsys.readouterr().err


def test_the_office_network_is_served_encrypted_on_every_address(data, monkeypatch):
    served = started(monkeypatch, data, "--lan", "--port", "8443")[-1]
    assert served[:2] == ["serve", "--with-worker"]
    assert served[2:] == ["--host", "0.0.0.0", "--port", "8443", "--cert", "192.0.2.7"]
    assert settings_file.read_settings(data / "settings.env")["PINGJIA_BASE_URL"] == "https://192.0.2.7:8443"


def test_the_certificate_is_accepted_for_its_address_and_kept(tmp_path):
    certificate, key = tmp_path / "crt.pem", tmp_path / "key.pem"
    command = [sys.executable, ROOT / "deploy" / "lan_certificate.py", "127.0.0.1", certificate, key]
    subprocess.run(command, check=True)
    first = certificate.read_bytes()
    subprocess.run(command, check=True)
    assert certificate.read_bytes() == first
    assert key.stat().st_mode & 0o777 == 0o600
    assert handshake(certificate, key) == (("IP Address", "127.0.0.1"),)


def handshake(certificate: Path, key: Path) -> object:
    """The names a client that trusts `certificate` finds when it connects by address."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            with listening.accept()[0] as accepted, server.wrap_socket(accepted, server_side=True) as secured:
                secured.recv(1)

        other = threading.Thread(target=answer)
        other.start()
        client = ssl.create_default_context(cafile=certificate)
        with (
            socket.create_connection(listening.getsockname()) as plain,
            client.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            names = secured.getpeercert()["subjectAltName"]
            secured.send(b".")
        other.join()
    return names
