"""Where the custodians stand: one step of the ceremony per page, derived from what has happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account
from survey_app.counting.ceremony import may_finish
from survey_app.counting.models import CountingRun, HomeCount
from survey_app.counting.queries import counting_run, custodian_ids
from survey_app.counting.run import is_alive
from survey_app.rounds.models import Round, RoundSecret, RoundState
from survey_app.rounds.queries import custodian_steps
from survey_app.units.models import Unit


class Step(StrEnum):
    """What the page asks for now."""

    MAKE_KEY = "make_key"
    REHEARSE = "rehearse"
    WAIT = "wait"
    OPEN = "open"
    COUNTING = "counting"
    RESUME = "resume"
    DESTROY = "destroy"
    WAIT_FOR_OTHERS = "wait_for_others"
    DONE = "done"
    CANCELLED = "cancelled"


STAGE = {
    Step.MAKE_KEY: 0,
    Step.REHEARSE: 1,
    Step.WAIT: 2,
    Step.OPEN: 3,
    Step.COUNTING: 3,
    Step.RESUME: 3,
    Step.DESTROY: 4,
    Step.WAIT_FOR_OTHERS: 4,
    Step.DONE: 6,
    Step.CANCELLED: 0,
}


@dataclass(frozen=True)
class Keeper:
    """A custodian and which steps he has taken."""

    account_id: int
    name: str
    steps: frozenset[str]


@dataclass(frozen=True)
class HomeLine:
    """A counted home on the custodians' page: figures of the opening, never a result."""

    home_id: int
    name: str
    sealed: int
    valid: int
    void: int
    unopened: bool
    is_held: bool


STILL_TO_DO = {Step.WAIT: "rehearsed", Step.WAIT_FOR_OTHERS: "destroyed"}
"""While a custodian waits: the step that another one has not taken yet."""


@dataclass(frozen=True)
class Custody:
    """Everything the custodians' page shows."""

    step: Step
    run: CountingRun | None
    keepers: tuple[Keeper, ...]
    homes: tuple[HomeLine, ...]
    public: bytes
    locked: bytes

    @property
    def stage(self) -> int:
        """The place in the row of steps."""
        return STAGE[self.step]

    @property
    def awaited(self) -> tuple[str, ...]:
        """Whom the ceremony waits for, by name, while this custodian has nothing to do."""
        wanted = STILL_TO_DO.get(self.step)
        return tuple(keeper.name for keeper in self.keepers if wanted and wanted not in keeper.steps)


def custody_of(session: Session, round_: Round, account_id: int, *, at: datetime) -> Custody:
    """The custodians' view of a round for one of them."""
    secret = session.get(RoundSecret, round_.id)
    steps = custodian_steps(session, round_.id)
    run = counting_run(session, round_.id)
    return Custody(
        step=_step(session, round_, secret, steps, run, account_id, at),
        run=run,
        keepers=_keepers(session, round_.id, steps),
        homes=_homes(session, round_.id),
        public=(secret.opening_public if secret else None) or b"",
        locked=(secret.opening_ciphertext if secret else None) or b"",
    )


def step_of(session: Session, round_: Round, account_id: int, *, at: datetime) -> Step:
    """What the custodians' page asks of one of them now."""
    return _step(
        session,
        round_,
        session.get(RoundSecret, round_.id),
        custodian_steps(session, round_.id),
        counting_run(session, round_.id),
        account_id,
        at,
    )


def _step(
    session: Session,
    round_: Round,
    secret: RoundSecret | None,
    steps: dict[str, set[int]],
    run: CountingRun | None,
    account_id: int,
    at: datetime,
) -> Step:
    if round_.state == RoundState.CANCELLED:
        return Step.CANCELLED
    if round_.state == RoundState.DRAFT:
        return _before_ready(secret, steps, account_id)
    if round_.state == RoundState.CLOSED:
        return Step.OPEN
    if round_.state == RoundState.COUNTING:
        return _while_counting(session, round_, steps, run, account_id, at)
    return Step.DONE if round_.state in (RoundState.COUNTED, RoundState.ARCHIVED) else Step.WAIT


def _before_ready(secret: RoundSecret | None, steps: dict[str, set[int]], account_id: int) -> Step:
    if secret is None or secret.opening_public is None:
        return Step.MAKE_KEY
    return Step.WAIT if account_id in steps.get("rehearsed", set()) else Step.REHEARSE


def _while_counting(
    session: Session,
    round_: Round,
    steps: dict[str, set[int]],
    run: CountingRun | None,
    account_id: int,
    at: datetime,
) -> Step:
    if run is None or run.opened_at is None:
        return Step.COUNTING if is_alive(run, at) else Step.RESUME
    if account_id not in steps.get("destroyed", set()):
        return Step.DESTROY
    return Step.COUNTING if may_finish(session, round_) else Step.WAIT_FOR_OTHERS


def _keepers(session: Session, round_id: str, steps: dict[str, set[int]]) -> tuple[Keeper, ...]:
    accounts = session.scalars(
        select(Account).where(Account.id.in_(custodian_ids(session, round_id))).order_by(Account.name)
    )
    return tuple(
        Keeper(one.id, one.name, frozenset(step for step, who in steps.items() if one.id in who))
        for one in accounts
    )


def _homes(session: Session, round_id: str) -> tuple[HomeLine, ...]:
    rows = session.execute(
        select(HomeCount, Unit.name)
        .join(Unit, Unit.id == HomeCount.home_id)
        .where(HomeCount.round_id == round_id)
        .order_by(Unit.name)
    )
    return tuple(
        HomeLine(count.home_id, name, count.sealed, count.valid, count.void, count.unopened, _is_held(count))
        for count, name in rows
    )


def _is_held(count: HomeCount) -> bool:
    return bool(count.held) and not count.hold_accepted_reason and not count.void_reason
