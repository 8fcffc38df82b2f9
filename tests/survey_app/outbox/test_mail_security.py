"""A password is told only to a server that takes it, a letter only to a server whose certificate holds."""

from __future__ import annotations

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from survey_app.outbox.transport import Channel, Letter, NotDelivered
from survey_app.outbox.transport_smtp import SmtpTransport
from tests.support.smtp_server import smtp_server

LETTER = Letter(Channel.MAIL, "member@example.test", "您好", "评议")
FROM = "评家 <pingjia@example.test>"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that nobody has signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def test_the_right_password_is_taken_the_wrong_one_is_named():
    with warnings.catch_warnings():
        # The test server warns that it would take passwords without TLS: that is what is wanted here.
        warnings.simplefilter("ignore")
        with smtp_server(password="s3cret/@") as box:
            right = SmtpTransport(f"smtp://union:s3cret%2F%40@127.0.0.1:{box.port}", FROM, 2)
            right.send(LETTER, "r")
            right.close()
            for password in ("guess", "密码"):
                wrong = SmtpTransport(f"smtp://union:{password}@127.0.0.1:{box.port}", FROM, 2)
                with pytest.raises(NotDelivered, match="sign_in_refused") as caught:
                    wrong.send(LETTER, "r")
                assert caught.value.channel_down
            assert len(box.taken) == 1


def test_a_server_that_takes_no_passwords_is_told_none():
    with smtp_server() as box:
        transport = SmtpTransport(f"smtp://union:pw@127.0.0.1:{box.port}", FROM, 2)
        with pytest.raises(NotDelivered, match="sign_in_refused"):
            transport.send(LETTER, "r")
        assert box.taken == []


def test_a_letter_goes_only_to_a_server_whose_certificate_holds(certificate, monkeypatch):
    with smtp_server(tls=context(certificate)) as box:
        url = f"smtp://127.0.0.1:{box.port}?starttls=1"
        with pytest.raises(NotDelivered, match="certificate_refused"):
            SmtpTransport(url, FROM, 2).send(LETTER, "r")
        assert box.taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted = SmtpTransport(url, FROM, 2)
        trusted.send(LETTER, "r")
        trusted.close()
        assert len(box.taken) == 1


def test_an_address_that_smtp_cannot_say_is_no_address():
    with smtp_server() as box, pytest.raises(NotDelivered, match="no_such_address"):
        SmtpTransport(box.url, FROM, 2).send(Letter(Channel.MAIL, "成员@example.test", "您好", "评议"), "r")
