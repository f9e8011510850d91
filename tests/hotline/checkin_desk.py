"""A whole server with a telephone network beside it, whose clock stands at the start of a shift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from hotline.jobs.checkins import Checkins
from hotline.services import Services
from hotline.serving import listen
from hotline.storage.engine import reading
from hotline.telephony.duty_script import DutyScript
from hotline.web.app import create_app
from simulator.channels import Call
from simulator.moments import Said
from simulator.network import Network
from simulator.phones import NoAnswer
from simulator.rest import Rest
from simulator.serving import Served
from tests.hotline.duty_desk import LINE, MONDAY, ROSTER
from tests.stories.world import serving, settings_for

PHONES = {"ada": "+46701740605", "bo": "+46701740606", "chi": "+46701740607"}


@dataclass
class CheckinDesk:
    services: Services
    net: Network
    rest: Rest

    @property
    def checkins(self) -> Checkins:
        hotline = self.services
        script = DutyScript(hotline.script.prompts, hotline.script.people)
        return Checkins(hotline.engine, hotline.notices, hotline.journal, script, hotline.roster_file.roster)

    def tick(self, now: datetime, process: str = "a test") -> None:
        """What the heartbeat does, and all that comes of it."""
        self.checkins.check(now)
        replace(self.services.outbox, process=process).send_due(now)
        self.net.run(until=max(now, self.net.now))
        self.net.run()
        self.record()

    def record(self) -> None:
        while self.services.journal.status().backlog:
            self.services.recorder.drain()

    def rows(self, table: Table) -> list[Mapping[str, Any]]:
        with reading(self.services.engine) as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]

    def calls_to(self, person: str) -> list[Call]:
        return [call for call in self.net.calls if call.channel.to == PHONES[person]]

    def said(self) -> str:
        """Every word that was spoken to anybody."""
        moments = [entry.moment for call in self.net.calls for entry in call.entries]
        return " ".join(moment.text for moment in moments if isinstance(moment, Said))

    def texts_to(self, person: str) -> list[str]:
        return [message.body for message in self.net.messages if message.to == PHONES[person]]


@contextmanager
def checkin_desk(folder: Path, roster: str = ROSTER, **phones: Any) -> Iterator[CheckinDesk]:
    """The roster of `duty_desk`: at nine on Monday ada comes on, and chi is coordinator as always."""
    listening = listen("127.0.0.1", 0)
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    (folder / "roster.yaml").write_text(roster, encoding="utf-8")
    settings = settings_for(folder, {"PUBLIC_URL": origin})
    net = Network(account_sid=settings.account_sid, auth_tokens=list(settings.auth_tokens), starts_at=MONDAY)
    net.add_number(LINE, f"{origin}/voice/incoming", status_callback=f"{origin}/voice/status")
    for person, number in PHONES.items():
        net.add_phone(number, phones.get(person, NoAnswer()), name=person)
    rest = Rest(net)
    with (
        Served(rest.app) as api_url,
        serving(create_app(replace(settings, api_url=api_url)), listening) as services,
    ):
        services.recorder.drain()
        yield CheckinDesk(services, net, rest)
        rest.close()
