"""`pingjia demo build`: make the demo, or print its slip again."""

from __future__ import annotations

import os

import click

from survey_app.core.db import open_databases
from survey_app.core.settings import Settings
from survey_app.demo.building import build


@click.group()
def demo() -> None:
    """The demo installation (PINGJIA_DEMO=1)."""


@demo.command("build")
def build_command() -> None:
    """Make the demo's data through the real operations; harmless when it is there."""
    settings = Settings.from_environment(os.environ)
    keepsake = build(open_databases(settings), settings, lambda text: click.echo(text))
    click.echo(f"演示指南 (guide)：{settings.base_url}/demo")
    for line in keepsake.lines():
        click.echo(line)


COMMANDS = (demo,)
