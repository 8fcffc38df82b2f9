"""Forms of units: shape and wording of what is entered; no database."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from survey_app.units.wording import KINDS, NATURES
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

KIND_CHOICES = [(str(kind), word) for kind, word in KINDS.items()]
NATURE_CHOICES = [("", _l("不填")), *((str(nature), word) for nature, word in NATURES.items())]


def _choices(pairs: Sequence[tuple[str, Lazy]]) -> list[SelectChoice]:
    return [SelectChoice(value, word) for value, word in pairs]


class UnitForm(FlaskForm):
    """What is kept about a unit besides its place in the tree."""

    name = StringField(
        _l("单位名称"),
        [InputRequired(_l("请填单位名称。")), Length(min=2, max=120, message=_l("单位名称要2到120个字。"))],
        description=_l("和工会法人证书上一样。"),
    )
    short_name = StringField(_l("简称"), [Optional(), Length(max=60)])
    kind = SelectField(_l("单位类型"), [InputRequired()], choices=_choices(KIND_CHOICES))
    is_home = BooleanField(_l("这个分工会是职工小家，单独参加评议"))
    nature = SelectField(_l("单位性质"), [Optional()], choices=_choices(NATURE_CHOICES))
    credit_code = StringField(
        _l("统一社会信用代码"),
        [Optional(), Length(max=24)],
        render_kw={"autocapitalize": "characters", "spellcheck": "false"},
    )
    stated_members = IntegerField(
        _l("会员人数"),
        [Optional(), NumberRange(0, 10_000_000, _l("会员人数要填一个整数。"))],
        description=_l("用来核对花名册：差得多时会提醒。"),
    )
    chair_name = StringField(_l("工会主席"), [Optional(), Length(max=60)])
    chair_phone = TelField(_l("主席电话"), [Optional(), Length(max=40)])
    chair_email = EmailField(_l("主席邮箱"), [Optional(), Length(max=120)])
    address = StringField(_l("地址"), [Optional(), Length(max=200)])
    document_prefix = StringField(
        _l("发文代字"), [Optional(), Length(max=40)], description=_l("例如“柳总工改”，用在整改通知的文号里。")
    )
    version = HiddenField()


class NewUnitForm(UnitForm):
    """A new unit also says where it stands."""

    parent = StringField(
        _l("上级工会（隶属）"),
        [InputRequired(_l("请填上级工会的名称或编号。")), Length(max=120)],
        description=_l("填名称或编号。"),
        render_kw={"list": "superiors", "autocomplete": "off"},
    )
    territory = StringField(
        _l("属地工会"),
        [Optional(), Length(max=120)],
        description=_l("所在街道、乡镇或区的工会。它能看到这个单位，不能改。"),
        render_kw={"list": "partners", "autocomplete": "off"},
    )


class MoveForm(FlaskForm):
    """Another superior or another territorial partner, from a day on."""

    parent = StringField(
        _l("上级工会（隶属）"),
        [InputRequired(_l("请填上级工会的名称或编号。"))],
        render_kw={"list": "superiors", "autocomplete": "off"},
    )
    territory = StringField(
        _l("属地工会"), [Optional()], render_kw={"list": "partners", "autocomplete": "off"}
    )
    effective_on = DateField(_l("从哪天起"), [InputRequired(_l("请填日期。"))])
    note = TextAreaField(_l("依据或说明"), [Optional(), Length(max=500)])


class CloseForm(FlaskForm):
    """The end of a unit, by itself or into another."""

    merged_into = StringField(
        _l("并入哪个单位"),
        [Optional()],
        description=_l("不填就是撤销。填名称或编号。"),
        render_kw={"autocomplete": "off"},
    )
    effective_on = DateField(_l("从哪天起"), [InputRequired(_l("请填日期。"))])
    note = TextAreaField(_l("依据或说明"), [Optional(), Length(max=500)])


class TreeFileForm(FlaskForm):
    """A spreadsheet with units."""

    file = FileField(_l("单位名单"), [FileRequired(_l("请先选一个文件。"))])
