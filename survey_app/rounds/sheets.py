"""The round sheet of a home: from the rows of a round to the canonical bytes whose hash the links carry."""

from __future__ import annotations

import json
from collections.abc import Sequence

from survey_app.rounds.models import BallotClass, Round, RoundHome
from survey_app.rounds.queries import policy_of
from survey_app.seals.sheet import RoundSheet, SheetClass, fingerprint, report_fingerprint
from survey_app.units.models import Unit

HOME_ID_BYTES = 16


def home_id_bytes(home_id: int) -> bytes:
    """A home's number as it stands on the sheet."""
    return home_id.to_bytes(HOME_ID_BYTES, "big")


def round_sheet(
    round_: Round,
    home: Unit,
    classes: Sequence[BallotClass],
    *,
    questionnaire_fingerprint: str,
    opening_public: bytes,
    work_report: str,
) -> tuple[bytes, bytes]:
    """The sheet and its fingerprint; refuses a sheet that could mislead (`SheetRefused`)."""
    sheet = RoundSheet(
        round_id=bytes.fromhex(round_.id),
        round_title=round_.title,
        home_id=home_id_bytes(home.id),
        home_name=home.name,
        questionnaire_fingerprint=bytes.fromhex(questionnaire_fingerprint),
        opening_public=opening_public,
        classes=tuple(
            SheetClass(bytes.fromhex(row.id), row.label, row.members, row.issuing_public, row.levels)
            for row in sorted(classes, key=lambda row: row.ordinal)
        ),
        merge_by=policy_of(round_).class_variables,
        work_report=work_report,
    ).to_bytes()
    return sheet, fingerprint(sheet)


def levels_on(home: RoundHome) -> tuple[dict[str, dict[str, list[str]]], tuple[str, ...]] | None:
    """Levels of every class and the order of merging as the sheet fixed them before anybody voted.

    None for a sheet of before these stood on it.
    """
    sheet = json.loads(home.sheet or b"{}")
    if "merge_by" not in sheet:
        return None
    return {entry["id"]: entry["levels"] for entry in sheet["classes"]}, tuple(sheet["merge_by"])


def changed_since(home: RoundHome, classes: Sequence[BallotClass], merge_by: Sequence[str]) -> list[str]:
    """What the rows say today and the sheet says otherwise: nothing of it may change any more."""
    frozen = levels_on(home)
    if frozen is None:
        return []
    levels, order = frozen
    found = []
    if {row.id: dict(row.levels) for row in classes} != levels or tuple(merge_by) != order:
        found.append("the levels by which classes are merged are not those of the sheet")
    if json.loads(home.sheet or b"{}")["report"] != report_fingerprint(home.work_report_text):
        found.append("the work report is not the one of the sheet")
    return found
