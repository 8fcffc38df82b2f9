"""Errors in one place: domain errors become a status and a sentence that says what to do.

Features teach their own sentences with `learn`; a code without a sentence fails a test, never a page.
"""

from __future__ import annotations

import errno
import logging
import traceback
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError, StatementError
from werkzeug.exceptions import HTTPException

from survey_app.core.errors import Conflict, Fault, Invalid, NotFound, PingjiaError, Refused
from survey_app.web.access import current_actor
from survey_app.web.desk import PostLink
from survey_app.web.formats import day_full
from survey_app.web.i18n import Lazy, gettext, page_language
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.other_posts import posts_that_may
from survey_app.web.way_back import safe_address, way_back

log = logging.getLogger("pingjia")
# Errors of which another post of the same person may be the way out.
ASK_ANOTHER_POST = frozenset({"role_may_not", "not_found"})
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EACCES})
# 53100 is PostgreSQL's "disk full".
NO_ROOM_CODES = ("SQLITE_FULL", "SQLITE_READONLY", "53100")

STATUS: tuple[tuple[type[PingjiaError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (Invalid, 422),
    (Refused, 403),
    (PingjiaError, 400),
)

_words: dict[str, str | Lazy] = {
    "not_found": _l("没有这一页，或者它不在您的范围里。"),
    "role_may_not": _l("这件事不归您现在的身份办。"),
    "wrong_state": _l("现在这一步还不能办，或者已经办过了。请刷新页面看看最新情况。"),
    "changed_meanwhile": _l("有人刚改过这一项，您的改动没有写入。请看过最新内容再改。"),
    "invalid_input": _l("有%(count)s处要改。"),
    "year_unknown": _l("年度要写%(first)s到%(last)s之间的四位数，网址里写的是“%(year)s”。"),
    "token_invalid": _l("这个链接已经失效。请索取新的。"),
}
_titles = {
    400: _l("这个请求看不懂"),
    403: _l("这一步您不能办"),
    404: _l("没有这一页"),
    405: _l("不能这样打开这一页"),
    409: _l("内容已经变了"),
    413: _l("文件太大"),
    415: _l("这种格式收不了"),
    422: _l("有几处要改"),
    429: _l("请稍等再试"),
    500: _l("出了故障，没有写入任何内容"),
    503: _l("系统正忙，请过一会儿再试"),
}
_advice = {
    400: _l("请回到上一页再试一次。"),
    403: _l("请回到上一页。"),
    404: _l("请检查网址，或者回到首页。"),
    405: _l("请从页面上的按钮进入。"),
    413: _l("每个文件不超过20MB。请压缩后再传。"),
    500: _l("请过一会儿再试；还不行，请把时间告诉管理员。"),
    503: _l("刚才的内容没有写入，请再试一次。"),
}


def learn(words: Mapping[str, str | Lazy]) -> None:
    """Add a feature's sentences: code -> sentence with `%(name)s` blanks filled from the error's details."""
    _words.update(words)


def known_codes() -> frozenset[str]:
    """Every code that has a sentence."""
    return frozenset(_words)


def sentence(problem: PingjiaError | Fault) -> str:
    """The sentence for an error or a fault, in the language of the request."""
    template = str(_words.get(problem.code, gettext("这一步没有办成。")))
    try:
        return template % _spoken(problem.details) if problem.details else template
    except (KeyError, ValueError, TypeError):
        return template


def _spoken(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details as people write them: days in words, lists with the comma of the language."""
    return {name: _said(value) for name, value in details.items()}


def _said(value: Any) -> Any:
    if isinstance(value, date):
        return day_full(value, page_language())
    return gettext("、").join(map(str, value)) if isinstance(value, list) else value


def status_of(error: PingjiaError) -> int:
    """The HTTP status of a domain error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def wants_json() -> bool:
    """Whether this request speaks JSON (the member's page and the API)."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def setup(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(PingjiaError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(DataError, _no_such_value)
    app.register_error_handler(OverflowError, _no_such_value)
    app.register_error_handler(OSError, _no_room)
    app.register_error_handler(Exception, _unexpected)


def _domain_error(error: PingjiaError) -> tuple[Response | str, int]:
    faults = [sentence(fault) for fault in error.faults] if isinstance(error, Invalid) else []
    helpful = posts_that_may(error.details.get("permission")) if error.code in ASK_ANOTHER_POST else []
    return _answer(status_of(error), sentence(error), faults, error.code, helpful)


def _http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    status = error.code or 500
    if isinstance(error, CSRFError):
        return _answer(400, gettext("这一页打开得太久了，请刷新后再办一次。"), [], "page_too_old")
    return _answer(status, str(_advice.get(status, "")), [], f"http_{status}")


def _database_busy(error: OperationalError) -> tuple[Response | str, int]:
    # The code of the driver, never its text: what a person sent must not reach the log.
    reason = str(getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None))
    log.error("database unavailable: %s %s", type(error.orig).__name__, reason)
    if reason.startswith(NO_ROOM_CODES):
        return _answer(503, _no_room_text(), [], "no_room")
    return _answer(503, str(_advice[503]), [], "database_busy")


def _no_room(error: OSError) -> tuple[Response | str, int]:
    """A disk that is full or cannot be written to; any other OSError is unexpected."""
    if error.errno not in NO_ROOM:
        return _unexpected(error)
    log.error("cannot write files: %s", errno.errorcode[error.errno])
    return _answer(503, _no_room_text(), [], "no_room")


def _no_room_text() -> str:
    return gettext("服务器的磁盘写不进去了，刚才的内容没有写入。请告诉管理员。")


def _no_such_value(_error: Exception) -> tuple[Response | str, int]:
    """A number or a text that no column can hold: the request is at fault, and nothing was written."""
    return _answer(400, str(_advice[400]), [], "http_400")


def _unexpected(error: Exception) -> tuple[Response | str, int]:
    # Values stay out of the log: an exception's text may quote what a person sent; a statement has blanks.
    trace = "".join(traceback.format_tb(error.__traceback__))
    statement = error.statement if isinstance(error, StatementError) else None
    log.error("unexpected %s at %s: %s\n%s", type(error).__name__, request.endpoint, statement, trace)
    return _answer(500, str(_advice[500]), [], "unexpected")


def _answer(
    status: int, text: str, faults: list[str], code: str, posts: Sequence[PostLink] = ()
) -> tuple[Response | str, int]:
    if wants_json():
        return jsonify(error=code, text=text, faults=faults), status
    page = render_template(
        "errors/error.html",
        status=status,
        title=str(_titles.get(status, _titles[500] if status >= 500 else _titles[400])),
        text=text,
        faults=faults,
        posts=posts,
        here=safe_address(),
        next_url=request.path if code == "year_unknown" else None,
        next_label=gettext("看现在的年度"),
        frame="desk.html" if current_actor() else "base.html",
        back_url=way_back(gone=status == 404),
    )
    return page, status


def invalid(code: str, *, where: str | None = None, **details: Any) -> Invalid:
    """An Invalid with one fault, for a route that finds something wrong with its own input."""
    return Invalid([Fault(code, details, where)])
