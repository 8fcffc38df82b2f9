"""Alembic runs this for the roster lineage; the connection is always handed in by `migrations`."""

from alembic import context

from migrations import run_lineage
from survey_app.all_models import RosterBase

run_lineage(context, RosterBase.metadata)
