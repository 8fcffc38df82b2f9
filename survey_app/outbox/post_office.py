"""The transports of an installation by channel, and which of them rest after a fault of our own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from survey_app.core.settings import Settings
from survey_app.outbox.transport import Channel, Letter, NotDelivered, Transport
from survey_app.outbox.transport_sms import SmsTransport
from survey_app.outbox.transport_smtp import SmtpTransport
from survey_app.outbox.transport_wecom import RobotTransport, WecomTransport

REST = timedelta(minutes=1)


def transports_of(settings: Settings) -> dict[Channel, Transport]:
    """The ways out that the settings open."""
    found: dict[Channel, Transport] = {}
    if settings.smtp_url and settings.mail_from:
        found[Channel.MAIL] = SmtpTransport(settings.smtp_url, settings.mail_from)
    if settings.sms_url:
        found[Channel.SMS] = SmsTransport(settings.sms_url, settings.sms_key)
    if settings.wecom_corp and settings.wecom_secret:
        found[Channel.WECOM] = WecomTransport(
            settings.wecom_url, settings.wecom_corp, settings.wecom_agent, settings.wecom_secret
        )
    if settings.wecom_robot_url:
        found[Channel.ROBOT] = RobotTransport(settings.wecom_robot_url)
    return found


def channels_of(settings: Settings) -> frozenset[Channel]:
    """Which channels are open at all."""
    return frozenset(transports_of(settings))


class PostOffice:
    """Sends letters; a channel whose server is down rests a while instead of wasting everybody's attempts."""

    def __init__(self, transports: Mapping[Channel, Transport]) -> None:
        self._transports = transports
        self._resting: dict[Channel, datetime] = {}

    def resting(self, at: datetime) -> frozenset[Channel]:
        """Channels that are not to be tried now."""
        return frozenset(channel for channel, until in self._resting.items() if until > at)

    def send(self, letter: Letter, reference: str, *, at: datetime) -> None:
        """Hand a letter to its transport, or raise NotDelivered."""
        transport = self._transports.get(letter.channel)
        if transport is None:
            raise NotDelivered("not_configured", channel_down=True)
        try:
            transport.send(letter, reference)
        except NotDelivered as error:
            if error.channel_down:
                self._resting[letter.channel] = at + REST
            raise

    def close(self) -> None:
        """Let go of all connections."""
        for transport in self._transports.values():
            transport.close()
