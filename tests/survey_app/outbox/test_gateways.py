"""SMS and WeCom against a local gateway: contract, reasons, doubt, no link into a group."""

from __future__ import annotations

import pytest

from survey_app.core.errors import SettingsError
from survey_app.core.settings import Settings
from survey_app.outbox.transport import Channel, Letter, NotDelivered
from survey_app.outbox.transport_wecom import RobotTransport, WecomTransport
from tests.support.installation import environment_for

PHONE = "13800000001"


@pytest.fixture
def database_kind() -> str:
    """What gateways do does not depend on the database."""
    return "sqlite"


def test_a_short_message_carries_key_reference_and_text(room, gateway):
    one = room.post(PHONE, Channel.SMS)
    room.work()
    (call,) = gateway.calls
    assert call.content["to"] == PHONE
    assert call.content["reference"] == f"pingjia-delivery-{one}"
    assert call.headers["Authorization"] == "Bearer key"
    assert call.headers["Idempotency-Key"] == call.content["reference"]
    assert room.row(one).state == "sent"


@pytest.mark.parametrize(
    ("mood", "state", "error", "doubtful"),
    [
        ((200, {"ok": False, "reason": "number_stopped"}), "failed", "address_stopped", 0),
        ((200, {"ok": False, "reason": "no_such_number"}), "failed", "no_such_address", 0),
        ((200, {"ok": False, "reason": "busy"}), "waiting", "server_busy", 0),
        ((400, {}), "failed", "refused", 0),
        ((401, {}), "waiting", "sign_in_refused", 0),
        ((429, {}), "waiting", "server_busy", 0),
        ((500, {}), "waiting", "server_busy", 0),
        ((502, {}), "waiting", "server_busy", 1),
        ((302, {}), "failed", "refused", 0),
        ("nonsense", "waiting", "answer_unclear", 1),
        ("hang up", "waiting", "cut_off", 1),
        ("stall", "waiting", "no_answer", 1),
    ],
)
def test_every_answer_of_a_gateway_has_its_end(room, gateway, mood, state, error, doubtful):
    gateway.moods = [mood]
    one = room.post(PHONE, Channel.SMS)
    room.work()
    row = room.row(one)
    assert (row.state, row.error, row.doubtful) == (state, error, doubtful)
    if state == "waiting":
        room.work(2)
        assert (room.row(one).state, room.row(one).attempts) == ("sent", 2)
        references = {call.content["reference"] for call in gateway.calls}
        assert len(references) == 1, "a gateway can tell a repetition"


def test_wecom_finds_the_person_and_renews_a_stale_token(gateway):
    gateway.by_path = {
        "/cgi-bin/gettoken": (200, {"errcode": 0, "access_token": "t"}),
        "/cgi-bin/user/getuserid": (200, {"errcode": 0, "userid": "wang"}),
    }
    gateway.moods = [(200, {"errcode": 42001}), (200, {"errcode": 0})]
    transport = WecomTransport(gateway.url, "corp", "7", "secret", 0.5)
    transport.send(Letter(Channel.WECOM, PHONE, "您好"), "r")
    sent = gateway.said("/cgi-bin/message/send")
    assert len(sent) == 2
    assert sent[-1].content["touser"] == "wang"
    assert sent[-1].content["agentid"] == 7
    assert sent[-1].content["enable_duplicate_check"] == 1
    assert len(gateway.said("/cgi-bin/gettoken")) == 2


@pytest.mark.parametrize(
    ("path", "answer", "reason", "final"),
    [
        ("/cgi-bin/gettoken", (200, {"errcode": 40001}), "sign_in_refused", False),
        ("/cgi-bin/user/getuserid", (200, {"errcode": 46004}), "no_such_address", True),
        ("/cgi-bin/user/getuserid", (502, {}), "server_busy", False),
        ("/cgi-bin/message/send", (200, {"errcode": 0, "invaliduser": "wang"}), "no_such_address", True),
        ("/cgi-bin/message/send", (200, {"errcode": 45009}), "server_busy", False),
    ],
)
def test_wecom_failures_have_reasons_and_looking_up_leaves_no_doubt(gateway, path, answer, reason, final):
    gateway.by_path = {"/cgi-bin/gettoken": (200, {"access_token": "t"}), path: answer}
    transport = WecomTransport(gateway.url, "corp", "7", "secret", 0.5)
    with pytest.raises(NotDelivered) as caught:
        transport.send(Letter(Channel.WECOM, PHONE, "您好"), "r")
    assert (caught.value.reason, caught.value.final, caught.value.doubtful) == (reason, final, False)


@pytest.mark.parametrize(
    "text",
    [
        "打开 https://example.test/e#ABC",
        "www.example.test",
        "票码 ABCD-EFGH-JKMN-PQRS-TVWX",
        "abcdefghjkmnpqrstvwx",
        "example.test/e#x",
    ],
)
def test_a_group_robot_never_gets_a_link_or_a_code(gateway, text):
    with pytest.raises(NotDelivered, match="link_forbidden"):
        RobotTransport(gateway.url).send(Letter(Channel.ROBOT, "", text), "r")
    assert gateway.calls == []


def test_a_group_robot_gets_plain_words(gateway):
    RobotTransport(gateway.url).send(Letter(Channel.ROBOT, "", "评议6月26日18:00截止，2026年度"), "r")
    assert gateway.calls[0].content["text"]["content"].startswith("评议")


@pytest.mark.parametrize("url", ["http://sms.example.test/send", "ftp://localhost/x", "sms.example.test"])
def test_links_of_members_travel_only_under_tls(tmp_path, url):
    environment = environment_for("sqlite:///a", "sqlite:///b", tmp_path) | {"PINGJIA_SMS_URL": url}
    with pytest.raises(SettingsError, match="PINGJIA_SMS_URL: setting_not_https"):
        Settings.from_environment(environment)
    fine = environment | {"PINGJIA_SMS_URL": "https://sms.example.test/send"}
    assert Settings.from_environment(fine).sms_url == "https://sms.example.test/send"
