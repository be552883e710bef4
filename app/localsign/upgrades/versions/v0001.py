"""The tables of localsign 0.1.0."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """There is nothing before it."""
