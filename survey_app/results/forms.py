"""Forms of results: shape and wording of the input, no database."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from survey_app.web.form_rules import Filled
from survey_app.web.i18n import lazy_gettext as _l


class ObjectionForm(FlaskForm):
    """What the chair holds against the result, with one file at most."""

    text = TextAreaField(
        _l("哪里不对，为什么"),
        validators=[Filled(), Length(max=4000)],
        description=_l("写事实和依据，例如花名册少了谁、投票时出了什么事。会员怎么评，不是异议的理由。"),
    )
    file = FileField(_l("一份材料（PDF、Word或图片）"))


class ConfirmForm(FlaskForm):
    """Confirm at the version the officer saw; the reason is needed where raw and weighted part."""

    version = HiddenField(validators=[DataRequired()])
    reason = TextAreaField(_l("理由"), validators=[Optional(), Length(max=2000)])


class DecisionForm(FlaskForm):
    """The written answer to an objection."""

    upheld = RadioField(_l("怎么答复"), choices=[], validators=[Filled()])
    reason = TextAreaField(
        _l("答复理由"),
        validators=[Filled(), Length(max=2000)],
        description=_l("本单位工会看得到。"),
    )


class HoldForm(FlaskForm):
    """The reason for accepting a held count, or for voiding it."""

    reason = TextAreaField(_l("理由"), validators=[Filled(), Length(max=1000)])


class CommentForm(FlaskForm):
    """The wording of a comment that is released."""

    text = TextAreaField(_l("给本单位看的文字"), validators=[Optional(), Length(max=2000)])


class TokenForm(FlaskForm):
    """Nothing but the token: an act whose page said everything."""
