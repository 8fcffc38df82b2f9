"""Does the time of a blind signature tell anything about the key? Welch's t test, with a control.

Run: `python benchmarks/signing_leak.py [signatures per class]`, best on an idle machine. Two classes of
requests are mixed at random: numbers just above a multiple of the prime p, whose remainder is 1 (where a
search for p by halves arrives), and uniform ones of the same length. |t| below 4.5 means that the two
cannot be told apart. The control is the textbook signer without blinding; if it is not caught, the
measurement itself is too weak and proves nothing. Exit code 0 only if the product passes and the control
is caught.
"""

import gc
import math
import random
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from survey_app.seals.issuing import IssuingKey

LIMIT = 4.5
KEPT = 0.9  # the slowest tenth is the machine's other work

Signer = Callable[[bytes], object]


def textbook(key: IssuingKey) -> Signer:
    """A signer as in the textbook: the remainder theorem, plain powers, nothing hidden."""

    def sign(blinded: bytes) -> bytes:
        number = int.from_bytes(blinded, "big")
        s_p, s_q = pow(number, key.d_p, key.p), pow(number, key.d_q, key.q)
        whole = s_q + key.q * ((s_p - s_q) * key.q_inverse % key.p)
        return whole.to_bytes(key.size, "big")

    return sign


def chosen(key: IssuingKey) -> bytes:
    """A number of full length just above a multiple of p."""
    return (key.p * (key.q // 2 + secrets.randbelow(key.q // 2)) + 1).to_bytes(key.size, "big")


def uniform(key: IssuingKey) -> bytes:
    """A number of the same length that has nothing to do with p."""
    return (key.n // 2 + secrets.randbelow(key.n // 2)).to_bytes(key.size, "big")


def welch_t(sign: Signer, key: IssuingKey, per_class: int) -> float:
    """The t statistic between the two classes of requests."""
    requests = [(0, chosen(key)) for _ in range(per_class)] + [(1, uniform(key)) for _ in range(per_class)]
    random.shuffle(requests)
    times: tuple[list[int], list[int]] = ([], [])
    gc.disable()
    for which, blinded in requests:
        start = time.perf_counter_ns()
        sign(blinded)
        times[which].append(time.perf_counter_ns() - start)
    gc.enable()
    # One bound for both classes: cutting each at its own tail would understate the spread.
    bound = sorted(times[0] + times[1])[int(2 * KEPT * per_class)]
    kept = [[taken for taken in one if taken < bound] for one in times]
    spread = math.sqrt(sum(statistics.variance(one) / len(one) for one in kept))
    return (statistics.mean(kept[0]) - statistics.mean(kept[1])) / spread


def main(per_class: int) -> int:
    """Measure the product and the control, print both, and say in the exit code whether it holds."""
    key = IssuingKey.make()
    product = welch_t(key.blind_sign, key, per_class)
    control = welch_t(textbook(key), key, per_class)
    print(f"product  t = {product:8.2f}   must stay within {LIMIT}")
    print(f"control  t = {control:8.2f}   must leave {LIMIT}")
    return 0 if abs(product) < LIMIT < abs(control) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000))
