"""Keep what a chair has begun to write of a plan."""

import sqlalchemy as sa
from alembic import op


revision = "roster_0014"
down_revision = "roster_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rect_plan_draft",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["rect_order.id"], name=op.f("fk_rect_plan_draft_order_id_rect_order")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_rect_plan_draft")),
    )


def downgrade() -> None:
    op.drop_table("rect_plan_draft")
