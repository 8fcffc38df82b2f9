"""A home rated 不满意 on a frozen roster, not confirmed yet: where the life of an order begins."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from scoring import RatingClass
from survey_app.core.db import committing, write_session
from survey_app.counting.models import HomeCount
from survey_app.results.models import Result, ResultState
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rosters.secrets import RosterKeys
from survey_app.rounds.models import RoundHome
from survey_app.units.models import Unit
from tests.support.orders import make_rated_round, make_result
from tests.walks.installation import Walk

MEMBERS = 60
UNHAPPY = (4, 8, 34, 1)
"""Satisfied, basic, dissatisfied, unknown: 47 of 60 voted."""
WEAK = {"q5": (6, 8, 30), "q6": (8, 6, 28), "q9": (9, 7, 26)}


def rate_unhappily(walk: Walk) -> None:
    """What a counted round leaves behind: figures, a provisional rating, the frozen roster."""
    with committing(write_session(walk.databases.roster)) as session:
        home = session.get_one(Unit, walk.homes["长河机械厂工会"])
        district = session.get_one(Unit, home.parent_id)
        rated = make_rated_round(session, district, [home])
        rated.deputies, rated.notice = ["何静", "吕强"], "请评一评这一年工会的工作。"
        rated.privacy_handler, rated.privacy_contact = "柳堤区总工会", "010-0000-0000"
        place = session.get_one(RoundHome, (rated.id, home.id))
        place.members, place.roster_id = MEMBERS, _frozen_roster(session, walk, home.id).id
        result = make_result(
            session,
            rated,
            home,
            UNHAPPY,
            weak=WEAK,
            state=ResultState.PROVISIONAL,
            members=MEMBERS,
            at=walk.clock(),
        )
        result.confirmed_at = None
        session.add(_counted(result))
        session.flush()
        assert session.scalars(select(Result.rating_class)).one() == RatingClass.DISSATISFIED


def _frozen_roster(session: Session, walk: Walk, home_id: int) -> Roster:
    keys = RosterKeys.of(walk.settings)
    roster = Roster(
        home_id=home_id,
        year=2026,
        eligible_on=date(2026, 9, 1),
        state=RosterState.FROZEN,
        members=MEMBERS,
        warnings=[],
    )
    session.add(roster)
    session.flush()
    for number in range(1, MEMBERS + 1):
        name = f"CH{number:04d}"
        session.add(
            RosterMember(
                roster_id=roster.id,
                number=name,
                name=f"会员{number}",
                employment="合同制",
                contact_wrapped=keys.seal(f"138{number:08d}", roster.id, name),
            )
        )
    return roster


def _counted(result: Result) -> HomeCount:
    valid = sum(UNHAPPY)
    return HomeCount(
        round_id=result.round_id,
        home_id=result.home_id,
        members=MEMBERS,
        issued=valid,
        replaced=0,
        exchanged_card=0,
        exchanged_paper=0,
        sealed=valid,
        paper=0,
        valid=valid,
        void=0,
        unopened=False,
        held=[],
        groups=[],
        leaves_root=bytes(32),
        ballots_digest=bytes(32),
        tallies_digest=bytes(32),
    )
