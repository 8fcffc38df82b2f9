"""Alembic runs this for the box lineage; the connection is always handed in by `migrations`."""

from alembic import context

from migrations import run_lineage
from survey_app.all_models import BoxBase

run_lineage(context, BoxBase.metadata)
