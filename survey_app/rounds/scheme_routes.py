"""URLs of schemes 评议办法: the list of a line, and issuing a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.rounds import operations, queries
from survey_app.rounds.forms import SchemeForm
from survey_app.rounds.models import SchemeVersion
from survey_app.rounds.policy import Policy
from survey_app.units.models import Unit
from survey_app.units.queries import path
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.years import asked_year

pages = Blueprint("schemes", __name__)
BASIS_TITLES = {"weighted": _l("按各类会员人数折算的率"), "raw": _l("原始票数的率")}
NUMBERS = ("objection_workdays", "acknowledge_workdays", "award_min_ballots", "inspectors")


@pages.get("/schemes")
@requires("round.read")
def index() -> str:
    line = {unit.id: unit.name for unit in path(reader(), actor().unit_id)}
    schemes = reader().scalars(
        select(SchemeVersion)
        .where(SchemeVersion.issuer_unit_id.in_(line))
        .order_by(SchemeVersion.year.desc(), SchemeVersion.issued_at.desc())
    )
    return render_template("rounds/schemes.html", schemes=list(schemes), issuers=line)


@pages.get("/schemes/<int:scheme_id>")
@requires("round.read")
def show(scheme_id: int) -> str:
    line = {unit.id: unit.name for unit in path(reader(), actor().unit_id)}
    scheme = reader().get(SchemeVersion, scheme_id)
    if scheme is None or scheme.issuer_unit_id not in line:
        raise NotFound("scheme")
    policy = Policy.from_dict(scheme.policy)
    return render_template(
        "rounds/scheme.html", scheme=scheme, policy=policy, issuer=line[scheme.issuer_unit_id]
    )


@pages.route("/schemes/new", methods=["GET", "POST"])
@requires("scheme.issue")
def new() -> str | Response:
    """Fill in, read what follows, issue: only the second form, which says 印发, writes."""
    form = SchemeForm()
    form.basis.choices = [SelectChoice(basis, title) for basis, title in BASIS_TITLES.items()]
    last = _last_scheme()
    if form.validate_on_submit():
        with refill(form):
            operations.check_scheme(reader(), reader().get_one(Unit, actor().unit_id), **_values(form))
            if request.form.get("step") == "issue":
                with committing(roster()) as session:
                    issuer = session.get_one(Unit, actor().unit_id)
                    operations.issue_scheme(session, actor(), issuer, **_values(form), at=now())
                say(gettext("评议办法已印发。"), "done")
                return redirect(url_for("schemes.index"), 303)
            return _confirm_page(form)
    elif not form.is_submitted():
        # The way back from the confirming page carries what was typed.
        form.process(request.args, data=_defaults(last))
    return render_template("rounds/scheme_new.html", form=form, last=last)


def _confirm_page(form: SchemeForm) -> str:
    filled = {name: form[name].data for name in ("title", "year", "basis", *NUMBERS)}
    earlier = [
        one for one in queries.schemes_for(reader(), [actor().unit_id], 0) if one.year == form.year.data
    ]
    return render_template(
        "rounds/scheme_confirm.html",
        form=form,
        filled=filled,
        basis=BASIS_TITLES[form.basis.data],
        numbers=NUMBERS,
        earlier=earlier,
    )


def _values(form: SchemeForm) -> dict[str, Any]:
    changes = {name: form[name].data for name in ("basis", *NUMBERS)}
    return {"year": form.year.data, "title": form.title.data, "policy": replace(Policy(), **changes)}


def _last_scheme() -> SchemeVersion | None:
    """The newest scheme of the latest year in the actor's line: the next one starts from its numbers."""
    schemes = queries.schemes_for(reader(), [unit.id for unit in path(reader(), actor().unit_id)], 0)
    return max(schemes, key=lambda scheme: (scheme.year, scheme.issued_at), default=None)


def _defaults(last: SchemeVersion | None) -> dict[str, Any]:
    policy = Policy.from_dict(last.policy) if last else Policy()
    year = asked_year(beijing_day(now()).year)
    start: dict[str, Any] = {name: getattr(policy, name) for name in ("basis", *NUMBERS)}
    return {**start, "year": year, "title": gettext("%(year)s年度评议办法", year=year)}
