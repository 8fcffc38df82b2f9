"""Commands of the operator: `pingjia backup FILE` and `pingjia restore FILE`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from survey_app.core.clock import system_clock
from survey_app.core.db import open_databases
from survey_app.core.settings import Settings
from survey_app.maintenance.backup import IN_ENGLISH, KEEP_ELSEWHERE, WHAT_IT_CONTAINS, back_up
from survey_app.maintenance.restore import restore

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=FILE)
def backup_command(file: Path) -> None:
    """Write both databases and all files of the running installation into FILE."""
    settings = Settings.from_environment(os.environ)
    databases = open_databases(settings)
    try:
        report = back_up(databases, settings, file, at=system_clock())
    finally:
        databases.dispose()
    click.echo(f"备份好了 (backed up): {report.rows} {report.files}个文件 (files)")
    click.echo(f"日志头 (journal head): {report.journal_lines} {report.journal_head}")
    click.echo(WHAT_IT_CONTAINS)
    click.echo(IN_ENGLISH)
    click.echo(f"另外保管 (keep elsewhere): {', '.join(KEEP_ELSEWHERE)}")


@click.command("restore")
@click.argument("file", type=FILE)
def restore_command(file: Path) -> None:
    """Restore FILE into empty databases and audit them; exit code 1 on a difference."""
    settings = Settings.from_environment(os.environ)
    databases = open_databases(settings)
    try:
        report = restore(databases, settings, file)
    finally:
        databases.dispose()
    click.echo(f"恢复好了 (restored): {report.rows}行 (rows), {report.files}个文件 (files)")
    for name in report.strange_keys:
        click.echo(f"注意：{name} 不是备份时的那一个，进行中的评议用不了 (another key: open rounds are lost)")
    click.echo(f"日志 (journal): {report.audit.journal_lines} {report.audit.journal_head}")
    for finding in report.audit.findings:
        click.echo(f"不符 (differs): {finding}")
    click.echo("核对通过 (audit passed)" if report.audit.passed else "核对没有通过 (audit failed)")
    click.echo(
        "先看 `pingjia mail state` 再启动 worker：备份以后发出的消息会再发一次 (messages may go out again)"
    )
    sys.exit(0 if report.audit.passed and not report.strange_keys else 1)


COMMANDS = (backup_command, restore_command)
