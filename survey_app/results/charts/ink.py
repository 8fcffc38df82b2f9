"""Drawings for paper: the classes of pingjia.css turned into the colours they have in print."""

from __future__ import annotations

from typing import Any

from lxml import etree
from markupsafe import Markup

# The light theme of pingjia.css (print is always light).
COLOURS = {
    "f1": {"fill": "#1f5f99"},
    "f2": {"fill": "#a9cbe8"},
    "f3": {"fill": "#d67a26"},
    "f4": {"fill": "#e9e5db"},
    "fb": {"fill": "#bcd6ec"},
    "fi": {"fill": "#1e2429"},
    "fc": {"fill": "#ffffff"},
    "sl": {"stroke": "#e0dbcf", "fill": "none"},
    "se": {"stroke": "#827c6d", "fill": "none"},
    "s1": {"stroke": "#1f4f7a", "fill": "none", "stroke-width": "2"},
    "t2": {"fill": "#545b62"},
    "to": {"fill": "#ffffff"},
    "td": {"fill": "#1e2429"},
    "dash": {"stroke-dasharray": "4 3"},
}
FONTS = "Noto Sans SC, Noto Sans CJK SC, sans-serif"


def on_paper(svg: Markup) -> str:
    """The drawing as a file of its own, with colours and font written into it."""
    root: Any = etree.fromstring(svg)
    for element in root.iter():
        for name in (element.attrib.pop("class", "") or "").split():
            for key, value in COLOURS.get(name, {}).items():
                element.set(key, value)
        if element.tag == "text":
            element.set("font-family", FONTS)
            element.set("font-size", element.get("font-size", "13"))
    root.set("xmlns", "http://www.w3.org/2000/svg")
    return etree.tostring(root, encoding="unicode")
