"""From counts of answers to a rating with its uncertainty: pure, frozen in, frozen out."""

from scoring.decision import RatingClass, ReasonCode
from scoring.rating import Rating, rate
from scoring.scheme import METHOD_VERSION, Basis, Scheme, Variable
from scoring.sheet import (
    FIVE_POINT,
    INDEX,
    THREE_POINT,
    Cell,
    Electorate,
    ElectorateKind,
    Fault,
    FaultyInput,
    Forms,
    Group,
    Question,
    QuestionKind,
    Scale,
    ScoreSums,
    Sheet,
)

__all__ = [
    "FIVE_POINT",
    "INDEX",
    "METHOD_VERSION",
    "THREE_POINT",
    "Basis",
    "Cell",
    "Electorate",
    "ElectorateKind",
    "Fault",
    "FaultyInput",
    "Forms",
    "Group",
    "Question",
    "QuestionKind",
    "Rating",
    "RatingClass",
    "ReasonCode",
    "Scale",
    "Scheme",
    "ScoreSums",
    "Sheet",
    "Variable",
    "rate",
]
