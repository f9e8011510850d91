"""Sends the text messages that are due: claimed before they are sent, and none knowingly twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, RowMapping, and_, or_, select, update

from hotline import logs, metrics
from hotline.storage import tables
from hotline.telephony.prompts import Prompts
from hotline.telephony.provider import Provider, ProviderError
from routing.roster import Line, Person, Roster

log = logs.get_logger(__name__)

MOST_ATTEMPTS = 8
#: A claim not finished by then was made by a process that died. Whether it sent, the provider knows.
CLAIM_LASTS = timedelta(minutes=2)


@dataclass(frozen=True)
class Texts:
    """The outbox's text messages and what it takes to send them. `process` names who claims."""

    engine: Engine
    provider: Provider
    prompts: Prompts
    roster: Callable[[], Roster | None]
    process: str

    def send_due(self, now: datetime, most: int = 50) -> int:
        """Sends what is due; how many messages went out. One that fails holds up no other."""
        sent = 0
        for _ in range(most):
            row = self._claim(now)
            if row is None:
                break
            sent += self._send(row, now)
        return sent

    def _claim(self, now: datetime) -> RowMapping | None:
        outbox = tables.outbox
        due = and_(outbox.c.state == "due", outbox.c.due_at <= now)
        forsaken = and_(outbox.c.state == "claimed", outbox.c.claimed_at < now - CLAIM_LASTS)
        with self.engine.begin() as connection:
            for key in connection.execute(
                select(outbox.c.key)
                .where(outbox.c.kind == "text", or_(due, forsaken))
                .order_by(outbox.c.due_at)
                .limit(5)
            ).scalars():
                before = connection.execute(select(outbox).where(outbox.c.key == key)).mappings().one()
                claimed = connection.execute(
                    update(outbox)
                    .where(outbox.c.key == key, or_(due, forsaken))
                    .values(
                        state="claimed",
                        claimed_at=now,
                        claimed_by=self.process,
                        attempts=outbox.c.attempts + 1,
                    )
                )
                if claimed.rowcount == 1:
                    return before
        return None

    def _send(self, row: RowMapping, now: datetime) -> int:
        roster = self.roster()
        person = roster.people.get(row["person"]) if roster else None
        line = roster.lines.get(row["line"]) if roster else None
        if roster is None or person is None or line is None:
            self._finish(row, "failed", "no such person or line in the roster")
            return 0
        body = self._body(row, person, line, roster)
        try:
            sid = self._sent_before(row, person, body) or self.provider.send_text(
                person.phone, line.number, body
            )
        except ProviderError as error:
            self._failed(row, error, now)
            return 0
        self._finish(row, "sent", None, provider_sid=sid, sent_at=now)
        return 1

    def _sent_before(self, row: RowMapping, person: Person, body: str) -> str | None:
        """When an earlier attempt may have got through, the provider is asked before it is sent again."""
        if row["state"] != "claimed" and row["last_error"] != "unclear":
            return None
        return self.provider.text_sent_since(person.phone, body, row["due_at"] - timedelta(minutes=1))

    def _body(self, row: RowMapping, person: Person, line: Line, roster: Roster) -> str:
        at = int(datetime.fromisoformat(row["details"]["at"]).timestamp())
        time = datetime.fromtimestamp(roster.zone.wall(at), UTC).strftime("%H:%M")
        return self.prompts.write(
            row["template"], person.languages, line=line.name, time=time, case=row["details"]["case"]
        )

    def _failed(self, row: RowMapping, error: ProviderError, now: datetime) -> None:
        attempts = row["attempts"] + 1
        log.error("text not sent", code=error.code, attempt=attempts)
        if error.permanent or attempts >= MOST_ATTEMPTS:
            self._finish(row, "failed", error.code)
            return
        later = now + timedelta(seconds=min(2**attempts, 120))
        self._finish(row, "due", "unclear" if error.done is None else error.code, due_at=later)

    def _finish(self, row: RowMapping, state: str, error: str | None, **more: object) -> None:
        metrics.texts.labels(state).inc()
        with self.engine.begin() as connection:
            connection.execute(
                update(tables.outbox)
                .where(tables.outbox.c.key == row["key"], tables.outbox.c.claimed_by == self.process)
                .values(state=state, last_error=error, **more)
            )
