"""Forms of the ceremony and of a held home: shape and wording of the input, no database."""

from __future__ import annotations

import base64
import binascii

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from survey_app.web.i18n import lazy_gettext as _l


class KeyForm(FlaskForm):
    """Both public parts of a new opening key, in base64, as the custodians' browser made them."""

    public = HiddenField(validators=[DataRequired(), Length(max=2000)])
    locked = HiddenField(validators=[DataRequired(), Length(max=4000)])

    def keys(self) -> tuple[bytes, bytes]:
        """Public half and locked private half; what is not base64 is empty and refused further on."""
        return _decoded(self.public.data), _decoded(self.locked.data)


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return b""


class HalvesForm(FlaskForm):
    """Both halves of the passphrase; they are never written back into the page."""

    first = PasswordField(_l("前半"), validators=[DataRequired(_l("请填前半。")), Length(max=60)])
    second = PasswordField(_l("后半"), validators=[DataRequired(_l("请填后半。")), Length(max=60)])

    def halves(self) -> tuple[str, str]:
        """What was typed."""
        return self.first.data or "", self.second.data or ""


class HoldForm(FlaskForm):
    """The written reason for accepting or voiding a held home."""

    reason = TextAreaField(_l("理由"), validators=[DataRequired(_l("请写理由。")), Length(max=1000)])
    act = StringField(validators=[DataRequired()])
