"""The numbers of the charts as tables: the same figures, the same words where one is missing."""

from __future__ import annotations

from survey_app.results.figures import count_words, raw_words, score_words, share_words
from survey_app.results.pictures import OPTIONS
from survey_app.results.view import AskedItem, ResultView
from survey_app.web.i18n import gettext

Row = list[str | int]
Columns = list[tuple[str, bool]]


def item_table(view: ResultView, lang: str) -> tuple[Columns, list[Row]]:
    """Every closed question with its counts and rates."""
    columns = [
        (gettext("题目"), False),
        (gettext("满意"), True),
        (gettext("基本满意"), True),
        (gettext("不满意"), True),
        (gettext("不了解"), True),
        (gettext("没答"), True),
        (gettext("满意率（原始）"), True),
        (gettext("综合满意率（原始）"), True),
        (gettext("综合满意率（折算）"), True),
    ]
    return columns, [_item_row(view, asked, lang) for one in view.sections for asked in one.items]


def _item_row(view: ResultView, asked: AskedItem, lang: str) -> Row:
    name = f"{asked.number}. {asked.item.label.text(lang)}"
    ballots = view.shown.ballots
    if asked.shown is None:
        return [name, *[gettext("没有结果")] * 8]
    counts = [count_words(asked.shown.counts[option], ballots) for option in (*OPTIONS, "BLANK")]
    return [
        name,
        *counts,
        raw_words(asked.shown.strict, ballots),
        raw_words(asked.shown.combined, ballots),
        share_words(asked.shown.combined, ballots),
    ]


def dimension_table(view: ResultView, lang: str) -> tuple[Columns, list[Row]]:
    """The dimensions with their points and rates."""
    columns = [
        (gettext("方面"), False),
        (gettext("得分"), True),
        (gettext("满意率"), True),
        (gettext("综合满意率"), True),
    ]
    titles = {section.id: section.title.text(lang) for section in view.questionnaire.dimensions}
    ballots = view.shown.ballots
    rows: list[Row] = [
        [
            titles.get(one.name, one.name),
            score_words(one.score, ballots),
            share_words(one.strict, ballots),
            share_words(one.combined, ballots),
        ]
        for one in view.shown.dimensions
    ]
    return columns, rows
