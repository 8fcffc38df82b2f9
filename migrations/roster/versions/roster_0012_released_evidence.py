"""Remember since when a picture is released for the members' page."""

import sqlalchemy as sa
from alembic import op


revision = "roster_0012"
down_revision = "roster_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rect_evidence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rect_evidence", schema=None) as batch_op:
        batch_op.drop_column("released_at")
