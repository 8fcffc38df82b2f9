"""Build the demo once: tree, people, a finished round with what followed from it, and an open round."""

from __future__ import annotations

import secrets
import time as stopwatch

from sqlalchemy import func, select

from survey_app.accounts.models import Account
from survey_app.core.clock import system_clock
from survey_app.core.db import Databases, read_session, reading
from survey_app.core.errors import Refused
from survey_app.core.settings import Settings
from survey_app.demo import people, rounds
from survey_app.demo.aftermath import object_to, play_out
from survey_app.demo.keepsake import Keepsake, read_keepsake, write_keepsake
from survey_app.demo.stage import Say, Stage
from survey_app.demo.story import DISTRICT, HOMES, INDUSTRY, LATE, OPEN, RATED, DemoHome

VOTED_FROM, VOTED_TO, OPENED = 86, 76, 73


def build(databases: Databases, settings: Settings, say: Say) -> Keepsake:
    """Make the demo, or show what was made before. Refuses a folder with other data."""
    if not settings.demo:
        raise Refused("not_a_demo_installation")
    present = read_keepsake(settings.data_folder)
    if present is not None:
        return present
    with reading(read_session(databases.roster)) as session:
        if session.scalar(select(func.count()).select_from(Account)):
            raise Refused("folder_has_other_data")
    started = stopwatch.monotonic()
    stage = Stage(databases, settings, system_clock(), say)
    keepsake = _play(stage)
    write_keepsake(settings.data_folder, keepsake)
    say(f"演示数据好了，用了{stopwatch.monotonic() - started:.0f}秒")
    return keepsake


def _play(stage: Stage) -> Keepsake:
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    stage.say("1/6 单位和人")
    stage.at(110)
    year = stage.now.year
    people.plant_tree(stage, HOMES)
    people.give_posts(stage, HOMES, password)
    stage.say("2/6 评议办法和花名册")
    stage.at(100)
    rounds.issue_policy(stage, year)
    people.hand_in_rosters(stage, HOMES, year)
    stage.say("3/6 年度评议：会员投票")
    finished = _voted_rounds(stage, year)
    stage.say("4/6 开箱、计票、评定")
    for played in finished:
        rounds.close_and_open_box(stage, played, opened=OPENED)
    stage.say("5/6 确认、公布、整改")
    play_out(stage)
    object_to(stage, _late_round(stage, year))
    stage.say("6/6 正在投票的一轮")
    opened = _open_round(stage, year)
    return Keepsake.of(stage, opened, password)


def _voted_rounds(stage: Stage, year: int) -> list[rounds.Played]:
    """One round in the area line, one in the industry line, side by side."""
    stage.at(95)
    opens_at, closes_at = rounds.window(stage, VOTED_FROM, -VOTED_TO)
    lines = {
        DISTRICT: tuple(home for home in RATED if home.parent != INDUSTRY),
        INDUSTRY: tuple(home for home in RATED if home.parent == INDUSTRY),
    }
    played = {
        organiser: rounds.plan(
            stage,
            homes,
            organiser=organiser,
            title=f"{organiser}{year}年度会员评议",
            year=year,
            opens_at=opens_at,
            closes_at=closes_at,
        )
        for organiser, homes in lines.items()
    }
    stage.at(90)
    for one in played.values():
        rounds.prepare(stage, one)
    stage.at(VOTED_FROM, 8)
    for one in played.values():
        rounds.open_voting(stage, one)
    days = VOTED_FROM - VOTED_TO
    cast = sum(
        rounds.vote_over_days(stage, played[organiser], homes, first_day=VOTED_FROM, days=days)
        for organiser, homes in lines.items()
    )
    stage.say(f"    {cast}张票封好，投进票箱")
    return list(played.values())


def _late_round(stage: Stage, year: int) -> rounds.Played:
    """A home that voted later: its result is still open to objection."""
    played = _started(stage, LATE, f"{DISTRICT}{year}年度会员评议（补充）", year, opened=22, closes_in=-17)
    rounds.vote_over_days(stage, played, LATE, first_day=22, days=5)
    rounds.close_and_open_box(stage, played, opened=14)
    return played


def _open_round(stage: Stage, year: int) -> rounds.Played:
    played = _started(stage, OPEN, f"{DISTRICT}{year}年度会员评议（第二批）", year, opened=3, closes_in=4)
    rounds.vote_over_days(stage, played, OPEN, first_day=3, days=3)
    return played


def _started(
    stage: Stage, homes: tuple[DemoHome, ...], title: str, year: int, *, opened: int, closes_in: int
) -> rounds.Played:
    """A round of the district from its plan to the opening of the vote `opened` days ago."""
    stage.at(opened + 3)
    opens_at, closes_at = rounds.window(stage, opened, closes_in)
    played = rounds.plan(
        stage, homes, organiser=DISTRICT, title=title, year=year, opens_at=opens_at, closes_at=closes_at
    )
    stage.at(opened + 2)
    rounds.prepare(stage, played)
    stage.at(opened, 8)
    rounds.open_voting(stage, played)
    return played
