"""One installation for the whole proof: a city with two districts, an industry, and a city beside it.

Every home holds one of everything an address can name; whatever belongs to a home carries its marker, so that
a page which shows a marker shows that home.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, Post
from survey_app.core.actor import Role
from survey_app.core.db import Databases, committing, write_session
from survey_app.core.files import FileStore
from survey_app.core.settings import Settings
from survey_app.counting.models import HomeCount, PaperBatch
from survey_app.holidays.models import DayChange
from survey_app.invitations.models import Sending
from survey_app.rectification import proposing
from survey_app.rectification.models import Escalation, Evidence, Limit, Order, OrderState, SavedFilter
from survey_app.rectification.orders import problems_of
from survey_app.results.models import Objection, Result, ResultState, ReviewedComment
from survey_app.rosters.models import Roster, RosterMember
from survey_app.rounds.models import Round, RoundHome
from survey_app.units.models import Unit, UnitKind
from tests.support.cast import make_account, make_home, make_unit
from tests.support.orders import Stage, advance, make_rated_round, make_result, make_stage
from tests.support.round_builder import BuiltRound, HomeSpec, build_round

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
RATED_AT = datetime(2026, 9, 10, 2, 0, tzinfo=UTC)
MEMBERS = 6
LEADS = {
    "柳堤区总工会": ("青禾纺织", "晨光食品", "恒远物业"),
    "装备制造产业工会": ("长河机械",),
    "北关区总工会": ("鹿鸣造纸",),
    "海城市总工会": ("珊瑚船舶",),
}
OWN, NEXT, FAR, PARTNER, FOREIGN, ABROAD = (name for names in LEADS.values() for name in names)
MARKERS = {OWN: "青禾", NEXT: "晨光", FAR: "恒远", PARTNER: "长河", FOREIGN: "鹿鸣", ABROAD: "珊瑚"}


@dataclass
class Holdings:
    """The ids of what belongs to one home; `rounds` are the rated, the voting and the drafted round."""

    home: str
    lead: str
    ids: dict[str, int | str] = field(default_factory=dict)
    rounds: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """The installation: who acts (`posts`), and what every home holds."""

    settings: Settings
    posts: dict[str, Post] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    holdings: dict[str, Holdings] = field(default_factory=dict)
    voting: dict[str, BuiltRound] = field(default_factory=dict)


def build_world(settings: Settings, databases: Databases) -> World:
    """Units, people, and for every superior a rated, a voting and a drafted round."""
    world = World(settings)
    with committing(write_session(databases.roster)) as session:
        _units(session, world)
        session.add(DayChange(day=date(2026, 12, 1), working=False, source="试", made_at=NOW, made_by=1))
        for lead, homes in LEADS.items():
            _lead(session, world, lead, homes)
    for lead, homes in LEADS.items():
        _vote(world, databases, lead, homes)
    with committing(write_session(databases.roster)) as session:
        _round_posts(session, world)
        for name in world.holdings:
            mark_people(session, world, name)
    return world


def _units(session: Session, world: World) -> None:
    made = world.units
    city = made["江州市总工会"] = make_unit(session, "江州市总工会", document_prefix="江总工")
    beside = made["海城市总工会"] = make_unit(session, "海城市总工会", document_prefix="海总工")
    made["柳堤区总工会"] = make_unit(session, "柳堤区总工会", parent=city, document_prefix="柳总工")
    made["北关区总工会"] = make_unit(session, "北关区总工会", parent=city, document_prefix="北总工")
    industry = made["装备制造产业工会"] = make_unit(
        session, "装备制造产业工会", UnitKind.INDUSTRIAL_UNION, city, document_prefix="装产工"
    )
    for street in ("河湾街道总工会", "北塔街道总工会"):
        made[street] = make_unit(session, street, UnitKind.TOWNSHIP_UNION, made["柳堤区总工会"])
    river, tower = made["河湾街道总工会"], made["北塔街道总工会"]
    for name, above, partner in (
        (OWN, river, None),
        (NEXT, river, None),
        (FAR, tower, None),
        (PARTNER, industry, river),
        (FOREIGN, made["北关区总工会"], None),
        (ABROAD, beside, None),
    ):
        made[name] = make_home(session, above, f"{name}公司工会", partner, short_name=f"{name}公司")
    for actor, role, unit in (
        ("municipal", Role.OFFICER, city),
        ("district", Role.OFFICER, made["柳堤区总工会"]),
        ("industry", Role.OFFICER, industry),
        ("street", Role.OFFICER, river),
        ("chair", Role.CHAIR, made[OWN]),
        ("neighbour", Role.CHAIR, made[NEXT]),
        ("auditor", Role.AUDITOR, made["柳堤区总工会"]),
        ("administrator", Role.ADMINISTRATOR, city),
        ("stranger", Role.OFFICER, made["北关区总工会"]),
    ):
        world.posts[actor] = make_account(session, role, unit)[1]


def _lead(session: Session, world: World, lead: str, names: tuple[str, ...]) -> None:
    unit = world.units[lead]
    rated = make_rated_round(session, unit, [world.units[name] for name in names], year=2026)
    draft = make_rated_round(session, unit, [], year=2028)
    draft.state, draft.opens_at = "draft", NOW + timedelta(days=30)
    draft.closes_at = NOW + timedelta(days=40)
    for name in names:
        world.holdings[name] = Holdings(name, lead, rounds={"rated": rated.id, "draft": draft.id})
        hold(session, world, name, rated)


def hold(session: Session, world: World, name: str, rated: Round) -> None:
    """Give a home its result with an objection, its order with evidence, its comment, sending and roster."""
    home, lead = world.units[name], world.units[world.holdings[name].lead]
    ids, files = world.holdings[name].ids, FileStore(world.settings.data_folder / "files")
    marker = MARKERS[name]
    stage = make_stage(session, lead, home)
    result = make_result(session, rated, home, at=RATED_AT, state=ResultState.PUBLISHED)
    result.published_at = RATED_AT
    _count(session, rated, home, 96)
    objection = Objection(
        result_id=result.id,
        raised_at=RATED_AT,
        raised_by=stage.chair.account_id,
        text=f"{marker}异议",
        file_name=f"{marker}.pdf",
        file_checksum=files.put(b"%PDF-1.7 " + marker.encode()),
        decided_at=RATED_AT,
        upheld=False,
        decision="不成立",
    )
    comment = ReviewedComment(
        id=secrets.token_hex(16), round_id=rated.id, home_id=home.id, question="t1", original=f"{marker}意见"
    )
    session.add_all([objection, comment])
    order = _order(session, stage, result)
    problem = problems_of(session, order)[0]
    evidence = Evidence(
        order_id=order.id,
        problem_id=problem.id,
        name=f"{marker}照片.pdf",
        kind="pdf",
        size=9,
        checksum=files.put(b"%PDF-1.7 evidence " + marker.encode()),
        own_date=RATED_AT.date(),
        uploaded_at=RATED_AT,
        uploaded_by=f"{marker}人",
    )
    limit = session.scalars(select(Limit).where(Limit.order_id == order.id)).first()
    assert limit is not None
    step = Escalation(
        order_id=order.id, limit_id=limit.id, step="reminder", due_on=NOW.date(), proposed_at=NOW, terms={}
    )
    own_filter = SavedFilter(account_id=stage.chair.account_id, name=f"{marker}的", address={"q": marker})
    session.add_all([evidence, step, own_filter])
    session.flush()
    ids |= {
        "home_id": home.id,
        "unit_id": home.id,
        "result_id": result.id,
        "objection_id": objection.id,
        "comment_id": comment.id,
        "order_id": order.id,
        "problem_id": problem.id,
        "evidence_id": evidence.id,
        "row_id": step.id,
        "filter_id": own_filter.id,
        "subject_id": order.id,
        "post_id": stage.chair.post_id,
        "account_id": stage.chair.account_id,
        "scheme_id": rated.scheme_id,
    }


def _order(session: Session, stage: Stage, result: Result) -> Order:
    order = proposing.propose(session, stage.issuer, result, at=RATED_AT)
    assert order is not None
    for problem, grade in zip(problems_of(session, order), "ABC", strict=False):
        problem.grade = grade
    session.flush()
    advance(session, stage, order, OrderState.RECTIFYING, at=RATED_AT)
    return order


def _count(session: Session, rated: Round, home: Unit, valid: int) -> None:
    digests = dict.fromkeys(("leaves_root", "ballots_digest", "tallies_digest"), bytes(32))
    zero = dict.fromkeys(("replaced", "exchanged_card", "exchanged_paper", "paper", "void"), 0)
    lists: dict[str, list[object]] = {"held": [], "acceptances": [], "groups": []}
    counts = {"members": 140, "issued": valid, "sealed": valid, "valid": valid, "unopened": False}
    session.add(HomeCount(round_id=rated.id, home_id=home.id, **counts, **digests, **zero, **lists))


def _vote(world: World, databases: Databases, lead: str, names: tuple[str, ...]) -> None:
    built = build_round(
        world.settings,
        databases,
        [HomeSpec.of(MEMBERS)] * len(names),
        opens_at=NOW - timedelta(days=3),
        closes_at=NOW + timedelta(days=15),
        at=NOW - timedelta(days=8),
        organiser=world.units[lead],
        units=[world.units[name] for name in names],
        year=2027,
    )
    built.prepare()
    built.clock.at = NOW - timedelta(days=2)
    built.open()
    built.clock.at = NOW
    world.voting[lead] = built
    with committing(write_session(databases.roster)) as session:
        for name in names:
            holdings = world.holdings[name]
            holdings.rounds["voting"] = built.id
            place = session.get_one(RoundHome, (built.id, world.units[name].id))
            sending = Sending(
                id=secrets.token_hex(16),
                round_id=built.id,
                home_id=place.home_id,
                purpose="links",
                audience="everyone",
                route="contact",
                state="ended",
                asked_at=NOW,
                asked_by=1,
                run_at=NOW,
                total=3,
            )
            batch = PaperBatch(
                id=secrets.token_hex(16),
                round_id=built.id,
                home_id=place.home_id,
                ordinal=1,
                sheets=2,
                settled=False,
            )
            session.add_all([sending, batch])
            holdings.ids |= {
                "roster_id": place.roster_id or 0,
                "sending_id": sending.id,
                "batch_id": batch.id,
            }


def _round_posts(session: Session, world: World) -> None:
    """Everybody who serves one round: at the first home of every superior, custodians at the superior."""
    for lead, names in LEADS.items():
        round_id, home = world.voting[lead].id, world.units[names[0]]
        made = {
            "working_group": make_account(session, Role.WORKING_GROUP, home, round_id)[1],
            "teller": make_account(session, Role.TELLER, home, round_id)[1],
            "custodian": world.voting[lead].custodian_posts[0],
        }
        if lead == "柳堤区总工会":
            world.posts |= made


def mark_people(session: Session, world: World, name: str) -> None:
    """Put the home's marker into the name of everybody who belongs to it."""
    home, marker = world.units[name], MARKERS[name]
    holders = select(Post.account_id).where(Post.unit_id == home.id)
    for account in session.scalars(select(Account).where(Account.id.in_(holders))):
        account.name, account.login = f"{marker}{account.id}", f"{account.login}-{home.id}"
    rosters = select(Roster.id).where(Roster.home_id == home.id)
    for member in session.scalars(select(RosterMember).where(RosterMember.roster_id.in_(rosters))):
        member.name = f"{marker}{member.number}"


