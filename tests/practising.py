"""The whole of practice mode on a port of its own: our server, the network beside it, a roster on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from hotline.practice.live import practised
from hotline.practice.network import PracticeProvider
from hotline.services import Services
from hotline.serving import listen
from hotline.settings import load_settings
from simulator.channels import Call
from tests.databases import make_sqlite
from tests.stories.cast import PHONES, ROSTER
from tests.stories.world import serving

#: The first advisor's phone rings for a quarter of a minute, so that nobody waits long for the second's.
QUICK_ROSTER = ROSTER.replace("ring: crisis-first, seconds: 25", "ring: crisis-first, seconds: 10").replace(
    "ring: crisis-backup, seconds: 20", "ring: crisis-backup, seconds: 60"
)
OURS = {"Sec-Fetch-Site": "same-origin"}
Eventually = Callable[[Callable[[], bool]], None]


@dataclass
class PracticeDesk:
    app: Flask
    services: Services
    provider: PracticeProvider
    origin: str
    roster_file: Path

    @property
    def client(self) -> Client:
        return self.app.test_client()

    def post(self, path: str, /, headers: Mapping[str, str] | None = None, **form: Any) -> TestResponse:
        return self.client.post(path, data=form, headers=OURS if headers is None else headers)

    def dial(self, **form: Any) -> Call:
        """A call as the form of the page begins it."""
        assert self.post("/practice/calls", **form).status_code == 303
        return self.provider.network.calls[-1]

    def page(self, call: Call | None = None, language: str = "en") -> str:
        path = f"/practice/calls/{call.sid}" if call is not None else "/practice"
        return self.client.get(path, headers={"Accept-Language": language}).text

    def asked(self, call: Call) -> Callable[[], bool]:
        """Whether the helpdesk waits for a key of the caller."""
        return lambda: self.snapshot("calls", "sid", call.sid)["asked"]

    def phone(self, person: str) -> Any:
        return self.snapshot("phones", "number", PHONES[person])

    def snapshot(self, what: str, name: str, value: str) -> Any:
        return next(
            (seen for seen in self.provider.network.snapshot()[what] if seen[name] == value), {"asked": False}
        )

    def change_roster(self, text: str) -> None:
        self.roster_file.write_text(text, encoding="utf-8")
        assert self.services.roster_file.look()


@contextmanager
def practice_desk(folder: Path, roster: str = QUICK_ROSTER, speed: float = 1) -> Iterator[PracticeDesk]:
    roster_file = folder / "roster.yaml"
    roster_file.write_text(roster, encoding="utf-8")
    listening = listen("127.0.0.1", 0)
    environ = {
        "PORT": str(listening.getsockname()[1]),
        "INSTANCE_DIR": str(folder / "instance"),
        "ROSTER_FILE": str(roster_file),
    }
    settings = load_settings(environ, dotenv=None)
    # Made by the recorder they come a moment too late for whoever logs in at once.
    make_sqlite(settings.instance_dir / "hotline.db")
    with practised(settings, speed) as app, serving(app, listening) as services:
        yield PracticeDesk(app, services, app.extensions["practice"], settings.public_url, roster_file)
