"""What the program wrote into orders in Chinese, said in the language of the page.

Papers are Chinese and are printed from the stored words. What a person wrote stays as it was written.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from questionnaires import load
from survey_app.rectification.findings import REQUIREMENT
from survey_app.rectification.inspectors import Inspector
from survey_app.rectification.models import Problem
from survey_app.web.i18n import Lazy, gettext, page_language
from survey_app.web.i18n import lazy_gettext as _l

FORMS = ("national-core-1", "national-short-1")
BANDS: dict[str, Lazy] = {
    "很少（不到20%）": _l("很少（不到20%）"),
    "较少（20%–40%）": _l("较少（20%–40%）"),
    "一半左右（40%–60%）": _l("一半左右（40%–60%）"),
    "较多（60%–80%）": _l("较多（60%–80%）"),
    "很多（80%以上）": _l("很多（80%以上）"),
    "85%以上": _l("85%以上"),
    "15%以下": _l("15%以下"),
}
"""Shares that may only be named in words, as `findings` stores them."""

OF_A_PROBLEM = re.compile(r"^第(\d+)项：", re.MULTILINE)
WITHOUT_FILES = re.compile(r"^第(\d+)项没有交佐证，凭复查所见：", re.MULTILINE)
COUNTED = re.compile(r"有看法的(\d+)票中，(\d+)票不满意。")
NAMED = re.compile(r"有看法的会员里，不满意的(.+)。")
REMINDER = re.compile(r"(\d{4})年提醒")


def _in_english() -> bool:
    return page_language() == "en"


@cache
def _duties() -> dict[str, str]:
    """The short names of the bundled questionnaires' questions with their own English."""
    questions = [question for name in FORMS for question in load(name).closed_questions]
    return {question.label.text("zh"): question.label.text("en") for question in questions}


def duty_words(duty: str) -> str:
    """The name of a duty; one that a superior added has the name he gave it."""
    return _duties().get(duty, duty) if _in_english() else duty


def band_words(words: str) -> str:
    """A share that is named in words."""
    return str(BANDS.get(words, words))


def finding_words(problem: Problem) -> str:
    """What the members said about a duty."""
    if counted := COUNTED.fullmatch(problem.finding):
        base, count = counted.groups()
        return gettext("有看法的%(base)s票中，%(count)s票不满意。", base=base, count=count)
    if named := NAMED.fullmatch(problem.finding):
        return gettext("有看法的会员里，不满意的%(words)s。", words=band_words(named[1]))
    if problem.finding == "会员的不满意比较集中。":
        return gettext("会员的不满意比较集中。")
    return problem.finding


def requirement_words(requirement: str) -> str:
    """What is asked: the program's own wording, or what an officer made of it."""
    if requirement == REQUIREMENT:
        return gettext("查清原因，拿出办法，说明由谁负责、哪天办成，让会员看得到变化。")
    return requirement


def by_problem(text: str) -> str:
    """Reasons problem by problem: who wrote them wrote the reasons, the program the numbers before them."""
    if not _in_english():
        return text
    said = WITHOUT_FILES.sub(lambda found: gettext("第%(n)s项没有交佐证，凭复查所见：", n=found[1]), text)
    return OF_A_PROBLEM.sub(lambda found: gettext("第%(n)s项：", n=found[1]), said)


def inspector_words(one: Inspector) -> str:
    """Who inspected, and from where."""
    return gettext("%(name)s（%(unit)s）", name=one.name, unit=one.unit) if one.unit else one.name


def message_values(values: dict[str, Any]) -> dict[str, Any]:
    """The blanks of a message: a reminder has no number, and a digest lists homes."""
    if not _in_english():
        return values
    spoken = dict(values)
    if found := REMINDER.fullmatch(str(values.get("number", ""))):
        spoken["number"] = gettext("%(year)s年提醒", year=found[1])
    if isinstance(homes := values.get("homes"), str):
        named = homes.removesuffix("等").split("、")
        more = gettext("等") if homes.endswith("等") else ""
        spoken["homes"] = gettext("、").join(named) + more
    return spoken


FILTERS = {
    "duty_words": duty_words,
    "finding_words": finding_words,
    "requirement_words": requirement_words,
    "by_problem": by_problem,
    "band_words": band_words,
}
