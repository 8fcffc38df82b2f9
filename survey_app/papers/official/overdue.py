"""What is overdue, as the notices of the ladder (催办, 督办, 约谈) name it."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.paper import Table
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class OverdueMatter:
    """One matter past its day: what it is, when it was due, how many working days ago."""

    matter: str
    due: date
    workdays_late: int


def overdue_table(matters: tuple[OverdueMatter, ...]) -> Table:
    return Table(
        ("序号", "事项", "期限", "逾期工作日"),
        tuple(
            (str(n), row.matter, long_date(row.due), str(row.workdays_late))
            for n, row in enumerate(matters, start=1)
        ),
        (12, 80, 36, 28),
    )
