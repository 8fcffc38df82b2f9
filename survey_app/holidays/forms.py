"""Forms of the calendar: a year's notice as text, one day."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from survey_app.web.i18n import lazy_gettext as _l

NEEDED = _l("请填写这一项。")


class NoticeForm(FlaskForm):
    """A year and the text of its notice."""

    year = IntegerField(_l("年份"), validators=[InputRequired(NEEDED), NumberRange(2024, 2100)])
    source = StringField(
        _l("依据"),
        validators=[DataRequired(NEEDED), Length(max=200)],
        description=_l("如：国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕7号）"),
    )
    text = TextAreaField(
        _l("放假安排"),
        validators=[DataRequired(NEEDED), Length(max=5000)],
        description=_l("把通知里从元旦到国庆节的几行原样贴进来，系统自己读日期。"),
    )


class DayForm(FlaskForm):
    """One day that differs from the notice."""

    day = DateField(_l("哪一天"), validators=[DataRequired(NEEDED)])
    working = RadioField(
        _l("这一天"),
        choices=[SelectChoice("0", _l("放假")), SelectChoice("1", _l("上班"))],
        default="0",
        validators=[InputRequired(NEEDED)],
    )
    source = StringField(_l("依据"), validators=[DataRequired(NEEDED), Length(max=200)])
