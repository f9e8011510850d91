"""The tables of the logbook. What is known of calls can be built again from `events`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
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
    Column("account", Integer),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("unsure", Boolean, nullable=False, server_default=false()),
    Column("tried_at", Instant),
    Column("expires_at", Instant),
    Index(None, "state", "due_at"),
)

checkins = Table(
    "checkins",
    metadata,
    Column("key", String, primary_key=True),
    Column("person", String, nullable=False),
    Column("rotation", String, nullable=False),
    Column("line", String, nullable=False),
    Column("starts_at", Instant, nullable=False, index=True),
    Column("ends_at", Instant),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Index(None, "state", "next_at"),
)

phone_checks = Table(
    "phone_checks",
    metadata,
    Column("person", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("token", String, index=True),
    Column("asked_at", Instant),
    Column("verified_at", Instant),
    Column("tested_at", Instant),
)

holes_told = Table(
    "holes_told",
    metadata,
    Column("key", String, primary_key=True),
    Column("told_at", Instant, nullable=False),
)

# Text, author, reason and what changed in words are sealed: a roster names advisors and their phones.
roster_versions = Table(
    "roster_versions",
    metadata,
    # One more than that of the version it was made from: of two at once, the key refuses the second.
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("version", String, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by_account", Integer),
    Column("sealed", Text, nullable=False),
)

roster_conflicts = Table(
    "roster_conflicts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", String, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("where", String, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("dismissed_at", Instant, index=True),
)

# Swaps, calendar addresses, and what became of promises to call back.

swap_offers = Table(
    "swap_offers",
    metadata,
    Column("id", String, primary_key=True),
    Column("rotation", String, nullable=False),
    Column("person", String, nullable=False, index=True),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Integer),
    Column("taken_by", String),
    Index(None, "state", "end_at"),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("account", Integer, nullable=False, index=True),
    Column("person", String),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
)

callback_attempts = Table(
    "callback_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", ForeignKey("callbacks.call"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("outcome", String, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("role", String, nullable=False),
    Column("person", String),
    Column("active", Boolean, nullable=False),
    Column("password", Text),
    Column("totp", Text),
    Column("totp_step", Integer),
    Column("created_at", Instant, nullable=False),
    Column("logged_in_at", Instant),
    # Two names Flask-Security prescribes: what stands for the account in a session, and to a passkey.
    Column("fs_uniquifier", String, nullable=False, unique=True),
    Column("fs_webauthn_user_handle", String, nullable=False, unique=True),
    CheckConstraint("role IN ('advisor', 'coordinator', 'analyst', 'admin')", name="ck_accounts_role"),
)

account_sessions = Table(
    "account_sessions",
    metadata,
    Column("key", String, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("browser", String, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("confirmed_at", Instant, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", String, primary_key=True),
    Column("used_at", Instant),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
)

invitations = Table(
    "invitations",
    metadata,
    Column("key", String, primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("key", String, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("blocked_until", Instant, nullable=False),
)
