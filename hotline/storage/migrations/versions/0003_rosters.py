"""Every version of the roster, and the hand edits that lost against one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Nothing was ever written into the table as it was.
    op.drop_table("roster_versions")
    op.create_table(
        "roster_versions",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_account", sa.Integer()),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_roster_versions"),
    )
    op.create_index("ix_roster_versions_version", "roster_versions", ["version"])
    op.create_table(
        "roster_conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("where", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("dismissed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_roster_conflicts"),
        sa.UniqueConstraint("version", name="uq_roster_conflicts_version"),
    )
    op.create_index("ix_roster_conflicts_dismissed_at", "roster_conflicts", ["dismissed_at"])
