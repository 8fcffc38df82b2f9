"""What is asked of the members, and whether an answer fits: pure, standard library only.

core = load("national-core-1")              a bundled definition, or from_dict(...) / from_json(...)
core.fingerprint                            SHA-256 of its canonical JSON; frozen once used
core.closed_questions, core.dimensions      items in fixed order; sections that enter a score
form = extend(core, local_items)            a lower level adds questions, never changes the core
again = narrow(core, ["q6", "q9"])          the members' re-evaluation: failed items and overall
public_form(form, "zh")                     plain mapping for the phone
sheet = read_answers(form, raw)             AnswerSheet, or AnswerError with every fault
sheet.codes, sheet.comments, sheet.is_valid small numbers in fixed order; texts; half answered
sheet.dimension_scores, sheet.index(w)      exact whole numbers in 1/60 and 1/6000 point
decode(encode(sheet), form)                 the bytes that are sealed, at most 3,072
"""

from questionnaires.answers import AnswerSheet, read_answers, sheet_of_codes
from questionnaires.errors import AnswerError, Fault, QuestionnaireError, QuestionnairesError
from questionnaires.extension import extend, faults_against, narrow
from questionnaires.loader import available, load, parse
from questionnaires.model import (
    BLANK,
    Form,
    Item,
    Observability,
    OpenQuestion,
    Option,
    Questionnaire,
    Role,
    Scale,
    Section,
    SectionKind,
    Wording,
)
from questionnaires.presentation import plain_text, public_form
from questionnaires.reading import from_dict, from_json, items_from
from questionnaires.scores import (
    INDEX_UNIT,
    SCORE_UNIT,
    dimension_scores,
    equal_weights,
    index,
    weights_by_dimension,
)
from questionnaires.sealing import MAX_BYTES, decode, encode

__all__ = [
    "BLANK",
    "INDEX_UNIT",
    "MAX_BYTES",
    "SCORE_UNIT",
    "AnswerError",
    "AnswerSheet",
    "Fault",
    "Form",
    "Item",
    "Observability",
    "OpenQuestion",
    "Option",
    "Questionnaire",
    "QuestionnaireError",
    "QuestionnairesError",
    "Role",
    "Scale",
    "Section",
    "SectionKind",
    "Wording",
    "available",
    "decode",
    "dimension_scores",
    "encode",
    "equal_weights",
    "extend",
    "faults_against",
    "from_dict",
    "from_json",
    "index",
    "items_from",
    "load",
    "narrow",
    "parse",
    "plain_text",
    "public_form",
    "read_answers",
    "sheet_of_codes",
    "weights_by_dimension",
]
