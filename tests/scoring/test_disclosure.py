"""What may be shown: floors, masks that cannot be undone, precision, class table, totals, views."""

from __future__ import annotations

from collections import defaultdict

import pytest

from scoring import (
    Audience,
    Band,
    Cell,
    Masked,
    Percent,
    Points,
    Question,
    QuestionKind,
    Rating,
    ScoreSums,
    Sheet,
    ShownRating,
    Side,
    Suppressed,
    Why,
    disclose,
    rate,
    total,
)
from scoring.disclosure import CannotBeShown, band, show_question
from scoring.estimates import item_result
from scoring.scheme import Scheme
from scoring.sheet import ScoreSums as Sums
from scoring.weighting import weigh
from tests.scoring.sheets import answers, changhe, classes, one_class


def home(
    satisfied: int, basic: int, dissatisfied: int, unknown: int = 0, members: int | None = None
) -> Rating:
    """A home whose item 1 of dimension A and chair's item were answered like the overall question."""
    ballots = satisfied + basic + dissatisfied + unknown
    questions = (
        Question("overall", QuestionKind.OVERALL),
        Question("chair", QuestionKind.CHAIR),
        Question("1", dimension="A"),
    )
    given = answers(satisfied, basic, dissatisfied, unknown)["overall"]
    score = 6000 * satisfied + 3000 * basic
    sums = Sums(satisfied + basic + dissatisfied, score, 6000**2 * satisfied + 3000**2 * basic)
    cell = Cell(
        {}, members or 2 * ballots, ballots, dict.fromkeys(("overall", "chair", "1"), given), {"A": sums}
    )
    return rate(Sheet("家", members or 2 * ballots, (cell,), questions))


def public(rating: Rating) -> ShownRating:
    return disclose(rating, Audience.PUBLIC)


def test_a_suppressed_figure_refuses_to_become_text_or_number():
    figure = Suppressed(Why.FEW_BALLOTS)
    for use in (str, float, int, round, "{}".format, lambda f: f"{f:.2f}", lambda f: f.__html__()):
        with pytest.raises(CannotBeShown):
            use(figure)
    assert not figure
    assert "FEW_BALLOTS" in repr(figure)


def test_under_ten_ballots_nothing_but_turnout():
    view = public(home(5, 2, 1, 1, members=12))
    assert (view.members, view.ballots, view.turnout_percent) == (12, 9, 75.0)
    for figure in (view.overall, view.bounds, view.worst_case, view.classes, view.index, view.reminder):
        assert figure == Suppressed(Why.FEW_BALLOTS)
    assert (view.questions, view.dimensions, view.in_full, view.free_text) == ((), (), False, False)


def test_a_held_home_is_shown_to_nobody():
    view = disclose(rate(one_class(100, 80, held=True)), Audience.SUPERIOR)
    assert view.overall == view.bounds == view.ballots == view.turnout_percent == Suppressed(Why.HELD)


def test_an_item_under_ten_opinions_has_no_result():
    view = public(home(4, 3, 2, unknown=15))
    assert view.overall is not None
    assert not isinstance(view.overall, Suppressed)
    assert view.overall.combined == Suppressed(Why.FEW_OPINIONS)
    assert view.questions[1].combined == view.questions[1].counts["SATISFIED"] == Suppressed(Why.FEW_OPINIONS)
    assert view.bounds == Suppressed(Why.FEW_OPINIONS)


def test_precision_grows_with_the_ballots():
    fifteen, forty, thousand = public(home(5, 5, 5)), public(home(15, 10, 15)), public(home(300, 200, 500))
    assert not isinstance(fifteen.overall, Suppressed)
    assert fifteen.overall.combined == Percent(None, None, None, 10, 15)
    assert fifteen.questions[1].combined == Band.MANY
    assert fifteen.questions[1].counts["BASIC"] == Suppressed(Why.FEW_BALLOTS)
    assert isinstance(forty.questions[1].combined, Percent)
    assert (forty.questions[1].combined.weighted, forty.questions[1].combined.digits) == (62.0, 0)
    assert isinstance(forty.questions[0].combined, Percent)
    assert (forty.questions[0].combined.weighted, forty.questions[0].combined.digits) == (62.5, 2)
    assert isinstance(thousand.questions[1].combined, Percent)
    assert thousand.questions[1].combined.digits == 1
    assert isinstance(forty.dimensions[0].score, Points)
    assert isinstance(thousand.dimensions[0].score, Points)
    assert (forty.dimensions[0].score.digits, thousand.dimensions[0].score.digits) == (0, 1)
    assert fifteen.dimensions[0].score == Suppressed(Why.FEW_BALLOTS)
    assert (fifteen.in_full, forty.in_full, fifteen.free_text, forty.free_text) == (False, True, False, True)


def test_bands_in_words():
    shares = [0.0, 0.19, 0.2, 0.4, 0.6, 0.79, 0.8, 1.0]
    assert [band(share).value for share in shares] == [
        "VERY_FEW", "VERY_FEW", "FEW", "HALF", "MANY", "MANY", "VERY_MANY", "VERY_MANY",
    ]  # fmt: skip


