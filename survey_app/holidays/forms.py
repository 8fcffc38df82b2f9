"""Forms of the calendar: a year's notice as text, one day."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from survey_app.web.form_rules import Between, Filled, Given
from survey_app.web.i18n import lazy_gettext as _l


class NoticeForm(FlaskForm):
    """A year and the text of its notice."""

    year = IntegerField(_l("年份"), validators=[Given(), Between(2024, 2100)])
    source = StringField(
        _l("依据"),
        validators=[Filled(), Length(max=200)],
        description=_l("如：国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕7号）"),
    )
    text = TextAreaField(
        _l("放假安排"),
        validators=[Filled(), Length(max=5000)],
        description=_l("把通知里从元旦到国庆节的几行原样贴进来，系统自己读日期。"),
    )


class DayForm(FlaskForm):
    """One day that differs from the notice."""

    day = DateField(_l("哪一天"), validators=[Filled()])
    working = RadioField(
        _l("这一天"),
        choices=[SelectChoice("0", _l("放假")), SelectChoice("1", _l("上班"))],
        default="0",
        validators=[Given()],
    )
    source = StringField(_l("依据"), validators=[Filled(), Length(max=200)])
