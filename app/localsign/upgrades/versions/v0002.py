"""The tables of the release after 0.1.0."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A world says which localsign made it."""
    op.add_column("world", sa.Column("localsign", sa.String()))
