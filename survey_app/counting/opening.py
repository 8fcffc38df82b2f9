"""Count: unlock the opening key, open every home that is not open, then erase the key. Resumable.

The passphrase is met here and nowhere else, in the memory of one process (`child`). A wrong one changes
nothing. If the process dies, the custodians type again and it goes on with the homes that are left.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import datetime
from multiprocessing import get_context

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.box.models import Opening, Paper
from survey_app.core.actor import Actor
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Refused
from survey_app.counting.classes import levels_in_order
from survey_app.counting.home_opening import HomeTask, open_home
from survey_app.counting.models import CountingRun, HomeCount, PaperBatch
from survey_app.counting.paper_sealing import settled_paper
from survey_app.counting.run import BEAT_S, beat, beating, is_alive, let_go, note_home, own_run
from survey_app.counting.tallies import index_weights
from survey_app.counting.vacuum import vacuum_box
from survey_app.instruments.queries import questionnaire_of
from survey_app.invitations.queries import entitlements, redeemed_groups
from survey_app.journal.operations import record
from survey_app.outbox.jobs import Workshop
from survey_app.rounds.models import BallotClass, CustodianStep, Round, RoundHome, RoundSecret, RoundState
from survey_app.rounds.operations import move
from survey_app.rounds.policy import Policy
from survey_app.rounds.queries import policy_of
from survey_app.rounds.readiness import refuse_unless_complete
from survey_app.rounds.sheets import levels_on
from survey_app.seals.errors import LockBroken
from survey_app.seals.opening import passphrase, public_of, unlock
from survey_app.units.models import Unit

Started = Callable[[], None]


def count(
    workshop: Workshop,
    round_id: str,
    halves: tuple[str, str],
    actor: Actor,
    *,
    workers: int = 1,
    started: Started = lambda: None,
) -> None:
    """Open every home of a closed round; ends with the opening key erased and the figures on the roster side.

    Raises `HalfMistyped`, or Refused for a passphrase of another key, another state, or a count that runs.
    `started` is called when the key is unlocked and the state is set: from then on nothing needs the halves.
    """
    private = unlocked(workshop.databases, round_id, halves)
    todo = _todo(workshop.databases, round_id)
    _refuse_unsettled_paper(workshop.databases, round_id, {home_id for home_id, _name in todo})
    token = _begin(workshop, round_id, actor, left=len(todo))
    started()

    def give_beat() -> None:
        beat(workshop, round_id, token)

    try:
        tasks = ((name, _task(workshop, round_id, home_id)) for home_id, name in todo)
        useful = min(workers, len(todo))
        for name in _open_all(workshop.databases, tasks, private, useful, give_beat):
            note_home(workshop, round_id, token, name)
        del private
        with beating(give_beat):
            vacuum_box(workshop.databases)
        _finish(workshop, round_id, token, actor)
    except Exception:
        let_go(workshop, round_id, token)
        raise


def unlocked(databases: Databases, round_id: str, halves: tuple[str, str]) -> RSAPrivateKey:
    """The private opening key, if both halves are right and it is the key on the sheets."""
    secret_words = passphrase(*halves)
    with reading(read_session(databases.roster)) as session:
        secret = session.get(RoundSecret, round_id)
        locked, public = (secret.opening_ciphertext, secret.opening_public) if secret else (None, None)
    if locked is None:
        raise Refused("opening_key_erased")
    try:
        private = unlock(locked, secret_words)
    except LockBroken:
        raise Refused("passphrase_wrong") from None
    if public_of(private) != public:
        raise Refused("passphrase_wrong")
    return private


def _begin(workshop: Workshop, round_id: str, actor: Actor, *, left: int) -> str:
    """Set the state, or take over from a process that died; two processes never count one round."""
    at, token = workshop.clock(), secrets.token_hex(16)
    with committing(write_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id, with_for_update=True)
        run = session.get(CountingRun, round_id, with_for_update=True)
        if is_alive(run, at):
            raise Conflict("counting_runs_already")
        resumed = round_.state == RoundState.COUNTING
        if not resumed:
            refuse_unless_complete(session, round_, "count")
            move(session, round_, "count")
        homes = session.scalars(select(RoundHome.home_id).where(RoundHome.round_id == round_id)).all()
        run = run or CountingRun(round_id=round_id)
        run.token, run.beat_at, run.total, run.home = token, at, len(homes), ""
        run.done = len(homes) - left
        session.add(run)
        verb = "round.count_resumed" if resumed else "round.count_started"
        record(session, actor, verb, "round", round_id, at=at)
        note_step(session, round_id, actor, "opened", at=at)
    return token


def note_step(session: Session, round_id: str, actor: Actor, step: str, *, at: datetime) -> None:
    """Note once that a custodian took a step of the ceremony; the command line has no account to note."""
    if actor.is_system:
        return
    noted = session.scalars(
        select(CustodianStep.id).where(
            CustodianStep.round_id == round_id,
            CustodianStep.account_id == actor.account_id,
            CustodianStep.step == step,
        )
    ).first()
    if noted is None:
        session.add(CustodianStep(round_id=round_id, account_id=actor.account_id, step=step, at=at))
        session.flush()


def _refuse_unsettled_paper(databases: Databases, round_id: str, waiting: set[int]) -> None:
    """Every form keyed twice alike and still there, before anything is opened."""
    with reading(read_session(databases.roster)) as session:
        piles = session.execute(
            select(PaperBatch.home_id, PaperBatch.sheets).where(
                PaperBatch.round_id == round_id, PaperBatch.settled
            )
        ).all()
    wanted: Counter[int] = Counter()
    for home_id, sheets in piles:
        wanted[home_id] += sheets
    with reading(read_session(databases.box)) as box:
        keyed = box.scalars(select(Paper.home_id).where(Paper.round_id == round_id).distinct()).all()
        for home_id in waiting & {*wanted, *keyed}:
            if len(settled_paper(box, round_id, home_id)) != wanted[home_id]:
                raise Refused("paper_not_settled", home=home_id)


def _todo(databases: Databases, round_id: str) -> list[tuple[int, str]]:
    """Homes whose box is not open yet, with their names."""
    with reading(read_session(databases.box)) as box:
        done = set(box.scalars(select(Opening.home_id).where(Opening.round_id == round_id)))
    with reading(read_session(databases.roster)) as session:
        rows = session.execute(
            select(RoundHome.home_id, Unit.name)
            .join(Unit, Unit.id == RoundHome.home_id)
            .where(RoundHome.round_id == round_id)
            .order_by(RoundHome.home_id)
        )
        return [(home_id, name) for home_id, name in rows if home_id not in done]


def home_task(session: Session, round_id: str, home_id: int, pepper: bytes = b"") -> HomeTask:
    """What the roster side tells the opening of a home."""
    policy = policy_of(session.get_one(Round, round_id))
    home = session.get_one(RoundHome, (round_id, home_id))
    questionnaire = questionnaire_of(session, home.questionnaire_id)
    classes = session.scalars(
        select(BallotClass).where(BallotClass.round_id == round_id, BallotClass.home_id == home_id)
    )
    levels = {row.id: row.levels for row in classes}
    # What the sheet fixed before the vote decides which classes are merged, whatever the rows say by now.
    levels, merge_by = levels_on(home) or (levels, policy.class_variables)
    return HomeTask(
        round_id=round_id,
        home_id=home_id,
        given=tuple(entitlements(session, round_id, home_id)),
        levels={class_id: levels_in_order(level, merge_by) for class_id, level in levels.items()},
        questionnaire=questionnaire,
        weights=index_weights(questionnaire, policy.to_dict()),
        pepper=pepper,
    )


def _open_all(
    databases: Databases,
    tasks: Iterator[tuple[str, HomeTask]],
    private: RSAPrivateKey,
    workers: int,
    give_beat: Callable[[], None],
) -> Iterator[str]:
    """Open the homes, one worker process per core when there are several; yields each name when done."""
    if workers < 2:
        for name, task in tasks:
            with beating(give_beat):
                open_home(databases.box, private, task)
            yield name
        return
    # Forked, so that the key is inherited in memory and written nowhere; this process has no other thread.
    databases.dispose()
    with ProcessPoolExecutor(
        workers, mp_context=get_context("fork"), initializer=_equip, initargs=(databases, private)
    ) as pool:
        running: dict[Future[None], str] = {}
        for name, task in tasks:
            running[pool.submit(_open_in_worker, task)] = name
            if len(running) >= 2 * workers:
                yield from _finished(running, give_beat)
        while running:
            yield from _finished(running, give_beat)


def _finished(running: dict[Future[None], str], give_beat: Callable[[], None]) -> Iterator[str]:
    # The beat comes from here and not from a thread: the pool forks.
    while not (done := wait(running, timeout=BEAT_S, return_when=FIRST_COMPLETED).done):
        give_beat()
    for future in done:
        future.result()
        yield running.pop(future)


def _task(workshop: Workshop, round_id: str, home_id: int) -> HomeTask:
    with reading(read_session(workshop.databases.roster)) as session:
        return home_task(session, round_id, home_id, workshop.settings.code_pepper)


_equipment: list[tuple[Databases, RSAPrivateKey]] = []


def _equip(databases: Databases, private: RSAPrivateKey) -> None:
    # Connections of the parent must not be shared: this process opens its own.
    databases.roster.dispose(close=False)
    databases.box.dispose(close=False)
    _equipment.append((databases, private))


def _open_in_worker(task: HomeTask) -> None:
    databases, private = _equipment[0]
    open_home(databases.box, private, task)


def _finish(workshop: Workshop, round_id: str, token: str, actor: Actor) -> None:
    """Write every home's figures on the roster side and erase the locked opening key, in one transaction."""
    at = workshop.clock()
    with reading(read_session(workshop.databases.box)) as box:
        openings = box.scalars(select(Opening).where(Opening.round_id == round_id)).all()
    with committing(write_session(workshop.databases.roster)) as session:
        run = own_run(session, round_id, token)
        policy = policy_of(session.get_one(Round, round_id))
        for opening in openings:
            if session.get(HomeCount, (round_id, opening.home_id)) is None:
                home = home_figures(session, opening, policy)
                session.add(home)
                _journal(session, actor, home, at)
        secret = session.get_one(RoundSecret, round_id)
        secret.opening_ciphertext, secret.erased_at = None, at
        run.beat_at, run.opened_at, run.done = at, at, run.total
        record(session, actor, "round.opening_key_erased", "round", round_id, at=at)


