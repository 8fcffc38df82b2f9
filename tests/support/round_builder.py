"""The one place where tests make rounds: units, rosters, people and an opening key, ready to be prepared.

Rows are made directly, as `rounds.operations` would leave them in a complete draft; every step after that
goes through the real verbs of `counting`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import Questionnaire, load
from survey_app.accounts.models import Post
from survey_app.accounts.queries import actor_of_post
from survey_app.core.actor import Actor, Role
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.settings import Settings
from survey_app.counting.ceremony import confirm_destruction, finish
from survey_app.counting.opening import count
from survey_app.counting.operations import request_close, request_open, request_prepare
from survey_app.counting.preparing import prepare
from survey_app.counting.voting import close_votes, open_votes
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.invitations.codes import CodeBook, personal_link
from survey_app.invitations.models import Invitation
from survey_app.outbox.jobs import Workshop
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rounds.models import (
    CustodianStep,
    Round,
    RoundHome,
    RoundSecret,
    RoundState,
    SchemeVersion,
)
from survey_app.rounds.policy import Policy
from survey_app.seals.opening import OpeningKey
from survey_app.units.models import Unit
from tests.support.cast import make_account, make_home, make_unit

OPENS_AT = datetime(2026, 6, 8, 0, 0, tzinfo=UTC)
CLOSES_AT = datetime(2026, 6, 26, 10, 0, tzinfo=UTC)
DURING = OPENS_AT + timedelta(days=3)
AFTER = CLOSES_AT + timedelta(minutes=20)


@lru_cache(maxsize=1)
def opening_key() -> OpeningKey:
    """One RSA-3072 key for all tests of a process: making it takes longer than a test."""
    return OpeningKey.make()


class SetClock:
    """A clock that shows what the test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class HomeSpec:
    """A home to be made: how many members in each employment group."""

    groups: Sequence[tuple[str, int]] = (("合同制", 12),)
    name: str | None = None

    @classmethod
    def of(cls, members: int) -> HomeSpec:
        """A home of one group."""
        return cls((("合同制", members),))


@dataclass
class BuiltRound:
    """A round with its people and places, and the steps that move it."""

    settings: Settings
    databases: Databases
    clock: SetClock
    id: str
    home_ids: list[int]
    officer_post: Post
    custodian_posts: list[Post]
    chair_posts: list[Post]
    questionnaire: Questionnaire
    key: OpeningKey = field(repr=False)

    @property
    def workshop(self) -> Workshop:
        """What the worker's handlers get."""
        return Workshop(self.databases, self.settings, self.clock)

    def actor(self, post: Post) -> Actor:
        """The person in a post."""
        with reading(read_session(self.databases.roster)) as session:
            return actor_of_post(session, post.id)

    def prepare(self) -> BuiltRound:
        """To `ready`."""
        self.request("prepare")
        prepare(self.workshop, self.id)
        return self

    def remake_key(self) -> None:
        """The ceremony once more, after the round went back to draft."""
        with committing(write_session(self.databases.roster)) as session:
            _ceremony(session, self.id, self.custodian_posts, self.key, self.clock())

    def open(self) -> BuiltRound:
        """To `voting`, at a time when members can vote."""
        self.request("open")
        open_votes(self.workshop, self.id)
        self.clock.at = DURING
        return self

    def close(self) -> BuiltRound:
        """To `closed`, twenty minutes after the close."""
        self.clock.at = AFTER
        self.request("close")
        close_votes(self.workshop, self.id)
        return self

    def request(self, step: str) -> None:
        """The officer's act that starts a step."""
        act = {"prepare": request_prepare, "open": request_open, "close": request_close}[step]
        with committing(write_session(self.databases.roster)) as session:
            round_ = session.get_one(Round, self.id)
            act(session, actor_of_post(session, self.officer_post.id), round_, at=self.clock())

    def count(self, **options: object) -> BuiltRound:
        """Open the box with both halves; ends before the custodians' confirmations."""
        custodian = self.actor(self.custodian_posts[0])
        count(self.workshop, self.id, self.key.halves, custodian, **options)  # type: ignore[arg-type]  # workers, started
        return self

    def confirm(self, post: Post) -> bool:
        """One custodian confirms that the slips are torn up."""
        with committing(write_session(self.databases.roster)) as session:
            round_ = session.get_one(Round, self.id)
            return confirm_destruction(session, actor_of_post(session, post.id), round_, at=self.clock())

    def finish(self) -> BuiltRound:
        """Both confirm; to `counted`."""
        for post in self.custodian_posts:
            self.confirm(post)
        finish(self.workshop, self.id)
        return self

    @property
    def state(self) -> RoundState:
        """The round's state now."""
        with reading(read_session(self.databases.roster)) as session:
            return RoundState(session.get_one(Round, self.id).state)

    def codes(self, home_id: int) -> list[str]:
        """The codes of a home's members in the order of their roster numbers."""
        with reading(read_session(self.databases.roster)) as session:
            book = CodeBook.of(self.settings, session.get(RoundSecret, self.id))
            rows = session.execute(
                select(Invitation.id, Invitation.generation)
                .join(RosterMember, RosterMember.id == Invitation.member_id)
                .where(Invitation.round_id == self.id, Invitation.home_id == home_id)
                .order_by(RosterMember.id)
            ).all()
        return [book.code(invitation_id, generation) for invitation_id, generation in rows]

    def links(self, home_id: int) -> list[str]:
        """The personal links of a home's members."""
        with reading(read_session(self.databases.roster)) as session:
            fingerprint = session.get_one(RoundHome, (self.id, home_id)).sheet_fingerprint or b""
        return [personal_link(self.settings.base_url, code, fingerprint) for code in self.codes(home_id)]


