"""URLs of schemes 评议办法: the list of a line, and issuing a new one."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.rounds import operations
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

pages = Blueprint("schemes", __name__)
BASIS_TITLES = {"weighted": _l("按各类会员人数折算的率"), "raw": _l("原始票数的率")}


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
    form = SchemeForm()
    form.basis.choices = [SelectChoice(basis, title) for basis, title in BASIS_TITLES.items()]
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            policy = replace(
                Policy(),
                basis=form.basis.data,
                objection_workdays=form.objection_workdays.data,
                acknowledge_workdays=form.acknowledge_workdays.data,
                award_min_ballots=form.award_min_ballots.data,
                inspectors=form.inspectors.data,
            )
            issuer = session.get_one(Unit, actor().unit_id)
            operations.issue_scheme(
                session, actor(), issuer, year=form.year.data, title=form.title.data, policy=policy, at=now()
            )
        if not form.errors:
            say(gettext("评议办法已印发。"), "done")
            return redirect(url_for("schemes.index"), 303)
    elif not form.is_submitted():
        _defaults(form)
    return render_template("rounds/scheme_new.html", form=form)


def _defaults(form: SchemeForm) -> None:
    policy, year = Policy(), beijing_day(now()).year
    form.year.data = year
    form.title.data = gettext("%(year)s年度评议办法", year=year)
    for name in ("objection_workdays", "acknowledge_workdays", "award_min_ballots", "inspectors"):
        form[name].data = getattr(policy, name)
