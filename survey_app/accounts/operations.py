"""Writes of accounts: open one, give and end posts, passwords, disabling, forced sign-out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts import lockout, passwords, second_factor
from survey_app.accounts.models import Account, Post
from survey_app.accounts.queries import held_on
from survey_app.accounts.sign_ins import close_all
from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Conflict, Fault, Invalid, NotFound, Refused
from survey_app.journal.operations import record
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below

ONE_TIME_LASTS = timedelta(days=14)
ROUND_ROLES = frozenset({Role.CUSTODIAN, Role.WORKING_GROUP, Role.TELLER})
# Who may hand out which role; roles of a round are handed out by whoever appoints in rounds.
HANDED_OUT_WITH = {
    Role.OFFICER: "account.invite",
    Role.CHAIR: "account.invite",
    Role.AUDITOR: "account.invite",
    Role.ADMINISTRATOR: "account.edit",
    Role.CUSTODIAN: "round.appoint",
    Role.WORKING_GROUP: "round.appoint",
    Role.TELLER: "round.appoint",
}


def create_account(
    session: Session,
    actor: Actor,
    *,
    login: str,
    name: str,
    at: datetime,
    email: str = "",
    phone: str = "",
) -> tuple[Account, str]:
    """A new person, with the one-time password to be printed. It works once and for fourteen days."""
    _need_any(actor, "account.invite", "round.appoint")
    login = lockout.tidy(login)
    faults = _faults_of_person(login, name.strip())
    if faults:
        raise Invalid(faults)
    if session.scalars(select(Account.id).where(Account.login == login)).first() is not None:
        raise Conflict("login_taken", login=login)
    first = passwords.one_time_password()
    account = Account(
        login=login,
        name=name.strip(),
        email=email.strip(),
        phone=phone.strip(),
        password_hash=passwords.hash_one_time(first),
        must_change_password=True,
        password_expires_at=at + ONE_TIME_LASTS,
        created_at=at,
    )
    session.add(account)
    session.flush()
    record(session, actor, "account.create", "account", account.id, at=at, login=login)
    return account, first


def grant_post(
    session: Session,
    actor: Actor,
    account: Account,
    role: Role,
    unit: Unit,
    *,
    round_id: str | None = None,
    title: str = "",
    at: datetime,
) -> Post:
    """Let a person act at a unit from today on; the same post twice is one post."""
    _need_any(actor, HANDED_OUT_WITH[role])
    _check_place(session, actor, role, unit, round_id)
    same = select(Post).where(
        Post.account_id == account.id,
        Post.role == role,
        Post.unit_id == unit.id,
        Post.round_id == round_id if round_id else Post.round_id.is_(None),
        held_on(beijing_day(at)),
    )
    held = session.scalars(same).first()
    if held is not None:
        return held
    post = Post(
        account_id=account.id,
        role=str(role),
        unit_id=unit.id,
        round_id=round_id,
        title=title,
        since=beijing_day(at),
    )
    session.add(post)
    session.flush()
    record(
        session, actor, "post.grant", "post", post.id, at=at, account=account.id, role=str(role), unit=unit.id
    )
    return post


def invite_chairs(
    session: Session, actor: Actor, homes: Sequence[Unit], *, at: datetime
) -> list[tuple[Unit, Account, str]]:
    """An account for the chair of each home, with the one-time passwords for one printed sheet."""
    made = []
    for home in homes:
        account, first = create_account(
            session,
            actor,
            login=_free_login(session, f"zx-{home.id:05d}"),
            name=home.chair_name,
            phone=home.chair_phone,
            email=home.chair_email,
            at=at,
        )
        grant_post(session, actor, account, Role.CHAIR, home, at=at)
        made.append((home, account, first))
    record(session, actor, "account.first_passwords", "unit", actor.unit_id, at=at, accounts=len(made))
    return made


def end_post(session: Session, actor: Actor, post: Post, *, by_round: bool = False, at: datetime) -> None:
    """The person acts there no more, from this moment on; the row stays as a record.

    A duty of a round ends through the round (`by_round`): custodians of a key cannot be exchanged.
    """
    if post.round_id is not None and not by_round:
        raise Refused("duty_ends_with_its_round")
    _need_any(actor, HANDED_OUT_WITH[Role(post.role)])
    _check_within(session, actor, post.unit_id)
    if post.until is not None:
        return
    post.until = beijing_day(at) - timedelta(days=1)
    record(session, actor, "post.end", "post", post.id, at=at, account=post.account_id, role=post.role)


def change_password(
    session: Session, actor: Actor, account: Account, old_fits: bool, new: str, *, token: str, at: datetime
) -> None:
    """The person chooses a password (`old_fits`: the old one was checked); other browsers are signed out."""
    if account.id != actor.account_id:
        raise NotFound("account")
    faults = passwords.faults_of(new, account.login)
    if not old_fits:
        faults.insert(0, Fault("old_password_wrong", where="old"))
    elif passwords.matches(account.password_hash, new):
        faults.append(Fault("password_same"))
    if faults:
        raise Invalid(faults)
    account.password_hash = passwords.hash_password(new)
    account.must_change_password = False
    account.password_expires_at = None
    close_all(session, account.id, but=token)
    record(session, actor, "account.change_password", "account", account.id, at=at)


def reset_password(session: Session, actor: Actor, account: Account, *, at: datetime) -> str:
    """A new one-time password for who has lost his; signs him out, lifts the lock, drops the factor."""
    check_governs(session, actor, account, at=at)
    first = passwords.one_time_password()
    account.password_hash = passwords.hash_one_time(first)
    account.must_change_password = True
    account.password_expires_at = at + ONE_TIME_LASTS
    lockout.forget_failures(session, account.login)
    if account.totp_secret is not None:
        second_factor.remove(session, actor, account, at=at)
    close_all(session, account.id)
    record(session, actor, "account.reset_password", "account", account.id, at=at)
    return first


def disable(session: Session, actor: Actor, account: Account, *, at: datetime) -> None:
    """Shut the account: nobody signs in with it, and whoever is in is out."""
    check_governs(session, actor, account, at=at)
    if account.disabled_at is None:
        account.disabled_at = at
        close_all(session, account.id)
        record(session, actor, "account.disable", "account", account.id, at=at)


def enable(session: Session, actor: Actor, account: Account, *, at: datetime) -> None:
    """Open a shut account again."""
    check_governs(session, actor, account, at=at)
    if account.disabled_at is not None:
        account.disabled_at = None
        record(session, actor, "account.enable", "account", account.id, at=at)


def force_sign_out(session: Session, actor: Actor, account: Account, *, at: datetime) -> None:
    """Sign the person out of every browser."""
    check_governs(session, actor, account, at=at)
    close_all(session, account.id)
    record(session, actor, "account.force_sign_out", "account", account.id, at=at)


def check_governs(session: Session, actor: Actor, account: Account, *, at: datetime) -> None:
    """Refuse unless every post of that person lies within the actor's affiliation and rank.

    Somebody with one foot outside could otherwise be taken over from below: a new password for him
    would open his other posts too.
    """
    _need_any(actor, "account.invite")
    if actor.is_system:
        return
    if account.id == actor.account_id:
        raise Refused("not_on_yourself")
    held = session.scalars(select(Post).where(Post.account_id == account.id, held_on(beijing_day(at)))).all()
    for post in held:
        if not is_below(session, post.unit_id, actor.unit_id, Line.AFFILIATION):
            raise Refused("person_has_posts_elsewhere", name=account.name)
        if post.role == Role.ADMINISTRATOR and not actor.may("account.edit"):
            raise Refused("role_may_not", permission="account.edit")


def _free_login(session: Session, wanted: str) -> str:
    """`wanted`, or the first with a number behind it that nobody has: a former chair keeps his login."""
    taken = set(session.scalars(select(Account.login).where(Account.login.startswith(wanted))))
    return next(
        login
        for login in (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
        if login not in taken
    )


def _need_any(actor: Actor, *permissions: str) -> None:
    if not actor.is_system and not any(actor.may(permission) for permission in permissions):
        raise Refused("role_may_not", permission=permissions[0])


def _check_place(session: Session, actor: Actor, role: Role, unit: Unit, round_id: str | None) -> None:
    if (role in ROUND_ROLES) is (round_id is None):
        raise Refused("post_needs_round" if round_id is None else "post_has_no_round", role=str(role))
    if unit.closed_on is not None:
        raise Refused("unit_closed", unit=unit.name)
    if role is Role.CHAIR and not unit.is_home:
        raise Refused("chair_needs_home", unit=unit.name)
    if role in {Role.OFFICER, Role.AUDITOR} and unit.is_home:
        raise Refused("officer_needs_superior", unit=unit.name)
    _check_within(session, actor, unit.id)


def _check_within(session: Session, actor: Actor, unit_id: int) -> None:
    if not actor.is_system and not is_below(session, unit_id, actor.unit_id, Line.AFFILIATION):
        raise NotFound("unit")


def _faults_of_person(login: str, name: str) -> list[Fault]:
    faults = []
    if not 3 <= len(login) <= 60 or any(character.isspace() for character in login):
        faults.append(Fault("login_malformed", where="login"))
    if not 1 <= len(name) <= 60:
        faults.append(Fault("name_missing", where="name"))
    return faults
