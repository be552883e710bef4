"""What Alembic runs to reach the database: here, a copy of a world that nobody else has open."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
