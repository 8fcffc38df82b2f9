"""What insiders read before the count: nothing of any answer, of any member's state, of any secret.

Numbers 19 and 20 of anonymity.md section 9. Every page of every post is read twice. Between the readings the
set of those who voted is exchanged for another of the same size, and every sealed ballot for another: not one
byte of any page may follow.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.accounts.models import Post
from survey_app.app import create_app
from survey_app.box.models import Intake
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.invitations.turnout import write_day
from survey_app.rosters.models import RosterMember
from survey_app.rounds.models import BallotClass, RoundHome, RoundSecret, SchemeVersion
from survey_app.seals.wrapping import unwrap
from survey_app.units.models import Unit
from survey_app.web.access import public
from tests.anonymity.scene import Scene, set_scene, words_of
from tests.anonymity.walk import Blanks, addresses, readable, walked
from tests.support.cast import make_account, signed_in_client
from tests.support.round_builder import BuiltRound, HomeSpec

MEMBERS, VOTERS = 60, 24


@dataclass
class Insiders:
    """A voting round, its application, and a person in every post."""

    scene: Scene
    app: Flask
    blanks: Blanks
    posts: dict[Role, Post] = field(default_factory=dict)

    def pages(self, role: Role) -> dict[str, str]:
        """Every page of a post."""
        databases = self.scene.built.databases
        return walked(self.app, signed_in_client(self.app, databases, self.posts[role]), self.blanks)

    def all_pages(self, roles: Iterable[Role]) -> dict[tuple[Role, str], str]:
        """Every page of these posts."""
        return {(role, address): page for role in roles for address, page in self.pages(role).items()}


def hire(built: BuiltRound) -> dict[Role, Post]:
    """A person in every post, in the home or at the organiser; some are there already."""
    there = {
        Role.OFFICER: built.officer_post,
        Role.CHAIR: built.chair_posts[0],
        Role.CUSTODIAN: built.custodian_posts[0],
    }
    with committing(write_session(built.databases.roster)) as session:
        home = session.get_one(Unit, built.home_ids[0])
        organiser = session.get_one(Unit, home.parent_id)
        for role in (Role.WORKING_GROUP, Role.TELLER):
            there[role] = make_account(session, role, home, built.id)[1]
        for role in (Role.AUDITOR, Role.ADMINISTRATOR):
            there[role] = make_account(session, role, organiser)[1]
    return there


def blanks_of(built: BuiltRound) -> Blanks:
    """What may stand in the blanks of an address."""
    with reading(read_session(built.databases.roster)) as session:
        rosters = session.scalars(select(RoundHome.roster_id)).all()
        return {
            "round_id": [built.id],
            "home_id": built.home_ids,
            "unit_id": session.scalars(select(Unit.id)).all(),
            "roster_id": rosters,
            "scheme_id": session.scalars(select(SchemeVersion.id)).all(),
            "account_id": [post.account_id for post in built.chair_posts],
            "year": [2026],
            "digest": ["x"],
        }


@pytest.fixture
def insiders(build) -> Insiders:
    """A home of 60 of whom 24 have voted, on the evening when the day's turnout was written."""
    built = build(HomeSpec.of(MEMBERS)).prepare().open()
    scene = set_scene(built, seed=20)
    scene.vote(last=VOTERS)
    with committing(write_session(built.databases.roster)) as session:
        write_day(session, at=built.clock())
    app = create_app(built.settings, built.databases, clock=built.clock)
    return Insiders(scene, app, blanks_of(built), hire(built))


def exchange_voters(built: BuiltRound) -> None:
    """Others have voted instead: as many, of the same class."""
    with committing(write_session(built.databases.roster)) as session:
        rows = session.scalars(select(Invitation).order_by(Invitation.id)).all()
        used = [row for row in rows if row.state == InvitationState.ISSUED]
        others = [row for row in rows if row.state == InvitationState.OPEN][: len(used)]
        for one, other in zip(used, others, strict=True):
            one.state, other.state = other.state, one.state
            one.blinded_hash, other.blinded_hash = other.blinded_hash, one.blinded_hash


def exchange_ballots(built: BuiltRound) -> None:
    """The sealed ballots say something else."""
    with committing(write_session(built.databases.box)) as box:
        for row in box.scalars(select(Intake)):
            row.sealed = row.sealed[::-1]


