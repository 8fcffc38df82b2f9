"""What the things of the journal are called: people, unions, rounds, results, orders, by their stored ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.rectification.models import Order
from survey_app.results.models import Result
from survey_app.rosters.models import Roster
from survey_app.rounds.models import Round, SchemeVersion
from survey_app.units.models import Unit
from survey_app.web.i18n import gettext

Names = Mapping[str, str]
PLACE_PARTS = 2  # a home in a round: <round>/<home>


def _numbers(ids: set[str]) -> list[int]:
    return [int(one) for one in ids if one.isdecimal()]


def _by_number(statement: Any, key: Any, say: Callable[..., str]) -> Callable[[Session, set[str]], Names]:
    """A namer for things with a number: the first column is the number, the others go into the sentence."""

    def namer(session: Session, ids: set[str]) -> Names:
        rows = session.execute(statement.where(key.in_(_numbers(ids))))
        return {str(row[0]): say(*row[1:]) for row in rows}

    return namer


def _as_it_stands(name: str) -> str:
    return name


def _of_year(name: str, year: int) -> str:
    return gettext("%(unit)s%(year)s年", unit=name, year=year)


def _order(number: str, name: str) -> str:
    return gettext("%(unit)s %(number)s", unit=name, number=number or gettext("没有编号的通知"))


def _rounds(session: Session, ids: set[str]) -> Names:
    return {
        row.id: row.title for row in session.execute(select(Round.id, Round.title).where(Round.id.in_(ids)))
    }


def _round_homes(session: Session, ids: set[str]) -> Names:
    pairs = {one: one.split("/") for one in ids if one.count("/") == PLACE_PARTS - 1}
    rounds = _rounds(session, {pair[0] for pair in pairs.values()})
    homes = _unit_names(session, {pair[1] for pair in pairs.values()})
    return {
        one: gettext("%(round)s，%(unit)s", round=rounds[round_id], unit=homes[home_id])
        for one, (round_id, home_id) in pairs.items()
        if round_id in rounds and home_id in homes
    }


_unit_names = _by_number(select(Unit.id, Unit.name), Unit.id, _as_it_stands)
NAMERS = {
    "unit": _unit_names,
    "home": _unit_names,
    "account": _by_number(select(Account.id, Account.name), Account.id, _as_it_stands),
    "post": _by_number(
        select(Post.id, Account.name).join(Account, Account.id == Post.account_id), Post.id, _as_it_stands
    ),
    "questionnaire": _by_number(
        select(QuestionnaireVersion.id, QuestionnaireVersion.title), QuestionnaireVersion.id, _as_it_stands
    ),
    "scheme": _by_number(select(SchemeVersion.id, SchemeVersion.title), SchemeVersion.id, _as_it_stands),
    "roster": _by_number(
        select(Roster.id, Unit.name, Roster.year).join(Unit, Unit.id == Roster.home_id), Roster.id, _of_year
    ),
    "result": _by_number(
        select(Result.id, Unit.name, Result.year).join(Unit, Unit.id == Result.home_id), Result.id, _of_year
    ),
    "order": _by_number(
        select(Order.id, Order.number, Unit.short_name).join(Unit, Unit.id == Order.home_id), Order.id, _order
    ),
    "round": _rounds,
    "round_home": _round_homes,
}
