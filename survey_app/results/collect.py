"""From what counting stored to the sheet that `scoring` rates; nothing here computes a rate."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from questionnaires import Item, Questionnaire, Role
from scoring import (
    INDEX,
    Basis,
    Cell,
    Electorate,
    ElectorateKind,
    Forms,
    Group,
    Question,
    QuestionKind,
    Scheme,
    ScoreSums,
    Sheet,
    Stratum,
    Variable,
)
from survey_app.counting.models import HomeCount
from survey_app.counting.queries import CountedClass, CountedHome
from survey_app.counting.tallies import INDEX as COUNTED_INDEX
from survey_app.rounds.models import Electorate as Voters
from survey_app.rounds.models import Round, RoundHome
from survey_app.rounds.policy import Policy

CLASS = "class"
WHOLE_HOME = "全体会员"
# Fixed in Chinese: the labels enter the digest of the inputs.
VARIABLES = {"employment": "用工形式", "age_band": "年龄段", "gender": "性别", "department": "部门"}
KINDS = {Role.OVERALL: QuestionKind.OVERALL, Role.CHAIR: QuestionKind.CHAIR}


def sheet_of(
    round_: Round,
    home: RoundHome,
    count: HomeCount,
    counted: CountedHome,
    questionnaire: Questionnaire,
) -> Sheet:
    """The count sheet of one home; equal counts give the same sheet from both databases, in any row order."""
    sheet = Sheet(
        home=str(home.home_id),
        members=count.members,
        cells=_cells(count, counted),
        questions=questions_of(questionnaire),
        groups=_groups(count),
        redeemed=count.issued + count.exchanged_card + count.exchanged_paper,
        held=bool(count.held),
        electorate=_electorate(round_, home),
        forms=Forms(issued=count.members, returned=count.sealed + count.paper),
    )
    return sheet.accepted() if count.held and count.hold_accepted_reason else sheet


def _groups(count: HomeCount) -> tuple[Group, ...]:
    """Roster groups under labels that name one group only: 未填 of two variables gets the variable's word."""
    often = Counter(group["label"] for group in count.groups)

    def label(group: dict[str, Any]) -> str:
        plain: str = group["label"]
        return VARIABLES.get(group.get("variable", ""), "") + plain if often[plain] > 1 else plain

    return tuple(
        Group(label(group), group["members"], group["redeemed"]) for group in count.groups if group["members"]
    )


def questions_of(questionnaire: Questionnaire) -> tuple[Question, ...]:
    """The closed questions in their order, each with the dimension whose score it enters."""
    dimension_of = {item.id: section.id for section in questionnaire.dimensions for item in section.items}
    return tuple(_question(item, dimension_of) for item in questionnaire.closed_questions)


def _question(item: Item, dimension_of: dict[str, str]) -> Question:
    return Question(item.id, KINDS.get(item.role, QuestionKind.ITEM), dimension_of.get(item.id))


def _cells(count: HomeCount, counted: CountedHome) -> tuple[Cell, ...]:
    """One cell a counting class; a home whose box stayed shut is one cell of silent members."""
    if not counted.classes:
        return (Cell(levels={CLASS: WHOLE_HOME}, roster=count.members, ballots=0, counts={}),)
    return tuple(_cell(one, counted) for one in counted.classes)


def _cell(one: CountedClass, counted: CountedHome) -> Cell:
    counts: dict[str, dict[str, int]] = {}
    for (class_id, question, option), n in counted.tallies.items():
        if class_id == one.id:
            counts.setdefault(question, {})[option] = n
    return Cell(
        levels={CLASS: one.label},
        roster=one.members,
        ballots=one.valid,
        counts=counts,
        scores={
            (INDEX if score == COUNTED_INDEX else score): ScoreSums(sums.ballots, sums.total, sums.squares)
            for (class_id, score), sums in counted.sums.items()
            if class_id == one.id
        },
        strata=tuple(Stratum(members, cast) for members, cast in one.strata),
    )


def _electorate(round_: Round, home: RoundHome) -> Electorate:
    if round_.electorate == Voters.DELEGATES:
        return Electorate(ElectorateKind.DELEGATES, home.present)
    return Electorate()


def scheme_of(policy: Policy, questionnaire: Questionnaire) -> Scheme:
    """The engine's parameters from the frozen policy; classes are the one adjustment variable."""
    dimensions = [section.id for section in questionnaire.dimensions]
    fits = len(dimensions) == len(policy.dimension_weights)
    raw = policy.basis == "raw"
    return Scheme(
        basis=Basis.RAW if raw else Basis.WEIGHTED,
        variables=() if raw else (Variable((CLASS,)),),
        t_bad=policy.t_bad,
        t_remind=policy.t_remind,
        t_remind_strict=policy.t_remind_strict,
        t_good=policy.t_good,
        alpha=policy.alpha,
        min_ballots=policy.min_ballots,
        min_turnout=Fraction(policy.min_turnout),
        award_turnout=Fraction(policy.award_turnout),
        award_min_ballots=policy.award_min_ballots,
        max_unknown=Fraction(policy.max_unknown),
        dimension_weights=tuple(zip(dimensions, policy.dimension_weights, strict=True)) if fits else (),
    )
