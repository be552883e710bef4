"""The tables of the release after 0.1.0."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A world says which localsign made it; Mint counts what a journey holds; clients may have certificates."""
    op.add_column("world", sa.Column("localsign", sa.String()))
    op.create_table(
        "mint_item",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("mint_item", schema=None) as batch_op:
        batch_op.create_index("ix_mint_item", ["journey_id", "of", "number"], unique=False)
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tls_subject", sa.Text(), nullable=True))
    with op.batch_alter_table("mint_output", schema=None) as batch_op:
        batch_op.add_column(sa.Column("weight", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("mint_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("weight", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("lists", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("kept", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE mint_output SET weight = length(data)")
    op.execute("UPDATE mint_run SET weight = length(variables)")
