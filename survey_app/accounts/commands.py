"""Commands of accounts: the first administrator of an empty installation, and further people."""

from __future__ import annotations

import os

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.accounts.operations import create_account, grant_post
from survey_app.core.actor import SYSTEM, Role
from survey_app.core.clock import system_clock
from survey_app.core.db import committing, open_databases, write_session
from survey_app.core.errors import NotFound
from survey_app.core.settings import Settings
from survey_app.units.models import Unit, UnitKind
from survey_app.units.operations import add_unit


@click.group()
def user() -> None:
    """People who sign in: the first administrator, further accounts."""


@user.command("first-admin")
@click.option("--unit", "unit_name", default="总工会", show_default=True, help="Name of the root federation.")
@click.option("--login", default="admin", show_default=True)
@click.option("--name", default="管理员", show_default=True)
def first_admin(unit_name: str, login: str, name: str) -> None:
    """Make the administrator of an empty installation and print the one-time password."""
    with committing(_book()) as session:
        if session.scalars(select(Post.id).where(Post.role == Role.ADMINISTRATOR)).first() is not None:
            click.echo("已经有管理员了，没有新建 (there is an administrator already)")
            return
        at = system_clock()
        root = session.scalars(select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id)).first()
        if root is None:
            root = add_unit(session, SYSTEM, name=unit_name, kind=UnitKind.FEDERATION, parent=None, at=at)
        account, first = create_account(session, SYSTEM, login=login, name=name, at=at)
        grant_post(session, SYSTEM, account, Role.ADMINISTRATOR, root, at=at)
    click.echo("第一位管理员 (first administrator)")
    _print_access(account, first)


@user.command()
@click.option("--login", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(["officer", "chair", "auditor", "administrator"]), required=True)
@click.option("--unit", "unit_name", required=True, help="Full name, or the number of the unit.")
def add(login: str, name: str, role: str, unit_name: str) -> None:
    """Make an account with one post and print its one-time password."""
    with committing(_book()) as session:
        at = system_clock()
        unit = _unit(session, unit_name)
        account, first = create_account(session, SYSTEM, login=login, name=name, at=at)
        grant_post(session, SYSTEM, account, Role(role), unit, at=at)
    _print_access(account, first)


def _book() -> Session:
    return write_session(open_databases(Settings.from_environment(os.environ)).roster)


def _unit(session: Session, named: str) -> Unit:
    if named.isdecimal() and (found := session.get(Unit, int(named))) is not None:
        return found
    found = session.scalars(select(Unit).where(Unit.name == named).order_by(Unit.id)).first()
    if found is None:
        raise NotFound("unit")
    return found


def _print_access(account: Account, first: str) -> None:
    click.echo(f"  用户名 (login)             {account.login}")
    click.echo(f"  一次性密码 (one-time)      {first}")
    click.echo("  14天内登录一次，登录后自己设新密码 (sign in within 14 days, then choose your own)")


COMMANDS = (user,)
