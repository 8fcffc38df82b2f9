"""Papers of the noticeboard: the sheet with the public page on one A4, and the poster of a home's round."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from scoring import ShownQuestion
from scoring.shown import ShownBounds
from survey_app.core.clock import beijing_day
from survey_app.core.files import FileStore
from survey_app.core.settings import Settings
from survey_app.noticeboard.board_orders import GRADES, board_orders, board_pictures, overdue_words
from survey_app.noticeboard.procedures import lines_of
from survey_app.noticeboard.public_page import PublicPage
from survey_app.papers.board_sheet import BoardSheet, board_sheet_pdf
from survey_app.papers.marks import Marks
from survey_app.papers.poster import Poster, poster_pdf
from survey_app.papers.typesetting import Typesetter
from survey_app.results.figures import range_words, share_words, turnout_words
from survey_app.rounds.models import Round, RoundHome, RoundKind
from survey_app.seals.codes import verification_code
from survey_app.units.models import Unit
from survey_app.web.i18n import gettext, in_chinese

MOST_ANSWERS = 4


def sheet_pdf(page: PublicPage, settings: Settings, files: FileStore, today: date) -> bytes:
    """The public page on one sheet. Papers are Chinese, whoever prints them."""
    with in_chinese():
        sheet = board_sheet(page, settings.base_url, files, today)
    return board_sheet_pdf(sheet, Typesetter(settings.fonts_folder), marks=Marks(demo=settings.demo))


def board_sheet(page: PublicPage, base_url: str, files: FileStore, today: date) -> BoardSheet:
    """What stands on the sheet, from what stands on the page today."""
    view = page.view
    year = view.result.year if view else (page.running.year if page.running else 0)
    pictures, more_pictures = board_pictures(page.orders, files)
    return BoardSheet(
        home=page.home.name,
        year=year or _year_of(page),
        page_address=f"{base_url}/h/{page.home.id}",
        sentence=_sentence(page),
        grade=GRADES[page.tag] if view else "",
        figures=_figures(page),
        orders=board_orders(page.orders),
        pictures=pictures,
        overdue=overdue_words(page.orders),
        answers=tuple(page.answers[:MOST_ANSWERS]),
        shown=_five(page),
        more=more_pictures or len(page.answers) > MOST_ANSWERS,
        as_of=today,
    )


def _year_of(page: PublicPage) -> int:
    return page.content.updated_at.year if page.content else 0


def _sentence(page: PublicPage) -> str:
    if page.view is None:
        return gettext("还没有公布的评议结果。")
    return page.view.reading.sentence or page.view.reading.why


def _figures(page: PublicPage) -> tuple[tuple[str, str], ...]:
    if page.view is None:
        return ()
    shown = page.view.shown
    figures = [
        ("会员", f"{shown.members}人"),
        ("参评率", turnout_words(shown.turnout_percent, shown.ballots, unopened=page.view.count.unopened)),
    ]
    if isinstance(shown.overall, ShownQuestion):
        figures.append(("综合满意率", share_words(shown.overall.combined, shown.ballots)))
    if isinstance(shown.bounds, ShownBounds) and not shown.bounds.full_count:
        ballots = shown.ballots if isinstance(shown.ballots, int) else None
        figures.append(("误差范围", range_words(shown.bounds.low, shown.bounds.high, ballots)))
    return tuple(figures)


def _five(page: PublicPage) -> tuple[tuple[str, str], ...]:
    content = page.content
    if content is None:
        return ()
    chair = "，".join(part for part in (content.chair_name, content.chair_phone, content.reception) if part)
    pairs = (
        ("亮牌子", "，".join(part for part in (content.place, content.hours) if part)),
        ("亮身份", f"工会主席：{chair}" if chair else ""),
        ("亮制度", "；".join(lines_of(content.rules))),
        ("亮项目", "、".join(lines_of(content.services))),
        ("亮程序", "；".join(f"{one['name']}：{'→'.join(one['steps'])}" for one in content.procedures)),
    )
    return tuple(pair for pair in pairs if pair[1])


def home_poster(
    session: Session,
    round_: Round,
    home: RoundHome,
    unit: Unit,
    settings: Settings,
    size: Literal["a3", "a4"],
) -> bytes:
    """The poster of one home: its code leads to the public page, never to a ballot."""
    poster = Poster(
        home=unit.name,
        year=round_.year,
        opens_on=beijing_day(round_.opens_at),
        closes_at=round_.closes_at,
        page_address=f"{settings.base_url}/h/{unit.id}",
        check_code=verification_code(home.sheet_fingerprint or b"").replace("-", ""),
        superior=session.get_one(Unit, round_.organiser_id).name,
        superior_telephone=round_.privacy_contact,
    )
    marks = Marks(demo=settings.demo, practice=round_.kind == RoundKind.PRACTICE)
    return poster_pdf(poster, Typesetter(settings.fonts_folder), size=size, marks=marks)
