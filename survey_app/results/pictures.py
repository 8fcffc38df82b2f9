"""From a result to the words and numbers of its charts; what may not be shown stands there as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from scoring import Points, ShownQuestion
from scoring.shown import ShownBounds
from survey_app.results import charts
from survey_app.results.charts import BandChart, BandRow, Drawing, ItemRow, ItemsChart, RuleLine, TurnoutChart
from survey_app.results.figures import printed, score_words, share_words
from survey_app.results.view import AskedItem, AskedSection, ResultView
from survey_app.web.i18n import gettext

OPTIONS = ("SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")


def lines_of(view: ResultView) -> tuple[RuleLine, ...]:
    """The lines of the policy with their names; the reminder's only where it is a line of its own."""
    bad, remind, good = (
        100 * share for share in (view.policy.t_bad, view.policy.t_remind, view.policy.t_good)
    )
    reminder = (RuleLine(remind, gettext("%(at)s提醒线", at=f"{remind:g}")),) if bad < remind < good else ()
    return (
        RuleLine(bad, gettext("%(at)s整改线", at=f"{bad:g}")),
        *reminder,
        RuleLine(good, gettext("%(at)s申报线", at=f"{good:g}")),
    )


def overall_picture(view: ResultView) -> Drawing | None:
    """The overall rate with its band, where it may be shown."""
    bounds = view.shown.bounds
    if not isinstance(bounds, ShownBounds):
        return None
    name = gettext("总的评价")
    row = BandRow(name, bounds.p, bounds.low, bounds.high, printed(bounds.p, bounds, 1))
    description = gettext(
        "综合满意率%(p)s，范围%(low)s到%(high)s。",
        p=printed(bounds.p, bounds),
        low=printed(bounds.low, bounds),
        high=printed(bounds.high, bounds),
    )
    return charts.band(BandChart(name, description, (row,), lines_of(view)))


def dimensions_picture(view: ResultView, lang: str) -> Drawing | None:
    """The dimensions' mean points with their bands."""
    titles = {section.id: section.title.text(lang) for section in view.questionnaire.dimensions}
    rows = []
    for one in view.shown.dimensions:
        words = score_words(one.score, view.shown.ballots)
        if isinstance(one.score, Points):
            low, high = one.score.interval
            rows.append(BandRow(titles.get(one.name, one.name), one.score.value, low, high, words))
        else:
            rows.append(BandRow(titles.get(one.name, one.name), None, None, None, "", words))
    if all(row.value is None for row in rows):
        return None
    description = gettext("；").join(_band_sentence(row) for row in rows)
    # The lines belong to the overall rate; mean points are no rate and never lie above or below them.
    return charts.dimensions(BandChart(gettext("四个方面"), description, tuple(rows), ()))


def _band_sentence(row: BandRow) -> str:
    if row.value is None or row.low is None or row.high is None:
        return f"{row.name} {row.words}"
    return gettext(
        "%(name)s%(value)s，范围%(low)s到%(high)s",
        name=row.name,
        value=row.figure,
        low=f"{row.low:g}",
        high=f"{row.high:g}",
    )


def items_pictures(view: ResultView, lang: str) -> list[tuple[str, Drawing]]:
    """One drawing per section, under its title."""
    return [(one.section.title.text(lang), _items(view, one, lang)) for one in view.duty_sections]


def _items(view: ResultView, one: AskedSection, lang: str) -> Drawing:
    rows = tuple(_item_row(view, asked, lang) for asked in one.items)
    first, last = one.items[0].number, one.items[-1].number
    title = gettext("第%(first)s至%(last)s题", first=first, last=last)
    words = gettext("每题的满意、基本满意、不满意、不了解票数，“看成表格”里有同样的数。")
    ballots = view.shown.ballots if isinstance(view.shown.ballots, int) else 0
    return charts.items(ItemsChart(title, words, rows, ballots))


def _item_row(view: ResultView, asked: AskedItem, lang: str) -> ItemRow:
    label = asked.item.label.text(lang)
    number = f"{asked.number}."
    if asked.shown is None:
        return ItemRow(number, label, None, gettext("没有结果"))
    counts = [asked.shown.counts.get(option) for option in OPTIONS]
    plain = [count for count in counts if isinstance(count, int)]
    if len(plain) == len(OPTIONS):
        return ItemRow(number, label, (plain[0], plain[1], plain[2], plain[3]))
    return ItemRow(number, label, None, combined_words(view, asked.shown))


def combined_words(view: ResultView, shown: ShownQuestion) -> str:
    """What stands where counts may not: the combined share as far as it may be said."""
    return gettext("满意或基本满意：%(share)s", share=share_words(shown.combined, view.shown.ballots))


def turnout_picture(
    days: Sequence[tuple[str, float]], valid_line: float, award_line: float
) -> Drawing | None:
    """Turnout by day, as the one source of turnout gives it."""
    if not days:
        return None
    last = f"{days[-1][1]:.0f}%"
    lines = (
        RuleLine(valid_line, gettext("%(at)s有效线", at=f"{valid_line:.0f}")),
        RuleLine(award_line, gettext("%(at)s申报线", at=f"{award_line:.0f}")),
    )
    description = gettext(
        "%(first)s开始，%(last)s参评率%(share)s。", first=days[0][0], last=days[-1][0], share=last
    )
    title = gettext("参评率逐日累计")
    return charts.turnout(TurnoutChart(title, description, tuple(days), lines, last))
