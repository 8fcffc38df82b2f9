"""The round sheet of a home: from the rows of a round to the canonical bytes whose hash the links carry."""

from __future__ import annotations

from collections.abc import Sequence

from survey_app.rounds.models import BallotClass, Round
from survey_app.seals.sheet import RoundSheet, SheetClass, fingerprint
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
            SheetClass(bytes.fromhex(row.id), row.label, row.members, row.issuing_public)
            for row in sorted(classes, key=lambda row: row.ordinal)
        ),
    ).to_bytes()
    return sheet, fingerprint(sheet)
