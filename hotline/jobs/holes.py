"""Tells coordinators of gaps and thin cover ahead: each hole once as far away, and once when it is nearer.

The same hole in another version of the roster is not told again. Closed ones stay silent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from hotline import logs, metrics
from hotline.jobs.notices import Message, Notices, coordinators_at
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.storage.outgoing import Outgoing, queue
from hotline.storage.writing import insert_once
from routing.holes import Hole, HoleKind, holes_at
from routing.reminding import is_civil
from routing.roster import Roster
from routing.walltime import iso_z

log = logs.get_logger(__name__)

#: Nobody is woken for what can be mended tomorrow.
_CAN_WAIT = frozenset({"14 days", "3 days"})


@dataclass
class HoleWatch:
    engine: Engine
    notices: Notices
    roster: Callable[[], Roster | None]
    _known: frozenset[str] = field(default=frozenset(), init=False)

    def watch(self, now: datetime) -> int:
        """Queues what has to be told; how many messages that was. Raises SQLAlchemyError."""
        roster = self.roster()
        if roster is None:
            return 0
        at = int(now.timestamp())
        civil = is_civil(roster.zone, at)
        holes = {_key(hole): hole for hole in holes_at(roster, at) if civil or hole.nearness not in _CAN_WAIT}
        unknown = [key for key in holes if key not in self._known]
        queued = self._tell(unknown, holes, roster, now) if unknown else 0
        self._known = frozenset(holes)
        return queued

    def _tell(self, keys: list[str], holes: dict[str, Hole], roster: Roster, now: datetime) -> int:
        with reading(self.engine) as connection:
            told = tables.holes_told.c.key
            new = set(keys).difference(connection.execute(select(told).where(told.in_(keys))).scalars())
        if not new:
            return 0
        with self.engine.begin() as connection:
            # Another process may be telling the same ones: who inserts a row, tells it.
            mine = [
                holes[key]
                for key in keys
                if key in new and insert_once(connection, tables.holes_told, [{"key": key, "told_at": now}])
            ]
            return queue(connection, self._messages(connection, mine, roster, now))

    def _messages(
        self, connection: Connection, holes: Iterable[Hole], roster: Roster, now: datetime
    ) -> list[Outgoing]:
        """One message for all holes of a line and a kind: many small ones would not be read."""
        together: dict[tuple[str, HoleKind], list[Hole]] = {}
        for hole in holes:
            metrics.holes_told.labels(hole.kind).inc()
            together.setdefault((hole.line, hole.kind), []).append(hole)
        found: list[Outgoing] = []
        for (line, kind), mine in together.items():
            log.warning("hole in the roster ahead", kind=kind, line=line, count=len(mine))
            keys = "\n".join(_key(hole) for hole in mine)
            message = Message(
                key=f"{kind}/{line}/{hashlib.sha256(keys.encode()).hexdigest()[:24]}",
                line=line,
                template=f"{kind}_ahead",
                details={"spans": [_span(hole, now) for hole in mine]},
                due_at=now,
                urgent=kind == "gap" and any(hole.nearness not in _CAN_WAIT for hole in mine),
            )
            found += self.notices.to_coordinators(
                message, coordinators_at(connection, roster, line, int(now.timestamp()))
            )
        return found


def _key(hole: Hole) -> str:
    return "/".join((*hole.name, hole.nearness))


def _span(hole: Hole, now: datetime) -> tuple[str, str | None]:
    start = iso_z(hole.start if hole.start is not None else int(now.timestamp()))
    return start, None if hole.end is None else iso_z(hole.end)
