"""Whether somebody who kept every blinded message can tell which credential came of it.

To every answered message and every credential belongs one blinding factor that would lead from one to the
other. If factors are drawn well, nothing about the right one is different from all the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

# A factor that is drawn evenly is shorter than this by as many bits once in a million million draws.
SHORT_BY = 40


def singled_out(n: int, answers: Sequence[bytes], signatures: Sequence[bytes]) -> set[tuple[int, int]]:
    """Pairs (answer, credential) whose factor stands out: short, or the same as another pair's."""
    factors = {
        (at, of): _number(answer) * pow(_number(signature), -1, n) % n
        for at, answer in enumerate(answers)
        for of, signature in enumerate(signatures)
    }
    often = Counter(factors.values())
    return {
        pair
        for pair, factor in factors.items()
        if factor.bit_length() <= n.bit_length() - SHORT_BY or often[factor] > 1
    }


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
