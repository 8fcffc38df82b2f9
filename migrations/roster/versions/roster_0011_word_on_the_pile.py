"""know the word on a pile of paper"""

import sqlalchemy as sa
from alembic import op


revision = "roster_0011"
down_revision = "roster_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paper_batch", sa.Column("word_check", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("paper_batch", "word_check")
