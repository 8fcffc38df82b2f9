"""A home beside its peers: who they are, the sentence that may be said, and the funnel for its superior."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.results.charts import Drawing
from survey_app.results.models import Result, ResultState
from survey_app.results.peers import (
    INNER,
    SIZE_BANDS,
    Point,
    allows_for_spread,
    field_of,
    funnel_picture,
    points_of,
)
from survey_app.units.models import Unit, UnitNature
from survey_app.units.queries import below, scope
from survey_app.units.wording import NATURES
from survey_app.web.i18n import gettext

FINAL = (ResultState.FINAL, ResultState.PUBLISHED)


def size_words(band: int) -> str:
    """A size band in words."""
    low, high = SIZE_BANDS[band], SIZE_BANDS[band + 1 : band + 2]
    if not low:
        return gettext("不到%(n)s人", n=high[0])
    return (
        gettext("%(low)s到%(high)s人", low=low, high=high[0] - 1) if high else gettext("%(n)s人以上", n=low)
    )


def band_of(members: int) -> int:
    """The size band of a home."""
    return max(band for band, size in enumerate(SIZE_BANDS) if size <= members)


def peers_of(session: Session, result: Result, unit: Unit, *conditions: ColumnElement[bool]) -> list[Point]:
    """Final results of the other homes below the same superior that are of the same nature and size."""
    if unit.parent_id is None:
        return []
    band = band_of(result.members)
    return points_of(
        session,
        Result.home_id.in_(below(unit.parent_id)),
        Result.home_id != unit.id,
        Result.year == result.year,
        Result.state.in_(FINAL),
        Result.members >= SIZE_BANDS[band],
        *[Result.members < size for size in SIZE_BANDS[band + 1 : band + 2]],
        Unit.nature == unit.nature,
        *conditions,
    )


def peer_sentence(session: Session, result: Result, unit: Unit) -> str:
    """How the home stands among its peers; overlapping bands are never called higher or lower."""
    if result.low is None or result.high is None or result.n_effective is None:
        return ""
    peers = peers_of(session, result, unit)
    field = field_of(peers)
    if field is None:
        return ""
    low, high = field.limits(max(result.n_effective, 1.0), INNER)
    if result.low > 100 * high:
        return gettext("和同一上级下面%(n)s家同类单位比，要高一些。", n=len(peers))
    if result.high < 100 * low:
        return gettext("和同一上级下面%(n)s家同类单位比，要低一些。", n=len(peers))
    return gettext("和同一上级下面%(n)s家同类单位比，看不出差别。", n=len(peers))


@dataclass(frozen=True)
class PeerFunnel:
    """The funnel of one home among its peers, and who they are."""

    drawing: Drawing
    spread: bool  # the limits allow for differences between homes
    group: str


def peer_funnel(session: Session, actor: Actor, result: Result, unit: Unit) -> PeerFunnel | None:
    """For a superior: the peers within his scope, each home by name, and this one ringed among them."""
    peers = peers_of(session, result, unit, Result.home_id.in_(scope(actor)))
    own = next(iter(points_of(session, Result.id == result.id)), None)
    drawing = funnel_picture(peers, own) if own is not None else None
    return (
        PeerFunnel(drawing, allows_for_spread(peers), _group(result, unit, len(peers))) if drawing else None
    )


def _group(result: Result, unit: Unit, homes: int) -> str:
    nature = NATURES[UnitNature(unit.nature)] if unit.nature else gettext("没填性质")
    return gettext(
        "同类：同一上级下面、单位性质相同（%(nature)s）、会员数相近（%(size)s）、已经确认的%(n)s家。",
        nature=nature,
        size=size_words(band_of(result.members)),
        n=homes,
    )
