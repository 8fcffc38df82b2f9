"""A round that follows another, on the frozen rosters of the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import NotFound
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.rounds.models import Channel, Round, RoundHome, RoundKind, SchemeVersion
from survey_app.rounds.operations import create_round
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below

COPIED = ("deputies", "notice", "privacy_handler", "privacy_contact", "privacy_text")


@dataclass(frozen=True)
class FollowingHome:
    """A home of the new round: whose roster votes again, on which form, by which channel."""

    home_id: int
    roster_id: int
    members: int
    questionnaire_id: int
    channel: str = Channel.LINKS
    cards: int = 0


def follow(
    session: Session,
    actor: Actor,
    earlier: Round,
    homes: Sequence[FollowingHome],
    *,
    kind: RoundKind,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
) -> Round:
    """Plan the round that follows `earlier`; keys, links and custodians are made anew as for any round."""
    organiser = session.get_one(Unit, earlier.organiser_id)
    if not is_below(session, organiser.id, actor.unit_id, Line.AFFILIATION):
        raise NotFound("round")
    first = homes[0]
    values = {
        **{name: getattr(earlier, name) for name in COPIED},
        "title": title.strip(),
        "year": earlier.year,
        "kind": kind,
        "electorate": earlier.electorate,
        "follows_round_id": earlier.id,
        "opens_at": opens_at,
        "closes_at": closes_at,
    }
    scheme = session.get_one(SchemeVersion, earlier.scheme_id)
    questionnaire = session.get_one(QuestionnaireVersion, first.questionnaire_id)
    made = create_round(session, actor, organiser, scheme, questionnaire, values=values, at=at)
    made.policy = dict(earlier.policy)
    for one in homes:
        session.add(
            RoundHome(
                round_id=made.id,
                home_id=one.home_id,
                ordinary_year=None,
                roster_id=one.roster_id,
                questionnaire_id=one.questionnaire_id,
                members=one.members,
                channel=one.channel,
                cards=one.cards,
            )
        )
    session.flush()
    return made
