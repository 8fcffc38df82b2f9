"""The command `pingjia`: databases, server, worker, and every feature's commands."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

import migrations
from survey_app.core.actor import SYSTEM
from survey_app.core.clock import system_clock
from survey_app.core.db import Databases, committing, open_databases, write_session
from survey_app.core.errors import PingjiaError, SettingsError
from survey_app.core.settings import Settings

# Features bring commands of their own; a module is read only when one of its commands is asked for, because
# some of them bring the whole of counting and scoring along.
FEATURE_COMMANDS = {
    "user": "survey_app.accounts.commands",
    "round": "survey_app.results.commands",
    "box": "survey_app.counting.commands",
    "audit": "survey_app.counting.commands",
    "journal": "survey_app.journal.commands",
    "mail": "survey_app.outbox.commands",
    "demo": "survey_app.demo.commands",
    "backup": "survey_app.maintenance.commands",
    "restore": "survey_app.maintenance.commands",
}


class OneLineErrors(click.Group):
    """A group that answers a domain error with one line and exit code 2, never with a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Our own and those of the features."""
        return sorted({*super().list_commands(ctx), *FEATURE_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; the feature it belongs to is read now."""
        if cmd_name in FEATURE_COMMANDS:
            brought = import_module(FEATURE_COMMANDS[cmd_name]).COMMANDS
            return next(command for command in brought if command.name == cmd_name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; settings errors list every gap."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo("设置不全，没有启动 (settings incomplete):", err=True)
            click.echo(str(error), err=True)
            sys.exit(2)
        except PingjiaError as error:
            click.echo(f"没有办成 (refused): {error.code} {error.details or ''}".rstrip(), err=True)
            for fault in getattr(error, "faults", ()):
                click.echo(f"  {fault.where or ''} {fault.code} {fault.details or ''}".rstrip(), err=True)
            sys.exit(2)


@click.group(cls=OneLineErrors)
def main() -> None:
    """评家: run the yearly evaluation of the Employees' Home. Settings come from the environment."""


@main.group()
def db() -> None:
    """Databases: bring them to the newest revision, print the roles for PostgreSQL."""


@db.command()
def upgrade() -> None:
    """Upgrade roster, then box; store the questionnaires that come with the program."""
    from survey_app.instruments.operations import store_bundled

    _settings, databases = installation()
    migrations.upgrade(databases)
    with committing(write_session(databases.roster)) as session:
        store_bundled(session, SYSTEM, at=system_clock())
    click.echo("数据库已是最新 (databases up to date)")


@db.command()
@click.option("--sql", "as_sql", is_flag=True, required=True, help="Print the statements; nothing is run.")
def roles(as_sql: bool) -> None:
    """Least rights for PostgreSQL: owner, roster, box and audit."""
    from survey_app.core.roles import statements

    if as_sql:
        click.echo(statements(*installation()))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=0, help="Server processes; 0 means 1 on SQLite and 2 on PostgreSQL.")
@click.option("--threads", default=8, show_default=True)
@click.option("--with-worker", is_flag=True, help="Start one background worker beside the server.")
@click.option("--cert", type=click.Path(exists=True), default=None)
@click.option("--key", type=click.Path(exists=True), default=None)
def serve(
    host: str,
    port: int,
    workers: int,
    threads: int,
    with_worker: bool,
    cert: str | None,
    key: str | None,
) -> None:
    """Serve the pages by gunicorn."""
    from survey_app.server import run_server

    settings = Settings.from_environment(os.environ)
    count = workers or (1 if settings.database_url.startswith("sqlite") else 2)
    run_server(
        settings,
        bind=f"{host}:{port}",
        workers=count,
        threads=threads,
        beside=with_worker,
        cert=cert,
        key=key,
    )


@main.command()
@click.option("--once", is_flag=True, help="Do what is due now and stop.")
def worker(once: bool) -> None:
    """Do the background work: preparing, counting, messages, reminders, retention."""
    from survey_app.demo.clock import DemoClock
    from survey_app.worker import work

    settings, databases = installation()
    clock = DemoClock(settings.data_folder) if settings.demo else system_clock
    work(databases, settings, clock, once=once)


def installation() -> tuple[Settings, Databases]:
    """Settings and databases of the environment, for a command."""
    settings = Settings.from_environment(os.environ)
    return settings, open_databases(settings)


if __name__ == "__main__":
    main()
