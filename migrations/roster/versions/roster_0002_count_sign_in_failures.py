"""count sign-in failures per login, whether an account has it or not"""

import sqlalchemy as sa
from alembic import op


revision = 'roster_0002'
down_revision = 'roster_0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'sign_in_failure',
        sa.Column('login_hash', sa.LargeBinary(length=32), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('login_hash', name=op.f('pk_sign_in_failure')),
    )
    op.create_index(op.f('ix_sign_in_failure_last_at'), 'sign_in_failure', ['last_at'])
    # Not in batch mode: SQLite would copy the table, and every row that refers to an account forbids that.
    op.drop_column('account', 'failed_attempts')
    op.drop_column('account', 'locked_until')


def downgrade() -> None:
    op.add_column('account', sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('account', sa.Column('failed_attempts', sa.Integer(), nullable=False, server_default='0'))
    op.drop_index(op.f('ix_sign_in_failure_last_at'), table_name='sign_in_failure')
    op.drop_table('sign_in_failure')
