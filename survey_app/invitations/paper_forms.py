"""The paper form of a ballot class, set from the questionnaire that the phones show."""

from __future__ import annotations

from sqlalchemy.orm import Session

from questionnaires import Item, Questionnaire
from survey_app.instruments.queries import questionnaire_of
from survey_app.papers.paper_ballot import BallotSection, PaperBallot
from survey_app.rounds.channels import classes_of, letter_of
from survey_app.rounds.models import BallotClass, Round, RoundHome
from survey_app.units.models import Unit

SCRIPT = "zh"


def class_letters(session: Session, home: RoundHome) -> list[tuple[str, BallotClass]]:
    """The classes of a home with the letter that stands on their forms; one class needs no letter."""
    classes = session.scalars(classes_of(home.round_id, home.home_id)).all()
    if len(classes) == 1:
        return [("", classes[0])]
    return [(letter_of(row.ordinal), row) for row in classes]


def paper_form(session: Session, round_: Round, home: RoundHome, letter: str, copies: int) -> PaperBallot:
    """As many alike copies of a class's form as are asked for."""
    questionnaire = questionnaire_of(session, home.questionnaire_id)
    return PaperBallot(
        home=session.get_one(Unit, home.home_id).name,
        year=round_.year,
        issuer=session.get_one(Unit, round_.organiser_id).name,
        options=tuple(option.text(SCRIPT) for option in questionnaire.scale.options),
        sections=_sections(questionnaire),
        open_questions=tuple(each.text(SCRIPT) for each in questionnaire.open_questions),
        class_letter=letter,
        copies=copies,
    )


def _sections(questionnaire: Questionnaire) -> tuple[BallotSection, ...]:
    numbers = {item.id: str(place) for place, item in enumerate(questionnaire.closed_questions, start=1)}

    def line(item: Item) -> tuple[str, str]:
        return numbers[item.id], item.text(SCRIPT)

    return tuple(
        BallotSection(section.title.text(SCRIPT), tuple(line(item) for item in section.items))
        for section in questionnaire.sections
    )
