"""A whole helpdesk for a story: our server on a real port, a telephone network beside it, a roster on disk."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hotline.calls.overview import call_overview
from hotline.serving import listen, make_server
from hotline.services import Services
from hotline.settings import Settings, load_settings
from hotline.storage.engine import reading
from hotline.web.app import create_app
from simulator.callers import Caller
from simulator.network import Network
from simulator.phones import NoAnswer

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HELPDESK = "+442079460001"
CALLER = "+46701740699"
PHONES = {"ada": "+46701740605", "bo": "+46701740606", "chi": "+46701740607", "dee": "+46701740608"}

ROSTER = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada: {name: Ada Voorbeeld, phone: "+46701740605", languages: [nl, en]}
  bo: {name: Bo Voorbeeld, phone: "+46701740606", languages: [nl, en]}
  chi: {name: Chi Voorbeeld, phone: "+46701740607", languages: [en, nl]}
  dee: {name: Dee Voorbeeld, phone: "+46701740608", languages: [nl]}
rotations:
  crisis-first: {members: [ada], starts: 2026-01-05T09:00, turn: 7 days}
  crisis-backup: {members: [bo], starts: 2026-01-05T09:00, turn: 7 days}
policies:
  desk:
    steps: [{ring: [chi, dee], seconds: 20}]
    otherwise: crisis
  crisis:
    steps:
      - {ring: crisis-first, seconds: 25}
      - {ring: crisis-backup, seconds: 20}
    otherwise: callback
lines:
  helpdesk:
    number: "+442079460001"
    name: Hulplijn
    languages: [nl, en]
    hours: {mon-fri: "09:00-17:00"}
    holidays: {country: NL}
    open: desk
    closed: crisis
"""


def at(text: str) -> datetime:
    """A moment on the wall in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


CHRISTMAS_NIGHT = at("2026-12-25T03:00")
TUESDAY_MORNING = at("2026-12-01T10:00")


@dataclass
class Helpdesk:
    """What a story is told with."""

    services: Services
    net: Network
    origin: str

    def record(self, call: Any) -> dict[str, Any]:
        """The call as `flask calls show --json` gives it, once everything journalled is recorded."""
        self.services.recorder.drain()
        with reading(self.services.engine) as connection:
            found = call_overview(connection, call.sid)
        assert found is not None, "there is no record of the call"
        return found

    def dial(self, keys: list[str] | None = None, at: datetime = CHRISTMAS_NIGHT, **more: Any) -> Any:
        """A call in Dutch, at night, that presses 1 for a crisis, unless told otherwise. Runs to its end."""
        from_ = more.pop("from_", CALLER)
        call = self.net.dial(
            from_=from_, to=more.pop("to", HELPDESK), at=at, caller=Caller(keys=keys or ["1", "1"], **more)
        )
        self.net.run()
        return call


def settings_for(tmp_path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    roster = tmp_path / "roster.yaml"
    if not roster.exists():
        roster.write_text(ROSTER, encoding="utf-8")
    return load_settings(
        {
            "INSTANCE_DIR": str(tmp_path / "instance"),
            "ROSTER_FILE": str(roster),
            "DATA_KEYS": "a:" + base64.b64encode(bytes(range(32))).decode(),
            **(environ or {}),
        },
        dotenv=None,
    )


@contextmanager
def helpdesk(tmp_path: Path, environ: Mapping[str, str] | None = None, **phones: Any) -> Iterator[Helpdesk]:
    """A helpdesk where ada and bo are on call at night and chi and dee sit at the desk; `phones` says how theirs behave."""
    listening = listen("127.0.0.1", 0)
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = settings_for(tmp_path, {"PUBLIC_URL": origin, **(environ or {})})
    app = create_app(settings)
    server = make_server(app, listening)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield Helpdesk(app.extensions["hotline"].services, network(settings, phones), origin)
    finally:
        server.close()
        serving.join(timeout=10)
        app.extensions["hotline"].stop()


def network(settings: Settings, phones: Mapping[str, Any]) -> Network:
    net = Network(account_sid=settings.account_sid, auth_tokens=list(settings.auth_tokens))
    origin = settings.public_url
    net.add_number(HELPDESK, voice_url=f"{origin}/voice/incoming", status_callback=f"{origin}/voice/status")
    for person, number in PHONES.items():
        net.add_phone(number, phones.get(person, NoAnswer()), name=person)
    return net
