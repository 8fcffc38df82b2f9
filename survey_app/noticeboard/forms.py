"""Forms of the noticeboard: the five 亮 of a home, and the answer to one comment."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from survey_app.web.form_rules import Filled
from survey_app.web.i18n import lazy_gettext as _l


class HomePageForm(FlaskForm):
    """What the seed obliges a home to show. The chair's contact is what members call."""

    place = StringField(
        _l("亮牌子：职工之家在哪儿"),
        validators=[Filled(), Length(max=200)],
        description=_l("牌子挂在哪儿，怎么走。例如：厂区东门办公楼一层103室。"),
    )
    hours = StringField(_l("什么时候开门"), validators=[Length(max=120)])
    chair_name = StringField(_l("亮身份：工会主席"), validators=[Filled(), Length(max=60)])
    chair_phone = StringField(_l("主席电话"), validators=[Filled(), Length(max=40)])
    chair_email = StringField(_l("主席邮箱"), validators=[Length(max=120)])
    reception = StringField(
        _l("主席接待日"), validators=[Length(max=120)], description=_l("例如：每月第一个星期三下午。")
    )
    rules = TextAreaField(
        _l("亮制度"), validators=[Length(max=2000)], description=_l("人员分工和管理办法，一行一条。")
    )
    services = TextAreaField(
        _l("亮项目"), validators=[Length(max=2000)], description=_l("能办哪些事，一行一项。")
    )
    procedures = TextAreaField(
        _l("亮程序"),
        validators=[Length(max=6000)],
        description=_l("第一行写办什么事，下面一行一步；两件事中间空一行。会画成流程图。"),
    )

    def values(self) -> dict[str, str]:
        """What was typed, without the spaces around it."""
        skipped = ("csrf_token",)
        return {
            name: (field.data or "").strip() for name, field in self._fields.items() if name not in skipped
        }


class AnswerForm(FlaskForm):
    """The home's answer to a member's words; an empty one takes the answer back."""

    answer = TextAreaField(_l("我们怎么办"), validators=[Length(max=500)])
