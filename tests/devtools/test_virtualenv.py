"""Installing happens once, resumes after an interruption, and heals what was cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import console, virtualenv


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project folder of its own in which installing is recorded instead of done."""
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "dev.py").write_text("")
    for kind in ("runtime", "test"):
        (tmp_path / f"{kind}.lock").write_text("one==1 --hash=sha256:00\n")
    steps: list[str] = []

    def make_venv():
        steps.append("venv")
        python = tmp_path / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text("#!/bin/sh\n")
        python.chmod(0o755)
        (tmp_path / ".venv" / virtualenv.UNPACKING).unlink(missing_ok=True)

    monkeypatch.setattr(virtualenv, "ROOT", tmp_path)
    monkeypatch.setattr(virtualenv, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(
        virtualenv, "LOCKS", {kind: tmp_path / f"{kind}.lock" for kind in ("runtime", "test")}
    )
    monkeypatch.setattr(virtualenv, "make_venv", make_venv)
    monkeypatch.setattr(virtualenv, "install_lock", lambda lock: steps.append(lock.name))
    monkeypatch.setattr(virtualenv, "install_project", lambda: steps.append("project"))
    return tmp_path, steps


def test_nothing_is_installed_twice(place):
    _folder, steps = place
    virtualenv.ensure_installed("runtime")
    virtualenv.ensure_installed("runtime")
    assert steps == ["venv", "runtime.lock", "project"]


def test_the_test_packages_serve_the_product_too(place):
    _folder, steps = place
    virtualenv.ensure_installed("test")
    virtualenv.ensure_installed("runtime")
    assert steps == ["venv", "test.lock", "project"]


@pytest.mark.parametrize("changed", ["runtime.lock", "pyproject.toml"])
def test_a_changed_input_is_installed_again_into_the_same_environment(place, changed):
    folder, steps = place
    virtualenv.ensure_installed("runtime")
    (folder / changed).write_text("# another\n")
    virtualenv.ensure_installed("runtime")
    assert steps == ["venv", "runtime.lock", "project", "runtime.lock", "project"]


def test_an_interrupted_download_is_resumed(place, monkeypatch):
    _folder, steps = place

    def interrupted(lock):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(virtualenv, "install_lock", interrupted)
        with pytest.raises(KeyboardInterrupt):
            virtualenv.ensure_installed("runtime")
    assert virtualenv.installed() == {}
    virtualenv.ensure_installed("runtime")
    assert steps == ["venv", "runtime.lock", "project"]


def test_an_environment_cut_off_while_unpacking_is_made_anew(place):
    folder, steps = place
    virtualenv.ensure_installed("runtime")
    (folder / ".venv" / virtualenv.UNPACKING).touch()
    virtualenv.ensure_installed("runtime")
    assert steps == ["venv", "runtime.lock", "project"] * 2


def test_an_environment_whose_python_is_gone_is_made_anew(place):
    folder, steps = place
    virtualenv.ensure_installed("runtime")
    (folder / ".venv" / "bin" / "python").unlink()
    virtualenv.ensure_installed("runtime")
    assert steps.count("venv") == 2


def test_a_broken_stamp_counts_as_none(place):
    folder, _steps = place
    virtualenv.ensure_installed("runtime")
    (folder / ".venv" / virtualenv.STAMP).write_text('{"runtime": ')
    assert virtualenv.installed() == {}


def fake_pip(folder: Path, monkeypatch, script: str) -> None:
    """Put a shell script where `.venv` has its Python."""
    python = folder / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(virtualenv, "VENV", folder)


def test_progress_is_shown_and_the_mark_of_unpacking_is_gone_at_the_end(tmp_path, monkeypatch, capsys):
    lines = [*(f"echo Collecting p{number}" for number in range(20)), "echo Installing collected packages: p"]
    fake_pip(tmp_path, monkeypatch, "\n".join(lines))
    (tmp_path / "lock").write_text("".join(f"p{number}==1\n" for number in range(20)))
    virtualenv.install_lock(tmp_path / "lock")
    shown = capsys.readouterr().out
    assert "  10/20 p9\n  20/20 p19\n" in shown
    assert not (tmp_path / virtualenv.UNPACKING).exists()


def test_a_failed_installation_shows_the_last_words_of_pip(tmp_path, monkeypatch, capsys):
    script = (
        "echo Installing collected packages: p\necho ERROR: THESE PACKAGES DO NOT MATCH THE HASHES; exit 1"
    )
    fake_pip(tmp_path, monkeypatch, script)
    (tmp_path / "lock").write_text("p==1\n")
    with pytest.raises(console.Stop) as stop:
        virtualenv.install_lock(tmp_path / "lock")
    assert stop.value.code == console.MISSING
    assert "DO NOT MATCH THE HASHES" in capsys.readouterr().out
    assert (tmp_path / virtualenv.UNPACKING).exists()
