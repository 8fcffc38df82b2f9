"""URLs of the list of accounts: find people, invite them, give and end posts, reset, disable, sign out."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from wtforms import SelectChoice

from survey_app.accounts import operations
from survey_app.accounts.forms import InviteForm
from survey_app.accounts.lockout import tidy
from survey_app.accounts.models import Account, Post
from survey_app.accounts.operations import ONE_TIME_LASTS
from survey_app.accounts.queries import homes_without_chair, visible_account, visible_accounts
from survey_app.accounts.step_up import require_fresh_sign_in
from survey_app.core.actor import Role
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.papers.first_passwords import FirstPassword, first_passwords_pdf
from survey_app.papers.marks import Marks
from survey_app.papers.typesetting import Typesetter
from survey_app.units.models import Unit
from survey_app.units.queries import writable_unit
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import ROLE_TITLES, say
from survey_app.web.i18n import gettext

PER_PAGE = 50
MOST_STRIPS = 300
STATES = frozenset({"open", "disabled", "first"})
ACTS = {
    "disable": operations.disable,
    "enable": operations.enable,
    "sign-out": operations.force_sign_out,
}


def add_to(pages: Blueprint) -> None:
    """Add the pages of the administration."""
    pages.add_url_rule("/accounts", "index", index)
    pages.add_url_rule("/accounts/new", "new", new, methods=["GET", "POST"])
    pages.add_url_rule("/accounts/chairs", "chairs", chairs, methods=["GET", "POST"])
    pages.add_url_rule("/accounts/<int:account_id>", "show", show)
    pages.add_url_rule("/accounts/<int:account_id>/reset", "reset", reset, methods=["GET", "POST"])
    pages.add_url_rule("/accounts/<int:account_id>/<act>", "change", change, methods=["POST"])
    pages.add_url_rule("/accounts/posts/<int:post_id>/end", "end_post", end_post, methods=["POST"])


@requires("account.invite")
def index():
    """The people with a post in the scope."""
    text, role = request.args.get("text", "").strip(), request.args.get("role", "")
    state = request.args.get("state", "")
    unit_id = request.args.get("unit", type=int)
    unit = writable_unit(reader(), actor(), unit_id) if unit_id is not None else None
    page = max(request.args.get("page", 1, type=int), 1)
    rows, total = visible_accounts(
        reader(),
        actor(),
        on=_today(),
        text=text,
        role=role,
        state=state if state in STATES else "",
        unit_id=unit_id,
        page=page,
        per_page=PER_PAGE,
    )
    return render_template(
        "accounts/index.html",
        rows=rows,
        total=total,
        text=text,
        role=role,
        state=state,
        unit=unit,
        page=page,
        pages=max(-(-total // PER_PAGE), 1),
        titles=ROLE_TITLES,
        role_options=[("", gettext("全部身份")), *ROLE_TITLES.items()],
        link=lambda **changes: url_for(
            "accounts.index", **{"text": text, "role": role, "state": state, "unit": unit_id, **changes}
        ),
    )


@requires("account.invite")
def show(account_id: int):
    """One person: posts, and what may be done."""
    row = visible_account(reader(), actor(), account_id, _today())
    return render_template(
        "accounts/show.html", row=row, titles=ROLE_TITLES, mine=account_id == actor().account_id
    )


@requires("account.invite")
def new():
    """Invite a person at a unit, or give an account of the scope a further post."""
    require_fresh_sign_in()
    unit = writable_unit(reader(), actor(), request.args.get("unit", actor().unit_id, type=int))
    form = InviteForm(unit_id=str(unit.id))
    form.role.choices = _roles_at(unit)
    if form.validate_on_submit():
        try:
            with committing(roster()) as session:
                account, first = _invite(session, form, session.get_one(Unit, unit.id))
        except Invalid as invalid:
            for fault in invalid.faults:
                form[fault.where or "login"].errors = [errors.sentence(fault)]
        except Conflict as conflict:
            form.login.errors = [errors.sentence(conflict)]
        else:
            return _first_password_page(account, first, unit)
    page = render_template("accounts/new.html", form=form, unit=unit)
    return page, 422 if request.method == "POST" else 200


@requires("account.invite")
def chairs():
    """Accounts for all chairs below a unit who have none, and their first passwords as one printed sheet."""
    require_fresh_sign_in()
    unit = writable_unit(reader(), actor(), request.args.get("unit", actor().unit_id, type=int))
    homes = homes_without_chair(reader(), actor(), unit.id, _today())
    if request.method == "GET":
        return render_template("accounts/chairs.html", unit=unit, homes=homes, most=MOST_STRIPS)
    if not homes:
        raise Refused("nobody_without_account")
    with committing(roster()) as session:
        made = operations.invite_chairs(
            session, actor(), [session.get_one(Unit, home.id) for home in homes[:MOST_STRIPS]], at=now()
        )
    # Printed while the accounts are new: the passwords are nowhere else, and no second sheet can be made.
    return _sheet([FirstPassword(home.name, one.name, one.login, first) for home, one, first in made])


@requires("account.invite")
def reset(account_id: int):
    """A new one-time password: a page of its own, for the old password is gone then."""
    require_fresh_sign_in()
    row = visible_account(reader(), actor(), account_id, _today())
    if request.method == "GET":
        return render_template("accounts/reset.html", row=row)
    with committing(roster()) as session:
        account = session.get_one(Account, row.account.id, with_for_update=True)
        first = operations.reset_password(session, actor(), account, at=now())
    return _first_password_page(account, first, None)


@requires("account.invite")
def change(account_id: int, act: str):
    """Disable, enable, or sign out of every browser."""
    if act not in ACTS:
        raise NotFound
    row = visible_account(reader(), actor(), account_id, _today())
    with committing(roster()) as session:
        ACTS[act](session, actor(), session.get_one(Account, row.account.id, with_for_update=True), at=now())
    said = {
        "disable": gettext("账号已停用，正在用的登录也退出了。"),
        "enable": gettext("账号已启用。"),
        "sign-out": gettext("已让这个人在所有电脑和手机上退出。"),
    }
    say(said[act], "done")
    return redirect(url_for("accounts.show", account_id=account_id), 303)


@requires("account.invite")
def end_post(post_id: int):
    """Somebody leaves a post."""
    held = reader().get(Post, post_id)
    if held is None:
        raise NotFound("post")
    visible_account(reader(), actor(), held.account_id, _today())
    with committing(roster()) as session:
        operations.end_post(session, actor(), session.get_one(Post, post_id, with_for_update=True), at=now())
    say(gettext("岗位已撤。"), "done")
    return redirect(url_for("accounts.index"), 303)


def _invite(session, form: InviteForm, unit: Unit) -> tuple[Account, str | None]:
    login = tidy(form.login.data or "")
    known = session.query(Account).filter_by(login=login).one_or_none()
    if known is not None and form.existing.data:
        row = visible_account(session, actor(), known.id, _today())
        operations.grant_post(session, actor(), row.account, Role(form.role.data), unit, at=now())
        return row.account, None
    account, first = operations.create_account(
        session,
        actor(),
        login=login,
        name=form.name.data or "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        at=now(),
    )
    operations.grant_post(session, actor(), account, Role(form.role.data), unit, at=now())
    return account, first


def _first_password_page(account: Account, first: str | None, unit: Unit | None):
    if first is None:
        say(gettext("已给%(name)s这个岗位。", name=account.name), "done")
        return redirect(url_for("accounts.show", account_id=account.id), 303)
    return render_template(
        "accounts/first_password.html",
        account=account,
        first=first,
        unit=unit,
        until=now() + ONE_TIME_LASTS,
        address=installation().settings.base_url + url_for("accounts.sign_in"),
    )


def _sheet(strips: list[FirstPassword]) -> Response:
    settings = installation().settings
    content = first_passwords_pdf(
        strips,
        settings.base_url + url_for("accounts.sign_in"),
        beijing_day(now() + ONE_TIME_LASTS),
        Typesetter(settings.fonts_folder, now()),
        marks=Marks(demo=settings.demo),
    )
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = "attachment; filename=first-passwords.pdf"
    return answer


def _roles_at(unit: Unit) -> list[SelectChoice]:
    roles = [Role.CHAIR] if unit.is_home else [Role.OFFICER, Role.AUDITOR]
    if not unit.is_home and actor().may("account.edit"):
        roles.append(Role.ADMINISTRATOR)
    return [SelectChoice(str(role), str(ROLE_TITLES[role])) for role in roles]


def _today() -> date:
    return beijing_day(now())
