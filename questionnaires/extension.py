"""What a lower level may do with a locked questionnaire: add local items or ask a part again, nothing else.

`extend` builds a longer form, `narrow` the form of a re-evaluation, and `faults_against` judges any
candidate (an import, a call of the API) against the locked one. All three keep the fingerprint of the
locked questionnaire in `base`, so a form can always be traced to the text it came from.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from questionnaires.checks import faults_of
from questionnaires.errors import Fault, QuestionnaireError, fault
from questionnaires.model import (
    Form,
    Item,
    Questionnaire,
    Role,
    Section,
    SectionKind,
    Wording,
)

LOCAL_SECTION = "L"
LOCAL_TITLE = Wording((("en", "Added by your union"), ("zh", "本地补充")))
REASKED_SECTION = "R"
REASKED_TITLE = Wording((("en", "What has been put right"), ("zh", "整改的事")))


def extend(
    core: Questionnaire, local_items: Sequence[Item], *, id: str | None = None, version: int = 1
) -> Questionnaire:
    """The core with local items behind it; every attempt to touch the core is a fault."""
    faults = [*_misplaced(core, local_items)]
    wanted = replace(
        core,
        id=id or f"{core.id}-local",
        version=version,
        base=core.fingerprint,
        sections=(*_without_local(core), _local_section(core, local_items)),
    )
    faults += [each for each in faults_of(wanted) if each not in faults]
    faults += [each for each in faults_against(core, wanted) if each not in faults]
    if faults:
        raise QuestionnaireError(faults)
    return wanted


def narrow(
    core: Questionnaire, item_ids: Iterable[str], *, id: str | None = None, version: int = 1
) -> Questionnaire:
    """The form of a members' re-evaluation: the overall item first, then the failed ones, in the same words.

    It has no dimensions, because a part of a dimension is no score of it, and no open questions.
    """
    wanted = list(item_ids)
    faults = [*_not_to_be_asked_again(core, wanted)]
    if faults:
        raise QuestionnaireError(faults)
    asked = tuple(item for item in core.closed_questions if item.id in wanted)
    general = next(section for section in core.sections if section.kind is SectionKind.GENERAL)
    reasked = Section(REASKED_SECTION, SectionKind.REASKED, _in_languages(core, REASKED_TITLE), asked)
    return replace(
        core,
        id=id or f"{core.id}-again",
        version=version,
        form=Form.RE_EVALUATION,
        base=core.fingerprint,
        sections=(replace(general, items=(core.overall,)), *([reasked] if asked else [])),
        open_questions=(),
    )


def faults_against(core: Questionnaire, candidate: Questionnaire) -> list[Fault]:
    """Every way in which a candidate differs from the locked core by more than local items at the end."""
    faults = []
    if candidate.base != core.fingerprint:
        faults.append(fault("other_base", "base"))
    for name in ("form", "languages", "scale", "open_questions"):
        if getattr(candidate, name) != getattr(core, name):
            faults.append(fault("core_changed", name))
    return [*faults, *_changed_sections(core, candidate), *_changed_items(core, candidate)]


def _changed_sections(core: Questionnaire, candidate: Questionnaire) -> Iterator[Fault]:
    locked = _without_local(core)
    found = _without_local(candidate)
    if [section.id for section in locked] != [section.id for section in found]:
        yield fault("core_changed", "sections")
    by_id = {section.id: section for section in found}
    for section in locked:
        other = by_id.get(section.id)
        if other and (other.kind, other.title, other.formal) != (section.kind, section.title, section.formal):
            yield fault("core_changed", section.id)
        if other and [item.id for item in other.items] != [item.id for item in section.items]:
            yield fault("core_changed", f"{section.id}.items")


def _changed_items(core: Questionnaire, candidate: Questionnaire) -> Iterator[Fault]:
    for item in core.closed_questions:
        other = candidate.item(item.id)
        if other is None:
            yield fault("core_item_missing", item.id)
        elif other != item:
            yield fault("core_item_changed", item.id)
    for item in candidate.closed_questions:
        if core.item(item.id) is None and item.role is not Role.LOCAL:
            yield fault("not_local", item.id, role=item.role)


def _misplaced(core: Questionnaire, local_items: Sequence[Item]) -> Iterator[Fault]:
    if not local_items:
        yield fault("nothing_added", LOCAL_SECTION)
    for item in local_items:
        known = core.item(item.id)
        if known is not None:
            yield fault("core_item_changed", item.id)
        elif item.role is not Role.LOCAL:
            yield fault("not_local", item.id, role=item.role)


def _not_to_be_asked_again(core: Questionnaire, item_ids: list[str]) -> Iterator[Fault]:
    for item_id in item_ids:
        item = core.item(item_id)
        if item is None:
            yield fault("unknown_question", item_id)
        elif item.role is Role.CHAIR:
            # The chair's item has no consequence, so nothing about it can be put right by an order.
            yield fault("chair_not_asked_again", item_id)
        elif item.role is Role.OVERALL:
            yield fault("overall_always_asked", item_id)
    for item_id in sorted({each for each in item_ids if item_ids.count(each) > 1}):
        yield fault("repeated", item_id)


def _without_local(questionnaire: Questionnaire) -> list[Section]:
    return [section for section in questionnaire.sections if section.kind is not SectionKind.LOCAL]


def _local_section(core: Questionnaire, local_items: Sequence[Item]) -> Section:
    """A core that was itself extended keeps its local items; the new ones follow them."""
    earlier = next((section for section in core.sections if section.kind is SectionKind.LOCAL), None)
    before = earlier.items if earlier else ()
    title = _in_languages(core, LOCAL_TITLE)
    return Section(LOCAL_SECTION, SectionKind.LOCAL, title, (*before, *local_items))


def _in_languages(core: Questionnaire, wording: Wording) -> Wording:
    """Our own headings in exactly the languages of the form; an unknown language reads the Chinese."""
    return Wording(tuple((lang, wording.text(lang)) for lang in sorted(core.languages)))
