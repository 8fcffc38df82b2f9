"""Forms of rounds: shape and wording of the input, no database."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import Length, Optional

from survey_app.core.clock import at_beijing, beijing
from survey_app.rounds.models import Electorate, Round, RoundKind
from survey_app.web.form_rules import Between, Filled, Given
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.years import Year

KINDS = {
    RoundKind.ORDINARY: _l("年度评议"),
    RoundKind.PRACTICE: _l("演练（不算数）"),
}
ELECTORATES = {
    Electorate.MEMBERS: _l("全体会员评议"),
    Electorate.DELEGATES: _l("会员代表评议"),
}


class PlanForm(FlaskForm):
    """What a round is called, and when voting opens and closes on a clock in Beijing."""

    title = StringField(_l("名称"), validators=[Filled(), Length(max=120)])
    opens_on = DateField(_l("开始日期"), validators=[Filled()])
    opens_time = TimeField(_l("开始时间"), default=time(8, 0), validators=[Given()])
    closes_on = DateField(_l("截止日期"), validators=[Filled()])
    closes_time = TimeField(_l("截止时间"), default=time(18, 0), validators=[Given()])

    def window(self) -> dict[str, datetime]:
        """Both ends as instants."""
        return {
            "opens_at": at_beijing(self.opens_on.data, self.opens_time.data),
            "closes_at": at_beijing(self.closes_on.data, self.closes_time.data),
        }


class NewRoundForm(PlanForm):
    """The first facts of a round; the texts follow on the next page."""

    year = IntegerField(_l("评议年度"), validators=[Given(), Year()])
    kind = SelectField(_l("性质"), choices=[], validators=[Given()])
    electorate = SelectField(_l("谁来评议"), choices=[], validators=[Given()])
    scheme_id = SelectField(_l("评议办法"), coerce=int, choices=[], validators=[Given()])
    questionnaire_id = SelectField(_l("测评表"), coerce=int, choices=[], validators=[Given()])


class RoundTextsForm(PlanForm):
    """Everything a draft still lets change."""

    opening_planned_on = DateField(_l("计划开箱日期"), validators=[Optional()])
    deputy_1 = StringField(
        _l("备用保管人一"),
        validators=[Length(max=60)],
        description=_l("口令条副本封好后交给他，一人一半，开箱人来不了时用。可以没有账号。"),
    )
    deputy_2 = StringField(_l("备用保管人二"), validators=[Length(max=60)])
    notice = TextAreaField(
        _l("评议通知"),
        validators=[Length(max=4000)],
        description=_l("会员打开链接时能看到：为什么评、评什么、什么时候截止、结果怎么用。"),
    )
    privacy_handler = StringField(_l("个人信息由谁处理"), validators=[Length(max=120)])
    privacy_contact = StringField(
        _l("有问题找谁"), validators=[Length(max=120)], description=_l("写电话，会员看得到。")
    )
    privacy_text = TextAreaField(_l("名册用什么、留多久"), validators=[Length(max=2000)])

    def values(self) -> dict[str, Any]:
        """The values for `edit_round`."""
        plain = {
            name: (self[name].data or "").strip()
            for name in ("title", "notice", "privacy_handler", "privacy_contact", "privacy_text")
        }
        deputies = [
            name.strip() for name in (self.deputy_1.data or "", self.deputy_2.data or "") if name.strip()
        ]
        return {
            **plain,
            **self.window(),
            "opening_planned_on": self.opening_planned_on.data,
            "deputies": deputies,
        }

    def fill(self, round_: Round) -> None:
        """Show what the round holds."""
        opens, closes = beijing(round_.opens_at), beijing(round_.closes_at)
        self.opens_on.data, self.opens_time.data = opens.date(), opens.time()
        self.closes_on.data, self.closes_time.data = closes.date(), closes.time()
        for name in (
            "title",
            "opening_planned_on",
            "notice",
            "privacy_handler",
            "privacy_contact",
            "privacy_text",
        ):
            self[name].data = getattr(round_, name)
        deputies = [*round_.deputies, "", ""]
        self.deputy_1.data, self.deputy_2.data = deputies[0], deputies[1]


class HomesForm(FlaskForm):
    """Which homes take part."""

    homes = SelectMultipleField(_l("参加评议的职工之家"), coerce=int, choices=[], validate_choice=False)


class DutyForm(FlaskForm):
    """Give a person a duty; the person is named by the account's login."""

    login = StringField(
        _l("账号"),
        validators=[Filled(), Length(max=60)],
        description=_l("输入姓名、单位或账号，从提示里选。"),
    )
    duty = SelectField(_l("职责"), choices=[], validators=[Given()])
    home_id = SelectField(_l("哪一家"), coerce=int, choices=[], validators=[Optional()])


class ExtendForm(FlaskForm):
    """A later close and its reason."""

    closes_on = DateField(_l("延到哪一天"), validators=[Filled()])
    closes_time = TimeField(_l("几点截止"), default=time(18, 0), validators=[Given()])
    reason = TextAreaField(
        _l("原因"),
        validators=[Filled(), Length(max=500)],
        description=_l("会员的页面上会写出来。"),
    )


class ReasonForm(FlaskForm):
    """A reason for an act that cannot be taken back."""

    reason = TextAreaField(_l("原因"), validators=[Filled(), Length(max=500)])


class WorkReportForm(FlaskForm):
    """The chair's report to the members: a text, and one file."""

    text = TextAreaField(_l("述职摘要"), validators=[Length(max=2000)])
    file = FileField(_l("述职报告（PDF、Word或图片）"))


class SchemeForm(FlaskForm):
    """The numbers of the policy that offices do change; the rest keeps its default."""

    title = StringField(_l("名称"), validators=[Filled(), Length(max=120)])
    year = IntegerField(_l("年度"), validators=[Given(), Year()])
    basis = RadioField(
        _l("按哪个数定等次"),
        choices=[],
        default="weighted",
        validators=[Given()],
        description=_l("开评前要在通知里写明，评完不能改。"),
    )
    objection_workdays = IntegerField(_l("异议期（工作日）"), validators=[Given(), Between(0, 60)])
    acknowledge_workdays = IntegerField(
        _l("多少个工作日不签收视为送达"), validators=[Given(), Between(1, 15)]
    )
    award_min_ballots = IntegerField(_l("申报模范至少要多少张有效票"), validators=[Given(), Between(10, 100)])
    inspectors = IntegerField(_l("复查至少几人"), validators=[Given(), Between(1, 9)])
