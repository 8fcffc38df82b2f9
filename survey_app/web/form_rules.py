"""Rules of fields whose sentences name the field: a list of faults above a form must make sense by itself."""

from __future__ import annotations

from typing import Any

from wtforms import Field
from wtforms.fields.choices import SelectFieldBase
from wtforms.validators import DataRequired, InputRequired, NumberRange, StopValidation, ValidationError

from survey_app.web.i18n import gettext


class Filled(DataRequired):
    """Text, a date or a choice; blanks are none. `no` is the number of the problem the field belongs to."""

    def __init__(self, no: int | None = None) -> None:
        super().__init__()
        self.no = no

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse an empty field by its name."""
        try:
            super().__call__(form, field)
        except StopValidation as missing:
            raise StopValidation(_missing(field, self.no)) from missing


class Given(InputRequired):
    """Anything sent, so that 0 and midnight are values too."""

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse a field that was not sent, by its name."""
        try:
            super().__call__(form, field)
        except StopValidation as missing:
            raise StopValidation(_missing(field)) from missing


class Between(NumberRange):
    """A whole number within its bounds, refused in one sentence whether it is too large or no number."""

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse what is no number between the bounds."""
        try:
            super().__call__(form, field)
        except ValidationError as wrong:
            field.errors[:] = []
            raise StopValidation(self.sentence(field)) from wrong

    def sentence(self, field: Field) -> str:
        """What is said instead."""
        name = str(field.label.text)
        return gettext("“%(field)s”要填%(low)s到%(high)s的整数。", field=name, low=self.min, high=self.max)


def _missing(field: Field, no: int | None = None) -> str:
    name = str(field.label.text)
    if isinstance(field, SelectFieldBase):
        return gettext("请选“%(field)s”。", field=name)
    if no is not None:
        return gettext("第%(no)s项，请填“%(field)s”。", no=no, field=name)
    return gettext("请填“%(field)s”。", field=name)
