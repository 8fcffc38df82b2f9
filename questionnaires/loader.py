"""One definition file under `definitions/` -> Questionnaire.

A definition is never edited after its first use: a change is a new file with the next version,
because rounds of earlier years point to the old text by its fingerprint.
"""

import tomllib
from functools import cache
from importlib.resources import files

from questionnaires.errors import QuestionnaireError, fault
from questionnaires.model import Questionnaire
from questionnaires.reading import from_dict

DEFINITIONS = files("questionnaires") / "definitions"


def available() -> tuple[str, ...]:
    """The names of the bundled definitions, such as `national-core-1`."""
    names = (entry.name for entry in DEFINITIONS.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def load(name: str) -> Questionnaire:
    """The bundled questionnaire of this name; the file must carry the id and version it is named after."""
    if name not in available():
        raise QuestionnaireError([fault("unknown_definition", name, known=" ".join(available()))])
    questionnaire = parse((DEFINITIONS / f"{name}.toml").read_text(encoding="utf-8"))
    if name != f"{questionnaire.id}-{questionnaire.version}":
        raise QuestionnaireError([fault("misnamed_definition", name, id=questionnaire.id)])
    return questionnaire


def parse(text: str) -> Questionnaire:
    """The questionnaire of one definition text, or every fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise QuestionnaireError([fault("not_toml", "questionnaire", reason=broken)]) from broken
    return from_dict(data)
