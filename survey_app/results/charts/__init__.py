"""Charts as clean SVG: plain values in, markup in three widths out, drawn once for equal values.

    charts.band(BandChart(...))         one estimate between the lines
    charts.dimensions(BandChart(...))   several of them
    charts.trend(BandChart(...))        the same by years
    charts.items(ItemsChart(...))       answers of the items of one dimension
    charts.funnel(FunnelChart(...))     homes of an area by size
    charts.turnout(TurnoutChart(...))   turnout by day

Each gives a `Drawing`: `.wide`, `.narrow`, `.large` (for large print); `charts.on_paper(drawing.wide)` is the
same drawing with its colours written in, for papers that know no style sheet.
"""

from survey_app.results.charts.bands import BandChart, BandRow, RuleLine, band, dimensions, trend
from survey_app.results.charts.bars import ItemRow, ItemsChart, items
from survey_app.results.charts.canvas import Drawing
from survey_app.results.charts.funnel import FunnelChart, FunnelLimit, FunnelPoint, Mark, funnel
from survey_app.results.charts.ink import on_paper
from survey_app.results.charts.steps import TurnoutChart, turnout

__all__ = [
    "BandChart",
    "BandRow",
    "Drawing",
    "FunnelChart",
    "FunnelLimit",
    "FunnelPoint",
    "ItemRow",
    "ItemsChart",
    "Mark",
    "RuleLine",
    "TurnoutChart",
    "band",
    "dimensions",
    "funnel",
    "items",
    "on_paper",
    "trend",
    "turnout",
]
