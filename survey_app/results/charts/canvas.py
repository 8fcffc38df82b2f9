"""The drawing board: shapes in page units in, an inline-safe SVG with classes and words out.

matplotlib draws here and nowhere else in the product (object interface only; its settings are set once, and
one lock lies around every drawing, for they are global to the process). What it writes is cleaned: style
attributes become the classes of pingjia.css, so that dark mode, print and the strict policy need no second
drawing, and every text stays text.
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from lxml import etree
from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

# `svg.fonttype: none` keeps text as text; the salt makes ids, and thereby whole files, the same every time.
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "pingjia", "path.simplify": False})
_drawing = threading.Lock()

SVG = "{http://www.w3.org/2000/svg}"
TEXT = 13
NUMBER = re.compile(r"-?\d+\.\d+")
UNKNOWN_FILL = "hatch"


class Words(Text):
    """Text that matplotlib does not measure: the reader's browser sets it, in a font that is not here."""

    def draw(self, renderer: RendererBase) -> None:
        """Hand the text to the file as it stands."""
        renderer.open_group("text", self.get_gid())
        pen = renderer.new_gc()
        x, y = self.get_position()  # already in page units: only measured text is turned upside down
        renderer.draw_text(pen, x, y, self.get_text(), self.get_fontproperties(), 0, mtext=self)
        pen.restore()
        renderer.close_group("text")


@dataclass(frozen=True)
class Drawing:
    """One chart in its three widths; a page takes wide and narrow, or, in large print, the largest text."""

    wide: Markup
    narrow: Markup
    large: Markup


def text_width(text: str, size: float = TEXT) -> float:
    """About how wide a text will be set: Chinese characters are square, Latin letters half as wide."""
    return sum(size if ord(character) > 0x2E7F else size * 0.56 for character in text)


class Canvas:
    """A board of so many units, origin at the top left, as in the page."""

    def __init__(self, width: float, height: float, text: float = TEXT) -> None:
        self.width, self.height, self.text = width, height, text
        self._shapes: list[Artist] = []

    def rect(self, x: float, y: float, width: float, height: float, kind: str, radius: float = 0) -> None:
        """A bar, with round ends if a radius is given. `kind` is the class, `hatch` the pattern of 不了解."""
        corner = (x, self.height - y - height)
        if radius:
            radius = min(radius, width / 2, height / 2)
            shape: Any = FancyBboxPatch(
                corner, width, height, boxstyle=f"round,pad=0,rounding_size={radius}", linewidth=0
            )
        else:
            shape = Rectangle(corner, width, height, linewidth=0)
        self._add(shape, kind)

    def circle(self, x: float, y: float, radius: float, kind: str) -> None:
        """A dot."""
        self._add(Circle((x, self.height - y), radius, linewidth=0), f"o {kind}")

    def line(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """Straight strokes from point to point."""
        self._add(PathPatch(Path([(x, self.height - y) for x, y in points]), fill=False), kind)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        kind: str = "",
        *,
        anchor: str = "start",
        size: float | None = None,
        bold: bool = False,
    ) -> None:
        """Text with its baseline at y; `anchor` start, middle or end."""
        side = {"start": "left", "middle": "center", "end": "right"}[anchor]
        artist = Words(
            x,
            y,
            text,
            ha=side,
            va="baseline",
            fontsize=size or self.text,
            fontweight=700 if bold else 400,
            parse_math=False,
        )
        self._add(artist, kind)

    def _add(self, shape: Artist, kind: str) -> None:
        shape.set_gid(kind or "plain")
        shape.set_transform(IdentityTransform())
        self._shapes.append(shape)

    def svg(self, title: str, description: str, place: str) -> Markup:
        """The drawing as markup; `place` is the class that shows it on wide or narrow screens."""
        raw = self._drawn()
        seed = f"{title}\n{description}\n{place}\n".encode()
        key = "c" + hashlib.sha256(seed + raw).hexdigest()[:10]
        box = f"0 0 {_short(self.width)} {_short(self.height)}"
        root = etree.Element(
            "svg",
            {"viewBox": box, "class": place, "role": "img", "aria-labelledby": f"{key}t {key}d"},
        )
        etree.SubElement(root, "title", {"id": f"{key}t"}).text = title
        etree.SubElement(root, "desc", {"id": f"{key}d"}).text = description
        _fill(root, etree.fromstring(raw), key)
        return Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704  # built by lxml, which escapes

    def _drawn(self) -> bytes:
        with _drawing:
            figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
            figure.patch.set_visible(False)
            FigureCanvasSVG(figure)
            for shape in self._shapes:
                figure.add_artist(shape)
            file = io.BytesIO()
            figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        return file.getvalue()


def _fill(root: Any, drawn: Any, key: str) -> None:
    """Bring every shape over with its class; a pattern stands first where one is used."""
    groups = [group for group in drawn.iter(f"{SVG}g") if len(group) and group[0].tag != f"{SVG}g"]
    if any(group.get("id") == UNKNOWN_FILL for group in groups):
        _add_hatch(root, f"{key}h")
    for group in groups:
        kind = group.get("id")
        for shape in group:
            if shape.tag == f"{SVG}text":
                _bring_text(root, shape, kind)
            elif shape.tag == f"{SVG}path":
                _bring_path(root, shape, kind, key)


def _bring_text(root: Any, shape: Any, kind: str) -> None:
    style = dict(part.strip().split(": ", 1) for part in shape.get("style").split(";"))
    words = etree.SubElement(root, "text", {"x": _cut(shape.get("x")), "y": _cut(shape.get("y"))})
    words.text = shape.text
    if kind != "plain":
        words.set("class", kind)
    if style.get("text-anchor", "start") != "start":
        words.set("text-anchor", style["text-anchor"])
    size = float(style["font-size"].removesuffix("px"))
    if size != TEXT:  # what pingjia.css sets for every chart
        words.set("font-size", _short(size))
    if style.get("font-weight") == "700":
        words.set("font-weight", "700")


def _bring_path(root: Any, shape: Any, kind: str, key: str) -> None:
    data = shape.get("d")
    if kind.startswith("o "):
        xs, ys = _ends(data)
        middle = {"cx": _short((min(xs) + max(xs)) / 2), "cy": _short((min(ys) + max(ys)) / 2)}
        radius = _short((max(xs) - min(xs)) / 2)
        etree.SubElement(root, "circle", {**middle, "r": radius, "class": kind[2:]})
        return
    path = etree.SubElement(root, "path", {"d": re.sub(r"\s*([A-Za-z])\s*", r"\1", _cut(data)).strip()})
    if kind == UNKNOWN_FILL:
        path.set("fill", f"url(#{key}h)")
    else:
        path.set("class", kind)


def _ends(data: str) -> tuple[list[float], list[float]]:
    """Where the strokes of a path end: control points lie outside a circle."""
    ends = [part.split()[-2:] for part in re.split(r"[MLCQ]", data.replace("z", "")) if part.strip()]
    return [float(x) for x, _ in ends], [float(y) for _, y in ends]


def _add_hatch(root: Any, name: str) -> None:
    pattern = etree.SubElement(
        root,
        "pattern",
        {
            "id": name,
            "width": "5",
            "height": "5",
            "patternUnits": "userSpaceOnUse",
            "patternTransform": "rotate(45)",
        },
    )
    etree.SubElement(pattern, "rect", {"width": "5", "height": "5", "class": "f4"})
    etree.SubElement(pattern, "path", {"d": "M0 0V5", "class": "se", "opacity": ".45"})


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _cut(data: str) -> str:
    return NUMBER.sub(lambda found: _short(float(found.group())), data)
