"""How many blind signatures, seals and openings one core makes per second.

Run: `python benchmarks/seals_speed.py [seconds per line]`. Absolute numbers depend on the machine and
on who shares it; the ratio between plain Python and gmpy2 does not.
"""

import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from survey_app.seals import envelope, issuing, opening
from survey_app.seals.blind import MemberSide, verify
from survey_app.seals.issuing import IssuingKey


def rate(work: Callable[[], object], seconds: float) -> float:
    """Repetitions per second of one piece of work."""
    start, done = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < seconds:
        work()
        done += 1
    return done / elapsed


def signing_rates(key: IssuingKey, blinded: bytes, seconds: float) -> tuple[float, float]:
    """Signatures per second with plain Python powers and with gmpy2's constant-time ones."""
    with_gmpy2 = rate(lambda: key.blind_sign(blinded), seconds)
    constant_time = issuing._power
    issuing._power = pow
    try:
        return rate(lambda: key.blind_sign(blinded), seconds), with_gmpy2
    finally:
        issuing._power = constant_time


def main(seconds: float) -> None:
    """Print one line per operation."""
    key = IssuingKey.make()
    side = MemberSide.start(key.public_n)
    signature = side.finalise(key.blind_sign(side.blinded))
    made = opening.OpeningKey.make()
    context = {
        "sheet_fingerprint": secrets.token_bytes(32),
        "class_id": secrets.token_bytes(16),
        "credential": side.message,
    }
    private = opening.unlock(made.locked, opening.passphrase(*made.halves))
    sealed = envelope.seal(made.public, b"{}", **context)
    packed = key.to_bytes()

    plain, fast = signing_rates(key, side.blinded, seconds)
    print(f"blind_sign, plain Python   {plain:10.1f} /s")
    print(f"blind_sign, gmpy2          {fast:10.1f} /s   ratio {fast / plain:.2f}")
    for label, work in {
        "IssuingKey.make": IssuingKey.make,
        "IssuingKey.from_bytes": lambda: IssuingKey.from_bytes(packed),
        "MemberSide.start": lambda: MemberSide.start(key.public_n),
        "verify": lambda: verify(key.public_n, side.message, signature),
        "seal": lambda: envelope.seal(made.public, b"{}", **context),
        "open_sealed": lambda: envelope.open_sealed(private, sealed, **context),
    }.items():
        print(f"{label:26} {rate(work, seconds):10.1f} /s")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
