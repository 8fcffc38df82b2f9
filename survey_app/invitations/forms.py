"""Forms of the desks that hold codes: shape and wording of the input, no database."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from survey_app.web.i18n import lazy_gettext as _l


class MemberNumberForm(FlaskForm):
    """One member, found by the roster number."""

    home_id = SelectField(_l("哪一家"), coerce=int, choices=[])
    number = StringField(
        _l("会员号"), validators=[DataRequired(_l("请填会员号，和花名册上的一样。")), Length(max=40)]
    )


class ReissueForm(MemberNumberForm):
    """The same member, and the reason if the ballot had been issued."""

    reason = TextAreaField(_l("补发理由"), validators=[Length(max=500)])


class DeskForm(FlaskForm):
    """One member at the desk."""

    number = StringField(
        _l("会员号"), validators=[DataRequired(_l("请填会员号，和花名册上的一样。")), Length(max=40)]
    )


class PaperFormsForm(FlaskForm):
    """How many paper forms of a class."""

    class_id = SelectField(_l("哪一类"), choices=[])
    copies = IntegerField(
        _l("印几张"),
        default=10,
        validators=[InputRequired(_l("请填张数。")), NumberRange(1, 500, _l("一次印1到500张。"))],
    )


class DeskCountForm(FlaskForm):
    """Who came, counted when voting is over. The cards left over are one field for each class."""

    present = IntegerField(_l("实到多少人"), validators=[InputRequired(_l("请填实到人数。"))])
