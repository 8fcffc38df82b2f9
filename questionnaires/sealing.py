"""An answer sheet as the bytes that are sealed on the phone and opened at the count.

The bytes are the raw mapping as compact JSON in UTF-8: `{"q1":"SATISFIED","q2":"UNKNOWN","t1":"…"}`,
questions in the order of the form, blanks left out, Chinese written as itself. The phone pads them to
3,072 bytes, so that the size of a sealed ballot tells nothing.

Room for the worst case: 25 answers of at most 21 bytes each (`"q10":"DISSATISFIED",`) make 525, two
comments of 300 characters at 4 bytes (beyond the BMP) make 2,400 and their keys 16: 2,943 with braces.
Quotes, backslashes and line breaks are escaped with 2 bytes, so they need less than a 4-byte character.
Control characters and lone surrogates would need 6; `answers.cleaned` takes them out, and the phone's
script must do the same before it measures and seals.
"""

import json

from questionnaires.answers import AnswerSheet, read_answers
from questionnaires.errors import AnswerError, fault
from questionnaires.model import Questionnaire

MAX_BYTES = 3072
"""Size of the padded ballot, and so the most that an encoding may need."""


def encode(sheet: AnswerSheet) -> bytes:
    """The bytes to seal; never more than `MAX_BYTES` for a sheet that `read_answers` accepted."""
    text = json.dumps(sheet.to_raw(), ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8")
    if len(data) > MAX_BYTES:
        raise AnswerError([fault("too_many_bytes", "answers", given=len(data), limit=MAX_BYTES)])
    return data


def decode(data: bytes, questionnaire: Questionnaire) -> AnswerSheet:
    """The sheet of opened bytes, or `AnswerError` with every fault; whoever sealed them is not trusted."""
    if len(data) > MAX_BYTES:
        raise AnswerError([fault("too_many_bytes", "answers", given=len(data), limit=MAX_BYTES)])
    try:
        raw = json.loads(data.decode("utf-8"), object_pairs_hook=_without_repeats)
    except AnswerError:
        raise
    except (ValueError, RecursionError) as broken:
        raise AnswerError([fault("not_json", "answers")]) from broken
    if not isinstance(raw, dict):
        raise AnswerError([fault("not_json", "answers")])
    return read_answers(questionnaire, raw)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A question answered twice has no answer: which of the two would count must not be left to a parser."""
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise AnswerError([fault("answered_twice", name[:20]) for name in repeated])
    return dict(pairs)
