"""The protocol sheet of one home (开箱记录单): figures of the opening, digests, who confirmed what."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account
from survey_app.box.models import CountingClass, Leaf
from survey_app.core.clock import beijing_day
from survey_app.core.db import Databases, read_session, reading
from survey_app.counting.cards import card_credentials
from survey_app.counting.classes import LEAST_BALLOTS
from survey_app.counting.models import HomeCount
from survey_app.counting.queries import counting_run, custodian_ids, home_count
from survey_app.counting.wording import rule_line
from survey_app.invitations.queries import ClassEntitlements, entitlements
from survey_app.papers.protocol_sheet import ClassProtocol, ProtocolFigures, ProtocolSheet
from survey_app.rounds.models import CustodianStep, Electorate, Round, RoundHome
from survey_app.seals.codes import verification_code
from survey_app.units.models import Unit

NOT_OPENED = "收到的票不足10张，没有开箱，票已原样销毁，没有任何结果。"
FEW_VALID = "有效票不足10张，没有计票，选票、留言和计票结果都没有保存。"
VOIDED = "这一家的投票作废，选票、留言和计票结果已销毁。原因：{reason}"
Ways = Counter[tuple[str, str]]
PaperByClass = dict[str, int | None]


def protocol_of(
    session: Session, databases: Databases, pepper: bytes, round_: Round, home: RoundHome
) -> ProtocolSheet:
    """Everything the sheet prints; NotFound before the home was counted."""
    count = home_count(session, round_.id, home.home_id)
    given = entitlements(session, round_.id, home.home_id)
    ways = _ways(databases, pepper, round_.id, home.home_id)
    paper = _paper(databases, count, given, ways)
    custodians = custodian_ids(session, round_.id)
    run = counting_run(session, round_.id)
    return ProtocolSheet(
        round_title=round_.title,
        home=session.get_one(Unit, home.home_id).name,
        organiser=session.get_one(Unit, round_.organiser_id).name,
        check_code=verification_code(home.sheet_fingerprint or b""),
        electorate="会员代表" if round_.electorate == Electorate.DELEGATES else "全体会员",
        opened_at=_opened_at(run.opened_at if run else None, round_),
        figures=_figures(count, ways, sum(one.cards_handed_out for one in given)),
        classes=() if count.unopened else tuple(_class(one, ways, paper, count) for one in given),
        digests=(
            ("回执名单", count.leaves_root.hex()),
            ("选票", count.ballots_digest.hex()),
            ("计票结果", count.tallies_digest.hex()),
        ),
        custodians=tuple(
            session.scalars(select(Account.name).where(Account.id.in_(custodians)).order_by(Account.name))
        ),
        destroyed_on=_destroyed_on(session, round_.id, custodians),
        # The server that took the votes also counts them, so its operator could be both.
        same_operator=True,
        not_opened=NOT_OPENED if count.unopened else "",
        remarks=_remarks(count, {one.class_id for one in given}),
    )


def _remarks(count: HomeCount, known: set[str]) -> tuple[str, ...]:
    """What breaks the rule and stands in no class's line, and why there is no result of opened ballots."""
    strange = tuple(rule_line(line) for line in count.held if line["class_id"] not in known)
    if count.void_reason:
        return (*strange, VOIDED.format(reason=count.void_reason))
    few = not count.unopened and count.valid < LEAST_BALLOTS
    return (*strange, FEW_VALID) if few else strange


def _opened_at(opened_at: datetime | None, round_: Round) -> datetime:
    return opened_at or round_.counted_at or round_.closes_at


def _ways(databases: Databases, pepper: bytes, round_id: str, home_id: int) -> Ways:
    """Ballots with a credential by class and way."""
    ways: Ways = Counter()
    with reading(read_session(databases.box)) as box:
        rows = box.execute(
            select(Leaf.class_id, Leaf.cred).where(Leaf.round_id == round_id, Leaf.home_id == home_id)
        ).all()
        cards = card_credentials(box, {class_id for class_id, _cred in rows}, pepper)
    for class_id, credential in rows:
        ways[class_id, "card" if credential in cards else "link"] += 1
    return ways


def _paper(
    databases: Databases, count: HomeCount, given: list[ClassEntitlements], ways: Ways
) -> PaperByClass:
    """Paper forms by class: what was cast in it beyond the credentials.

    None where nothing tells: the forms end with the count, and what was cast in a class is kept only with
    the class that was counted.
    """
    if len(given) == 1 or not count.paper:
        return {one.class_id: count.paper for one in given}
    counted = select(CountingClass.ballot_classes).where(
        CountingClass.round_id == count.round_id, CountingClass.home_id == count.home_id
    )
    cast: dict[str, int] = {}
    with reading(read_session(databases.box)) as box:
        for kept in map(json.loads, box.scalars(counted)):
            # A plain list in rounds counted before this was kept.
            cast |= kept if isinstance(kept, dict) else {}
    return {
        one.class_id: cast[one.class_id] - ways[one.class_id, "link"] - ways[one.class_id, "card"]
        if one.class_id in cast
        else None
        for one in given
    }


def _sum(ways: Ways, way: str) -> int:
    return sum(count for (_, name), count in ways.items() if name == way)


def _figures(count: HomeCount, ways: Ways, cards_handed_out: int) -> ProtocolFigures:
    return ProtocolFigures(
        members=count.members,
        issued=count.issued,
        replaced=count.replaced,
        exchanged_card=count.exchanged_card,
        exchanged_paper=count.exchanged_paper,
        cards_handed_out=cards_handed_out,
        link_ballots=count.sealed - _sum(ways, "card"),
        card_ballots=_sum(ways, "card"),
        paper_ballots=count.paper,
        valid=None if count.unopened else count.valid,
        void=None if count.unopened else count.void,
    )


def _class(one: ClassEntitlements, ways: Ways, paper: PaperByClass, count: HomeCount) -> ClassProtocol:
    broken = [line for line in count.held if line["class_id"] == one.class_id]
    return ClassProtocol(
        one.label,
        ProtocolFigures(
            members=one.members,
            issued=one.issued,
            replaced=one.replaced,
            exchanged_card=one.exchanged_card,
            exchanged_paper=one.exchanged_paper,
            cards_handed_out=one.cards_handed_out,
            link_ballots=ways[one.class_id, "link"],
            card_ballots=ways[one.class_id, "card"],
            paper_ballots=paper[one.class_id],
            valid=None,
            void=None,
        ),
        tuple(rule_line({**line, "label": ""}) for line in broken),
    )


def _destroyed_on(session: Session, round_id: str, custodians: set[int]) -> date | None:
    """The day of the last confirmation, once every custodian has confirmed."""
    steps = session.scalars(
        select(CustodianStep).where(CustodianStep.round_id == round_id, CustodianStep.step == "destroyed")
    ).all()
    if not custodians or not custodians <= {step.account_id for step in steps}:
        return None
    return beijing_day(max(step.at for step in steps))
