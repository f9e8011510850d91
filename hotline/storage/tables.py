"""The tables of the logbook. Everything but `events` and `outbox` can be built again from `events`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC by every database. Refuses one without an offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("an instant must have an offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Names the databases agree on, so that a refused row can be told by the constraint that refused it.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("key", String, primary_key=True),
    Column("call", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("data", JSON, nullable=False),
    Column("personal", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("sid", String, primary_key=True),
    Column("line", String),
    Column("kind", String),
    Column("language", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("started_at", Instant, nullable=False, index=True),
    Column("ended_at", Instant, index=True),
    Column("outcome", String),
    Column("waited_seconds", Integer),
    Column("talked_seconds", Integer),
    Column("withheld", Boolean, nullable=False),
    Column("caller", Text),
    Column("caller_fingerprint", String, index=True),
    Column("roster_version", String),
)

legs = Table(
    "legs",
    metadata,
    Column("call", ForeignKey("calls.sid"), primary_key=True),
    Column("ring", Integer, primary_key=True, autoincrement=False),
    Column("person", String, nullable=False),
    Column("sid", String, nullable=False),
    Column("policy", String, nullable=False),
    Column("round", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("outcome", String),
    Column("why", String, nullable=False),
    Column("rang_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("accepted_at", Instant),
    Column("ended_at", Instant),
    Column("talked_seconds", Integer),
)

case_sequences = Table(
    "case_sequences",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("number", String, nullable=False, unique=True),
    Column("opened_at", Instant, nullable=False),
    Column("status", String, nullable=False),
    UniqueConstraint("year", "sequence"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", ForeignKey("calls.sid"), nullable=False, unique=True),
    Column("case", ForeignKey("cases.id"), nullable=False, index=True),
    Column("suggested_case", ForeignKey("cases.id")),
    Column("created_at", Instant, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("call", ForeignKey("calls.sid"), primary_key=True),
    Column("kind", String, nullable=False),
    Column("number", Text, nullable=False),
    Column("fingerprint", String, nullable=False, index=True),
    Column("requested_at", Instant, nullable=False),
    Column("safe", Boolean, nullable=False),
    Column("state", String, nullable=False, index=True),
)

alerts = Table(
    "alerts",
    metadata,
    Column("key", String, primary_key=True),
    Column("call", String, nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("acknowledged_at", Instant, index=True),
    Column("acknowledged_by", String),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("person", String, nullable=False),
    Column("line", String, nullable=False),
    Column("template", String, nullable=False),
    Column("details", JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("claimed_by", String),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("provider_sid", String),
    Column("last_error", String),
    Column("sent_at", Instant),
    Index(None, "state", "due_at"),
)

roster_versions = Table(
    "roster_versions",
    metadata,
    Column("version", String, primary_key=True),
    Column("loaded_at", Instant, nullable=False),
    Column("text", Text, nullable=False),
)