def test_a_small_home_near_unanimity_shows_its_class_and_no_figure():
    view = public(home(20, 6, 1))
    assert view.rating_class == "QUALIFIED"
    assert not isinstance(view.overall, Suppressed)
    assert view.overall.combined == Masked(Side.HIGH)
    assert view.overall.counts["DISSATISFIED"] == Masked(Side.LOW, (0, 4))
    assert view.overall.counts["SATISFIED"] == view.overall.opinions == Suppressed(Why.MASKED)
    assert view.bounds == view.worst_case == view.delta_to_line == Suppressed(Why.MASKED)
    assert view.dimensions[0].score == Suppressed(Why.MASKED)
    assert not view.in_full
    ten = public(home(6, 3, 1))
    assert not isinstance(ten.overall, Suppressed)
    assert ten.overall.counts["DISSATISFIED"] == Masked(Side.LOW, (0, 1))


def test_thirty_ballots_are_not_masked():
    view = public(home(30, 0, 0))
    assert not isinstance(view.overall, Suppressed)
    assert isinstance(view.overall.combined, Percent)
    assert view.overall.combined.weighted == 100.0
    assert view.in_full


def is_masked(count: object) -> bool:
    return isinstance(count, Masked) or count == Suppressed(Why.MASKED)


@pytest.mark.parametrize("kind", [QuestionKind.OVERALL, QuestionKind.ITEM])
@pytest.mark.parametrize("ballots", [10, 12, 13, 15, 19, 20, 23, 26, 29])
def test_no_mask_can_be_undone_by_what_stands_beside_it(ballots, kind):
    """The attacker knows the rules, and that nobody left a blank, and lists all counts that fit the view."""
    options = ("SATISFIED", "BASIC", "DISSATISFIED")
    question = Question("q", kind)
    questions = (
        (question,) if kind is QuestionKind.OVERALL else (Question("o", QuestionKind.OVERALL), question)
    )
    possible: dict[str, list[dict[str, int]]] = defaultdict(list)
    masks: dict[str, set[str]] = {}
    scheme = Scheme()
    weights = weigh(Sheet("家", 60, (Cell({}, 60, ballots, {}),), questions), scheme)
    for unknown in (0, 1, 2, 3):
        for satisfied in range(ballots - unknown + 1):
            for basic in range(ballots - unknown - satisfied + 1):
                counts = answers(satisfied, basic, ballots - unknown - satisfied - basic, unknown)["overall"]
                sheet = Sheet("家", 60, (Cell({}, 60, ballots, {"q": counts}),), questions)
                view = show_question(item_result(sheet, question, weights, scheme), ballots)
                possible[repr(view)].append(counts)
                masks[repr(view)] = {o for o in options if is_masked(view.counts[o])}
    assert any(masks.values())
    for view_text, fits in possible.items():
        for option in masks[view_text]:
            assert len({counts[option] for counts in fits}) >= 2, (view_text, fits)


def test_the_class_table_is_for_chair_and_superior_only():
    rating = rate(changhe())
    assert public(rating).classes == Suppressed(Why.NOT_PUBLIC)
    rows = disclose(rating, Audience.CHAIR).classes
    assert not isinstance(rows, Suppressed)
    assert sum(row.favourable for row in rows) == 89
    assert rating.combined is not None
    assert sum(row.weighted_favourable for row in rows) == pytest.approx(rating.combined.weighted_count)


def test_a_unanimous_class_of_a_small_home_joins_another_line():
    rating = rate(classes(("a", 30, 12, 12, 0, 0, 0), ("b", 30, 14, 4, 4, 6, 0)))
    rows = disclose(rating, Audience.CHAIR).classes
    assert not isinstance(rows, Suppressed)
    assert [(row.labels, row.ballots, row.weight) for row in rows] == [(("a", "b"), 26, None)]
    larger = rate(classes(("a", 30, 12, 12, 0, 0, 0), ("b", 40, 20, 4, 6, 10, 0)))
    rows = disclose(larger, Audience.CHAIR).classes
    assert not isinstance(rows, Suppressed)
    assert len(rows) == 2


def test_no_class_table_where_a_class_has_under_ten_ballots():
    rating = rate(classes(("a", 30, 9, 5, 2, 2, 0), ("b", 60, 40, 20, 10, 10, 0)))
    assert disclose(rating, Audience.SUPERIOR).classes == Suppressed(Why.FEW_BALLOTS)


def test_totals_add_only_what_is_shown_in_full_and_say_how_many():
    shown = [public(rating) for rating in (home(15, 10, 15), home(5, 5, 5), home(28, 0, 1), home(30, 20, 10))]
    area = total(shown)
    assert (area.homes, area.ballots, area.opinions, area.satisfied, area.favourable) == (2, 100, 100, 45, 75)


def test_scores_not_carried_by_the_sheet_are_not_known():
    assert public(home(15, 10, 15)).index == Suppressed(Why.NOT_KNOWN)
    assert ScoreSums is Sums
