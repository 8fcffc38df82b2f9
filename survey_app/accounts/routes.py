"""URLs of accounts: the way in and out, the own password, the post one acts in, language and size."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from survey_app.accounts import administration, entry, loader, operations, own_factor, own_ways, sign_ins
from survey_app.accounts import second_factor as factor
from survey_app.accounts.forms import ChangePasswordForm, ConfirmPasswordForm, SecondStepForm, SignInForm
from survey_app.accounts.lockout import LOCKED_FOR
from survey_app.accounts.models import Account
from survey_app.accounts.passwords import matches
from survey_app.accounts.wording import VERBS, WORDS
from survey_app.core import tokens
from survey_app.core.db import committing
from survey_app.core.errors import Invalid, Refused
from survey_app.journal.wording import learn_verbs
from survey_app.units.routes import add_link
from survey_app.web import errors
from survey_app.web.access import actor, current_actor, entrance, signed_in
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("accounts", __name__)
administration.add_to(pages)
own_factor.add_to(pages)
own_ways.add_to(pages)
PENDING = "second-factor"
PENDING_SECONDS = 300
YEAR_SECONDS = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Add the pages of accounts to the application, and the loader that finds the actor."""
    errors.learn(WORDS)
    learn_verbs(VERBS)
    loader.setup(app)
    add_link(
        _l("看这里的账号"),
        lambda person, _unit: person.may("account.invite"),
        lambda unit: url_for("accounts.index", unit=unit.id),
    )
    add_place(
        Place(
            "accounts.index",
            _l("账号"),
            "people",
            80,
            lambda person: person.may("account.invite"),
            prefix="/accounts",
            on_phone=False,
        )
    )
    app.register_blueprint(pages)


@pages.route("/sign-in", methods=["GET", "POST"])
@entrance
def sign_in():
    """Login and password (mock 09)."""
    target = loader.local_path(request.values.get("next"))
    if current_actor() is not None and request.method == "GET":
        return redirect(target or url_for("overview.desk"))
    form = SignInForm(next=target or "", login=request.args.get("login", ""))
    attempt = None
    if form.validate_on_submit():
        login, password = form.login.data or "", form.password.data or ""
        fits = entry.password_fits(reader(), login, password, at=now())
        with committing(roster()) as book:
            attempt = entry.enter(book, login, fits, at=now())
        if attempt.outcome is entry.Outcome.IN:
            return _let_in(attempt, target)
        if attempt.outcome is entry.Outcome.SECOND_FACTOR:
            return _second_step(attempt.account_id, target)
    return _sign_in_page(form, attempt), 200 if request.method == "GET" else 422


@pages.post("/sign-in/second")
@entrance
def second_step():
    """The digits of the authenticator, after the password was right."""
    target = loader.local_path(request.form.get("next"))
    form = SecondStepForm()
    try:
        account_id = tokens.read(
            installation().settings.secret_key, PENDING, form.pending.data or "", PENDING_SECONDS
        )
    except Refused:
        say(gettext("等得太久了，请重新登录。"))
        return redirect(url_for("accounts.sign_in", next=target), 303)
    attempt = None
    if form.validate_on_submit():
        with committing(roster()) as book:
            attempt = entry.enter_second(
                book, account_id, form.digits.data or "", installation().settings.wrapping_key, at=now()
            )
        if attempt.outcome is entry.Outcome.IN:
            return _let_in(attempt, target)
    page = render_template("accounts/second_step.html", form=form, problem=_problem(attempt, second=True))
    return page, 422


@pages.post("/sign-out")
@entrance
def sign_out():
    """End this browser's session; also when it has ended already."""
    token = request.cookies.get(loader.COOKIE, "")
    with committing(roster()) as book:
        sign_ins.close_sign_in(book, token)
    session.clear()
    response = redirect(url_for("accounts.sign_in"), 303)
    loader.forget(response)
    return response


@pages.route("/password", methods=["GET", "POST"])
@signed_in
def password():
    """Choose a password; a person with a one-time password sees nothing else until it is done."""
    form = ChangePasswordForm()
    account = reader().get_one(Account, actor().account_id)
    if form.validate_on_submit():
        old_fits = matches(account.password_hash, form.old.data or "")
        try:
            with committing(roster()) as book:
                operations.change_password(
                    book,
                    actor(),
                    book.get_one(Account, account.id),
                    old_fits,
                    form.new.data or "",
                    token=request.cookies[loader.COOKIE],
                    at=now(),
                )
        except Invalid as invalid:
            for fault in invalid.faults:
                (form.old if fault.where == "old" else form.new).errors = [errors.sentence(fault)]
        else:
            say(gettext("密码已改。下次登录用新密码。"), "done")
            return redirect(url_for("overview.desk"), 303)
    page = render_template(
        "accounts/password.html",
        form=form,
        account=account,
        recovery_codes=factor.codes_left(reader(), account.id),
    )
    return page, 422 if form.errors or form.old.errors or form.new.errors else 200


