"""Makes a self-signed certificate for trying the product on an office network: ADDRESS CERTIFICATE KEY."""

from __future__ import annotations

import ipaddress
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIFE = timedelta(days=90)
RENEW_BEFORE_END = timedelta(days=7)


def is_still_good(certificate: Path, key: Path, at: datetime) -> bool:
    """Whether both files are there and last: a phone that accepted the certificate is not asked again."""
    if not (certificate.exists() and key.exists()):
        return False
    return (
        x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc > at + RENEW_BEFORE_END
    )


def make(address: str, certificate: Path, key: Path, at: datetime) -> None:
    """Write a certificate for one IP address and its key, the key readable by its owner only."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Pingjia on {address}")])
    server = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(server, False)
        .sign(private, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    key.unlink(missing_ok=True)
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(secret)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def main(address: str, certificate: str, key: str) -> None:
    """Make the pair unless a good one is there."""
    now = datetime.now(UTC)
    if not is_still_good(Path(certificate), Path(key), now):
        make(address, Path(certificate), Path(key), now)


if __name__ == "__main__":
    main(*sys.argv[1:])
