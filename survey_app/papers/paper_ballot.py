"""The paper ballot 测评表, set from the questions of the same definition that the phone shows."""

from dataclasses import dataclass

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import one_line

INSTRUCTION = "无记名。在相应栏内打√，每项只选一栏，不选为弃权；一项选两栏的，该项作弃权。"


@dataclass(frozen=True)
class BallotSection:
    """A heading with its questions, each a pair of number and text."""

    heading: str
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PaperBallot:
    """`class_letter` is the printed letter by which the teller knows the ballot class; it names nobody."""

    home: str
    year: int
    issuer: str
    options: tuple[str, ...]
    sections: tuple[BallotSection, ...]
    open_questions: tuple[str, ...]
    class_letter: str = ""
    copies: int = 1


def paper_ballot_pdf(ballot: PaperBallot, typesetter: Typesetter, *, marks: Marks = NO_MARKS) -> bytes:
    """Set the ballot, as many alike copies as are asked for, each on a sheet of its own."""
    heading = f"{ballot.year}年度会员评议职工之家测评表"
    data = {
        "heading": heading,
        "home": one_line(ballot.home),
        "issuer": one_line(ballot.issuer),
        "instruction": INSTRUCTION,
        "options": [one_line(option) for option in ballot.options],
        "sections": [
            {
                "heading": one_line(section.heading),
                "questions": [[one_line(number), one_line(text)] for number, text in section.questions],
            }
            for section in ballot.sections
        ],
        "open_questions": [one_line(question) for question in ballot.open_questions],
        "class_letter": one_line(ballot.class_letter),
        "copies": ballot.copies,
    }
    return typesetter.pdf("paper_ballot", data, title=f"{one_line(ballot.home)} {heading}", marks=marks)
