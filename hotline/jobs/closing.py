"""Closes the calls whose end nobody told us: the provider is asked, and without an answer time decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from hotline import logs
from hotline.events import Event
from hotline.journal import Journal
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.telephony.provider import CallState, Provider, ProviderError

log = logs.get_logger(__name__)

#: Silence after which we ask: longer than any prompt, ring or key takes.
QUIET = timedelta(minutes=3)
#: The provider ends every call after this long (four hours of conversation, and some margin).
LONGEST = timedelta(hours=5)


@dataclass(frozen=True)
class Closing:
    engine: Engine
    journal: Journal
    provider: Provider

    def close_forgotten(self, now: datetime) -> int:
        """Journals an end for every call that is over; how many those were."""
        ends = [event for call, last in self._quiet(now) if (event := self._end(call, last, now))]
        if ends:
            self.journal.append(ends)
        return len(ends)

    def _quiet(self, now: datetime) -> list[tuple[str, datetime]]:
        last = func.max(tables.events.c.at, type_=tables.events.c.at.type)
        query = (
            select(tables.calls.c.sid, last)
            .join(tables.events, tables.events.c.call == tables.calls.c.sid)
            .where(tables.calls.c.ended_at.is_(None))
            .group_by(tables.calls.c.sid)
            .having(last < now - QUIET)
            .order_by(tables.calls.c.sid)
            .limit(100)
        )
        with reading(self.engine) as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def _end(self, call: str, last: datetime, now: datetime) -> Event | None:
        state = self._ask(call)
        if state is not None and state.is_over:
            log.warning("call closed", call=call, why="the provider says it is over")
            facts = {"status": "completed", "seconds": state.seconds}
            return Event(f"{call}/closed", call, "closed", state.ended_at or last, facts)
        if now - last > LONGEST:
            log.warning("call closed", call=call, why="no call lasts so long")
            return Event(f"{call}/closed", call, "closed", last, {"status": "completed", "seconds": None})
        return None

    def _ask(self, call: str) -> CallState | None:
        try:
            return self.provider.call_state(call)
        except ProviderError as error:
            log.warning("call state unknown", call=call, code=error.code)
            return None
