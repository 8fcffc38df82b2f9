"""The one place where tests make counted homes without a vote: a round at `counted` with tallies in the box.

Rows are what counting leaves behind (its own `tally` makes the sums); rating and everything after it runs
through the real operations.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import Questionnaire, load
from survey_app.accounts.models import Post
from survey_app.box.models import BoxComment, CountingClass, ScoreSum, Tally
from survey_app.core.actor import Actor, Role
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.settings import Settings
from survey_app.counting.models import HomeCount
from survey_app.counting.tallies import index_weights, tally
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.invitations.models import TurnoutDay
from survey_app.outbox.jobs import LeasedJob, Workshop
from survey_app.results.models import Result
from survey_app.results.rating import rate_round
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rounds.models import BallotClass, Round, RoundHome, RoundState, SchemeVersion
from survey_app.rounds.policy import Policy
from survey_app.units.models import Unit
from tests.support.cast import (
    DeskClient,
    StandingClock,
    actor_for,
    make_account,
    make_app,
    make_home,
    make_unit,
    signed_in_client,
)

COUNTED_AT = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
Answers = tuple[int, int, int, int]  # 满意, 基本满意, 不满意, 不了解


@dataclass(frozen=True)
class CountedClassSpec:
    """A counting class: members, and how its ballots answered; items not named answer like `overall`."""

    label: str
    members: int
    overall: Answers
    items: Mapping[str, Answers] = field(default_factory=dict)
    blank: int = 0  # ballots without an answer to the overall question
    strata: tuple[tuple[int, int], ...] = ()  # members and ballots cast of the ballot classes merged into it

    @property
    def valid(self) -> int:
        return sum(self.overall) + self.blank


@dataclass(frozen=True)
class CountedSpec:
    """A counted home."""

    classes: tuple[CountedClassSpec, ...]
    name: str | None = None
    comments: tuple[tuple[str, str], ...] = ()
    held: tuple[Mapping[str, Any], ...] = ()
    void: int = 0
    unopened: int = 0  # ballots received in a home whose box stays closed
    names: tuple[str, ...] = ()  # on the roster

    @classmethod
    def of(cls, members: int, overall: Answers, **more: Any) -> CountedSpec:
        """A home that is one class."""
        return cls((CountedClassSpec("全体会员", members, overall),), **more)


@dataclass
class CountedRound:
    """A counted round with its people; `rate` runs the job."""

    settings: Settings
    databases: Databases
    clock: StandingClock
    id: str
    top: Unit
    homes: list[Unit]
    officers: list[Post]
    auditor: Post
    stranger: Post
    chairs: list[Post]
    form: Questionnaire
    app: Flask

    @property
    def workshop(self) -> Workshop:
        return Workshop(self.databases, self.settings, self.clock)

    def rate(self, **payload: Any) -> CountedRound:
        rate_round(self.workshop, LeasedJob(0, "results.rate", {"round_id": self.id, **payload}, 1, "x"))
        return self

    def result(self, home: int = 0) -> Result:
        with reading(read_session(self.databases.roster)) as session:
            return session.scalars(
                select(Result).where(Result.round_id == self.id, Result.home_id == self.homes[home].id)
            ).one()

    def actor(self, post: Post) -> Actor:
        with reading(read_session(self.databases.roster)) as session:
            return actor_for(session, post)

    def client(self, post: Post) -> DeskClient:
        return signed_in_client(self.app, self.databases, post)

    def writing(self) -> Any:
        return committing(write_session(self.databases.roster))

    def after_window(self) -> CountedRound:
        """To a day on which the objection window is over."""
        self.clock.instant = COUNTED_AT + timedelta(days=21)
        return self


def build_counted(
    settings: Settings,
    databases: Databases,
    *specs: CountedSpec,
    policy: Policy | None = None,
    at: datetime = COUNTED_AT,
) -> CountedRound:
    """A round at `counted` over these homes."""
    form, clock = load("national-core-1"), StandingClock(at)
    policy = policy or Policy()
    with committing(write_session(databases.roster)) as session:
        top = make_unit(session, "柳溪市总工会")
        elsewhere = make_unit(session, "北塔市总工会")
        officers = [make_account(session, Role.OFFICER, top)[1] for _ in range(2)]
        auditor = make_account(session, Role.AUDITOR, top)[1]
        stranger = make_account(session, Role.OFFICER, elsewhere)[1]
        round_ = _round(session, top, form, policy, at)
        homes, chairs = [], []
        for number, spec in enumerate(specs, start=1):
            home = make_home(session, top, spec.name or f"第{number}机械厂工会")
            homes.append(home)
            chairs.append(make_account(session, Role.CHAIR, home)[1])
            _home(session, databases, round_, home, spec, form, policy, at)
    app = make_app(settings, databases, clock)
    return CountedRound(
        settings, databases, clock, round_.id, top, homes, officers, auditor, stranger, chairs, form, app
    )


def _round(session: Session, top: Unit, form: Questionnaire, policy: Policy, at: datetime) -> Round:
    version = QuestionnaireVersion(
        name=form.id,
        title=form.title.text("zh"),
        form=form.form.value,
        fingerprint=form.fingerprint,
        definition=form.to_dict(),
        created_at=at,
    )
    scheme = SchemeVersion(
        issuer_unit_id=top.id,
        year=2026,
        edition=1,
        title="2026年评议办法",
        policy=policy.to_dict(),
        issued_at=at,
    )
    session.add_all([version, scheme])
    session.flush()
    round_ = Round(
        id=secrets.token_hex(16),
        title="2026年度会员评议职工之家",
        year=2026,
        organiser_id=top.id,
        scheme_id=scheme.id,
        questionnaire_id=version.id,
        policy=policy.to_dict(),
        state=RoundState.COUNTED,
        opens_at=at - timedelta(days=23),
        closes_at=at - timedelta(days=5),
        counted_at=at,
        deputies=[],
        created_by=0,
    )
    session.add(round_)
    session.flush()
    return round_


def _home(
    session: Session,
    databases: Databases,
    round_: Round,
    home: Unit,
    spec: CountedSpec,
    form: Questionnaire,
    policy: Policy,
    at: datetime,
) -> None:
    members = sum(one.members for one in spec.classes)
    valid = 0 if spec.unopened else sum(one.valid for one in spec.classes)
    received = spec.unopened or valid + spec.void
    roster = Roster(
        home_id=home.id,
        year=2026,
        eligible_on=date(2026, 5, 1),
        state=RosterState.FROZEN,
        members=members,
        warnings=[],
        imported_at=at,
        confirmed_at=at,
    )
    session.add(roster)
    session.flush()
    for number, name in enumerate(spec.names, start=1):
        session.add(RosterMember(roster_id=roster.id, number=f"{number:04d}", name=name, employment="合同制"))
    session.add(
        RoundHome(
            round_id=round_.id,
            home_id=home.id,
            ordinary_year=2026,
            roster_id=roster.id,
            questionnaire_id=round_.questionnaire_id,
            members=members,
        )
    )
    session.add(
        HomeCount(
            round_id=round_.id,
            home_id=home.id,
            members=members,
            issued=received,
            replaced=0,
            exchanged_card=0,
            exchanged_paper=0,
            sealed=received,
            paper=0,
            valid=valid,
            void=spec.void,
            unopened=bool(spec.unopened),
            held=[dict(line) for line in spec.held],
            acceptances=[],
            groups=[
                {"label": one.label, "members": one.members, "redeemed": one.valid}
                for one in spec.classes
                if not spec.unopened
            ],
            leaves_root=bytes(32),
            ballots_digest=bytes(32),
            tallies_digest=bytes(32),
        )
    )
    for share, day in ((0.3, "2026-06-08"), (0.6, "2026-06-14"), (0.9, "2026-06-20"), (1.0, "2026-06-26")):
        used = round(share * received)
        session.add(TurnoutDay(round_id=round_.id, home_id=home.id, day=day, used=used))
    session.flush()
    with committing(write_session(databases.box)) as box:
        for ordinal, one in enumerate(spec.classes, start=1):
            _class(session, box, round_, home, ordinal, one, form, policy, opened=not spec.unopened)
        for question, text in spec.comments:
            box.add(
                BoxComment(
                    id=secrets.token_bytes(16),
                    round_id=round_.id,
                    home_id=home.id,
                    question=question,
                    text=text,
                )
            )


def _class(
    session: Session,
    box: Session,
    round_: Round,
    home: Unit,
    ordinal: int,
    one: CountedClassSpec,
    form: Questionnaire,
    policy: Policy,
    *,
    opened: bool,
) -> None:
    cast = {}
    for place, (members, came) in enumerate(one.strata or ((one.members, one.valid),)):
        ballot_class = BallotClass(
            id=secrets.token_hex(16),
            round_id=round_.id,
            home_id=home.id,
            ordinal=100 * place + ordinal,
            label=one.label,
            levels={},
            members=members,
            issuing_public=bytes(256),
        )
        session.add(ballot_class)
        cast[ballot_class.id] = came
    if not opened:
        return
    key = secrets.token_hex(16)
    where = {"round_id": round_.id, "home_id": home.id}
    box.add(
        CountingClass(
            id=key,
            **where,
            ballot_classes=json.dumps(cast),
            members=one.members,
            valid=one.valid,
        )
    )
    made = tally(form, ballots_of(form, one), index_weights(form, policy.to_dict()))
    for (question, option), n in made.counts.items():
        box.add(Tally(**where, counting_class=key, question=question, option=option, n=n))
    for score, sums in made.sums.items():
        box.add(
            ScoreSum(
                **where,
                counting_class=key,
                score=score,
                ballots=sums.ballots,
                total=sums.total,
                squares=sums.squares,
            )
        )


def ballots_of(form: Questionnaire, one: CountedClassSpec) -> Sequence[Sequence[int]]:
    """Ballots whose answers add up to the wanted counts; questions are turned against each other."""
    columns = []
    for place, item in enumerate(form.closed_questions):
        wanted = one.overall if item.id == form.overall.id else one.items.get(item.id, one.overall)
        codes = [code for code, count in enumerate(wanted, start=1) for _ in range(count)]
        codes += [0] * (one.valid - len(codes))
        turn = (7 * place) % max(len(codes), 1)
        columns.append(codes[turn:] + codes[:turn])
    return list(zip(*columns, strict=True))
