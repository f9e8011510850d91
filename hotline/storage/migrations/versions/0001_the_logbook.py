"""The logbook as it began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("acknowledged_by", sa.String()),
        sa.PrimaryKeyConstraint("key", name="pk_alerts"),
    )
    op.create_index("ix_alerts_acknowledged_at", "alerts", ["acknowledged_at"])
    op.create_index("ix_alerts_call", "alerts", ["call"])
    op.create_table(
        "calls",
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("line", sa.String()),
        sa.Column("kind", sa.String()),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("outcome", sa.String()),
        sa.Column("waited_seconds", sa.Integer()),
        sa.Column("talked_seconds", sa.Integer()),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("caller", sa.Text()),
        sa.Column("caller_fingerprint", sa.String()),
        sa.Column("roster_version", sa.String()),
        sa.PrimaryKeyConstraint("sid", name="pk_calls"),
    )
    op.create_index("ix_calls_caller_fingerprint", "calls", ["caller_fingerprint"])
    op.create_index("ix_calls_ended_at", "calls", ["ended_at"])
    op.create_index("ix_calls_started_at", "calls", ["started_at"])
    op.create_table(
        "case_sequences",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_case_sequences"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        sa.UniqueConstraint("year", "sequence", name="uq_cases_year_sequence"),
    )
    op.create_table(
        "events",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_events"),
    )
    op.create_index("ix_events_call", "events", ["call"])
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT),
        sa.Column("claimed_by", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("provider_sid", sa.String()),
        sa.Column("last_error", sa.String()),
        sa.Column("sent_at", INSTANT),
        sa.PrimaryKeyConstraint("key", name="pk_outbox"),
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])
    op.create_table(
        "roster_versions",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("loaded_at", INSTANT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_roster_versions"),
    )
    op.create_table(
        "callbacks",
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("safe", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.sid"], name="fk_callbacks_call"),
        sa.PrimaryKeyConstraint("call", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_fingerprint", "callbacks", ["fingerprint"])
    op.create_index("ix_callbacks_state", "callbacks", ["state"])
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("suggested_case", sa.Integer()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.sid"], name="fk_contacts_call"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_contacts_case"),
        sa.ForeignKeyConstraint(["suggested_case"], ["cases.id"], name="fk_contacts_suggested_case"),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("call", name="uq_contacts_call"),
    )
    op.create_index("ix_contacts_case", "contacts", ["case"])
    op.create_table(
        "legs",
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("ring", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String()),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("rang_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.Column("accepted_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("talked_seconds", sa.Integer()),
        sa.ForeignKeyConstraint(["call"], ["calls.sid"], name="fk_legs_call"),
        sa.PrimaryKeyConstraint("call", "ring", name="pk_legs"),
    )
