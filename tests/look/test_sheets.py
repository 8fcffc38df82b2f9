"""The style sheets: small, understood by old phones, coloured by tokens only, and measured for contrast."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "survey_app" / "static"
MEMBER = (STATIC / "pingjia.css").read_text(encoding="utf-8")
DESK = (STATIC / "desk.css").read_text(encoding="utf-8")
SHEETS = {"pingjia.css": MEMBER, "desk.css": DESK}

# interface.md section 11: Chrome 72 and iOS 14.
FORBIDDEN = {
    ":has()": r":has\(",
    ":is()": r":is\(",
    ":where()": r":where\(",
    "a list in :not()": r":not\([^)]*,",
    "comparison functions": r"(?<![\w-])(?:min|max|clamp)\(",
    "inset": r"(?<![\w-])inset\s*:",
    "aspect-ratio": r"(?<!min-)(?<!max-)aspect-ratio\s*:",
    "gap outside grid": r"(?<!grid-)(?<!grid-row-)(?<!grid-column-)\b(?:row-|column-)?gap\s*:",
    "shadows as elevation": r"box-shadow:(?!inset)",
    "gradients": r"gradient\(",
    "animation": r"animation|@keyframes",
    "imports and fonts": r"@import|@font-face|url\(",
    "italics": r"italic",
    "logical shorthands": r"(?:margin|padding)-(?:inline|block)\s*:",
    "container queries, layers, nesting": r"@container|@layer|@scope|&",
}


@pytest.mark.parametrize("construct", FORBIDDEN)
@pytest.mark.parametrize("sheet", SHEETS)
def test_old_phones_understand_every_rule(sheet: str, construct: str) -> None:
    found = re.findall(rf".{{0,30}}(?:{FORBIDDEN[construct]}).{{0,30}}", SHEETS[sheet])
    assert found == []


def test_the_patterns_find_what_they_forbid() -> None:
    sins = "a:has(b) a:is(b) a:where(b) a:not(b,c) width:min(1px,2px) inset:0 aspect-ratio:1 gap:1px"
    more = "box-shadow:0 linear-gradient(red) animation:a @import x italic margin-inline:0 @container"
    for construct, pattern in FORBIDDEN.items():
        assert re.search(pattern, f"{sins} {more};"), construct
    assert not re.search(FORBIDDEN["gap outside grid"], "grid-gap:1px")
    assert not re.search(FORBIDDEN["comparison functions"], "minmax(0,1fr)")


def test_the_member_sheet_keeps_its_budget() -> None:
    assert (STATIC / "pingjia.css").stat().st_size <= 14_000
    assert sum((STATIC / name).stat().st_size for name in (*SHEETS, "desk.js")) <= 30_000


def test_new_selectors_stand_in_rules_of_their_own() -> None:
    """A list with one selector an old phone does not know is dropped as a whole."""
    for sheet in SHEETS.values():
        for selectors in re.findall(r"([^{}]+)\{", sheet):
            if re.search(r":focus-visible|::-webkit-|::-moz-", selectors):
                assert "," not in selectors, selectors


def _block(pattern: str) -> dict[str, str]:
    found = re.search(pattern, MEMBER, re.DOTALL)
    assert found
    return dict(re.findall(r"--([\w]+):([^;}]+)", found.group(1)))


LIGHT = _block(r"\n:root\{(.*?)\}")
DARK = {**LIGHT, **_block(r"prefers-color-scheme:dark\)\{:root\{(.*?)\}")}


def test_colours_are_tokens() -> None:
    """Outside the token blocks only paper's white and the label on orange are literal colours."""
    bodies = re.sub(r":root\{[^}]*\}", "", MEMBER) + DESK
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", bodies)) == {"#fff", "#1e2429"}


def test_every_token_is_used_and_every_used_token_exists() -> None:
    used = set(re.findall(r"var\(--([\w]+)\)", MEMBER + DESK))
    assert used == set(LIGHT)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# Foreground, ground, least ratio, and what interface.md 2.1 measured (light, dark).
PAIRS = [
    ("ink", "paper", 4.5, 14.4, 14.7),
    ("ink", "card", 4.5, 15.7, 13.4),
    ("ink2", "paper", 4.5, 6.3, 8.9),
    ("ink2", "sunk", 4.5, 5.9, 7.2),
    ("edge", "card", 3.0, 4.2, 4.9),
    ("brand", "paper", 4.5, 7.8, 9.3),
    ("on", "brand", 4.5, 8.5, 9.1),
    ("brand", "wash", 4.5, 7.4, 7.0),
    ("on", "sat", 4.5, 6.7, 8.0),
    ("ink", "bas", 4.5, 9.3, 6.1),
    ("disf", "card", 3.0, 3.2, 4.8),
    ("on", "dis", 4.5, 5.4, 8.4),
    ("dis", "dwash", 4.5, 4.7, 6.6),
    ("ink", "band", 3.0, 10.4, 5.9),
    ("late", "card", 4.5, 6.5, 7.7),
    ("on", "late", 4.5, 6.5, 8.3),
    ("late", "lwash", 4.5, None, None),
    ("ink", "lwash", 4.5, None, None),
    ("brand", "lwash", 4.5, None, None),
    ("done", "gwash", 4.5, 5.6, 7.1),
    ("ink", "gwash", 4.5, None, None),
    ("on", "deep", 4.5, None, None),
]


@pytest.mark.parametrize(("front", "ground", "least", "light", "dark"), PAIRS)
def test_contrast(front: str, ground: str, least: float, light: float | None, dark: float | None) -> None:
    for theme, measured in ((LIGHT, light), (DARK, dark)):
        ratio = _contrast(theme[front], theme[ground])
        assert ratio >= least
        if measured is not None:
            assert ratio == pytest.approx(measured, abs=0.06)
