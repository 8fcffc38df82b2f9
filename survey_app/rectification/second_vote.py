"""Plan the members' second vote: failed items and overall question, the same roster minus who left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from questionnaires import narrow
from survey_app.core.actor import Actor
from survey_app.core.errors import Fault, Invalid
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.instruments.operations import store_definition
from survey_app.instruments.queries import questionnaire_of
from survey_app.rectification.closing import begin_re_evaluation
from survey_app.rectification.models import Order
from survey_app.rectification.orders import authorise, problems_of
from survey_app.rectification.states import ISSUE
from survey_app.results.models import Result
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rosters.secrets import RosterKeys, open_contact
from survey_app.rounds.following import FollowingHome, follow
from survey_app.rounds.models import Round, RoundHome, RoundKind
from survey_app.units.models import Unit

STRATA = ("name", "employment", "age_band", "gender", "department", "contact_mac", "person_mac")


@dataclass(frozen=True)
class Leaver:
    """A member who left after the rated round: by number, with the day."""

    number: str
    left_on: date


def plan_second_vote(
    session: Session,
    actor: Actor,
    order: Order,
    keys: RosterKeys,
    leavers: Sequence[Leaver],
    *,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
) -> Round:
    """Make the round as a draft of the lead and tie the order to it; nobody joins, who left is listed."""
    authorise(session, actor, order, ISSUE)
    rated_result = session.get_one(Result, order.result_id)
    rated = session.get_one(Round, rated_result.round_id)
    # The rated home, which may have merged into another since.
    in_rated = session.get_one(RoundHome, (rated.id, rated_result.home_id))
    home = session.get_one(Unit, order.home_id)
    version = _form(session, actor, order, in_rated, at)
    roster = _roster(session, actor, order, in_rated, keys, leavers, at)
    round_ = follow(
        session,
        actor,
        rated,
        [FollowingHome(home.id, roster.id, roster.members, version.id, in_rated.channel, in_rated.cards)],
        kind=RoundKind.RE_EVALUATION,
        title=f"{home.short_name}{rated.year}年度会员再评",
        opens_at=opens_at,
        closes_at=closes_at,
        at=at,
    )
    begin_re_evaluation(session, actor, order, round_, at=at)
    return round_


def _form(
    session: Session, actor: Actor, order: Order, in_rated: RoundHome, at: datetime
) -> QuestionnaireVersion:
    core = questionnaire_of(session, in_rated.questionnaire_id)
    asked = [one.item_id for one in problems_of(session, order)]
    again = narrow(core, asked)
    return store_definition(session, actor, again, name=again.id, owner_unit_id=order.lead_id, at=at)


def _roster(
    session: Session,
    actor: Actor,
    order: Order,
    in_rated: RoundHome,
    keys: RosterKeys,
    leavers: Sequence[Leaver],
    at: datetime,
) -> Roster:
    """The frozen roster of the rated round without those who left; contacts are sealed for their new row."""
    frozen = session.get_one(Roster, in_rated.roster_id)
    members = session.scalars(
        select(RosterMember).where(RosterMember.roster_id == frozen.id).order_by(RosterMember.id)
    ).all()
    left = {one.number for one in leavers}
    unknown = left - {member.number for member in members}
    if unknown:
        raise Invalid([Fault("leaver_unknown", {"number": number}, "leavers") for number in sorted(unknown)])
    edition = session.scalar(
        select(func.max(Roster.edition)).where(Roster.home_id == order.home_id, Roster.year == frozen.year)
    )
    staying = [member for member in members if member.number not in left]
    if not staying:
        raise Invalid([Fault("nobody_stayed", {}, "leavers")])
    roster = Roster(
        home_id=order.home_id,
        year=frozen.year,
        edition=(edition or 0) + 1,
        eligible_on=frozen.eligible_on,
        state=RosterState.CONFIRMED,
        members=len(staying),
        warnings=[{"code": "left", "number": one.number, "on": one.left_on.isoformat()} for one in leavers],
        imported_at=at,
        confirmed_at=at,
        confirmed_by=actor.account_id,
    )
    session.add(roster)
    session.flush()
    session.add_all(_moved(member, frozen.id, roster.id, keys) for member in staying)
    session.flush()
    return roster


def _moved(member: RosterMember, old_id: int, new_id: int, keys: RosterKeys) -> RosterMember:
    contact = open_contact(keys.wrapping, member.contact_wrapped, old_id, member.number)
    return RosterMember(
        roster_id=new_id,
        number=member.number,
        contact_wrapped=keys.seal(contact, new_id, member.number),
        **{name: getattr(member, name) for name in STRATA},
    )