def build_round(
    settings: Settings,
    databases: Databases,
    homes: Sequence[HomeSpec] = (HomeSpec(),),
    *,
    policy: Policy | None = None,
    questionnaire: Questionnaire | None = None,
    opens_at: datetime = OPENS_AT,
    closes_at: datetime = CLOSES_AT,
    key: OpeningKey | None = None,
    at: datetime = OPENS_AT - timedelta(days=5),
    organiser: Unit | None = None,
    units: Sequence[Unit] = (),
    year: int = 2026,
) -> BuiltRound:
    """A complete draft: rosters confirmed, custodians named, the opening key handed in and rehearsed.

    `organiser` and `units` are those of a tree that stands already; else both are made.
    """
    form = questionnaire or load("national-core-1")
    made = key or opening_key()
    with committing(write_session(databases.roster)) as session:
        organiser = organiser or make_unit(session, "柳溪市总工会")
        officer_post = make_account(session, Role.OFFICER, organiser)[1]
        version = _store_form(session, form, at)
        round_ = _draft(session, organiser.id, version, policy or Policy(), opens_at, closes_at, at, year)
        built_homes, chairs = [], []
        for number, spec in enumerate(homes, start=1):
            made_here = None if units else make_home(session, organiser, spec.name or f"第{number}机械厂工会")
            home = made_here or units[number - 1]
            roster = _roster(session, home.id, spec, at, round_.year)
            session.add(
                RoundHome(
                    round_id=round_.id,
                    home_id=home.id,
                    ordinary_year=year,
                    roster_id=roster.id,
                    questionnaire_id=version,
                    members=roster.members,
                )
            )
            built_homes.append(home.id)
            chairs.append(make_account(session, Role.CHAIR, home)[1])
        custodians = [make_account(session, Role.CUSTODIAN, organiser, round_.id)[1] for _ in range(2)]
        _ceremony(session, round_.id, custodians, made, at)
    return BuiltRound(
        settings,
        databases,
        SetClock(at),
        round_.id,
        built_homes,
        officer_post,
        custodians,
        chairs,
        form,
        made,
    )


def _store_form(session: Session, form: Questionnaire, at: datetime) -> int:
    present = session.scalars(
        select(QuestionnaireVersion).filter_by(fingerprint=form.fingerprint)
    ).one_or_none()
    row = present or QuestionnaireVersion(
        name=form.id,
        title=form.title.text("zh"),
        form=form.form.value,
        fingerprint=form.fingerprint,
        definition=form.to_dict(),
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row.id


def _draft(
    session: Session,
    organiser_id: int,
    questionnaire_id: int,
    policy: Policy,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
    year: int,
) -> Round:
    scheme = SchemeVersion(
        issuer_unit_id=organiser_id,
        year=year,
        edition=1,
        title=f"{year}年评议办法",
        policy=policy.to_dict(),
        issued_at=at,
    )
    session.add(scheme)
    session.flush()
    round_ = Round(
        id=secrets.token_hex(16),
        title=f"{year}年度会员评议职工之家",
        year=year,
        organiser_id=organiser_id,
        scheme_id=scheme.id,
        questionnaire_id=questionnaire_id,
        policy=policy.to_dict(),
        opens_at=opens_at,
        closes_at=closes_at,
        opening_planned_on=date(2026, 6, 29),
        deputies=["组织部部长", "财务部部长"],
        notice="评议通知",
        privacy_handler="柳溪市总工会",
        privacy_contact="0772-1234567",
        created_by=0,
    )
    session.add(round_)
    session.flush()
    return round_


def _roster(session: Session, home_id: int, spec: HomeSpec, at: datetime, year: int) -> Roster:
    roster = Roster(
        home_id=home_id,
        year=year,
        eligible_on=date(2026, 5, 1),
        state=RosterState.CONFIRMED,
        members=sum(size for _, size in spec.groups),
        warnings=[],
        imported_at=at,
        confirmed_at=at,
    )
    session.add(roster)
    session.flush()
    number = 0
    for group, size in spec.groups:
        for _ in range(size):
            number += 1
            session.add(
                RosterMember(
                    roster_id=roster.id, number=f"{number:04d}", name=f"会员{number}", employment=group
                )
            )
    session.flush()
    return roster


def _ceremony(session: Session, round_id: str, custodians: list[Post], key: OpeningKey, at: datetime) -> None:
    session.add(
        RoundSecret(
            round_id=round_id,
            opening_public=key.public,
            opening_ciphertext=key.locked,
            made_by=custodians[0].account_id,
        )
    )
    session.add(CustodianStep(round_id=round_id, account_id=custodians[0].account_id, step="key_made", at=at))
    for post in custodians:
        session.add(CustodianStep(round_id=round_id, account_id=post.account_id, step="rehearsed", at=at))
    session.flush()
