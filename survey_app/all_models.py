"""Every table of both sides, so that migrations and tests see them all."""

from survey_app.accounts import models as accounts
from survey_app.box import models as box
from survey_app.core.db import BoxBase, RosterBase
from survey_app.counting import models as counting
from survey_app.holidays import models as holidays
from survey_app.instruments import models as instruments
from survey_app.invitations import models as invitations
from survey_app.journal import models as journal
from survey_app.noticeboard import models as noticeboard
from survey_app.outbox import models as outbox
from survey_app.rectification import models as rectification
from survey_app.results import models as results
from survey_app.retention import models as retention
from survey_app.rosters import models as rosters
from survey_app.rounds import models as rounds
from survey_app.units import models as units

__all__ = [
    "BoxBase",
    "RosterBase",
    "accounts",
    "box",
    "counting",
    "holidays",
    "instruments",
    "invitations",
    "journal",
    "noticeboard",
    "outbox",
    "rectification",
    "results",
    "retention",
    "rosters",
    "rounds",
    "units",
]
