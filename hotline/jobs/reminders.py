"""Reminds people of their shifts: a week and a day before, at the start and at the end, each once.

What is due the roster says; that it was told before, the row in the outbox says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine

from hotline.jobs.notices import Message, Notices, line_of
from hotline.storage.engine import reading
from hotline.storage.outgoing import Outgoing, keys_queued, queue, queue_dropped
from routing.reminding import Reminder, is_civil, reminders_at
from routing.roster import Roster
from routing.walltime import iso_z


@dataclass
class Reminders:
    """`remind` is asked again and again, by every process; when it was last asked does not matter."""

    engine: Engine
    notices: Notices
    roster: Callable[[], Roster | None]
    _known: frozenset[str] = field(default=frozenset(), init=False)

    def remind(self, now: datetime) -> int:
        """Queues what is due and was not queued before; how much that was. Raises SQLAlchemyError."""
        roster = self.roster()
        if roster is None or not roster.lines:
            return 0
        due: dict[str, Outgoing] = {}
        gone: dict[str, Outgoing] = {}
        for reminder in reminders_at(roster, int(now.timestamp())):
            messages = self._messages(reminder, roster, now)
            (gone if reminder.is_gone else due).update({message.key: message for message in messages})
        # What this process saw in the outbox before need not be looked up again every minute.
        unknown = [key for key in (*due, *gone) if key not in self._known]
        queued = self._queue(unknown, due, gone) if unknown else 0
        self._known = frozenset((*due, *gone))
        return queued

    def _queue(self, keys: list[str], due: dict[str, Outgoing], gone: dict[str, Outgoing]) -> int:
        with reading(self.engine) as connection:
            new = set(keys) - keys_queued(connection, keys)
        if not new:
            return 0
        with self.engine.begin() as connection:
            queue_dropped(connection, [message for key, message in gone.items() if key in new])
            return queue(connection, [message for key, message in due.items() if key in new])

    def _messages(self, reminder: Reminder, roster: Roster, now: datetime) -> Iterator[Outgoing]:
        message = Message(
            key=f"shift/{reminder.kind}/{iso_z(reminder.at)}",
            line=line_of(roster, reminder.rotation),
            template=f"shift_{reminder.kind}",
            details={
                "start": iso_z(reminder.start),
                "end": None if reminder.end is None else iso_z(reminder.end),
            },
            due_at=now,
            expires_at=datetime.fromtimestamp(reminder.until, UTC),
        )
        if reminder.kind == "week" and not is_civil(roster.zone, int(now.timestamp())):
            # Nobody is woken a week ahead. The e-mail need not wait.
            return self.notices.mail_to_person(message, reminder.person, roster)
        return self.notices.to_person(message, reminder.person, roster)
