"""What a final rating says for an order, as far as it may be shown: figures, problems, released words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import Questionnaire
from scoring import (
    Audience,
    Band,
    Masked,
    Percent,
    QuestionKind,
    Rating,
    RatingClass,
    ShownQuestion,
    ShownRating,
    Side,
    disclose,
)
from scoring.shown import ShownBounds
from survey_app.instruments.queries import questionnaire_of
from survey_app.rectification.models import OrderKind
from survey_app.results.models import CommentState, Result, ReviewedComment
from survey_app.results.queries import snapshot_of
from survey_app.results.rating import rating_of_snapshot
from survey_app.rounds.models import RoundHome

MOST_OF_THE_REST = 3
LEAST_OPINIONS = 10
BAND_WORDS = {
    Band.VERY_FEW: "很少（不到20%）",
    Band.FEW: "较少（20%–40%）",
    Band.HALF: "一半左右（40%–60%）",
    Band.MANY: "较多（60%–80%）",
    Band.VERY_MANY: "很多（80%以上）",
}
SIDE_WORDS = {Side.HIGH: "85%以上", Side.LOW: "15%以下"}
REQUIREMENT = "查清原因，拿出办法，说明由谁负责、哪天办成，让会员看得到变化。"
OPTIONS = ("SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")


@dataclass(frozen=True)
class FoundProblem:
    """An item that enters the list, worded for the paper; `result` is a fraction or a word."""

    item_id: str
    duty: str
    result: str
    finding: str
    requirement: str = REQUIREMENT
    grade: str = "B"


@dataclass(frozen=True)
class Findings:
    """Everything an order takes from its rating: what kind it is, the frozen figures, the problems."""

    kind: OrderKind
    figures: dict[str, Any]
    problems: tuple[FoundProblem, ...]


def findings_of(session: Session, result: Result) -> Findings | None:
    """What follows from a rating; None where nothing does."""
    rating = rating_of_snapshot(snapshot_of(session, result))
    kind = kind_of(rating)
    if kind is None:
        return None
    home = session.get_one(RoundHome, (result.round_id, result.home_id))
    form = questionnaire_of(session, home.questionnaire_id)
    shown = disclose(rating, Audience.SUPERIOR)
    figures = {**_figures(shown), "items": _items(shown, form), "comments": _comments(session, result)}
    return Findings(kind, figures, _problems(rating, shown, form))


def kind_of(rating: Rating) -> OrderKind | None:
    """不满意 means an order, the mark 提醒 a reminder; nothing else has a consequence."""
    if rating.rating_class is RatingClass.DISSATISFIED:
        return OrderKind.RECTIFICATION
    if rating.rating_class is RatingClass.QUALIFIED and rating.reminder:
        return OrderKind.REMINDER
    return None


def _problems(rating: Rating, shown: ShownRating, form: Questionnaire) -> tuple[FoundProblem, ...]:
    """Items with a third or more dissatisfied, the worst first; where none has, the worst three."""
    items = [item for item in rating.items if item.kind is QuestionKind.ITEM]
    failed = [item for item in items if item.problem]
    asked = failed or [item for item in items if item.opinions >= LEAST_OPINIONS and item.dissatisfied]
    worst = sorted(asked, key=lambda item: (-item.dissatisfied / item.opinions, item.id))
    chosen = worst if failed else worst[:MOST_OF_THE_REST]
    views = {question.id: question for question in shown.questions}
    labels = {item.id: item.label.text("zh") for item in form.closed_questions}
    return tuple(_problem(views[item.id], labels[item.id]) for item in chosen)


def _problem(view: ShownQuestion, duty: str) -> FoundProblem:
    count, base = view.counts.get("DISSATISFIED"), view.opinions
    if isinstance(count, int) and isinstance(base, int):
        share = f"{count}/{base}"
        return FoundProblem(view.id, duty, share, f"有看法的{base}票中，{count}票不满意。")
    words = figure_words(view.dissatisfied)
    finding = f"有看法的会员里，不满意的{words}。" if words else "会员的不满意比较集中。"
    return FoundProblem(view.id, duty, words, finding)


def figure_words(figure: object) -> str:
    """A share that may only be named in words; nothing where it may not be named at all."""
    if isinstance(figure, Masked):
        return SIDE_WORDS[figure.side]
    if isinstance(figure, Band):
        return BAND_WORDS[figure]
    return ""


def _figures(shown: ShownRating) -> dict[str, Any]:
    overall = shown.overall if isinstance(shown.overall, ShownQuestion) else None
    bounds = shown.bounds if isinstance(shown.bounds, ShownBounds) else None
    return {
        "class": shown.rating_class.value,
        "code": shown.reason.value,
        "members": shown.members,
        "valid": shown.ballots if isinstance(shown.ballots, int) else 0,
        "turnout": shown.turnout_percent if isinstance(shown.turnout_percent, float) else None,
        "counts": {option: _count(overall, option) for option in OPTIONS},
        "strict": _raw(overall.strict) if overall else None,
        "combined": _raw(overall.combined) if overall else None,
        "p": bounds.p if bounds else None,
        "interval": [bounds.low, bounds.high] if bounds else None,
    }


def _count(view: ShownQuestion | None, option: str) -> int | str:
    count = view.counts.get(option) if view else None
    return count if isinstance(count, int) else figure_words(count) or "—"


def _raw(figure: object) -> float | None:
    return figure.raw if isinstance(figure, Percent) else None


def _items(shown: ShownRating, form: Questionnaire) -> list[dict[str, Any]]:
    labels = {item.id: item.label.text("zh") for item in form.closed_questions}
    return [
        {
            "id": view.id,
            "label": labels[view.id],
            "counts": [str(_count(view, option)) for option in OPTIONS],
            "combined": _rate_words(view),
        }
        for view in shown.questions
        if view.kind is QuestionKind.ITEM
    ]


def _rate_words(view: ShownQuestion) -> str:
    if isinstance(view.combined, Percent) and view.combined.raw is not None:
        return f"{view.combined.raw:g}%"
    return figure_words(view.combined) or "—"


def _comments(session: Session, result: Result) -> list[str]:
    return list(
        session.scalars(
            select(ReviewedComment.released)
            .where(
                ReviewedComment.round_id == result.round_id,
                ReviewedComment.home_id == result.home_id,
                ReviewedComment.state == CommentState.RELEASED,
                ReviewedComment.released != "",
            )
            .order_by(ReviewedComment.id)
        )
    )
