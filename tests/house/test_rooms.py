"""Rooms stay small, are named after their job, and nothing foreign or local is committed."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOM_SUFFIXES = {".py", ".js", ".css", ".html"}
LARGEST_ROOM = 400
NAMELESS = re.compile(r"(utils?|helpers?|common|misc|managers?)")
COMMIT_SITE = "survey_app/core/db.py"
PURE = ("scoring", "questionnaires")
# Written so that this file does not find itself.
MACHINE_PATHS = re.compile(r"(?<![\w.$}>/])/(?:work|root|home/\w+|opt/pypi[\w-]*|Users/\w+)/")
REGISTRIES = re.compile(r"--(?:extra-)?index-url[ =]\S|pypi[.]org/|registry[.]npmjs|pythonhosted[.]org")
BINARY = re.compile(r"\.(png|jpe?g|ico|pdf|xlsx|xls|docx|mo|gz|zip|otf|ttf|woff2?)$")
PRODUCTS = re.compile(r"(\.min\.(js|css)|\.sqlite3|\.db|\.pyc|\.whl|settings\.env|\.pem|\.key)$")


def project_files() -> list[str]:
    """Every file that is committed, or would be by the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().rstrip("\0").split("\0")
    return sorted(name for name in names if (ROOT / name).is_file())


FILES = project_files()


def is_version_script(name: str) -> bool:
    """Whether `name` is one migration: generated once and never edited, however long."""
    return re.match(r"migrations/\w+/versions/", name) is not None


def readable(name: str) -> str:
    """The text of a project file."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_there_is_a_house_to_guard():
    assert {"dev.py", "pyproject.toml", "tests/house/test_rooms.py"} <= set(FILES)


def test_no_room_has_more_than_400_lines():
    rooms = [name for name in FILES if Path(name).suffix in ROOM_SUFFIXES and not is_version_script(name)]
    lengths = {name: len(readable(name).splitlines()) for name in rooms}
    large = {name: length for name, length in lengths.items() if length > LARGEST_ROOM}
    assert not large, f"split these along their jobs, at most {LARGEST_ROOM} lines each: {large}"


def test_every_room_is_named_after_its_job():
    nameless = [
        name for name in FILES if any(NAMELESS.fullmatch(Path(part).stem) for part in Path(name).parts)
    ]
    assert not nameless, f"a name must say what is inside: {nameless}"


def test_every_python_room_says_in_its_first_sentence_what_it_is_for():
    rooms = [name for name in FILES if name.endswith(".py") and not is_version_script(name)]
    silent = [
        name for name in rooms if readable(name).strip() and not ast.get_docstring(ast.parse(readable(name)))
    ]
    assert not silent, f"open these with one sentence that says their job: {silent}"


def test_commit_is_written_in_one_place():
    product = [
        name for name in FILES if name.endswith(".py") and not name.startswith(("tests/", "benchmarks/"))
    ]
    sites = {name: readable(name).count(".commit(") for name in product if ".commit(" in readable(name)}
    assert sites == {COMMIT_SITE: 1}, "commit at the edge, with `committing(session)` of core/db.py"


def test_no_machine_path_and_no_registry_is_committed():
    found = []
    for name in FILES:
        if BINARY.search(name) or name == "tests/house/test_rooms.py":
            continue
        for number, line in enumerate(readable(name).splitlines(), 1):
            if MACHINE_PATHS.search(line) or REGISTRIES.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(["an address of one machine or one registry:", *found])


@pytest.mark.parametrize(
    ("line", "local"),
    [
        ("see /work/main/dev.py", True),
        ("cd /root/pingjia", True),
        ("url_for('/work')", False),
        ("https://example.test/work/1", False),
        ('href="{{ base }}/work/1"', False),
    ],
)
def test_the_search_for_machine_paths_knows_them(line, local):
    assert bool(MACHINE_PATHS.search(line)) is local


def test_no_product_secret_or_foreign_asset_is_committed():
    wrong = [name for name in FILES if PRODUCTS.search(name)]
    assert not wrong, f"built, secret or foreign files do not belong here: {wrong}"


def test_no_committed_line_is_minified():
    served = [name for name in FILES if name.endswith((".js", ".css"))]
    packed = [name for name in served if max(map(len, readable(name).splitlines()), default=0) > 500]
    assert not packed, f"write these for readers, one statement a line: {packed}"


@pytest.mark.parametrize("package", PURE)
def test_every_public_function_of_a_pure_package_explains_itself(package):
    silent = []
    for name in FILES:
        if name.startswith(f"{package}/") and name.endswith(".py"):
            silent += [f"{name}: {function}" for function in undocumented(ast.parse(readable(name)))]
    assert not silent, f"say what the number or the check means: {silent}"


def undocumented(tree: ast.Module) -> list[str]:
    """The public functions of a module without a docstring; a method may lean on its class's."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [one.name for one in functions if not one.name.startswith("_") and not ast.get_docstring(one)]
