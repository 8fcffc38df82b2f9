"""Let each person choose by which ways order matters reach him at once."""

import sqlalchemy as sa
from alembic import op


revision = "roster_0013"
down_revision = "roster_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_by_mail", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("told_by_sms", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("told_by_wecom", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("told_by_wecom")
        batch_op.drop_column("told_by_sms")
        batch_op.drop_column("told_by_mail")
