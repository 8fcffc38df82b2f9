"""From a raw mapping of answers to an AnswerSheet, or every fault.

The raw mapping is what a phone, a card page, a kiosk or two tellers hand over: question id -> option
code or text. A question may be left blank. At least one closed question must carry an answer, or the
sheet is refused; half of them must, or it is kept but not valid (`is_valid`), which is the count's affair.

Comments keep the member's words. Only what would hurt storage or the reader's screen is taken out:
control characters, halves of surrogate pairs, and marks that turn the direction of the text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from questionnaires.errors import AnswerError, Fault, fault
from questionnaires.model import BLANK, Item, OpenQuestion, Questionnaire
from questionnaires.scores import dimension_scores, index

TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make text read backwards; they could make a comment look like part of the page."""


@dataclass(frozen=True)
class AnswerSheet:
    """The answers of one ballot in a fixed order: small numbers for choices, text for comments."""

    questionnaire: Questionnaire
    codes: tuple[int, ...]
    """One number per closed question, in the order of `closed_questions`; 0 is blank."""
    comments: tuple[tuple[str, str], ...] = ()
    """(question id, text) of the open questions that were answered, in the order of the form."""

    @property
    def answered(self) -> int:
        """How many closed questions carry an answer; 不了解 is an answer."""
        return sum(code != BLANK for code in self.codes)

    @property
    def is_valid(self) -> bool:
        """Whether at least half of the closed questions carry an answer."""
        return self.answered >= self.questionnaire.minimum_answers

    @property
    def dimension_scores(self) -> tuple[int | None, ...]:
        return dimension_scores(self.questionnaire, self.codes)

    def index(self, weights: Sequence[int]) -> int | None:
        return index(self.dimension_scores, weights)

    def code_of(self, question_id: str) -> int:
        return self.codes[self.questionnaire.position(question_id)]

    def to_raw(self) -> dict[str, str]:
        """The raw mapping that reads back to this sheet; blanks are left out."""
        scale = self.questionnaire.scale
        chosen = zip(self.questionnaire.closed_questions, self.codes, strict=True)
        options = ((item.id, scale.by_value(code)) for item, code in chosen)
        return {id: option.code for id, option in options if option} | dict(self.comments)


def read_answers(questionnaire: Questionnaire, raw: Mapping[str, object]) -> AnswerSheet:
    """The answer sheet of a raw mapping, or `AnswerError` with every fault."""
    faults: list[Fault] = []
    known = {each.id for each in questionnaire.asked}
    faults += [fault("unknown_question", str(name)) for name in raw if name not in known]
    codes = tuple(
        _code(questionnaire, item, raw.get(item.id), faults) for item in questionnaire.closed_questions
    )
    texts = [(each.id, _text(each, raw.get(each.id), faults)) for each in questionnaire.open_questions]
    if not any(_is_given(raw.get(item.id)) for item in questionnaire.closed_questions):
        faults.append(fault("nothing_chosen", "answers"))
    if faults:
        raise AnswerError(faults)
    return AnswerSheet(questionnaire, codes, tuple((id, text) for id, text in texts if text))


def sheet_of_codes(questionnaire: Questionnaire, codes: Sequence[int]) -> AnswerSheet:
    """The sheet of stored numbers, or `AnswerError` with every number that is none of the scale's."""
    items = questionnaire.closed_questions
    if len(codes) != len(items):
        raise AnswerError([fault("wrong_length", "codes", given=len(codes), wanted=len(items))])
    known = {BLANK, *(option.value for option in questionnaire.scale.options)}
    faults = [
        fault("unknown_option", item.id, given=code)
        for item, code in zip(items, codes, strict=True)
        if code not in known
    ]
    if faults:
        raise AnswerError(faults)
    return AnswerSheet(questionnaire, tuple(codes))


def cleaned(text: str) -> str:
    """A comment as it is stored: the member's words without what would hurt storage or screen."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in unified)
    return "".join(char for char in whole if _may_stay(char)).strip()


def _may_stay(char: str) -> bool:
    control = ord(char) < 32 or 127 <= ord(char) < 160
    return char in "\n\t" or not (control or char in TURNING_MARKS)


def _is_given(value: object) -> bool:
    return value is not None and value != ""


def _code(questionnaire: Questionnaire, item: Item, value: object, faults: list[Fault]) -> int:
    if not _is_given(value):
        return BLANK
    option = questionnaire.scale.by_code(value) if isinstance(value, str) else None
    if option is None:
        # Only the beginning is repeated: a fault must not become a place to smuggle text into a log.
        faults.append(fault("unknown_option", item.id, given=ascii(value)[:40]))
        return BLANK
    return option.value


def _text(question: OpenQuestion, value: object, faults: list[Fault]) -> str:
    if not _is_given(value):
        return ""
    if not isinstance(value, str):
        faults.append(fault("not_text", question.id))
        return ""
    text = cleaned(value)
    if len(text) > question.limit:
        faults.append(fault("text_too_long", question.id, given=len(text), limit=question.limit))
        return ""
    return text
