"""The questionnaire as a member meets it: a plain mapping for the phone, plain text for reading aloud."""

from questionnaires.model import Item, OpenQuestion, Questionnaire, Section
from questionnaires.sealing import MAX_BYTES


def public_form(questionnaire: Questionnaire, lang: str) -> dict[str, object]:
    """What the phone needs in one language: ids, texts, option codes, limits. Nothing about scoring."""
    return {
        "id": questionnaire.id,
        "version": questionnaire.version,
        "form": questionnaire.form.value,
        "fingerprint": questionnaire.fingerprint,
        "lang": lang,
        "languages": list(questionnaire.languages),
        "title": questionnaire.title.text(lang),
        "sections": _sections(questionnaire, lang),
        "options": [
            {"code": option.code, "text": option.text(lang), "opinion": option.is_opinion}
            for option in questionnaire.scale.options
        ],
        "open": [_open_question(each, lang) for each in questionnaire.open_questions],
        "closed": len(questionnaire.closed_questions),
        "limits": {"bytes": MAX_BYTES, "minimum": questionnaire.minimum_answers},
    }


def plain_text(questionnaire: Questionnaire, lang: str) -> str:
    """The whole form as numbered lines, for reading aloud, for a preview and for comparing versions."""
    lines = [questionnaire.title.text(lang)]
    number = 0
    for section in questionnaire.sections:
        lines += ["", section.title.text(lang)]
        for item in section.items:
            number += 1
            lines.append(f"{number}. {item.text(lang)}")
    lines += ["", " / ".join(option.text(lang) for option in questionnaire.scale.options)]
    if questionnaire.open_questions:
        lines += ["", *(each.text(lang) for each in questionnaire.open_questions)]
    return "\n".join(lines) + "\n"


def _sections(questionnaire: Questionnaire, lang: str) -> list[dict[str, object]]:
    return [_section(questionnaire, section, lang) for section in questionnaire.sections]


def _section(questionnaire: Questionnaire, section: Section, lang: str) -> dict[str, object]:
    return {
        "id": section.id,
        "kind": section.kind.value,
        "title": section.title.text(lang),
        "items": [_item(questionnaire, item, lang) for item in section.items],
    }


def _item(questionnaire: Questionnaire, item: Item, lang: str) -> dict[str, object]:
    number = questionnaire.position(item.id) + 1
    return {"id": item.id, "number": number, "text": item.text(lang), "label": item.label.text(lang)}


def _open_question(question: OpenQuestion, lang: str) -> dict[str, object]:
    return {
        "id": question.id,
        "text": question.text(lang),
        "label": question.label.text(lang),
        "limit": question.limit,
    }
