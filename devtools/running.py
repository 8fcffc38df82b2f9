"""`dev.py run`: install, make the data folder, migrate, and become the server."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
from pathlib import Path
from typing import NoReturn

from devtools.console import FAILED, MISSING, MISUSED, Stop, say
from devtools.settings_file import settings_of
from devtools.virtualenv import ROOT, clean_environment, ensure_installed, tool

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only with --lan, which says so


def run(options: argparse.Namespace) -> NoReturn:
    """Install, make the data folder and its secrets, migrate, and become the server."""
    host = EVERYWHERE if options.lan else options.host
    check_port(host, options.port)
    ensure_installed("runtime")
    data = options.data.resolve()
    address = lan_address() if options.lan else host
    base_url = f"{'https' if options.lan else 'http'}://{address}:{options.port}"
    settings = settings_of(data, base_url, demo=knows_demo() and not options.empty)
    if options.empty and settings["PINGJIA_DEMO"] == "1":
        line = "python3 dev.py run --empty --data FOLDER"
        raise Stop(f"{data} 里是演示数据，请另选文件夹 (holds the demo, choose another): {line}", MISUSED)
    environment = {**clean_environment(), **settings}
    pingjia(environment, "db", "upgrade")
    prepare_content(environment)
    command = [tool("pingjia"), "serve", "--with-worker", "--host", host, "--port", str(options.port)]
    if options.lan:
        command += lan_certificate(data, address)
    say(f"\n打开 (open)  {base_url}    停止 (stop)  Ctrl-C")
    os.execve(command[0], command, environment)  # noqa: S606 - Ctrl-C must reach the server itself


def prepare_content(environment: dict[str, str]) -> None:
    """Fill in the demonstration, or give an empty installation its first administrator."""
    if environment["PINGJIA_DEMO"] == "1":
        pingjia(environment, "demo", "build")
    else:
        pingjia(environment, "user", "first-admin")


def knows_demo() -> bool:
    """Whether this version can fill an installation with the demonstration."""
    answer = subprocess.run([tool("pingjia"), "demo", "--help"], capture_output=True, check=False)
    return answer.returncode == 0


def pingjia(environment: dict[str, str], *arguments: str) -> None:
    """Run one command of the product, or stop with its exit code."""
    done = subprocess.run([tool("pingjia"), *arguments], env=environment, check=False)
    if done.returncode:
        raise Stop(f"pingjia {' '.join(arguments)}: 失败 (failed, exit code {done.returncode})", FAILED)


def check_port(host: str, port: int) -> None:
    """Stop when somebody already listens there; nothing is chosen in silence."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"端口 {port} 不能用 (port {port} on {host}: {error.strerror})"
            line = f"换一个端口 (choose another): python3 dev.py run --port {port + 1}"
            raise Stop(f"{reason}\n{line}", MISUSED) from None


def lan_address() -> str:
    """The address under which the office network sees this machine; nothing is sent to find it."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            raise Stop("没有找到局域网地址 (no network address found); use --host", MISSING) from None


def lan_certificate(data: Path, address: str) -> list[str]:
    """Options that make the server speak TLS: phones seal ballots only on pages they got encrypted."""
    certificate, key = data / f"lan-{address}.crt.pem", data / f"lan-{address}.key.pem"
    script = ROOT / "deploy" / "lan_certificate.py"
    subprocess.run([tool("python"), str(script), address, str(certificate), str(key)], check=True)
    say("证书是本机自签的，手机会警告一次，选择继续即可 (self-signed: the phone will warn once, continue)")
    return ["--cert", str(certificate), "--key", str(key)]
