"""One result with everything its pages and papers print, loaded once, disclosed for its reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from questionnaires import Item, Questionnaire, Section, SectionKind
from scoring import Audience, Percent, Rating, ShownQuestion, ShownRating, disclose
from survey_app.core.actor import Actor
from survey_app.counting.models import HomeCount
from survey_app.instruments.queries import questionnaire_of
from survey_app.results.models import RatingSnapshot, Result
from survey_app.results.queries import audience_of, snapshot_of, visible_result
from survey_app.results.rating import rating_of_snapshot
from survey_app.results.reading import Reading, reading_of
from survey_app.rounds.models import Round, RoundHome
from survey_app.rounds.policy import Policy
from survey_app.rounds.queries import policy_of
from survey_app.units.models import Unit

MOST_NAMED = 3
UNKNOWN_TO_MANY = 100 / 3


@dataclass(frozen=True)
class AskedItem:
    """A closed question with its number on the form and its figures."""

    number: int
    item: Item
    shown: ShownQuestion | None


@dataclass(frozen=True)
class AskedSection:
    """A section of the form with the questions in it."""

    section: Section
    items: tuple[AskedItem, ...]


@dataclass(frozen=True)
class ResultView:
    """The rating with its context; figures are taken from `shown`, never from `rating`."""

    result: Result
    unit: Unit
    round: Round
    home: RoundHome
    count: HomeCount
    policy: Policy
    questionnaire: Questionnaire
    snapshot: RatingSnapshot
    rating: Rating
    shown: ShownRating

    @cached_property
    def reading(self) -> Reading:
        """The rating in words."""
        return reading_of(self.rating, self.shown, self.received if self.count.unopened else None)

    @property
    def received(self) -> int:
        """Ballots that came in, by any way, opened or not."""
        return self.count.sealed + self.count.paper

    @cached_property
    def sections(self) -> tuple[AskedSection, ...]:
        """All sections in the order of the form, numbered through."""
        figures = {question.id: question for question in self.shown.questions}
        if isinstance(self.shown.overall, ShownQuestion):
            figures[self.shown.overall.id] = self.shown.overall
        number, found = 0, []
        for section in self.questionnaire.sections:
            items = []
            for item in section.items:
                number += 1
                items.append(AskedItem(number, item, figures.get(item.id)))
            found.append(AskedSection(section, tuple(items)))
        return tuple(found)

    @property
    def duty_sections(self) -> tuple[AskedSection, ...]:
        """Dimensions and local items: what is drawn as bars."""
        return tuple(one for one in self.sections if one.section.kind is not SectionKind.GENERAL)

    @property
    def duties(self) -> Iterator[AskedItem]:
        """Every item but overall and chair."""
        return (asked for one in self.duty_sections for asked in one.items)

    @cached_property
    def problems(self) -> list[AskedItem]:
        """Items on the problem list, those with the largest share of 不满意 first."""
        found = [asked for asked in self.duties if asked.shown is not None and asked.shown.problem is True]
        return sorted(found, key=lambda asked: (-_dissatisfied(asked), asked.number))

    @cached_property
    def little_known(self) -> list[AskedItem]:
        """Items a third or more do not know: done without anybody noticing counts as undone."""
        return [asked for asked in self.duties if _unknown(asked) >= UNKNOWN_TO_MANY]


def _dissatisfied(asked: AskedItem) -> float:
    figure = asked.shown.dissatisfied if asked.shown else None
    return figure.raw or 0.0 if isinstance(figure, Percent) else 0.0


def _unknown(asked: AskedItem) -> float:
    figure = asked.shown.unknown if asked.shown else None
    return figure.weighted or 0.0 if isinstance(figure, Percent) else 0.0


def load_view(session: Session, actor: Actor, result_id: int) -> ResultView:
    """A result within the actor's scope, as this actor may see it."""
    result, unit, round_ = visible_result(session, actor, result_id)
    return view_for(session, result, unit, round_, audience_of(actor))


def view_for(session: Session, result: Result, unit: Unit, round_: Round, audience: Audience) -> ResultView:
    """The same for a given audience (the public page, a paper)."""
    home = session.get_one(RoundHome, (round_.id, unit.id))
    snapshot = snapshot_of(session, result)
    rating = rating_of_snapshot(snapshot)
    return ResultView(
        result=result,
        unit=unit,
        round=round_,
        home=home,
        count=session.get_one(HomeCount, (round_.id, unit.id)),
        policy=policy_of(round_),
        questionnaire=questionnaire_of(session, home.questionnaire_id),
        snapshot=snapshot,
        rating=rating,
        shown=disclose(rating, audience),
    )