@pages.route("/confirm-password", methods=["GET", "POST"])
@signed_in
def confirm_password():
    """The password once more, before an act that cannot be taken back."""
    target = loader.local_path(request.values.get("next")) or url_for("overview.desk")
    form = ConfirmPasswordForm(next=target)
    if form.validate_on_submit():
        account = reader().get_one(Account, actor().account_id)
        fits = entry.password_fits(reader(), account.login, form.password.data or "", at=now())
        with committing(roster()) as book:
            attempt = entry.confirm(book, account.id, fits, token=request.cookies[loader.COOKIE], at=now())
        if attempt.outcome is entry.Outcome.IN:
            return redirect(target, 303)
        locked = attempt.outcome is entry.Outcome.LOCKED
        form.password.errors = [
            gettext("错的次数太多，请过15分钟再试。") if locked else gettext("密码不对。")
        ]
    page = render_template("accounts/confirm_password.html", form=form)
    return page, 422 if form.password.errors else 200


@pages.post("/post/<int:post_id>")
@signed_in
def switch_post(post_id: int):
    """Go on in another of one's posts: at the desk, or at the page that asked for the post."""
    with committing(roster()) as book:
        new = sign_ins.switch_post(book, request.cookies[loader.COOKIE], post_id, at=now())
    say(gettext("现在的身份：%(unit)s", unit=new.unit_name))
    return redirect(loader.local_path(request.form.get("next")) or url_for("overview.desk"), 303)


@pages.get("/settings")
@signed_in
def settings():
    """Language and size of the desks, kept in two cookies; a link, so that it works without script."""
    target = loader.local_path(request.args.get("next")) or url_for("overview.desk")
    response = redirect(target, 303)
    for name, allowed in (("lang", {"zh-CN", "en"}), ("big", {"0", "1"})):
        value = request.args.get(name)
        if value in allowed:
            response.set_cookie(name, value, max_age=YEAR_SECONDS, httponly=True, samesite="Lax")
    return response


def _sign_in_page(form: SignInForm, attempt: entry.Attempt | None) -> str:
    return render_template("accounts/sign_in.html", form=form, problem=_problem(attempt))


def _let_in(attempt: entry.Attempt, target: str | None) -> Response:
    # A new token and a new form session: nothing a stranger planted before the sign-in lives on.
    session.clear()
    response = redirect(target or url_for("overview.desk"), 303)
    old = request.cookies.get(loader.COOKIE)
    if old:
        with committing(roster()) as book:
            sign_ins.close_sign_in(book, old)
    loader.keep(response, attempt.token or "")
    return response


def _second_step(account_id: int | None, target: str | None) -> str:
    pending = tokens.sign(installation().settings.secret_key, PENDING, account_id)
    form = SecondStepForm(formdata=None, pending=pending, next=target or "")
    return render_template("accounts/second_step.html", form=form, problem=None)


def _problem(attempt: entry.Attempt | None, second: bool = False) -> tuple[str, str] | None:
    """What went wrong and what to do: the same two sentences whether the login exists or not."""
    if attempt is None or attempt.outcome in {entry.Outcome.IN, entry.Outcome.SECOND_FACTOR}:
        return None
    minutes, tries = int(LOCKED_FOR.total_seconds() // 60), attempt.tries_left
    heading = gettext("验证码不对") if second else gettext("用户名或密码不对")
    return {
        entry.Outcome.WRONG: (
            heading,
            gettext(
                "再错%(tries)s次，将锁定%(minutes)s分钟。忘了密码，请找本级管理员重置。",
                tries=tries,
                minutes=minutes,
            ),
        ),
        entry.Outcome.LOCKED: (
            gettext("错的次数太多，已锁定%(minutes)s分钟", minutes=minutes),
            gettext("过了这段时间再登录。急用，请找本级管理员重置密码。"),
        ),
        entry.Outcome.EXPIRED: (
            gettext("一次性密码已经过期"),
            gettext("请找发给您密码的人再打印一张。"),
        ),
        entry.Outcome.NO_POST: (gettext("这个账号现在没有岗位"), gettext("请找本级管理员。")),
    }[attempt.outcome]
