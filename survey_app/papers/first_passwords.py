"""The one-time sheet of chairs' first passwords: one strip for each, to be cut off and handed over closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import long_date, one_line

ADVICE = "只打印这一回。第一次登录时要换成您自己的密码；换好后请撕掉这一条。"


@dataclass(frozen=True)
class FirstPassword:
    """One officer's account; the password is printed in groups exactly as it has to be typed."""

    unit: str
    officer: str
    account: str
    password: str


def first_passwords_pdf(
    accounts: Sequence[FirstPassword],
    sign_in_address: str,
    valid_until: date,
    typesetter: Typesetter,
    *,
    marks: Marks = NO_MARKS,
) -> bytes:
    """Set the strips, six on an A4 page."""
    data = {
        "address": one_line(sign_in_address),
        "valid": f"{long_date(valid_until)}前有效",
        "advice": ADVICE,
        "strips": [
            {
                "unit": one_line(row.unit),
                "officer": one_line(row.officer),
                "account": one_line(row.account),
                "password": row.password,
            }
            for row in accounts
        ],
    }
    return typesetter.pdf("first_passwords", data, title="主席首次登录密码", marks=marks)
