"""Forms of rosters: shape and wording of what is entered; no database."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, IntegerField, TextAreaField
from wtforms.validators import Length, Optional

from survey_app.web.form_rules import Given
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.years import Year


class RosterFileForm(FlaskForm):
    """The list of members, the year it is for, and the day on which membership counts."""

    year = IntegerField(_l("评议年度"), [Given(), Year()])
    eligible_on = DateField(
        _l("以哪天的会员为准"),
        [Given()],
        description=_l("这一天是会员的，可以参评。"),
    )
    file = FileField(_l("花名册"), [FileRequired(_l("请先选一个文件。"))])


class DecisionForm(FlaskForm):
    """The superior's decision with its reason."""

    reason = TextAreaField(
        _l("说明"),
        [Optional(), Length(max=1000)],
        description=_l("退回时写明要改什么；有提醒还要确认，写明为什么没有问题。"),
    )
    version = HiddenField()
