"""What followed from the finished rounds: confirmations and publications, home by home, each on its day."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.demo import orders
from survey_app.demo.stage import Stage, actor_named
from survey_app.demo.story import INDUSTRY, RATED, DemoHome
from survey_app.results.models import Result, ResultState
from survey_app.results.operations import confirm, publish
from survey_app.units.models import Unit

CONFIRMED, PUBLISHED_LATER = 54, 2
# Homes whose officer took longer, so that their orders stand at an earlier stage today.
CONFIRMED_LATE = {"plan_under_review": 24, "served": 9, "proposed": 6}
LEFT_PROVISIONAL, LEFT_FINAL = "provisional", {"final", "proposed"}

STORIES: dict[str, Callable[[Stage, orders.Case], None]] = {
    "overdue": orders.overdue,
    "rectifying": orders.rectifying,
    "plan_under_review": orders.plan_under_review,
    "served": orders.served,
    "passed": orders.passed,
    "awaiting_inspection": orders.awaiting_inspection,
    "reminder_closed": orders.reminder_closed,
    "proposed": orders.proposed,
}


def play_out(stage: Stage) -> None:
    """Confirm after the objection window, publish, and let every order run its part."""
    for number, home in enumerate(RATED, start=1):
        if home.fate == LEFT_PROVISIONAL:
            continue
        days_ago = CONFIRMED_LATE.get(home.fate, CONFIRMED)
        stage.at(days_ago)
        with stage.writing() as session:
            result = _result(session, home)
            if result.state != ResultState.PROVISIONAL:
                continue
            confirm(
                session,
                _officer(session, home),
                result,
                version=result.version,
                reason=_why(result),
                at=stage.now,
            )
        stage.at(days_ago - PUBLISHED_LATER)
        if home.fate not in LEFT_FINAL:
            with stage.writing() as session:
                publish(session, _officer(session, home), _result(session, home), at=stage.now)
        if home.fate in STORIES:
            STORIES[home.fate](stage, orders.Case(home, f"zhuxi{number}", _login(home)))
    orders.let_days_pass(stage)


def _why(result: Result) -> str:
    two_sides = "V1" in result.marks
    return "两个数的差别来自参评少的一类，按办法以折算的数为准。" if two_sides else ""


def _login(home: DemoHome) -> str:
    return "chanye" if home.parent == INDUSTRY else "quzong"


def _officer(session: Session, home: DemoHome) -> Actor:
    return actor_named(session, _login(home), Role.OFFICER)


def _result(session: Session, home: DemoHome) -> Result:
    return session.scalars(
        select(Result).join(Unit, Unit.id == Result.home_id).where(Unit.name == home.name)
    ).one()
