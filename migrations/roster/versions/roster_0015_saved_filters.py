"""Keep filters of the ledger under a person's own names."""

import sqlalchemy as sa
from alembic import op


revision = "roster_0015"
down_revision = "roster_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rect_saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_rect_saved_filter_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rect_saved_filter")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_rect_saved_filter_account_id_name")),
    )


def downgrade() -> None:
    op.drop_table("rect_saved_filter")
