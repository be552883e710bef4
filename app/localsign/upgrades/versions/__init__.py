"""The revisions of the tables, one for each release that changed them, as Alembic runs them."""
