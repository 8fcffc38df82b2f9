"""The working-day calendar by which limits of results are computed, and the limit of publishing."""

from __future__ import annotations

from datetime import date

from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.results.models import Result
from survey_app.rounds.policy import Policy
from survey_app.workdays import Calendar

__all__ = ["WORKDAYS_TO_ACT", "calendar_of", "publish_by"]

WORKDAYS_TO_ACT = 5


def publish_by(result: Result, policy: Policy, calendar: Calendar) -> date:
    """Until when the result should be public: by the policy, but never before its final rating allows."""
    by_policy = calendar.add_workdays(beijing_day(result.provisional_at), policy.publish_workdays).date
    if result.confirmed_at is None:
        return by_policy
    return max(by_policy, calendar.add_workdays(beijing_day(result.confirmed_at), WORKDAYS_TO_ACT).date)