# Homes that come later: what they bring may change no page of anybody who may not see them.
NEWCOMERS = {
    "白鹭渔业": ("海城市总工会", "海城市总工会"),
    "翠屏制药": ("北关区总工会", "北关区总工会"),
    "金石矿山": ("装备制造产业工会", "装备制造产业工会"),
    "紫荆陶瓷": ("北塔街道总工会", "柳堤区总工会"),
    "丹枫酒业": ("河湾街道总工会", "柳堤区总工会"),
}


def arrive(world: World, databases: Databases, name: str) -> None:
    """A newcomer with a rating, an objection, an order and comments, in the superior's rated round."""
    above, lead = NEWCOMERS[name]
    MARKERS[name] = name[:2]
    with committing(write_session(databases.roster)) as session:
        parent = session.get_one(Unit, world.units[above].id)
        home = make_home(session, parent, f"{name}公司工会", short_name=f"{name}公司")
        first = world.holdings[LEADS[lead][0]]
        rated = session.get_one(Round, first.rounds["rated"])
        place = {"ordinary_year": 2026, "questionnaire_id": rated.questionnaire_id, "members": 140}
        session.add(RoundHome(round_id=rated.id, home_id=home.id, **place))
        session.flush()
        world.units[name] = home
        world.holdings[name] = Holdings(name, lead, rounds=dict(first.rounds))
        hold(session, world, name, rated)
        mark_people(session, world, name)
