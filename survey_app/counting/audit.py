"""Audit: recompute what can be recomputed from copies of both databases, and list everything that differs.

Needs neither names nor contacts of the roster. Swapping answers together with both digests and the journal
is caught by the signed protocol sheet alone: compare its digests and its head of the journal (`--head`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass, Opening
from survey_app.box.shape import shape_faults, transactions_of_ballots
from survey_app.core.db import Databases, read_session, reading
from survey_app.counting.audit_home import HomeEvidence, home_faults
from survey_app.counting.home_opening import HomeTask
from survey_app.counting.models import HomeCount
from survey_app.counting.opening import home_task
from survey_app.counting.preparing import box_rows, differs
from survey_app.counting.voting import OF_A_ROUND
from survey_app.journal.chain import head, verify
from survey_app.journal.models import JournalLine
from survey_app.rounds.channels import classes_of
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.rounds.queries import policy_of
from survey_app.rounds.sheets import changed_since
from survey_app.seals.sheet import fingerprint

FROZEN = frozenset(
    {
        RoundState.READY,
        RoundState.OPENING,
        RoundState.VOTING,
        RoundState.CLOSING,
        RoundState.CLOSED,
        RoundState.COUNTING,
        RoundState.COUNTED,
        RoundState.ARCHIVED,
    }
)
"""States in which every home has its sheet; while `preparing` a home has it once it is done."""
COUNTED = frozenset({RoundState.COUNTED, RoundState.ARCHIVED})


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold: where, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Report:
    """What was looked at, what was found, and the head of the journal to compare with paper."""

    journal_lines: int
    journal_head: str
    homes: int = 0
    notes: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def audit(databases: Databases, head_on_paper: str | None = None) -> Report:
    """Walk journal, schema and every frozen round; nothing is written."""
    with reading(read_session(databases.roster)) as session:
        lines, digest = head(session)
        report = Report(lines, digest)
        report.findings += [
            Finding(f"journal line {one.number}", one.reason) for one in verify(session, head_on_paper)
        ]
        report.findings += [Finding("box schema", fault) for fault in shape_faults(databases.box)]
        looked_at = FROZEN | {RoundState.PREPARING}
        for round_ in session.scalars(select(Round).where(Round.state.in_(looked_at)).order_by(Round.id)):
            _audit_round(session, databases, round_, report)
        for round_ in session.scalars(select(Round).where(Round.state == RoundState.CANCELLED)):
            _audit_cancelled(databases, round_, report)
    return report


def _audit_cancelled(databases: Databases, round_: Round, report: Report) -> None:
    """Nothing of a cancelled round may lie in the box."""
    with reading(read_session(databases.box)) as box:
        left = [
            table.__tablename__
            for table in OF_A_ROUND
            if box.scalars(select(table.round_id).where(table.round_id == round_.id).limit(1)).first()
        ]
    if left:
        report.findings.append(
            Finding(f"round {round_.id}", f"cancelled, but the box still holds its {', '.join(left)}")
        )


def _audit_round(session: Session, databases: Databases, round_: Round, report: Report) -> None:
    homes = session.scalars(select(RoundHome).where(RoundHome.round_id == round_.id)).all()
    preparing = round_.state == RoundState.PREPARING
    for home in homes:
        if preparing and home.sheet is None:
            continue
        where = f"round {round_.id} home {home.home_id}"
        found = [
            *_sheet_faults(session, round_, home),
            *class_list_faults(session, databases, home, behind=preparing),
        ]
        # In `counting` a home has its figures when every box is open and only the confirmations are missing.
        if round_.state in COUNTED or session.get(HomeCount, (round_.id, home.home_id)) is not None:
            report.homes += 1
            evidence = _evidence(session, databases, home)
            task = home_task(session, round_.id, home.home_id)
            found += _counted_faults(databases, evidence, task)
            if evidence.is_erased:
                report.notes.append(Finding(where, "ballots are erased; tallies were not recounted"))
        report.findings += [Finding(where, fault) for fault in found]


def _sheet_faults(session: Session, round_: Round, home: RoundHome) -> list[str]:
    if home.sheet is None or fingerprint(home.sheet) != home.sheet_fingerprint:
        return ["the round sheet does not fit its fingerprint"]
    classes = session.scalars(classes_of(round_.id, home.home_id)).all()
    return changed_since(home, classes, policy_of(round_).class_variables)


def class_list_faults(
    session: Session, databases: Databases, home: RoundHome, *, behind: bool = False
) -> list[str]:
    """Whether both sides know the same classes with the same keys; `behind`: the box may not yet."""
    wanted = {row.id: row for row in box_rows(session, home.round_id, home.home_id)}
    with reading(read_session(databases.box)) as box:
        stored = {
            row.id: row
            for row in box.scalars(
                select(BoxClass).where(BoxClass.round_id == home.round_id, BoxClass.home_id == home.home_id)
            )
        }
    alone = stored.keys() - wanted.keys() if behind else wanted.keys() ^ stored.keys()
    faults = [f"class {class_id} stands on one side only" for class_id in sorted(alone)]
    return faults + [
        f"class {class_id} differs between the two sides"
        for class_id in sorted(wanted.keys() & stored.keys())
        if differs(wanted[class_id], stored[class_id])
    ]


def _evidence(session: Session, databases: Databases, home: RoundHome) -> HomeEvidence:
    figures = session.get(HomeCount, (home.round_id, home.home_id))
    line = session.scalars(
        select(JournalLine).where(
            JournalLine.subject_id == f"{home.round_id}/{home.home_id}", JournalLine.verb == "home.counted"
        )
    ).one_or_none()
    with reading(read_session(databases.box)) as box:
        opening = box.get(Opening, (home.round_id, home.home_id))
        return HomeEvidence.read(
            box,
            opening,
            figures,
            dict(line.details) if line is not None else None,
            sheet=home.sheet or b"{}",
        )


def _counted_faults(databases: Databases, evidence: HomeEvidence, task: HomeTask) -> list[str]:
    faults = home_faults(evidence, task)
    if len(transactions_of_ballots(databases.box, task.round_id, task.home_id)) > 1:
        faults.append("the ballots carry more than one transaction number")
    return faults
