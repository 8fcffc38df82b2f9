"""Makes `.venv` and keeps it at the state of the hash-locked requirements, also after an interruption."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from devtools.console import MISSING, Stop, say

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = "installed.json"  # written when everything is in place, and only then
UNPACKING = "unpacking"  # there while pip writes packages: found later, the folder cannot be trusted
LOCKS = {"runtime": ROOT / "requirements" / "runtime.lock", "test": ROOT / "requirements" / "test.lock"}


def tool(name: str) -> str:
    """The path of a command inside the virtual environment."""
    return str(VENV / "bin" / name)


def clean_environment() -> dict[str, str]:
    """This process's environment without what would lead another Python astray, our commands first."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    return {**kept, "PATH": f"{VENV / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"}


def checksum(kind: str) -> str:
    """What the installation depends on: the lock, the project file, this Python and this place."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for file in (LOCKS[kind], ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def installed() -> dict[str, str]:
    """The checksums of what was installed completely."""
    try:
        return dict(json.loads((VENV / STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def ensure_installed(kind: str) -> None:
    """Bring `.venv` to the state of the lock; the test lock contains the runtime lock."""
    if installed().get(kind) == checksum(kind) and is_usable():
        return
    with (ROOT / "dev.py").open(encoding="utf-8") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)  # a second terminal waits here
        if installed().get(kind) == checksum(kind) and is_usable():
            return
        started = time.monotonic()
        if not is_usable():
            make_venv()
        (VENV / STAMP).unlink(missing_ok=True)
        install_lock(LOCKS[kind])
        install_project()
        kinds = ("runtime", "test") if kind == "test" else ("runtime",)
        (VENV / STAMP).write_text(json.dumps({one: checksum(one) for one in kinds}), encoding="utf-8")
        say(f"安装完成 (installed), {time.monotonic() - started:.0f} s")


def is_usable() -> bool:
    """Whether `.venv` can be built upon: not cut off while it was written, and its Python and pip answer."""
    if (VENV / UNPACKING).exists() or not Path(tool("python")).exists():
        return False
    answer = subprocess.run([tool("python"), "-m", "pip", "--version"], capture_output=True, check=False)
    return answer.returncode == 0


def make_venv() -> None:
    """Make the virtual environment, in place of whatever is there."""
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out until python3-venv is installed
        import venv  # noqa: F401 - likewise
    except ImportError:
        raise Stop(
            "缺少 python3-venv。请先运行 (first run): sudo apt install python3-venv", MISSING
        ) from None
    say("创建虚拟环境 (making .venv) ...")
    python = getattr(sys, "_base_executable", None) or sys.executable
    subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=True, env=clean_environment())


def install_lock(lock: Path) -> None:
    """Install exactly what the lock names, each file checked against its hash."""
    count = len(re.findall(r"^[\w.\[\]-]+==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"安装 {count} 个依赖包，逐一核对哈希 (installing {count} packages, hashes checked) ...")
    # Compiling everything would take longer than compiling what is used, when it is used.
    options = ["--require-hashes", "--no-deps", "--no-compile", "--no-input", "--progress-bar", "off"]
    pip("install", *options, "--disable-pip-version-check", "-r", str(lock), count=count)
    (VENV / UNPACKING).unlink(missing_ok=True)


def install_project() -> None:
    """Put the project itself on the path of `.venv`, and the command `pingjia` into its bin."""
    say("安装本项目 (installing the project itself) ...")
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--config-settings", "editable_mode=compat"]
    pip("install", *options, "--disable-pip-version-check", "-e", str(ROOT), count=0)


def pip(*arguments: str, count: int) -> None:
    """Run pip, show how far it is, and its last words if it fails."""
    command = [tool("python"), "-u", "-m", "pip", *arguments]
    last: deque[str] = deque(maxlen=40)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean_environment()
    )
    try:
        with process:
            follow(process.stdout or (), last, count)
    finally:
        process.kill()  # after an interruption nothing may go on writing; otherwise it has ended
    if process.returncode:
        say("".join(last))
        again = "网络恢复后再运行一次即可 (installation failed; run again to resume)"
        raise Stop(f"安装失败，见上。{again}", MISSING)


def follow(lines: Iterable[str], last: deque[str], count: int) -> None:
    """Show each package as pip comes to it, and leave a mark before pip begins to write."""
    seen = 0
    for line in lines:
        last.append(line)
        package = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if package:
            seen += 1
            show_progress(seen, count, package[1])
        elif line.startswith("Installing collected packages") and count:
            (VENV / UNPACKING).touch()
            say("\n" * sys.stdout.isatty() + "写入磁盘 (unpacking) ...")


def show_progress(seen: int, count: int, name: str) -> None:
    """One line that rewrites itself on a terminal, every tenth package in a log."""
    if sys.stdout.isatty():
        print(f"\r  {seen}/{count} {name:<30}", end="", flush=True)
    elif count and (seen % 10 == 0 or seen == count):
        say(f"  {seen}/{count} {name}")
