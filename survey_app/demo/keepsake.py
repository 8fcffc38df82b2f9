"""What a visitor needs to play: accounts, the shared password, member links and the custodians' halves."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import select

from survey_app.core.db import read_session, reading
from survey_app.demo.stage import Stage
from survey_app.demo.story import HOMES, OPEN, PEOPLE
from survey_app.invitations.codes import CodeBook, personal_link
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.rounds.models import RoundHome, RoundSecret

if TYPE_CHECKING:
    from survey_app.demo.rounds import Played

FILE = "demo.json"
LINKS = 5


@dataclass(frozen=True)
class Keepsake:
    """The demo's paper slip. Only a demo installation ever writes such a thing."""

    password: str
    accounts: list[list[str]]
    links: list[str]
    halves: list[str]
    round_id: str

    @classmethod
    def of(cls, stage: Stage, opened: Played, password: str) -> Self:
        """Accounts by role, and links of members who have not voted in the open round."""
        chairs = [
            [f"zhuxi{number}", f"{home.short}工会主席"]
            for number, home in enumerate(HOMES, start=1)
            if home.fate or home in OPEN
        ]
        return cls(
            password=password,
            accounts=[
                *[[person.login, person.what] for person in PEOPLE],
                *chairs,
                ["admin", "管理员"],
            ],
            links=_open_links(stage, opened),
            halves=list(opened.halves),
            round_id=opened.round_id,
        )

    def lines(self) -> list[str]:
        """The slip in words, for the terminal."""
        return [
            "演示账号（密码都是 " + self.password + "）：",
            *[f"  {login:<10}{what}" for login, what in self.accounts[:12]],
            "会员的链接（换一个浏览器打开，一条投一次）：",
            *[f"  {link}" for link in self.links],
            "开箱口令的两半（演示时钟拨到截止以后，用 kai1 登录开箱）：",
            *[f"  {half}" for half in self.halves],
        ]


def _open_links(stage: Stage, opened: Played) -> list[str]:
    with reading(read_session(stage.databases.roster)) as session:
        book = CodeBook.of(stage.settings, session.get_one(RoundSecret, opened.round_id))
        rows = session.execute(
            select(Invitation, RoundHome.sheet_fingerprint)
            .join(
                RoundHome,
                (RoundHome.round_id == Invitation.round_id) & (RoundHome.home_id == Invitation.home_id),
            )
            .where(Invitation.round_id == opened.round_id, Invitation.state == InvitationState.OPEN)
            .order_by(Invitation.home_id.desc(), Invitation.id)
            .limit(LINKS)
        ).all()
        return [
            personal_link(stage.settings.base_url, book.code(row.id, row.generation), fingerprint)
            for row, fingerprint in rows
            if fingerprint is not None
        ]


def write_keepsake(folder: Path, keepsake: Keepsake) -> None:
    """Keep it in the data folder, readable by the owner only."""
    place = folder / FILE
    place.touch(mode=0o600)
    place.write_text(json.dumps(asdict(keepsake), ensure_ascii=False, indent=1))


def read_keepsake(folder: Path) -> Keepsake | None:
    """The keepsake of a demo that was made before."""
    try:
        return Keepsake(**json.loads((folder / FILE).read_text()))
    except FileNotFoundError:
        return None
