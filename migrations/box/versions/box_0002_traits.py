"""keep the traits of an opened home"""

import sqlalchemy as sa
from alembic import op


revision = "box_0002"
down_revision = "box_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in batch mode: a copied table would get the hidden running number that this one must not have.
    op.add_column("opening", sa.Column("traits", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("opening", "traits")
