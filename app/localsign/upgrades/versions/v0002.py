"""The tables of the release after 0.1.0."""

import json
from typing import Any

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
    op.execute(
        "UPDATE mint_run SET kept = "
        "(SELECT coalesce(sum(length(data)), 0) FROM mint_loop WHERE mint_loop.journey_id = mint_run.journey_id)"
    )
    _find_by_correlation(op.get_bind())
    _lay_lists_aside(op.get_bind())


def _find_by_correlation(connection: sa.Connection) -> None:
    """What a search for journeys looks in has their correlation id as well."""
    found = "SELECT seq, folded, correlation_id FROM mint_journey WHERE correlation_id IS NOT NULL"
    for seq, folded, correlation_id in connection.exec_driver_sql(found).all():
        now = f"{folded}\n{correlation_id.casefold()}"
        connection.exec_driver_sql("UPDATE mint_journey SET folded = ? WHERE seq = ?", (now, seq))


def _lay_lists_aside(connection: sa.Connection) -> None:
    """A loop has its list in a table, and every scope says which steps gave something in it."""
    found = "SELECT seq, journey_id, stack, scopes FROM mint_run WHERE stack <> '[]' OR scopes <> '{}'"
    for seq, journey_id, stack, scopes in connection.exec_driver_sql(found).all():
        left, frames, lists = json.loads(stack), json.loads(scopes), 0
        for frame in frames.values():
            frame["ran"] = _ran_since(connection, journey_id, frame["step"])
        for keep in [frame["keep"] for frame in frames.values()] + [one[3] for one in left if one[2] == "unwind"]:
            if "items" in keep:
                lists += 1
                _lay_aside(connection, journey_id, lists, keep)
        connection.exec_driver_sql(
            "UPDATE mint_run SET stack = ?, scopes = ?, lists = ? WHERE seq = ?",
            (_text(left), _text(frames), lists, seq),
        )


def _lay_aside(connection: sa.Connection, journey_id: str, number: int, keep: dict[str, Any]) -> None:
    values = keep.pop("items")
    keep |= {"list": number, "count": len(values), "weight": len(_text(values))}
    for at, value in enumerate(values):
        connection.exec_driver_sql(
            'INSERT INTO mint_item (journey_id, "of", number, value) VALUES (?, ?, ?, ?)',
            (journey_id, number, at, None if value is None else _text(value)),
        )


def _ran_since(connection: sa.Connection, journey_id: str, step_id: str) -> list[str]:
    """The steps that gave something since a loop or a condition last went on, as the log tells."""
    asked = (
        "SELECT step_id FROM mint_log WHERE journey_id = ? AND event IN ('Executed', 'Resumed') "
        "AND step_id IN (SELECT step_id FROM mint_output WHERE journey_id = ?) "
        "AND seq > (SELECT coalesce(max(seq), 0) FROM mint_log WHERE journey_id = ? AND step_id = ? "
        "AND event = 'Executed') GROUP BY step_id ORDER BY min(seq)"
    )
    rows = connection.exec_driver_sql(asked, (journey_id, journey_id, journey_id, step_id))
    return [str(ran) for (ran,) in rows]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
