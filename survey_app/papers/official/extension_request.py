"""延期请示: the home asks for more time, as a paper of its own, because a request needs an answer."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.letterhead import Letterhead, Reference, under_letterhead
from survey_app.papers.official.paper import Heading, Layout, OfficialPaper, Paragraph
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class ExtensionRequest:
    letterhead: Letterhead
    order: Reference
    duties: tuple[str, ...]
    due: date
    wanted: date
    reason: str
    progress: str
    interim_measures: str


def extension_title(home: str) -> str:
    """The title by which the reply will name the request."""
    return f"{home}关于延长整改期限的请示"


def extension_request(request: ExtensionRequest) -> OfficialPaper:
    """Word the request: reason, progress, new day, what is done meanwhile."""
    duties = "、".join(f"“{duty}”" for duty in request.duties)
    blocks = (
        Paragraph(
            f"{request.order}要求我会于{long_date(request.due)}前完成{duties}的整改。因故不能按期完成，"
            f"恳请将整改期限延长至{long_date(request.wanted)}。现将有关情况请示如下。"
        ),
        Heading(1, "延期理由"),
        Paragraph(request.reason),
        Heading(1, "目前进展"),
        Paragraph(request.progress),
        Heading(1, "延期期间的措施"),
        Paragraph(request.interim_measures),
        Paragraph("妥否，请批示。"),
    )
    title = extension_title(request.letterhead.issuer)
    return under_letterhead(request.letterhead, title, blocks, layout=Layout.UPWARD)
