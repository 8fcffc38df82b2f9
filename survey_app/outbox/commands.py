"""Commands of the outbox: send a test letter, and tell how deliveries stand."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask
from sqlalchemy import func, select

from survey_app.core.db import open_databases, read_session, reading
from survey_app.core.settings import Settings
from survey_app.outbox.models import Delivery
from survey_app.outbox.post_office import transports_of
from survey_app.outbox.reasons import reason_text
from survey_app.outbox.transport import Channel, Letter, NotDelivered
from survey_app.web import i18n

CHANNELS = [channel.value for channel in Channel]


@click.group()
def mail() -> None:
    """Messages to the outside: try a channel, see how deliveries stand."""


@mail.command()
@click.argument("address")
@click.option("--channel", type=click.Choice(CHANNELS), default=Channel.MAIL.value, show_default=True)
def test(address: str, channel: str) -> None:
    """Send a test letter to ADDRESS now and say in words what the other side answered."""
    transport = transports_of(Settings.from_environment(os.environ)).get(Channel(channel))
    if transport is None:
        click.echo("这个渠道还没有配置，见 docs/messages.md (channel not configured)", err=True)
        sys.exit(2)
    letter = Letter(Channel(channel), address, "收到这一条，说明评家能发信了。不用回。", "评家：试发")
    try:
        transport.send(letter, f"pingjia-test-{os.getpid()}")
    except NotDelivered as error:
        click.echo(f"没有发成：{_in_words(error.reason)} ({error.reason})", err=True)
        sys.exit(2)
    finally:
        transport.close()
    click.echo("对方服务器收下了 (accepted)")


@mail.command()
def state() -> None:
    """Count the deliveries by channel, state and last trouble."""
    databases = open_databases(Settings.from_environment(os.environ))
    with reading(read_session(databases.roster)) as session:
        rows = session.execute(
            select(Delivery.channel, Delivery.state, Delivery.error, func.count())
            .group_by(Delivery.channel, Delivery.state, Delivery.error)
            .order_by(Delivery.channel, Delivery.state)
        ).all()
    for channel, at, error, count in rows:
        click.echo(f"{channel:8}{at:12}{count:8}  {error or ''}".rstrip())
    click.echo(f"共{sum(row[3] for row in rows)}条 (deliveries)")


def _in_words(reason: str) -> str:
    """The words are read within an application, whose language they follow."""
    app = Flask("pingjia")
    i18n.setup(app)
    with app.app_context():
        return reason_text(reason)


COMMANDS = (mail,)
