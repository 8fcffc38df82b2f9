"""Dates, counts, rates and clean text in the spelling of papers: in full, without zero padding."""

import unicodedata
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
CHINESE_DIGITS = "零一二三四五六七八九"
WEEKDAYS = "一二三四五六日"


def long_date(day: date) -> str:
    """2026年7月5日: a paper always carries the year, and never a padded zero."""
    return f"{day.year}年{day.month}月{day.day}日"


def long_time(moment: datetime) -> str:
    """2026年7月5日18:00 on the 24-hour clock of Beijing; an instant with a zone is brought there first."""
    here = moment.astimezone(BEIJING) if moment.tzinfo else moment
    return f"{long_date(here)}{here.hour}:{here.minute:02d}"


def count(number: int) -> str:
    """Separators from 1,000 on."""
    return f"{number:,}"


def rate(share: float | None) -> str:
    """An official rate has two decimals; a share that may not be shown prints as a dash."""
    return "—" if share is None else f"{share * 100:.2f}%"


def chinese_number(number: int) -> str:
    """一 to 九十九, as headings are numbered."""
    if not 0 < number < 100:
        raise ValueError(f"no heading is numbered {number}")
    tens, ones = divmod(number, 10)
    lead = "" if tens == 0 else ("十" if tens == 1 else CHINESE_DIGITS[tens] + "十")
    return lead + (CHINESE_DIGITS[ones] if ones else "")


def grouped(code: str, size: int = 4) -> str:
    """A code in groups that the eye can keep, whatever separators it came with."""
    plain = "".join(character for character in code if character.isalnum())
    return " ".join(plain[at : at + size] for at in range(0, len(plain), size))


def cleaned(text: str) -> str:
    """Text without control and direction characters, which could break a file or turn a name round."""
    flat = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(
        " " if character == "\t" else character
        for character in flat
        if character in "\n\t" or not _forbidden(character)
    )


def one_line(text: str) -> str:
    """Clean text on one line: names and titles never break a row because somebody typed a return."""
    return " ".join(cleaned(text).split())


def cleaned_data(value: Any) -> Any:
    """The same structure with every string cleaned, keys untouched."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, dict):
        return {key: cleaned_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned_data(item) for item in value]
    return value


def _forbidden(character: str) -> bool:
    """Controls, surrogates, non-characters, and the invisible marks of reading direction."""
    if unicodedata.category(character) in ("Cc", "Cs"):
        return True
    point = ord(character)
    return (
        0x202A <= point <= 0x202E
        or 0x2066 <= point <= 0x2069
        or point in (0x200E, 0x200F, 0xFEFF, 0xFFFE, 0xFFFF)
    )
