"""`pingjia user`: the first administrator of an empty installation, once; further people by name of unit."""

from __future__ import annotations

import re

from sqlalchemy import select

from survey_app.accounts.models import Account, Post
from survey_app.core.db import read_session
from survey_app.units.models import Unit
from tests.support.server import run_pingjia


def test_the_first_administrator_is_made_once_and_adds_others(settings, databases):
    first = run_pingjia(settings, "user", "first-admin")
    assert first.returncode == 0, first.stderr
    assert re.search(r"admin\n.*[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", first.stdout)
    again = run_pingjia(settings, "user", "first-admin", "--unit", "另一个总工会")
    assert "已经有管理员了" in again.stdout
    options = ("--login", "zhangmin", "--name", "张敏", "--role", "officer", "--unit")
    assert run_pingjia(settings, "user", "add", *options, "总工会").returncode == 0
    refused = run_pingjia(settings, "user", "add", *options, "没有的工会")
    assert (refused.returncode, "not_found" in refused.stderr) == (2, True)
    with read_session(databases.roster) as session:
        assert [unit.name for unit in session.scalars(select(Unit))] == ["总工会"]
        posts = session.execute(select(Account.login, Post.role).join(Post, Post.account_id == Account.id))
        assert {tuple(row) for row in posts} == {("admin", "administrator"), ("zhangmin", "officer")}
