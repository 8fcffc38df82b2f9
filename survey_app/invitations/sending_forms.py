"""Forms of sendings and reminders: shape and wording of the input, no database."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from survey_app.invitations.sending_states import Audience, Route
from survey_app.outbox.transport import Channel
from survey_app.web.form_rules import Given
from survey_app.web.i18n import lazy_gettext as _l

NOW, OPENING = "now", "opening"


class RouteForm(FlaskForm):
    """Over which way; asked only where there is a choice."""

    route = RadioField(
        _l("怎么发"),
        choices=[
            SelectChoice(Route.CONTACT, _l("按花名册上的联系方式：手机号发短信，邮箱发邮件")),
            SelectChoice(Route.WECOM, _l("手机号发企业微信，邮箱发邮件")),
        ],
        default=Route.CONTACT,
        validators=[Given()],
    )

    def offer(self, channels: frozenset[Channel]) -> None:
        """Leave only what this installation can do."""
        if Channel.WECOM not in channels:
            del self.route
        elif Channel.SMS not in channels:
            self.route.default = Route.WECOM
            if not self.is_submitted():
                self.route.data = Route.WECOM

    @property
    def chosen_route(self) -> Route:
        """The route that was chosen, or the only one."""
        return Route(self.route.data) if "route" in self else Route.CONTACT


class SendForm(RouteForm):
    """Links to everybody, now or at the opening."""

    when = RadioField(
        _l("什么时候发"),
        choices=[
            SelectChoice(NOW, _l("现在就发")),
            SelectChoice(OPENING, _l("开始投票时发")),
        ],
        default=NOW,
        validators=[Given()],
    )


class OneForm(RouteForm):
    """One member's link once more, to a mended contact if one is typed."""

    number = StringField(
        _l("会员号"), validators=[DataRequired(_l("请填会员号，和花名册上的一样。")), Length(max=40)]
    )
    renew = BooleanField(_l("旧链接丢了，或者让别人看到了：先作废，再发新的"))
    contact = StringField(_l("新的手机号或邮箱"), validators=[Length(max=120)])


class RemindForm(RouteForm):
    """To everyone by default."""

    audience = RadioField(
        _l("发给谁"),
        choices=[
            SelectChoice(Audience.EVERYONE, _l("全体会员（评过的会看到“评过的不用再评”）")),
            SelectChoice(Audience.NOT_VOTED, _l("只发给还没评的会员（发的时候才算，谁也看不到名单）")),
        ],
        default=Audience.EVERYONE,
        validators=[Given()],
    )
