"""The jobs that send things out, beside a telephone network with its REST interface and a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert, select

from hotline.jobs.carriers import Carriers
from hotline.jobs.holes import HoleWatch
from hotline.jobs.notices import Notices
from hotline.jobs.outbox import Outbox
from hotline.jobs.reminders import Reminders
from hotline.jobs.wording import Wording
from hotline.mail import Mail
from hotline.privacy import DataKey, Vault
from hotline.storage import tables
from hotline.storage.engine import make_engine, reading
from hotline.storage.outgoing import Outgoing, queue
from hotline.telephony.prompts import read_prompts
from hotline.telephony.provider import Provider
from routing.reading import read_roster
from routing.roster import Roster
from simulator.network import Network
from simulator.rest import Rest
from simulator.serving import Served

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LINE = "+442079460001"
ACCOUNT, TOKEN = "AC" + "0" * 32, "token"
SITE = "https://roster.example.org"
PROMPTS = read_prompts()
VAULT = Vault([DataKey("a", bytes(range(32)))])

ROSTER = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada: {name: Ada Voorbeeld, phone: "+46701740605", languages: [nl, en], email: ada@example.org}
  bo: {name: Bo Voorbeeld, phone: "+46701740606", languages: [pl, en]}
  chi: {name: Chi Voorbeeld, phone: "+46701740607", languages: [nl]}
rotations:
  first: {members: [ada, bo], starts: 2035-11-05T09:00, turn: 7 days}
  coordinator: {members: [chi], starts: 2035-01-01T00:00, turn: 7 days}
overrides: []
policies:
  crisis:
    steps:
      - {ring: first, seconds: 20}
      - {ring: coordinator, seconds: 20}
    otherwise: callback
lines:
  helpdesk:
    number: "+442079460001"
    name: Hulplijn
    languages: [nl, en]
    hours: {mon-fri: "09:00-17:00"}
    open: crisis
    closed: crisis
"""

#: Monday the 19th of November 2035: the turn of ada begins at nine.
MONDAY = datetime(2035, 11, 19, 9, tzinfo=AMSTERDAM).astimezone(UTC)


def roster_of(text: str = ROSTER) -> Roster:
    reading_ = read_roster(text.encode())
    assert reading_.roster is not None, reading_.problems
    return reading_.roster


def wall(text: str) -> datetime:
    """A moment on the wall in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


@dataclass
class DutyDesk:
    """What a test is told with. `roster` may be replaced: the jobs ask for it again and again."""

    engine: Engine
    net: Network
    rest: Rest
    api_url: str
    roster: Roster
    mail: Mail | None = None

    def provider(self) -> Provider:
        return Provider(ACCOUNT, TOKEN, None, self.api_url)

    def outbox(self, process: str = "one") -> Outbox:
        wording = Wording(PROMPTS, SITE)
        carriers = Carriers(self.engine, self.provider(), self.mail, wording, VAULT, lambda: self.roster)
        return Outbox(self.engine, carriers, process)

    @property
    def notices(self) -> Notices:
        return Notices(mails=self.mail is not None)

    def reminders(self) -> Reminders:
        return Reminders(self.engine, self.notices, lambda: self.roster)

    def holes(self) -> HoleWatch:
        return HoleWatch(self.engine, self.notices, lambda: self.roster)

    def queue(self, *messages: Outgoing) -> int:
        with self.engine.begin() as connection:
            return queue(connection, messages)

    def rows(self, **wanted: Any) -> list[Mapping[str, Any]]:
        query = select(tables.outbox).order_by(tables.outbox.c.due_at, tables.outbox.c.key)
        for name, value in wanted.items():
            query = query.where(tables.outbox.c[name] == value)
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def row(self, key: str) -> Mapping[str, Any]:
        (row,) = self.rows(key=key)
        return row

    def bodies(self) -> list[str]:
        return [message.body for message in self.net.messages]

    def add_account(self, email: str, *, person: str | None = None, **more: Any) -> int:
        values = {
            "email": email,
            "name": "Coördinator",
            "language": "nl",
            "role": "coordinator",
            "person": person,
            "active": True,
            "created_at": MONDAY,
            "fs_uniquifier": email,
            "fs_webauthn_user_handle": email,
            **more,
        }
        with self.engine.begin() as connection:
            added: int = connection.execute(
                insert(tables.accounts).values(**values).returning(tables.accounts.c.id)
            ).scalar_one()
        return added


def alert(key: str, *, case: str | None = None, person: str = "ada", **more: Any) -> Outgoing:
    """A text whose words are like no other's: the case stands in them."""
    details = {"at": MONDAY.isoformat(), "case": case or key}
    message = Outgoing(key, "text", "helpdesk", "unanswered", details, MONDAY, person=person)
    return replace(message, **more)


def after(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


@contextmanager
def duty_desk(engine: Engine, mail: Mail | None = None, roster: str = ROSTER) -> Iterator[DutyDesk]:
    net = Network(account_sid=ACCOUNT, auth_tokens=[TOKEN], starts_at=MONDAY)
    net.add_number(LINE, "")
    rest = Rest(net)
    with Served(rest.app) as api_url:
        yield DutyDesk(engine, net, rest, api_url, roster_of(roster), mail)
        rest.close()


def sending_process(said: Connection, database_url: str, api_url: str, name: str, now: datetime) -> None:
    """A whole process: it says when it is ready, and sends what is due when it is told."""
    engine, roster = make_engine(database_url), roster_of()
    provider = Provider(ACCOUNT, TOKEN, None, api_url)
    carriers = Carriers(engine, provider, None, Wording(PROMPTS, SITE), VAULT, lambda: roster)
    said.send("ready")
    said.recv()
    Outbox(engine, carriers, name).send_due(now, most=1000)