def home_figures(session: Session, opening: Opening, policy: Policy) -> HomeCount:
    """The roster side's record of an opening, with the sums of its own side beside it."""
    given = entitlements(session, opening.round_id, opening.home_id)
    groups = redeemed_groups(
        session, opening.round_id, opening.home_id, policy.class_variables, least=policy.class_least
    )
    return HomeCount(
        round_id=opening.round_id,
        home_id=opening.home_id,
        members=sum(one.members for one in given),
        issued=sum(one.issued for one in given),
        replaced=sum(one.replaced for one in given),
        exchanged_card=sum(one.exchanged_card for one in given),
        exchanged_paper=sum(one.exchanged_paper for one in given),
        sealed=opening.sealed,
        paper=opening.paper,
        valid=opening.valid,
        void=opening.void,
        unopened=bool(opening.unopened),
        held=json.loads(opening.held),
        acceptances=[],
        groups=[
            {"variable": one.variable, "label": one.label, "members": one.members, "redeemed": one.redeemed}
            for one in groups
        ],
        leaves_root=opening.leaves_root,
        ballots_digest=opening.ballots_digest,
        tallies_digest=opening.tallies_digest,
        traits=json.loads(opening.traits) if opening.traits else None,
    )


def _journal(session: Session, actor: Actor, home: HomeCount, at: datetime) -> None:
    record(
        session,
        actor,
        "home.counted",
        "round_home",
        f"{home.round_id}/{home.home_id}",
        at=at,
        sealed=home.sealed,
        valid=home.valid,
        void=home.void,
        leaves=home.leaves_root.hex(),
        ballots=home.ballots_digest.hex(),
        tallies=home.tallies_digest.hex(),
    )
