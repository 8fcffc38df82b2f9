"""A bare application that renders the gallery of components with invented places, under the strict policy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, render_template, request
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from survey_app.web import i18n
from survey_app.web.formats import FILTERS

APP = Path(i18n.__file__).parents[1]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

RATINGS = (
    "model_eligible",
    "qualified",
    "qualified_reminder",
    "insufficient_evidence",
    "dissatisfied",
    "held",
    "turnout_short",
    "not_rated",
)
STATES = (
    *(
        "draft",
        "awaiting_signature",
        "served",
        "plan_due",
        "plan_under_review",
        "plan_returned",
        "rectifying",
    ),
    *(
        "awaiting_inspection",
        "inspection_failed",
        "reevaluation",
        "vote_short",
        "extension_requested",
        "supervised",
    ),
    *("withdrawn", "reported", "verified", "closed", "long_term"),
)


class PlanForm(FlaskForm):
    """One field of every kind."""

    reason = TextAreaField("原因", [DataRequired("请写原因，一两句话就行。")])
    owner = StringField("谁负责", [DataRequired("请写负责人的职务。")])
    due = DateField(
        "哪天办成", [DataRequired("请填日期，比如2026-12-01。")], description="不能晚于12月14日。"
    )
    kind = SelectField(
        "类别",
        choices=[SelectChoice("A", "A类，30天"), SelectChoice("B", "B类，60天")],
        validators=[DataRequired()],
    )
    way = RadioField(
        "怎么送达",
        choices=[SelectChoice("app", "站内"), SelectChoice("paper", "纸质")],
        validators=[DataRequired("请选一种。")],
    )
    agree = BooleanField("我已看过会员写的话", [DataRequired("请先看一遍会员写的话。")])
    proof = MultipleFileField("佐证")


@dataclass
class Post:
    """A post of the same person."""

    label: str
    url: str = "#"
    current: bool = False


@dataclass
class Person:
    """Who is signed in, as the frame reads it."""

    name: str = "经办人"
    role_title: str = "经办人"
    unit_name: str = "柳堤区总工会"
    posts: list[Post] = field(
        default_factory=lambda: [
            Post("柳堤区总工会 · 经办人", current=True),
            Post("装备制造产业工会 · 经办人"),
        ]
    )


def _drawing(width: int, kind: str) -> Markup:
    """A small interval chart in the classes that charts use."""
    end = width - 64
    return Markup(
        f'<svg viewBox="0 0 {width} 70" class="{kind}" role="img" aria-labelledby="{kind}t">'
        f'<title id="{kind}t">综合满意率48.4，范围43.2到53.7</title>'
        f'<path d="M{end // 2} 20V50" class="se dash"/><text x="{end // 2}" y="14" class="t2">60整改线</text>'
        f'<path d="M8 50H{end}" class="sl"/><rect x="90" y="28" width="80" height="14" rx="7" class="fb"/>'
        f'<circle cx="130" cy="35" r="6" class="fi"/>'
        f'<text x="{width}" y="41" text-anchor="end">48.4</text></svg>'
    )


def _switch_url(**changes: str) -> str:
    return f"{request.path}?{urlencode({**request.args.to_dict(), **changes})}"


def _frame() -> dict[str, Any]:
    places = [("总览", "home"), ("评议", "poll"), ("整改", "order"), ("单位", "tree"), ("荣誉", "star")]
    english = ["Overview", "Rounds", "Orders", "Units", "Honours"]
    lang = i18n.page_language()
    return {
        "page_lang": lang,
        "big": request.args.get("big") == "1",
        "printing": request.args.get("print") == "1",
        "switch_url": _switch_url,
        "actor": Person(),
        "rail": [
            SimpleNamespace(
                label=english[index] if lang == "en" else label,
                url="#",
                icon=icon,
                current=index == 2,
                on_phone=index < 4,
            )
            for index, (label, icon) in enumerate(places)
        ],
        "more_url": "#",
        "sign_out_url": "#",
        "notices": [("done", "已发出催办，9:00送达。")],
        "demo": True,
        "icp_lines": ["京ICP备00000000号"],
        "now": NOW,
        "csrf_token": lambda: "token",
    }


def _gallery_data() -> dict[str, Any]:
    form = PlanForm(formdata=None, meta={"csrf": False})
    form.process(formdata=None)
    form.validate()
    late = [
        ("青禾纺织公司工会", "rectifying", date(2026, 11, 13), -5),
        ("晨光食品公司工会", "closed", date(2026, 11, 25), 3),
    ]
    return {
        "form": form,
        "orders": [*late, ("柳堤公交三公司工会", "plan_due", date(2027, 1, 8), 34)],
        "units": [
            (1, "柳堤区总工会", 214, 0.718),
            (2, "河湾街道总工会", 63, 0.742),
            (3, "北塔社区联合工会", 8, 0.669),
        ],
        "page_url": lambda page: f"?page={page}",
        "ratings": RATINGS,
        "states": STATES,
        "files": [
            SimpleNamespace(
                name="办事流程图上墙照片.jpg",
                size=1_470_000,
                own_date=date(2026, 10, 12),
                uploader="青禾纺织公司工会",
                checksum="9f86d081884c7d65",
                url="#",
            )
        ],
        "replace_url": lambda item: f"?replace={item.checksum}",
    }


def gallery_app() -> Flask:
    """The application; `/desk`, `/member`, `/confirm` and `/error` are its pages."""
    app = Flask("gallery", template_folder=str(APP / "templates"), static_folder=str(APP / "static"))
    app.config.update(SECRET_KEY="gallery", WTF_CSRF_ENABLED=False)
    i18n.setup(app)
    app.jinja_env.filters.update(FILTERS)
    app.context_processor(_frame)
    drawings = {"wide": _drawing(640, "only-w"), "narrow": _drawing(350, "only-n")}
    error = {
        "title": "没有这一页",
        "text": "请检查网址。",
        "faults": ["第37行没有会员号"],
        "reference": "7K3M",
    }
    pages: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
        "desk": ("look/gallery.html", _gallery_data),
        "confirm": ("look/confirm.html", _gallery_data),
        "member": ("look/member.html", lambda: drawings),
        "error": ("errors/error.html", lambda: error),
    }

    @app.get("/<name>")
    def page(name: str) -> Response:
        template, data = pages[name]
        return Response(render_template(template, **data()), headers={"Content-Security-Policy": POLICY})

    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the gallery on a free port of loopback; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
