"""Any number of slips or cards, set by the thousand in child processes and handed on as they are ready.

Typst keeps what it has set in memory, so the web process never sets a sheet itself: a child takes a few
batches and is replaced. Codes travel through a pipe and stand in memory only; nothing is stored. Slips
are shuffled first, because the order of the roster would tell whose slip lies on top.
"""

import multiprocessing
import random
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from io import RawIOBase

from survey_app.papers.cards import Card, cards_pdf
from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.slips import Slip, SlipSheet, slips_pdf
from survey_app.papers.typesetting import Typesetter

BATCH = 1_000
BATCHES_PER_CHILD = 4


def stream_slips(
    sheet: SlipSheet,
    slips: Iterable[Slip],
    typesetter: Typesetter,
    *,
    marks: Marks = NO_MARKS,
    workers: int = 2,
) -> Iterator[bytes]:
    """One PDF after the other, each with a thousand slips, in an order that tells nothing."""
    shuffled = list(slips)
    random.SystemRandom().shuffle(shuffled)
    return _set_in_children(slips_pdf, sheet, shuffled, typesetter, marks, workers)


def stream_cards(
    sheet: SlipSheet,
    cards: Iterable[Card],
    typesetter: Typesetter,
    *,
    marks: Marks = NO_MARKS,
    workers: int = 2,
) -> Iterator[bytes]:
    """One PDF after the other, each with a thousand cards, class by class and shuffled within each class."""
    mixed = list(cards)
    random.SystemRandom().shuffle(mixed)
    mixed.sort(key=lambda card: card.class_label)
    return _set_in_children(cards_pdf, sheet, mixed, typesetter, marks, workers)


def zipped(parts: Iterable[bytes], name: str) -> Iterator[bytes]:
    """A ZIP of the PDFs, handed on piece by piece: `name`-1.pdf, `name`-2.pdf and so on."""
    sink = _Drain()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for number, part in enumerate(parts, start=1):
            archive.writestr(zipfile.ZipInfo(f"{name}-{number}.pdf"), part)
            yield sink.emptied()
    yield sink.emptied()


def _set_in_children(
    set_batch: Callable[..., bytes],
    sheet: SlipSheet,
    items: Sequence[Slip] | Sequence[Card],
    typesetter: Typesetter,
    marks: Marks,
    workers: int,
) -> Iterator[bytes]:
    """Keep every worker busy with one batch and one waiting, and hand results on in order."""
    batches = [items[at : at + BATCH] for at in range(0, len(items), BATCH)]
    with ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        max_tasks_per_child=BATCHES_PER_CHILD,
    ) as pool:
        waiting: deque[Future[bytes]] = deque()
        while batches or waiting:
            while batches and len(waiting) < workers * 2:
                waiting.append(pool.submit(set_batch, sheet, batches.pop(0), typesetter, marks=marks))
            yield waiting.popleft().result()


class _Drain(RawIOBase):
    """A sink that cannot be rewound: `zipfile` then writes what a stream can carry."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        chunk = bytes(piece)  # type: ignore[call-overload]  # zipfile hands bytes-like objects only
        self._held.append(chunk)
        return len(chunk)

    def emptied(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held
