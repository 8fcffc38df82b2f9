"""From blocks to printed lines: numbers of headings and points, attachments, balanced titles."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from survey_app.papers.official.paper import (
    Attachment,
    Block,
    Form,
    Heading,
    NumberedList,
    Paragraph,
    Table,
)
from survey_app.papers.wording import chinese_number, cleaned, one_line

TITLE_LIMIT = 20
MOST_LINES = 6  # a longer title is a mistake; it is printed, but nobody weighs its breaks
GOOD_BREAK = re.compile(r"(总工会|工会|委员会|关于|职工之家|年度|情况|项目|问题|期限|方案)$")
BAD_START = re.compile(r"^[的了等，。、；：！？）》”’〕\]\d]")
BAD_END = re.compile(r"[（《“‘〔\[\d]$")
AWKWARD = 6.0


@dataclass(frozen=True)
class Line:
    """A printed paragraph with its role: p, h1 to h4."""

    role: str
    text: str


def printed(blocks: Sequence[Block]) -> Iterator[Line | Table | Form]:
    """The blocks in print order, headings and points numbered, paragraphs split at new lines."""
    counters = [0, 0, 0, 0]
    for block in blocks:
        if isinstance(block, Heading):
            counters = _counted(counters, block.level)
            yield Line(f"h{block.level}", _number(counters, block.level) + one_line(block.text))
        elif isinstance(block, NumberedList):
            yield from _points(block.points)
        elif isinstance(block, Paragraph):
            yield from (Line("p", one_line(text)) for text in cleaned(block.text).split("\n") if text.strip())
        else:
            yield block


def _points(points: Sequence[str]) -> Iterator[Line]:
    """Points are numbered; one alone is a plain paragraph."""
    for number, point in enumerate(points, start=1):
        lead = f"{number}. " if len(points) > 1 else ""
        yield Line("p", lead + one_line(point))


def attachment_names(attachments: Sequence[Attachment]) -> list[tuple[str, str]]:
    """Number and title as listed below the body; a single attachment carries no number."""
    titles = [one_line(attachment.title) for attachment in attachments]
    if len(titles) == 1:
        return [("", titles[0])]
    return [(f"{number}. ", title) for number, title in enumerate(titles, start=1)]


def title_lines(title: str) -> list[str]:
    """A title in lines of about equal length that break where a reader would pause."""
    text = one_line(title)
    wanted = -(-len(text) // TITLE_LIMIT)
    if wanted > MOST_LINES:
        return [text[at : at + TITLE_LIMIT] for at in range(0, len(text), TITLE_LIMIT)]
    target = len(text) / max(wanted, 1)

    @cache
    def best(start: int, left: int) -> tuple[float, tuple[str, ...]]:
        if left == 1:
            rest = text[start:]
            return (_strain(rest, target), (rest,)) if len(rest) <= TITLE_LIMIT else (float("inf"), ())
        options = [(float("inf"), ())] + [
            _joined(text, start, end, best(end, left - 1), target)
            for end in range(start + 1, min(start + TITLE_LIMIT, len(text) - 1) + 1)
        ]
        return min(options, key=lambda option: option[0])

    return list(best(0, wanted)[1]) if wanted > 1 else [text]


def _joined(text: str, start: int, end: int, rest: Any, target: float) -> tuple[float, tuple[str, ...]]:
    line = text[start:end]
    awkward = 0.0 if GOOD_BREAK.search(line) else AWKWARD
    if BAD_START.search(text[end:]) or BAD_END.search(line):
        awkward = 10 * AWKWARD
    return _strain(line, target) + awkward + rest[0], (line, *rest[1])


def _strain(line: str, target: float) -> float:
    return (len(line) - target) ** 2 / 8


def _counted(counters: list[int], level: int) -> list[int]:
    """The counter of the level goes up, those below start again."""
    if not 1 <= level <= 4:
        raise ValueError(f"an official paper has no heading of level {level}")
    return [
        count + 1 if at == level - 1 else (0 if at >= level else count) for at, count in enumerate(counters)
    ]


def _number(counters: list[int], level: int) -> str:
    number = counters[level - 1]
    forms = (f"{chinese_number(number)}、", f"（{chinese_number(number)}）", f"{number}. ", f"（{number}）")
    return forms[level - 1]
