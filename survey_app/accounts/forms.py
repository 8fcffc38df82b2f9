"""Forms of accounts: shape and wording of what is entered; no database."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField, TelField
from wtforms.validators import EqualTo, InputRequired, Length, Optional, Regexp

from survey_app.web.form_rules import Given
from survey_app.web.i18n import lazy_gettext as _l

MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"


class SignInForm(FlaskForm):
    """Login and password; says nothing about what is right or wrong with them."""

    login = StringField(
        _l("用户名"),
        [InputRequired(_l("请填用户名。")), Length(max=60, message=_l("用户名最多60个字符。"))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("密码"),
        [InputRequired(_l("请填密码。")), Length(max=200, message=_l("密码太长了。"))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class SecondStepForm(FlaskForm):
    """Six digits, or a recovery code."""

    digits = StringField(
        _l("验证码"),
        [InputRequired(_l("请填验证器上的6位数字。")), Length(max=40)],
        description=_l("手机丢了，可以填一个恢复码。"),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )
    pending = HiddenField()
    next = HiddenField()


class ConfirmPasswordForm(FlaskForm):
    """The password once more, before an act that cannot be taken back."""

    password = PasswordField(
        _l("密码"), [InputRequired(_l("请填密码。"))], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class ChangePasswordForm(FlaskForm):
    """The old password, the new one twice."""

    old = PasswordField(
        _l("原密码"), [InputRequired(_l("请填原密码。"))], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        _l("新密码"),
        [InputRequired(_l("请填新密码。"))],
        description=_l("至少10个字符，可以用一句好记的话。"),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再输一次新密码"),
        [InputRequired(_l("请再输一次新密码。")), EqualTo("new", _l("两次输入的新密码不一样。"))],
        render_kw={"autocomplete": "new-password"},
    )


class EnrolForm(FlaskForm):
    """The first digits of a new authenticator."""

    digits = StringField(
        _l("验证器上现在的6位数字"),
        [InputRequired(_l("请填验证器上的6位数字。")), Length(max=10)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    secret = HiddenField()


class InviteForm(FlaskForm):
    """A new person at a unit, or a further post for a login that exists."""

    unit_id = HiddenField(validators=[InputRequired(_l("请先选单位。"))])
    role = SelectField(_l("身份"), [Given()])
    name = StringField(_l("姓名"), [InputRequired(_l("请填姓名。")), Length(max=60)])
    login = StringField(
        _l("用户名"),
        [InputRequired(_l("请填用户名。")), Length(min=3, max=60, message=_l("用户名要3到60个字符。"))],
        description=_l("登录时用，例如 ld-zgh-07。大小写不分。"),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    existing = BooleanField(_l("这个用户名已有账号，再加一个岗位"))
    phone = TelField(_l("电话"), [Optional(), Length(max=40)])
    email = EmailField(
        _l("邮箱"), [Optional(), Regexp(MAIL, message=_l("请填完整的邮箱地址。")), Length(max=120)]
    )


class WaysForm(FlaskForm):
    """How order matters reach this person at once."""

    mail = BooleanField(_l("发邮件"))
    sms = BooleanField(_l("发短信"))
    wecom = BooleanField(_l("发企业微信"))
