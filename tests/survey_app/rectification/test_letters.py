"""Order events go out as each person chose, wait for a working day, and prove who was told when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from survey_app.accounts.models import Account
from survey_app.app import create_app
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid
from survey_app.outbox.deliveries import counts
from survey_app.outbox.digest import post_digests
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.models import Delivery, Message
from survey_app.outbox.post_office import PostOffice, transports_of
from survey_app.outbox.sending import send_due
from survey_app.rectification import planning, serving
from survey_app.rectification.background import every_day
from survey_app.rectification.letters import KIND, batch_of, letters_of, served_by_mail
from survey_app.rectification.models import Order, OrderState
from survey_app.worker import collect_letters, connect
from tests.support.cast import StandingClock, signed_in_client
from tests.support.http_gateway import http_gateway
from tests.support.orders import at_day, make_order, make_stage
from tests.support.smtp_server import smtp_server

S = OrderState
FRIDAY, SATURDAY, MONDAY = at_day(2026, 9, 11), at_day(2026, 9, 12), at_day(2026, 9, 14)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@dataclass
class Room:
    """A superior, a home, and the way out of the house."""

    workshop: Workshop
    clock: StandingClock
    stage: object
    app: object
    mailbox: object
    gateway: object

    def choose(self, who, **chosen):
        """Give a person addresses and ways."""
        self.write(
            lambda session: [
                setattr(session.get_one(Account, self.stage.posts[who].account_id), name, value)
                for name, value in chosen.items()
            ]
        )

    def write(self, act):
        with committing(write_session(self.workshop.databases.roster)) as session:
            return act(session)

    def order(self, state, at):
        self.clock.instant = at
        return self.write(lambda session: make_order(session, self.stage, state, at=at).id)

    def send(self):
        connect()
        office = PostOffice(transports_of(self.workshop.settings))
        while send_due(self.workshop, office, collect_letters(), writing=self.app.app_context):
            pass

    def rows(self):
        with reading(read_session(self.workshop.databases.roster)) as session:
            return list(session.scalars(select(Delivery).where(Delivery.kind == KIND).order_by(Delivery.id)))


@pytest.fixture
def room(settings, databases):
    with smtp_server() as mailbox, http_gateway() as gateway:
        own = replace(
            settings,
            smtp_url=mailbox.url,
            mail_from="评家 <pingjia@example.test>",
            sms_url=gateway.url,
            wecom_url=gateway.url,
            wecom_corp="corp",
            wecom_agent="7",
            wecom_secret="secret",
        )
        gateway.by_path["/cgi-bin/user/getuserid"] = (200, {"errcode": 0, "userid": "wang"})
        clock = StandingClock(FRIDAY)
        with committing(write_session(databases.roster)) as session:
            stage = make_stage(session)
        app = create_app(own, databases, clock)
        yield Room(Workshop(databases, own, clock), clock, stage, app, mailbox, gateway)


def test_an_issued_order_reaches_the_chair_by_every_way_he_chose(room):
    room.choose("chair", email="wang@example.test", phone="13800000001", told_by_sms=True, told_by_wecom=True)
    order_id = room.order(S.SERVED, FRIDAY)
    room.send()
    to, mail = room.mailbox.taken[0]
    assert (len(room.mailbox.taken), to) == (1, "wang@example.test")
    words = mail.get_content()
    assert "收到整改通知柳总工改〔2026〕1号，请签收" in words
    assert f"{room.workshop.settings.base_url}/orders/{order_id}" in words
    sms = [call.content for call in room.gateway.calls if "text" in call.content and "to" in call.content]
    assert [one["to"] for one in sms] == ["13800000001"]
    assert "请签收" in sms[0]["text"]
    assert len(room.gateway.said("/cgi-bin/message/send")) == 1
    with reading(read_session(room.workshop.databases.roster)) as session:
        sent = letters_of(session, order_id)
        assert {(one.channel, one.state, one.doubtful) for one in sent} == {
            ("mail", "sent", 0),
            ("sms", "sent", 0),
            ("wecom", "sent", 0),
        }
        assert all(one.sent_at == FRIDAY for one in sent)
        assert counts(session, batch_of(order_id))["sent"] == 3


def test_who_chose_nothing_or_has_no_address_is_told_on_the_desk_alone(room):
    room.choose("chair", email="wang@example.test", phone="13800000001", told_by_mail=False)
    room.choose("issuer", told_by_sms=True)
    room.order(S.PLAN_UNDER_REVIEW, FRIDAY)
    assert room.rows() == []
    with reading(read_session(room.workshop.databases.roster)) as session:
        assert session.scalars(select(Message.kind).where(Message.kind == "order.issued")).all()


def test_a_way_that_is_not_set_up_leaves_no_letter_behind(room):
    room.choose("chair", phone="13800000001", told_by_sms=True)
    room.workshop = replace(room.workshop, settings=replace(room.workshop.settings, sms_url=""))
    room.order(S.SERVED, FRIDAY)
    room.send()
    assert room.rows() == []


def test_on_a_rest_day_it_waits_for_the_next_working_morning(room):
    room.choose("chair", email="wang@example.test")
    order_id = room.order(S.PLAN_UNDER_REVIEW, FRIDAY - timedelta(days=3))
    room.send()
    before = len(room.mailbox.taken)
    room.clock.instant = SATURDAY
    room.write(
        lambda session: planning.return_plan(
            session, room.stage.issuer, session.get_one(Order, order_id), reason="没写办法", at=SATURDAY
        )
    )
    room.send()
    assert len(room.mailbox.taken) == before
    room.clock.instant = MONDAY
    room.send()
    assert len(room.mailbox.taken) == before + 1
    assert "退回了" in room.mailbox.texts()[-1]


def test_what_went_out_as_a_mail_is_not_told_again_by_the_digest(room):
    room.choose("chair", email="wang@example.test")
    room.order(S.SERVED, FRIDAY)
    room.send()
    connect()
    room.clock.instant = MONDAY
    assert room.write(lambda session: post_digests(session, at=MONDAY)) == 0
    assert len(room.mailbox.taken) == 1


def test_ladder_proposals_go_once_a_day_in_the_digest_and_never_at_once_or_on_rest_days(room):
    for who in ("issuer", "inspector"):
        room.choose(who, email=f"{who}@example.test", told_by_sms=True, phone="13800000009")
    room.order(S.RECTIFYING, at_day(2026, 9, 1))
    room.clock.instant = FRIDAY
    room.send()
    room.mailbox.taken.clear()
    letters, day, mailed = len(room.rows()), date(2026, 9, 12), {}
    while day <= date(2026, 10, 20):
        room.clock.instant = at_day(day.year, day.month, day.day)
        room.write(lambda session: every_day(session, at=room.clock()))
        room.write(lambda session: post_digests(session, at=room.clock()))
        room.send()
        mailed[day] = [to for to, _mail in room.mailbox.taken]
        room.mailbox.taken.clear()
        day += timedelta(days=1)
    assert len(room.rows()) == letters, "a proposal is no letter of its own"
    told = {day: people for day, people in mailed.items() if people}
    assert len(told) >= 4, "two reminders, 催办, 督办"
    assert all(
        sorted(people) == ["inspector@example.test", "issuer@example.test"] for people in told.values()
    )
    rest = {date(2026, 9, 12), date(2026, 9, 13), date(2026, 10, 1), date(2026, 10, 4), date(2026, 10, 7)}
    assert not rest & set(told)


def test_service_by_mail_counts_from_the_day_the_mail_server_took_it(room):
    room.choose("chair", email="wang@example.test")
    order_id = room.order(S.SERVED, FRIDAY)
    room.clock.instant = MONDAY

    def record(day):
        room.write(
            lambda session: serving.record_service(
                session,
                room.stage.issuer,
                session.get_one(Order, order_id),
                served_on=day,
                proof="电子邮件",
                how=serving.MAIL,
                at=MONDAY,
            )
        )

    with pytest.raises(Invalid) as refusal:
        record(FRIDAY.date())
    assert [fault.code for fault in refusal.value.faults] == ["mail_not_sent"], "nothing went out yet"
    room.clock.instant = FRIDAY + timedelta(hours=1)
    room.send()
    room.clock.instant = MONDAY
    with pytest.raises(Invalid):
        record(MONDAY.date())
    record(FRIDAY.date())
    with reading(read_session(room.workshop.databases.roster)) as session:
        order, letter = session.get_one(Order, order_id), served_by_mail(session, order_id)
        assert (order.state, order.served_on, order.served_how) == (S.PLAN_DUE, FRIDAY.date(), "mail")
    page = signed_in_client(room.app, room.workshop.databases, room.stage.posts["issuer"])
    text = page.get(f"/orders/{order_id}").get_data(as_text=True)
    assert f"电子邮件（{letter.who}，{letter.reference}）" in text
    assert "送出给" in text


def test_the_page_of_service_offers_the_mail_as_proof(room):
    room.choose("chair", email="wang@example.test")
    order_id = room.order(S.SERVED, FRIDAY)
    room.send()
    officer = signed_in_client(room.app, room.workshop.databases, room.stage.posts["issuer"])
    text = officer.get(f"/orders/{order_id}/service").get_data(as_text=True)
    assert "pingjia-delivery-" in text
    assert 'value="2026-09-11"' in text


def test_a_person_chooses_his_ways_on_his_own_page(room):
    room.choose("chair", email="wang@example.test", phone="13800000001")
    chair = signed_in_client(room.app, room.workshop.databases, room.stage.posts["chair"])
    for place in ("/messages", "/password"):
        assert 'href="/messages/ways"' in chair.get(place).get_data(as_text=True).split("<main", 1)[1]
    assert "wang@example.test" in chair.get("/messages/ways").get_data(as_text=True)
    assert chair.send("/messages/ways", {"sms": "y"}).status_code == 303
    with reading(read_session(room.workshop.databases.roster)) as session:
        account = session.get_one(Account, room.stage.posts["chair"].account_id)
        assert (account.told_by_mail, account.told_by_sms, account.told_by_wecom) == (False, True, False)
