"""`pingjia journal verify`: walk the chain; `--head` compares it with a digest printed on paper."""

from __future__ import annotations

import os
import sys

import click

from survey_app.core.db import open_databases, read_session, reading
from survey_app.core.settings import Settings
from survey_app.journal.chain import head, verify

REASONS = {
    "line_missing": "缺行 (line missing)",
    "previous_differs": "接不上前一行 (does not follow the line before)",
    "content_changed": "内容被改过 (content changed)",
    "head_differs": "末行和链头不一致 (head differs)",
    "printed_head_unknown": "纸上的链头不在日志里 (printed head not found)",
}


@click.group()
def journal() -> None:
    """The journal: who did what, chained by hash."""


@journal.command("verify")
@click.option("--head", "expected", default=None, help="First digits of the head printed on a paper.")
def verify_command(expected: str | None) -> None:
    """Walk the whole chain; exit code 1 when it does not hold."""
    databases = open_databases(Settings.from_environment(os.environ))
    with reading(read_session(databases.roster)) as session:
        breaks = verify(session, expected)
        number, digest = head(session)
    for item in breaks:
        click.echo(f"第{item.number}行 (line {item.number}): {REASONS[item.reason]}")
    if breaks:
        sys.exit(1)
    click.echo(f"日志完整，共{number}行，链头 {digest} (journal intact)")


COMMANDS = (journal,)
