"""Whether a questionnaire of whole shape can be used: every fault of its meaning.

The limits and their reasons:

* at most 25 closed questions: three to four minutes on a phone is what members give (domain.md 3.1);
* at most two open questions of 300 characters: with 25 answers the sealed ballot stays within 3,072 bytes;
* labels of at most 8 characters in Chinese: they stand at the bars of charts;
* exactly one overall item: it alone decides the rating;
* duty items only in dimensions (or asked again), local ones only in the local section: a lower level
  can add questions, never move a score.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from questionnaires.errors import Fault, fault
from questionnaires.model import (
    FIRST_LANGUAGE,
    Item,
    Questionnaire,
    Role,
    Section,
    SectionKind,
    Wording,
)

MAX_CLOSED = 25
MAX_OPEN = 2
MAX_COMMENT = 300
MAX_LABEL = {"zh": 8}
MAX_TEXT = 200

QUESTIONNAIRE_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
CLOSED_ID = re.compile(r"[a-z][1-9][0-9]?")
OPEN_ID = re.compile(r"t[1-9]")
SECTION_ID = re.compile(r"[A-Z][0-9]?")
OPTION_CODE = re.compile(r"[A-Z][A-Z_]{0,15}")
DUTY_ID = re.compile(r"D[1-9](-[1-9])?")
LOCAL_ID = re.compile(r"l[1-9]")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
LANGUAGE = re.compile(r"[a-z]{2}")

ROLES_IN = {
    SectionKind.DIMENSION: {Role.DUTY},
    SectionKind.REASKED: {Role.DUTY, Role.LOCAL},
    SectionKind.GENERAL: {Role.OVERALL, Role.CHAIR},
    SectionKind.LOCAL: {Role.LOCAL},
}


def faults_of(questionnaire: Questionnaire) -> list[Fault]:
    """Every fault, in the order in which a reader of the form meets the places."""
    return [
        *_head(questionnaire),
        *_scale(questionnaire),
        *_sections(questionnaire),
        *_items(questionnaire),
        *_open_questions(questionnaire),
        *_ids(questionnaire),
        *_counts(questionnaire),
        *_wordings(questionnaire),
    ]


def wording_faults(where: str, wording: Wording, languages: Iterable[str]) -> Iterator[Fault]:
    """A text is missing, empty, too long, not normalised, or in a language the form does not offer."""
    given = dict(wording.texts)
    for lang in languages:
        text = given.get(lang, "")
        if not text.strip():
            yield fault("missing_text", where, lang=lang)
        elif _unprintable(text):
            yield fault("unprintable_text", where, lang=lang)
        elif len(text) > MAX_TEXT:
            yield fault("text_too_long", where, lang=lang, limit=MAX_TEXT)
        elif where.endswith(".label") and len(text) > MAX_LABEL.get(lang, MAX_TEXT):
            yield fault("text_too_long", where, lang=lang, limit=MAX_LABEL[lang])
    for lang in sorted(set(given) - set(languages)):
        yield fault("undeclared_language", where, lang=lang)


def _unprintable(text: str) -> bool:
    """Two texts that look alike must not have two fingerprints: one normal form, nothing invisible."""
    invisible = any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} for char in text)
    return invisible or text != text.strip() or unicodedata.normalize("NFC", text) != text


def _head(questionnaire: Questionnaire) -> Iterator[Fault]:
    if not QUESTIONNAIRE_ID.fullmatch(questionnaire.id):
        yield fault("bad_id", "id", given=questionnaire.id)
    if questionnaire.version < 1:
        yield fault("bad_version", "version", given=questionnaire.version)
    if questionnaire.base is not None and not FINGERPRINT.fullmatch(questionnaire.base):
        yield fault("bad_fingerprint", "base")
    languages = questionnaire.languages
    if FIRST_LANGUAGE not in languages:
        yield fault("missing_language", "languages", lang=FIRST_LANGUAGE)
    for lang in languages:
        if not LANGUAGE.fullmatch(lang):
            yield fault("bad_id", "languages", given=lang)
    yield from _repeated("languages", languages)


def _scale(questionnaire: Questionnaire) -> Iterator[Fault]:
    options = questionnaire.scale.options
    for place, option in enumerate(options, start=1):
        if not OPTION_CODE.fullmatch(option.code):
            yield fault("bad_id", "scale", given=option.code)
        # Blank is stored as 0, so values count from 1 in the order shown.
        if option.value != place:
            yield fault("bad_value", f"scale.{option.code}", given=option.value, wanted=place)
        if option.points is not None and not 0 <= option.points <= 100:
            yield fault("bad_points", f"scale.{option.code}", given=option.points)
    points = [option.points for option in options if option.points is not None]
    if len(points) < 2 or points != sorted(set(points), reverse=True):
        yield fault("bad_points", "scale", given=points)
    yield from _repeated("scale", (option.code for option in options))


def _sections(questionnaire: Questionnaire) -> Iterator[Fault]:
    for section in questionnaire.sections:
        if not SECTION_ID.fullmatch(section.id):
            yield fault("bad_id", section.id, given=section.id)
        if not section.items:
            yield fault("empty_section", section.id)
        for item in section.items:
            if item.role not in ROLES_IN[section.kind]:
                yield fault("role_in_wrong_section", item.id, role=item.role, section=section.id)
        if section.kind is SectionKind.DIMENSION and len(section.items) > 6:
            # 60 * points / opinions is a whole number for one to six opinions only.
            yield fault("too_many_items", section.id, limit=6)
    yield from _repeated("sections", (section.id for section in questionnaire.sections))


def _items(questionnaire: Questionnaire) -> Iterator[Fault]:
    for section in questionnaire.sections:
        for item in section.items:
            yield from _item(item, section)
    duties = [item.duty for item in questionnaire.closed_questions if item.duty]
    yield from _repeated("duties", duties)


def _item(item: Item, section: Section) -> Iterator[Fault]:
    if not CLOSED_ID.fullmatch(item.id) or OPEN_ID.fullmatch(item.id):
        yield fault("bad_id", item.id, given=item.id)
    if (item.role is Role.LOCAL) != bool(LOCAL_ID.fullmatch(item.id)):
        yield fault("bad_id", item.id, given=item.id, role=item.role)
    if item.role is not Role.DUTY:
        if item.duty is not None or item.observability is not None:
            yield fault("duty_not_allowed", item.id)
        return
    if item.duty is None or not DUTY_ID.fullmatch(item.duty):
        yield fault("bad_duty", item.id, given=item.duty)
    elif section.kind is SectionKind.DIMENSION and item.duty.split("-")[0] != section.id:
        yield fault("duty_of_other_dimension", item.id, duty=item.duty, section=section.id)
    if item.observability is None:
        yield fault("missing_field", f"{item.id}.observability")


def _open_questions(questionnaire: Questionnaire) -> Iterator[Fault]:
    for question in questionnaire.open_questions:
        if not OPEN_ID.fullmatch(question.id):
            yield fault("bad_id", question.id, given=question.id)
        if not 1 <= question.limit <= MAX_COMMENT:
            yield fault("bad_limit", question.id, given=question.limit, limit=MAX_COMMENT)


def _ids(questionnaire: Questionnaire) -> Iterator[Fault]:
    yield from _repeated("questions", (each.id for each in questionnaire.asked))


def _counts(questionnaire: Questionnaire) -> Iterator[Fault]:
    roles = Counter(item.role for item in questionnaire.closed_questions)
    if roles[Role.OVERALL] != 1:
        yield fault("overall_items", "sections", given=roles[Role.OVERALL], wanted=1)
    if roles[Role.CHAIR] > 1:
        yield fault("chair_items", "sections", given=roles[Role.CHAIR], limit=1)
    if len(questionnaire.closed_questions) > MAX_CLOSED:
        yield fault(
            "too_many_questions", "sections", given=len(questionnaire.closed_questions), limit=MAX_CLOSED
        )
    if len(questionnaire.open_questions) > MAX_OPEN:
        yield fault(
            "too_many_open_questions", "open", given=len(questionnaire.open_questions), limit=MAX_OPEN
        )


def _wordings(questionnaire: Questionnaire) -> Iterator[Fault]:
    for where, wording in questionnaire.wordings():
        yield from wording_faults(where, wording, questionnaire.languages)
    questions = (item.text(FIRST_LANGUAGE) for item in questionnaire.closed_questions)
    yield from _repeated("question_texts", (text for text in questions if text))


def _repeated(where: str, values: Iterable[str]) -> Iterator[Fault]:
    for value, count in Counter(values).items():
        if count > 1:
            yield fault("repeated", where, given=value)
