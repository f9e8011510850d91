"""Check-ins and what goes out to people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("account", sa.Integer()))
    op.add_column("outbox", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("unsure", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("tried_at", INSTANT))
    op.add_column("outbox", sa.Column("expires_at", INSTANT))
    op.create_table(
        "checkins",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("rotation", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.PrimaryKeyConstraint("key", name="pk_checkins"),
    )
    op.create_index("ix_checkins_starts_at", "checkins", ["starts_at"])
    op.create_index("ix_checkins_state_next_at", "checkins", ["state", "next_at"])
    op.create_table(
        "phone_checks",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("token", sa.String()),
        sa.Column("asked_at", INSTANT),
        sa.Column("verified_at", INSTANT),
        sa.Column("tested_at", INSTANT),
        sa.PrimaryKeyConstraint("person", "fingerprint", name="pk_phone_checks"),
    )
    op.create_index("ix_phone_checks_token", "phone_checks", ["token"])
    op.create_table(
        "holes_told",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_holes_told"),
    )
