"""What followed from the finished round: confirmations, publications, orders in every stage."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Role
from survey_app.demo.stage import Stage, actor_named
from survey_app.demo.story import RATED, DemoHome
from survey_app.results.models import Result, ResultState
from survey_app.results.operations import confirm, publish
from survey_app.units.models import Unit

CONFIRMED, PUBLISHED = 54, 52
LEFT_PROVISIONAL = "provisional"


def play_out(stage: Stage, round_id: str) -> None:
    """Confirm after the objection window, publish, then let every order run its part."""
    fates = {home.name: home for home in RATED}
    stage.at(CONFIRMED)
    with stage.writing() as session:
        for result, home in _results(session, round_id, fates):
            if home.fate != LEFT_PROVISIONAL and result.state == ResultState.PROVISIONAL:
                officer = actor_named(session, "quzong", Role.OFFICER)
                reason = (
                    "两个数的差别来自劳务派遣职工参评较少，按办法以折算的数为准。"
                    if "V1" in result.marks
                    else ""
                )
                confirm(session, officer, result, version=result.version, reason=reason, at=stage.now)
    stage.at(PUBLISHED)
    with stage.writing() as session:
        for result, home in _results(session, round_id, fates):
            if result.state == ResultState.FINAL and home.fate not in {"final", "proposed"}:
                publish(session, actor_named(session, "quzong", Role.OFFICER), result, at=stage.now)


def _results(session: Session, round_id: str, fates: dict[str, DemoHome]) -> list[tuple[Result, DemoHome]]:
    rows = session.execute(
        select(Result, Unit.name).join(Unit, Unit.id == Result.home_id).where(Result.round_id == round_id)
    )
    return [(result, fates[name]) for result, name in rows]
