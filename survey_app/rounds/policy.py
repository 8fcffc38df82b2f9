"""The policy (评议办法) of a round as data: every number that decides something, with its default.

A superior issues it; a lower level may only make it stricter. The defaults and their reasons stand in
docs/method.md (rating) and docs/orders.md (time limits).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any

from survey_app.core.errors import Fault, Invalid

BASES = ("weighted", "raw")
CLASS_VARIABLES = ("employment", "age_band", "gender", "department")


@dataclass(frozen=True)
class Policy:
    """Shares are between 0 and 1; `*_workdays` count legal working days, `*_days` calendar days."""

    t_bad: float = 0.60
    t_remind: float = 0.80
    t_remind_strict: float = 0.50
    t_good: float = 0.90
    alpha: float = 0.05
    min_ballots: int = 10
    min_turnout: str = "1/2"
    award_turnout: str = "2/3"
    award_min_ballots: int = 10
    max_unknown: str = "1/3"
    basis: str = "weighted"
    class_variables: tuple[str, ...] = CLASS_VARIABLES
    class_least: int = 15
    class_most: int = 8
    dimension_weights: tuple[int, ...] = (25, 25, 25, 25)
    objection_workdays: int = 10
    publish_workdays: int = 15
    issue_workdays: int = 10
    acknowledge_workdays: int = 3
    plan_workdays_a: int = 5
    plan_workdays_b: int = 10
    plan_workdays_c: int = 15
    completion_days_a: int = 30
    completion_days_b: int = 60
    completion_days_c: int = 90
    review_workdays: int = 5
    report_workdays: int = 5
    inspection_workdays: int = 15
    inspectors: int = 2
    extension_days: int = 30
    extension_ask_workdays: int = 5
    extension_answer_workdays: int = 5
    re_evaluation_days: int = 30
    reminders: int = 2

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Policy:
        """Rebuild a stored policy; unknown fields are faults, missing ones take their default."""
        known = {field.name for field in fields(cls)}
        faults = [Fault("policy_unknown_field", {"name": name}, name) for name in data if name not in known]
        if faults:
            raise Invalid(faults)
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        policy = cls(**values)
        found = policy.faults()
        if found:
            raise Invalid(found)
        return policy

    def to_dict(self) -> dict[str, Any]:
        """The policy as JSON values, for freezing in the round."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    def share(self, name: str) -> Fraction:
        """A share that is compared between whole numbers, exactly."""
        return Fraction(getattr(self, name))

    def faults(self) -> list[Fault]:
        """Everything wrong with the numbers, not the first thing."""
        return [*self._share_faults(), *self._count_faults(), *self._span_faults()]

    def _share_faults(self) -> list[Fault]:
        faults = []
        if not 0 < self.t_bad <= self.t_remind <= self.t_good < 1:
            faults.append(Fault("policy_lines_out_of_order", {}, "t_bad"))
        if not 0 < self.alpha < 0.5:
            faults.append(Fault("policy_out_of_range", {"name": "alpha"}, "alpha"))
        for name in ("min_turnout", "award_turnout", "max_unknown"):
            try:
                fits = 0 <= self.share(name) <= 1
            except (ValueError, ZeroDivisionError):
                fits = False
            if not fits:
                faults.append(Fault("policy_out_of_range", {"name": name}, name))
        if self.basis not in BASES:
            faults.append(Fault("policy_out_of_range", {"name": "basis"}, "basis"))
        if sum(self.dimension_weights) != 100 or min(self.dimension_weights, default=0) < 0:
            faults.append(Fault("policy_weights_not_100", {}, "dimension_weights"))
        return faults

    def _count_faults(self) -> list[Fault]:
        faults = []
        # Ten is the floor of anonymity: a policy may raise it, never lower it (anonymity.md section 3).
        for name, least in (("min_ballots", 10), ("award_min_ballots", 10), ("class_least", 15)):
            if getattr(self, name) < least:
                faults.append(Fault("policy_below_floor", {"name": name, "least": least}, name))
        if not 1 <= self.class_most <= 8:
            faults.append(Fault("policy_out_of_range", {"name": "class_most"}, "class_most"))
        unknown = [name for name in self.class_variables if name not in CLASS_VARIABLES]
        if unknown or len(set(self.class_variables)) != len(self.class_variables):
            faults.append(Fault("policy_class_variables", {}, "class_variables"))
        if self.inspectors < 1 or not 0 <= self.reminders <= 2:
            faults.append(Fault("policy_out_of_range", {"name": "inspectors"}, "inspectors"))
        return faults

    def _span_faults(self) -> list[Fault]:
        faults = [
            Fault("policy_out_of_range", {"name": field.name}, field.name)
            for field in fields(self)
            if field.name.endswith(("_workdays", "_days", "_a", "_b", "_c")) and getattr(self, field.name) < 0
        ]
        # Plan and review together must leave at least half of the time for the work itself
        # (working days are counted as 7/5 calendar days).
        for grade in "abc":
            before = (getattr(self, f"plan_workdays_{grade}") + self.review_workdays) * 7 / 5
            whole = getattr(self, f"completion_days_{grade}")
            if before > whole / 2:
                faults.append(
                    Fault("policy_plan_takes_too_long", {"grade": grade.upper()}, f"completion_days_{grade}")
                )
        return faults

    def loosened_against(self, parent: Policy) -> list[Fault]:
        """What this policy relaxes compared with the level above; lower levels may only tighten."""
        at_least = ("min_ballots", "award_min_ballots", "class_least", "inspectors", "t_bad", "t_good")
        loosened = [name for name in at_least if getattr(self, name) < getattr(parent, name)]
        for name in ("min_turnout", "award_turnout"):
            if self.share(name) < parent.share(name):
                loosened.append(name)
        if self.share("max_unknown") > parent.share("max_unknown"):
            loosened.append("max_unknown")
        if self.basis != parent.basis:
            loosened.append("basis")
        return [Fault("policy_loosened", {"name": name}, name) for name in loosened]
