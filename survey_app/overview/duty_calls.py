"""What each post of a round calls for, in a few words: for the role menu, and for where a person lands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.accounts.duty_calls import Call, Urgency
from survey_app.accounts.queries import HeldPost
from survey_app.core.actor import Role
from survey_app.counting.custody import Step, step_of
from survey_app.overview.duty_desks import TO_OPEN, TO_PREPARE
from survey_app.rounds.models import Round, RoundState
from survey_app.rounds.wording import STATE_TITLES
from survey_app.units.models import Unit
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

BOX_WORDS: dict[Step, Lazy] = {
    Step.MAKE_KEY: _l("请做开箱钥匙"),
    Step.REHEARSE: _l("请试开"),
    Step.OPEN: _l("请开箱"),
    Step.RESUME: _l("请接着开箱"),
    Step.DESTROY: _l("请确认撕毁口令条"),
}
ENDED = frozenset({RoundState.COUNTED, RoundState.ARCHIVED, RoundState.CANCELLED})
NOW_FOR = {
    Role.WORKING_GROUP: frozenset({RoundState.READY, RoundState.VOTING, RoundState.CLOSED}),
    Role.TELLER: frozenset({RoundState.CLOSED}),
}


def call_of_round(session: Session, post: HeldPost, at: datetime) -> Call | None:
    """The round of a post with what waits there for its holder; None when there is no such round."""
    round_ = session.get(Round, post.round_id)
    if round_ is None:
        return None
    if post.role is Role.CUSTODIAN:
        return _of_box(session, round_, post, at)
    waits = round_.state in NOW_FOR.get(post.role, frozenset())
    home = session.get_one(Unit, post.unit_id)
    return Call(
        Urgency.NOW if waits else _quiet(round_),
        f"{_title(round_)} · {home.short_name}",
        str(STATE_TITLES[RoundState(round_.state)]),
    )


def _of_box(session: Session, round_: Round, post: HeldPost, at: datetime) -> Call:
    step = step_of(session, round_, post.account_id, at=at)
    words = str(BOX_WORDS.get(step, STATE_TITLES[RoundState(round_.state)]))
    if step in TO_OPEN:
        return Call(Urgency.NOW, _title(round_), words)
    return Call(Urgency.TO_PREPARE if step in TO_PREPARE else _quiet(round_), _title(round_), words)


def _quiet(round_: Round) -> Urgency:
    return Urgency.DONE if round_.state in ENDED else Urgency.WAITING


def _title(round_: Round) -> str:
    """The title with its year, which most titles carry already."""
    return round_.title if str(round_.year) in round_.title else f"{round_.year} {round_.title}"
