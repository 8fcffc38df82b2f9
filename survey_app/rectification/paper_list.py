"""Which papers an order has by now, and where each is downloaded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.core.errors import NotFound
from survey_app.rectification.extending import extensions_of
from survey_app.rectification.models import NumberedPaper, Order, OrderKind, OrderState
from survey_app.rectification.numbering import numbered_papers
from survey_app.rectification.planning import plans_of
from survey_app.rectification.wording import PAPERS
from survey_app.web.i18n import gettext

REPORTED = (
    OrderState.AWAITING_INSPECTION,
    OrderState.INSPECTION_FAILED,
    OrderState.PASSED,
    OrderState.REEVALUATION,
    OrderState.VOTE_SHORT,
    OrderState.CLOSED,
)


@dataclass(frozen=True)
class PaperLink:
    """A paper of an order: its kind, the row it prints, its name and number."""

    paper: str
    subject_id: int
    label: str
    number: str = ""
    void: bool = False

    def url(self, order_id: int, form: str) -> str:
        return f"/orders/{order_id}/papers/{self.paper}/{self.subject_id}.{form}"


def papers_of(session: Session, order: Order) -> list[PaperLink]:
    """Every paper that exists so far, in the order of an order's life."""
    links = []
    reminder = order.kind == OrderKind.REMINDER
    if order.issued_at is not None and reminder:
        links.append(_link("reminder_letter", order.id))
    numbered = numbered_papers(session, order.id)
    links += [_numbered(row) for row in numbered if row.paper == "order"]
    if order.served_on is not None:
        links.append(_link("receipt", order.id))
    for plan in plans_of(session, order.id):
        label = gettext("%(paper)s（第%(n)s稿）", paper=PAPERS["plan"], n=plan.edition)
        links.append(PaperLink("plan", plan.id, label))
    links += [_link("extension_request", row.id) for row in extensions_of(session, order.id)]
    if order.state in REPORTED and not reminder:
        links.append(_link("report", order.id))
    return links + [_numbered(row) for row in numbered if row.paper != "order"]


def _link(paper: str, subject_id: int) -> PaperLink:
    return PaperLink(paper, subject_id, str(PAPERS[paper]))


def _numbered(row: NumberedPaper) -> PaperLink:
    return PaperLink(row.paper, row.subject_id, str(PAPERS[row.paper]), row.text, row.void)


def paper_in(session: Session, order: Order, paper: str, subject_id: int) -> PaperLink:
    """One paper of this very order, or NotFound."""
    for link in papers_of(session, order):
        if (link.paper, link.subject_id) == (paper, subject_id):
            return link
    raise NotFound("paper")
