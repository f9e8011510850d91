"""Forgets what accounts leave behind: ended sessions, attempts that count no more, expired links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete

from hotline.accounts.sessions import forget_sessions
from hotline.accounts.throttle import forget_attempts
from hotline.storage import tables


def forget_old(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        forget_sessions(connection, now)
        forget_attempts(connection, now)
        connection.execute(delete(tables.invitations).where(tables.invitations.c.expires_at < now))
