"""URLs of the review of comments: homes with words that wait, and one home's words."""

from __future__ import annotations

from math import ceil

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey_app.core.db import committing
from survey_app.instruments.queries import questionnaire_of
from survey_app.results import comments as review_of
from survey_app.results.forms import CommentForm
from survey_app.results.models import ReviewedComment
from survey_app.rounds.models import RoundHome
from survey_app.units.models import Unit
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.i18n import gettext, page_language
from survey_app.web.i18n import lazy_gettext as _l

PAGE = 50


def add_to(pages: Blueprint) -> None:
    """Add these URLs to the blueprint of results, and their place in the rail."""
    pages.add_url_rule("/comments", view_func=comments)
    pages.add_url_rule("/comments/<round_id>/<int:home_id>", view_func=review)
    pages.add_url_rule("/comments/<comment_id>", view_func=decide_comment, methods=["POST"])
    add_place(
        Place(
            "results.comments",
            _l("评语"),
            "chat",
            27,
            lambda person: person.may("comment.review"),
            "/comments",
            False,
        )
    )


@requires("comment.review")
def comments() -> str:
    total = review_of.comment_homes_count(reader(), actor())
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "results/comments.html",
        homes=review_of.comment_homes(reader(), actor(), page=page, most=PAGE),
        total=total,
        page=page,
        pages=pages,
        page_url=lambda page: url_for("results.comments", page=page),
    )


@requires("comment.review")
def review(round_id: str, home_id: int) -> str:
    rows = review_of.comments_to_review(reader(), actor(), round_id, home_id)
    home = reader().get_one(RoundHome, (round_id, home_id))
    form = questionnaire_of(reader(), home.questionnaire_id)
    lang = "en" if page_language() == "en" else "zh"
    questions = {question.id: question.label.text(lang) for question in form.open_questions}
    unit = reader().get_one(Unit, home_id)
    return render_template(
        "results/review.html", rows=rows, unit=unit, questions=questions, form=CommentForm()
    )


@requires("comment.review")
def decide_comment(comment_id: str) -> Response:
    form = CommentForm()
    with committing(roster()) as session:
        comment: ReviewedComment = review_of.comment_for_act(session, actor(), comment_id)
        if request.form.get("act") == "withhold":
            review_of.withhold(session, actor(), comment, at=now())
        else:
            review_of.release(session, actor(), comment, text=form.text.data or "", at=now())
        place = (comment.round_id, comment.home_id)
    say(gettext("已记下。"), "done")
    return redirect(url_for("results.review", round_id=place[0], home_id=place[1]), 303)
