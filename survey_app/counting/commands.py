"""Commands of counting: `pingjia box open ROUND` and `pingjia audit`."""

from __future__ import annotations

import os
import sys

import click

from survey_app.core.actor import SYSTEM
from survey_app.core.clock import system_clock
from survey_app.core.db import open_databases
from survey_app.core.errors import Refused
from survey_app.core.settings import Settings
from survey_app.counting.audit import audit
from survey_app.counting.opening import count
from survey_app.outbox.jobs import Workshop
from survey_app.seals.errors import HalfMistyped


@click.group()
def box() -> None:
    """The box: open it with both halves of the passphrase."""


@box.command("open")
@click.argument("round_id")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
def open_box(round_id: str, workers: int) -> None:
    """Count a closed round here; both halves are typed hidden, or come as two lines of standard input."""
    settings = Settings.from_environment(os.environ)
    workshop = Workshop(open_databases(settings), settings, system_clock)
    try:
        count(
            workshop,
            round_id,
            _halves(),
            SYSTEM,
            workers=workers,
            started=lambda: click.echo("口令对上了，正在开箱 (unlocked, counting)"),
        )
    except HalfMistyped as error:
        raise Refused("half_mistyped", half=error.half, fault=error.fault) from None
    finally:
        workshop.databases.dispose()
    click.echo("开箱完毕。请撕毁口令条，两位开箱人各自确认 (counted; tear up the slips and confirm)")


def _halves() -> tuple[str, str]:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip(), sys.stdin.readline().strip()
    return (
        click.prompt("第一半 (first half)", hide_input=True),
        click.prompt("第二半 (second half)", hide_input=True),
    )


@click.command("audit")
@click.option("--head", default=None, help="Head of the journal as printed on a protocol sheet or an order.")
def audit_command(head: str | None) -> None:
    """Recompute signatures, leaves, digests, tallies, count rule and journal; exit code 1 on a difference."""
    settings = Settings.from_environment(os.environ)
    databases = open_databases(settings)
    try:
        report = audit(databases, head)
    finally:
        databases.dispose()
    click.echo(f"日志 (journal): {report.journal_lines} {report.journal_head}")
    click.echo(f"开过箱的家 (homes counted): {report.homes}")
    for note in report.notes:
        click.echo(f"注 (note): {note}")
    for finding in report.findings:
        click.echo(f"不符 (differs): {finding}")
    click.echo("整张答案连同两处校验值一起换掉，只有纸上的记录单查得出来 (compare with the signed sheets)")
    click.echo("通过 (passed)" if report.passed else f"没有通过，{len(report.findings)}处不符 (failed)")
    sys.exit(0 if report.passed else 1)


COMMANDS = (box, audit_command)
