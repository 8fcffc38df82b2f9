"""Find what could name a person in a comment, and propose it for masking; the reviewer decides.

Finds: telephone numbers, e-mail addresses, identity and card numbers, room and seat numbers, WeChat and QQ
numbers, and names (on the home's roster, before a title, or where comments name somebody).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from survey_app.results.names_in_text import FAMILIES, named

MASK = "〔已隐去〕"


class Finding(StrEnum):
    """What kind of trace was found."""

    PHONE = "phone"
    EMAIL = "email"
    IDENTITY = "identity"
    ACCOUNT = "account"
    PLACE = "place"
    NAME = "name"


@dataclass(frozen=True)
class Span:
    """Where a trace stands in the text."""

    start: int
    end: int
    finding: Finding


TITLES = (
    "主席|副主席|经理|总|主任|科长|处长|部长|厂长|队长|班长|组长|书记|师傅|老师|工|姐|哥|会计|出纳|主管|院长"
)
PATTERNS: tuple[tuple[Finding, str], ...] = (
    (Finding.EMAIL, r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    (Finding.IDENTITY, r"(?<!\d)\d{17}[\dXx](?![\dXx])|(?<!\d)\d{15}(?!\d)"),
    (Finding.ACCOUNT, r"(?<!\d)\d{16,19}(?!\d)"),
    (Finding.PHONE, r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"),
    (Finding.PHONE, r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"),
    (Finding.ACCOUNT, r"(?i)(?:微信|qq|工号|会员号)(?:号|是|：|:|\s)*[A-Za-z0-9_-]{4,20}"),
    (
        Finding.PLACE,
        r"[\d一二三四五六七八九十]+(?:号楼|栋|幢|单元|号机|号工位|号床)(?:\s*\d{2,4}(?:室|房|号)?)?",
    ),
    (Finding.PLACE, r"(?<!\d)\d{3,4}(?:室|房间|房|宿舍|办公室)"),
    (Finding.NAME, rf"[{FAMILIES}](?:[\u4e00-\u9fff]{{0,2}}?)(?:{TITLES})"),
    (Finding.NAME, rf"[老小阿][{FAMILIES}](?![\u4e00-\u9fff]?会)"),
)
COMPILED = tuple((finding, re.compile(pattern)) for finding, pattern in PATTERNS)


def traces(text: str, names: Iterable[str] = ()) -> list[Span]:
    """Everything that could name a person, in order, without overlaps (the longer trace wins)."""
    found = [
        Span(*match.span(), finding) for finding, pattern in COMPILED for match in pattern.finditer(text)
    ]
    found += [Span(start, end, Finding.NAME) for start, end in named(text)]
    for name in {name.strip() for name in names if len(name.strip()) >= 2}:
        found += [Span(*match.span(), Finding.NAME) for match in re.finditer(re.escape(name), text)]
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda one: one.start)


def masked(text: str, spans: Iterable[Span]) -> str:
    """The text with every trace replaced by the mask."""
    for span in sorted(spans, key=lambda one: -one.start):
        text = text[: span.start] + MASK + text[span.end :]
    return text
