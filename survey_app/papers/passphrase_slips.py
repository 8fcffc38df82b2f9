"""The four slips of the opening passphrase: two halves, each printed twice and only once in a lifetime.

Each custodian keeps one half; the second copies lie in two sealed envelopes with two named deputies. The
passphrase is made in the custodians' browser. This printed form serves a ceremony on the command line and
the rehearsal of it.
"""

from dataclasses import dataclass

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import grouped, one_line

WARNING = "每半两份，只打印这一回；两位开箱人各管一半，副本封好交两位备用保管人，各管一半。"


@dataclass(frozen=True)
class PassphraseSlips:
    """Both halves of one round's passphrase with the names of the four keepers."""

    round_title: str
    organiser: str
    halves: tuple[str, str]
    custodians: tuple[str, str]
    deputies: tuple[str, str]


def passphrase_slips_pdf(slips: PassphraseSlips, typesetter: Typesetter, *, marks: Marks = NO_MARKS) -> bytes:
    """Set the four slips on one A4 page, to be cut along the lines."""
    keepers = (("开箱人", slips.custodians, "正本"), ("备用保管人", slips.deputies, "副本，装入信封封好"))
    data = {
        "round": one_line(slips.round_title),
        "organiser": one_line(slips.organiser),
        "warning": WARNING,
        "slips": [
            {
                "half": "前半口令" if half == 0 else "后半口令",
                "code": grouped(slips.halves[half]),
                "keeper": f"{role}：{one_line(names[half])}",
                "copy": copy,
            }
            for role, names, copy in keepers
            for half in (0, 1)
        ],
    }
    return typesetter.pdf(
        "passphrase_slips", data, title=f"{one_line(slips.round_title)} 开箱口令条", marks=marks
    )
