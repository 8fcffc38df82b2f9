"""A QR code as a vector drawing with its quiet zone."""

from dataclasses import dataclass

import segno

QUIET_MODULES = 4


@dataclass(frozen=True)
class QrDrawing:
    """The drawing and how many modules its side has, so that a template can print it at an exact size."""

    svg: str
    modules: int

    def as_data(self) -> dict[str, str | int]:
        return {"svg": self.svg, "modules": self.modules, "quiet": QUIET_MODULES}


def draw_qr(address: str) -> QrDrawing:
    """Draw an address at level M, as filled runs of modules."""
    rows = segno.make(address, error="m", micro=False, boost_error=False).matrix
    side = len(rows) + 2 * QUIET_MODULES
    path = "".join(_runs(bytes(row), number + QUIET_MODULES) for number, row in enumerate(rows))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'
    return QrDrawing(svg=svg, modules=len(rows))


def _runs(row: bytes, y: int) -> str:
    """The dark runs of one row, each as a rectangle one module high."""
    drawn: list[str] = []
    at = row.find(1)
    while at >= 0:
        end = row.find(0, at)
        end = len(row) if end < 0 else end
        drawn.append(f"M{at + QUIET_MODULES} {y}h{end - at}v1h{at - end}z")
        at = row.find(1, end)
    return "".join(drawn)
