"""The poster of a home: invites, leads to the home's page, promises three things, prints the 核对码."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.qr import draw_qr
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import grouped, long_date, long_time, one_line

INVITATION = "请您评一评咱们的职工之家"
PROMISES = ("不用登录，不用填姓名。", "开箱前，谁都看不到分数。", "没有人有权要您截图。")
CLAIM = "没收到链接？扫码用会员号领。"


@dataclass(frozen=True)
class Poster:
    """`page_address` is the home's public page, never a ballot link: anyone may see a poster."""

    home: str
    year: int
    opens_on: date
    closes_at: datetime
    page_address: str
    check_code: str
    superior: str
    superior_telephone: str
    promises: tuple[str, ...] = PROMISES


def poster_pdf(
    poster: Poster, typesetter: Typesetter, *, size: Literal["a3", "a4"] = "a3", marks: Marks = NO_MARKS
) -> bytes:
    """Set the poster: on A3 the code is 150 mm and nothing is smaller than 28 points."""
    data = {
        "size": size,
        "invitation": INVITATION,
        "home": one_line(poster.home),
        "year": f"{poster.year}年度会员评议职工之家",
        "dates": f"{long_date(poster.opens_on)}至{long_time(poster.closes_at)}",
        "qr": draw_qr(poster.page_address).as_data(),
        "promises": [one_line(promise) for promise in poster.promises],
        "claim": CLAIM,
        "check_code": grouped(poster.check_code),
        "telephone": f"{one_line(poster.superior)}　{one_line(poster.superior_telephone)}",
    }
    return typesetter.pdf(
        "poster", data, title=f"{one_line(poster.home)} {poster.year}年度评议海报", marks=marks
    )
