"""The last file of each flight, so that a message knows whether a file came in between."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OUTCOME_FILES = sa.text("kind = 'outcomes' AND form = 'file'")


def upgrade() -> None:
    """Add the column, and an index of the few files of outcomes."""
    column = sa.Column("last_file_id", _NUMBER, nullable=False, server_default="0")
    op.add_column("arrivals", column)
    op.create_index(
        "ix_receipts_outcome_files",
        "receipts",
        ["id"],
        sqlite_where=_OUTCOME_FILES,
        postgresql_where=_OUTCOME_FILES,
    )
