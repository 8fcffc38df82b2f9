"""Builds count sheets for the tests: one class, several classes, the homes of the design's pictures."""

from __future__ import annotations

from scoring import Cell, Forms, Sheet


def answers(
    satisfied: int = 0, basic: int = 0, dissatisfied: int = 0, unknown: int = 0
) -> dict[str, dict[str, int]]:
    given = {"SATISFIED": satisfied, "BASIC": basic, "DISSATISFIED": dissatisfied, "UNKNOWN": unknown}
    return {"overall": given}


def one_class(
    members: int,
    satisfied: int,
    basic: int = 0,
    dissatisfied: int = 0,
    unknown: int = 0,
    blank: int = 0,
    **other: object,
) -> Sheet:
    ballots = satisfied + basic + dissatisfied + unknown + blank
    cell = Cell({}, members, ballots, answers(satisfied, basic, dissatisfied, unknown))
    return Sheet("家", members, (cell,), **other)  # type: ignore[arg-type]  # keyword fields of Sheet


def classes(
    *rows: tuple[str, int, int, int, int, int, int], variable: str = "class", **other: object
) -> Sheet:
    """Rows of level, members, ballots, satisfied, basic, dissatisfied, unknown."""
    cells = tuple(Cell({variable: row[0]}, row[1], row[2], answers(*row[3:])) for row in rows)
    return Sheet("家", sum(row[1] for row in rows), cells, **other)  # type: ignore[arg-type]  # as above


def changhe() -> Sheet:
    """长河机械厂: three classes, 186 members, 118 ballots (pictures 05 and 10 of the design)."""
    return classes(
        ("一线合同制职工", 96, 60, 27, 19, 12, 2),
        ("劳务派遣职工", 48, 22, 5, 7, 8, 2),
        ("管理与技术人员", 42, 36, 19, 12, 4, 1),
    )


def qinghe() -> Sheet:
    """青禾纺织公司: 140 members, 96 ballots, 45 of 93 opinions favourable (pictures 06 and 08)."""
    return one_class(140, 12, 33, 48, 3)


def postal_branch() -> Sheet:
    """A published evaluation: 141 forms out, 137 back, 127 satisfied, 10 basically satisfied."""
    return one_class(141, 127, 10, forms=Forms(141, 137))