def secrets_of(scene: Scene) -> dict[str, str]:
    """Codes as they are typed and as they are stored, entitlements, and the keys of the round."""
    built, found = scene.built, {}
    with reading(read_session(built.databases.roster)) as session:
        for row in session.scalars(select(Invitation)):
            found[f"entitlement {row.id[:4]}"] = row.id
            found[f"stored code {row.id[:4]}"] = row.code_mac.hex()
        secret = session.get_one(RoundSecret, built.id)
        key = unwrap(
            built.settings.wrapping_key,
            secret.code_key or b"",
            purpose="code-key",
            owner=bytes.fromhex(built.id),
        )
        for one in session.scalars(select(BallotClass)):
            found["issuing key"] = base64.b64encode(one.issuing_private or b"").decode()
    for code in scene.arrivals:
        found[f"code {code[:4]}"] = code
        found[f"grouped code {code[:4]}"] = " ".join(code[at : at + 4] for at in range(0, 20, 4))
        found[f"hyphened code {code[:4]}"] = "-".join(code[at : at + 4] for at in range(0, 20, 4))
    found |= {"code key": key.hex(), "code key in base64": base64.b64encode(key).decode()}
    found |= {"pepper": built.settings.code_pepper.hex(), "wrapping key": built.settings.wrapping_key.hex()}
    return found


def refuse_secrets(pages: dict[tuple[Role, str], str], secrets: dict[str, str]) -> None:
    """No secret on any page of any post."""
    shown = [
        (role.value, address, name)
        for (role, address), page in pages.items()
        for name, secret in secrets.items()
        if secret in page
    ]
    assert shown == []


@pytest.mark.parametrize(
    "roles", [(Role.CHAIR, Role.OFFICER), pytest.param(tuple(Role), marks=pytest.mark.slow)], ids=len
)
def test_no_page_shows_a_secret_or_follows_who_voted_or_what(insiders, roles):
    scene = insiders.scene
    before = insiders.all_pages(roles)
    assert [where for where, page in before.items() if page.startswith("5")] == []
    seen = {
        role: sum(page.startswith("200") for (who, _), page in before.items() if who is role) for role in Role
    }
    assert seen[Role.OFFICER] > 20, "the control: the walk opens pages"
    assert seen[Role.CHAIR] > 10
    refuse_secrets(before, secrets_of(scene))
    exchange_voters(scene.built)
    exchange_ballots(scene.built)
    after = insiders.all_pages(roles)
    assert [where for where in before if before[where] != after[where]] == []
    assert not [where for where, page in before.items() if words_of(0)[:5] in page]


def test_the_same_walk_is_caught_by_a_page_that_lists_states(insiders):
    built = insiders.scene.built

    @insiders.app.get("/naive/<round_id>")
    @public
    def naive(round_id: str) -> str:
        with reading(read_session(built.databases.roster)) as session:
            rows = session.execute(
                select(RosterMember.name, Invitation.state, Invitation.id)
                .join(Invitation, Invitation.member_id == RosterMember.id)
                .where(Invitation.round_id == round_id)
                .order_by(RosterMember.id)
            )
            return "\n".join(f"{name} {state} {id}" for name, state, id in rows)

    before = insiders.pages(Role.TELLER)
    exchange_voters(built)
    after = insiders.pages(Role.TELLER)
    address = f"/naive/{built.id}"
    assert [where for where in before if before[where] != after[where]] == [address]
    with pytest.raises(AssertionError):
        refuse_secrets({(Role.TELLER, address): before[address]}, secrets_of(insiders.scene))


def test_the_chair_gets_no_secret_by_any_form(insiders):
    secrets, built = secrets_of(insiders.scene), insiders.scene.built
    chair = signed_in_client(insiders.app, built.databases, insiders.posts[Role.CHAIR])
    token = chair.csrf_token()
    for address in addresses(insiders.app, "POST", insiders.blanks):
        if "/sign-out" in address or "/password" in address:
            continue
        with chair.post(address, data={"csrf_token": token, "number": "0001", "count": "3"}) as answer:
            body = readable(answer.data, answer.mimetype)
        assert not [name for name, secret in secrets.items() if secret in body], address
    slips = chair.post(f"/slips/{built.id}/{built.home_ids[0]}.pdf", data={"csrf_token": token})
    assert slips.status_code == 403


def test_nothing_of_a_result_is_published_before_the_count_and_no_order_after(insiders):
    built = insiders.scene.built
    client = insiders.app.test_client(use_cookies=False)
    leaves = f"/published/{built.id}/{built.home_ids[0]}/leaves.txt"
    assert client.get(leaves).status_code == 404
    built.close().count()
    assert client.get(leaves).status_code == 404, "not before both custodians have confirmed"
    built.finish()
    lines = client.get(leaves).get_data(as_text=True).split()
    assert len(lines) == VOTERS
    assert lines == sorted(lines)
    assert {len(line) for line in lines} == {64}, "hashes and nothing beside them"
