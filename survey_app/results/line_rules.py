"""Which line gave the class: every rule with all its conditions, how it is here, and the tag it gives."""

from __future__ import annotations

from dataclasses import dataclass

from scoring import Percent, Rating, ReasonCode, ShownQuestion
from scoring.decision import BY_BOUNDS, reaches
from scoring.scheme import TOLERANCE
from scoring.shown import ShownBounds
from survey_app.results.explained import extremes
from survey_app.results.figures import printed
from survey_app.results.reading import class_tag, portion
from survey_app.results.view import ResultView
from survey_app.web.i18n import gettext


@dataclass(frozen=True)
class RuleRow:
    """One line rule: what it says, how it is here, and the tag it gives (empty: it does not apply)."""

    text: str
    here: str
    tag: str


def rules(view: ResultView) -> list[RuleRow]:
    """What gave the class, in the order in which it is asked; empty where the figures are hidden.

    The lines, where every gate held. Where one failed, only what holds whatever the silent think.
    """
    bounds = view.shown.bounds
    if not isinstance(bounds, ShownBounds):
        return []
    return _lines(view, bounds) if view.rating.reason in BY_BOUNDS else _overrides(view)


def _lines(view: ResultView, bounds: ShownBounds) -> list[RuleRow]:
    scheme, rating = view.rating.parameters, view.rating
    bad = 100 * scheme.t_bad
    low, high = printed(bounds.low, bounds), printed(bounds.high, bounds)
    return [
        RuleRow(
            gettext("范围上限低于%(line)s：不满意，限期整改", line=f"{bad:g}"),
            _against(high, rating.reason is ReasonCode.D1, bad),
            "dissatisfied" if rating.reason is ReasonCode.D1 else "",
        ),
        _award_row(view, bounds),
        RuleRow(
            gettext("范围下限达到%(line)s：合格", line=f"{bad:g}"),
            _reaching(low, _reached(rating, scheme.t_bad), bad),
            "qualified" if rating.reason is ReasonCode.B1 else "",
        ),
        _reminder_row(view, bounds),
    ]


def _reached(rating: Rating, line: float) -> bool:
    return rating.bounds is not None and rating.bounds.low >= line - TOLERANCE


def _award_row(view: ResultView, bounds: ShownBounds) -> RuleRow:
    """Every condition of an award beside how it is here, so that no award fails without a reason."""
    rating, scheme, turnout = view.rating, view.rating.parameters, view.rating.turnout
    line, share = 100 * scheme.t_good, scheme.award_turnout
    came = reaches(turnout.ballots, turnout.members, share)
    rate = f"{100 * turnout.ballots / turnout.members:.2f}%"
    here = [
        _reaching(printed(bounds.low, bounds), _reached(rating, scheme.t_good), line),
        gettext("参评率%(rate)s，到了", rate=rate)
        if came
        else gettext("参评率%(rate)s，没到%(limit)s", rate=rate, limit=portion(float(share))),
        _with_unknown(view, line),
    ]
    here += _thin_class(rating, bounds, line)
    if turnout.ballots < scheme.award_min_ballots:
        here.append(gettext("有效票不到%(n)s张", n=scheme.award_min_ballots))
    text = gettext(
        "范围下限达到%(line)s，参评率到%(turnout)s，把“不了解”算进底数也到%(line)s：可申报模范",
        line=f"{line:g}",
        turnout=portion(float(share)),
    )
    return RuleRow(
        text,
        gettext("；").join(here),
        "model_eligible" if rating.reason is ReasonCode.A1 else "",
    )


def _thin_class(rating: Rating, bounds: ShownBounds, line: float) -> list[str]:
    """Where a class counted together with others hardly came and could alone carry the rate below the line"""
    found = rating.bounds
    if found is None or found.award_low >= min(found.low, line / 100 - TOLERANCE):
        return []
    low = printed(100 * found.award_low, bounds)
    return [gettext("票少的一类单看，下限%(low)s，没到%(line)s", low=low, line=f"{line:g}")]


def _with_unknown(view: ResultView, line: float) -> str:
    """The rate with 不了解 in its base; in words alone where the number would undo a mask."""
    rate, overall = view.rating.rate_with_unknown, view.shown.overall
    reached = rate is not None and rate >= line / 100 - TOLERANCE
    unknown = overall.unknown if isinstance(overall, ShownQuestion) else None
    if rate is not None and isinstance(unknown, Percent) and unknown.weighted is not None:
        return gettext("算进“不了解”%(here)s", here=_reaching(f"{100 * rate:.2f}", reached, line))
    return gettext("算进“不了解”到了") if reached else gettext("算进“不了解”没到%(line)s", line=f"{line:g}")


def _overrides(view: ResultView) -> list[RuleRow]:
    ends, reason = extremes(view), view.rating.reason
    if ends is None:
        return []
    line = f"{100 * view.rating.parameters.t_bad:g}"
    rows = [
        RuleRow(
            gettext("没交票、不了解和没答的全部算满意，也低于%(line)s：不满意，限期整改", line=line),
            f"{ends.high_sum} = {ends.high}",
            "dissatisfied" if reason is ReasonCode.D2 else "",
        ),
        RuleRow(
            gettext("光是满意和基本满意的票，就够全体会员的%(line)s%%：合格", line=line),
            f"{ends.low_sum} = {ends.low}",
            "qualified" if reason is ReasonCode.B2 else "",
        ),
    ]
    bounds = view.shown.bounds
    if reason is ReasonCode.B2 and isinstance(bounds, ShownBounds):
        rows.append(_reminder_row(view, bounds))
    return rows


def _against(figure: str, below: bool, line: float) -> str:
    if below:
        return gettext("%(figure)s，低于%(line)s", figure=figure, line=f"{line:g}")
    return gettext("%(figure)s，不低于%(line)s", figure=figure, line=f"{line:g}")


def _reaching(figure: str, reached: bool, line: float) -> str:
    if reached:
        return gettext("%(figure)s，到了", figure=figure)
    return gettext("%(figure)s，没到%(line)s", figure=figure, line=f"{line:g}")


def _reminder_row(view: ResultView, bounds: ShownBounds) -> RuleRow:
    rating, overall = view.rating, view.shown.overall
    scheme = rating.parameters
    remind, strict_line = 100 * scheme.t_remind, 100 * scheme.t_remind_strict
    here = []
    if rating.combined is not None:
        weighted = rating.combined.weighted
        here.append(_against(printed(bounds.p, bounds), weighted < scheme.t_remind - TOLERANCE, remind))
    strict = overall.strict if isinstance(overall, ShownQuestion) else None
    if isinstance(strict, Percent) and strict.weighted is not None and rating.strict is not None:
        below = rating.strict.weighted < scheme.t_remind_strict - TOLERANCE
        here.append(_against(f"{strict.weighted:.2f}", below, strict_line))
    text = gettext(
        "合格，但综合满意率低于%(line)s，或者满意率低于%(strict)s：提醒",
        line=f"{remind:g}",
        strict=f"{strict_line:g}",
    )
    tag = class_tag(rating.rating_class, True) if rating.reminder else ""
    return RuleRow(text, gettext("；").join(here), tag)
