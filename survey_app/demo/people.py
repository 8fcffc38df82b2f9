"""Superiors, homes, accounts and rosters of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from survey_app.accounts.models import Account
from survey_app.accounts.operations import change_password, create_account, grant_post
from survey_app.core.actor import SYSTEM, Role
from survey_app.core.clock import beijing_day
from survey_app.demo.stage import Stage, actor_named, unit_named
from survey_app.demo.story import CITY, INDUSTRY, PEOPLE, SUPERIORS, DemoHome
from survey_app.rosters.entries import MemberEntry
from survey_app.rosters.operations import confirm, import_roster, submit
from survey_app.rosters.secrets import RosterKeys
from survey_app.units.operations import add_unit

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂玲华飞红建玉梅"
AGES = ("35岁及以下", "36至50岁", "51岁及以上")
OFFICER_OF = {INDUSTRY: "chanye"}
DEPARTMENTS = ("一车间", "二车间", "后勤科")


def plant_tree(stage: Stage, homes: tuple[DemoHome, ...]) -> None:
    """The superiors and the homes with both their lines."""
    with stage.writing() as session:
        for superior in SUPERIORS:
            parent = unit_named(session, superior.parent) if superior.parent else None
            add_unit(
                session,
                SYSTEM,
                name=superior.name,
                kind=superior.kind,
                parent=parent,
                at=stage.now,
                chair_phone=superior.phone,
                document_prefix=superior.prefix,
            )
        for home in homes:
            add_unit(
                session,
                SYSTEM,
                name=home.name,
                short_name=home.short,
                kind=home.kind,
                nature=home.nature,
                parent=unit_named(session, home.parent),
                territory=unit_named(session, home.territory) if home.territory else None,
                stated_members=home.members,
                chair_name="主席",
                chair_phone="010-0000-0000",
                chair_email="gh@example.org",
                address="办公楼一层103室，周一至周五8:30–17:30",
                at=stage.now,
            )


def give_posts(stage: Stage, homes: tuple[DemoHome, ...], password: str) -> None:
    """An account for everybody, all with the same password; custodians get their post with the round."""
    with stage.writing() as session:
        for person in PEOPLE:
            account = _account(stage, session, person.login, person.name, password)
            if person.role != Role.CUSTODIAN:
                unit = unit_named(session, person.unit)
                grant_post(session, SYSTEM, account, Role(person.role), unit, at=stage.now)
        manager = _account(stage, session, "admin", "管理员", password)
        grant_post(session, SYSTEM, manager, Role.ADMINISTRATOR, unit_named(session, CITY), at=stage.now)
        for number, home in enumerate(homes, start=1):
            account = _account(stage, session, f"zhuxi{number}", f"{home.short}主席", password)
            grant_post(session, SYSTEM, account, Role.CHAIR, unit_named(session, home.name), at=stage.now)


def _account(stage: Stage, session: Session, login: str, name: str, password: str) -> Account:
    account, _first = create_account(session, SYSTEM, login=login, name=name, at=stage.now)
    owner = replace(SYSTEM, account_id=account.id, name=name)
    change_password(session, owner, account, True, password, token="", at=stage.now)
    return account


def hand_in_rosters(stage: Stage, homes: tuple[DemoHome, ...], year: int) -> None:
    """Every chair imports and submits a roster, the district's officer confirms it."""
    keys = RosterKeys.of(stage.settings)
    with stage.writing() as session:
        for number, home in enumerate(homes, start=1):
            unit = unit_named(session, home.name)
            chair = actor_named(session, f"zhuxi{number}", Role.CHAIR)
            roster = import_roster(
                session,
                chair,
                unit,
                _members(stage, home, number),
                keys=keys,
                year=year,
                eligible_on=beijing_day(stage.now) - timedelta(days=1),
                at=stage.now,
                file_name=f"{home.short}会员花名册.xlsx",
            )
            submit(session, chair, roster, at=stage.now)
            officer = actor_named(session, OFFICER_OF.get(home.parent, "quzong"), Role.OFFICER)
            confirm(session, officer, roster, reason="与会员卡系统核对一致", at=stage.now)


def _members(stage: Stage, home: DemoHome, number: int) -> Iterator[MemberEntry]:
    place = 0
    for stratum in home.strata:
        for _ in range(stratum.members):
            place += 1
            name = stage.chance.choice(SURNAMES) + "".join(
                stage.chance.choices(GIVEN, k=stage.chance.choice((1, 2)))
            )
            yield MemberEntry(
                number=f"{number:02d}{place:04d}",
                name=name,
                contact=f"199{number:02d}{place:06d}",
                employment=stratum.employment,
                age_band=stage.chance.choice(AGES),
                gender=stage.chance.choice("男女"),
                department=stage.chance.choice(DEPARTMENTS) if home.members >= 60 else "",
            )
