"""A whole helpdesk for a story: our server on a real port, a telephone network beside it, a roster."""

from __future__ import annotations

import base64
import contextlib
import io
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import requests
from flask import Flask
from sqlalchemy import Table, select

from hotline import logs
from hotline.calls.overview import call_overview
from hotline.services import Services
from hotline.serving import listen, make_server
from hotline.settings import Settings, load_settings
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.telephony.positions import RETRIES
from hotline.web.app import create_app
from simulator.callers import Caller
from simulator.channels import Call
from simulator.exchange import Habits
from simulator.network import Network
from simulator.phones import NoAnswer
from simulator.rest import Rest
from simulator.serving import Served
from tests.databases import make_sqlite
from tests.stories.cast import CALLER, CHRISTMAS_NIGHT, HELPDESK, PHONES, ROSTER
from tests.stories.promises import failures, keep_promises


@dataclass
class Helpdesk:
    """What a story is told with. `log` is what the server wrote so far; `seconds` what each webhook took."""

    settings: Settings
    services: Services
    net: Network
    rest: Rest | None = None
    log: io.StringIO = field(default_factory=io.StringIO)
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        began = threading.local()
        self.net.delivery.before.append(lambda _: setattr(began, "at", time.monotonic()))
        self.net.delivery.after.append(lambda _: self.seconds.append(time.monotonic() - began.at))

    @property
    def origin(self) -> str:
        return self.settings.public_url

    def dial(self, keys: list[str] | None = None, at: datetime = CHRISTMAS_NIGHT, **more: Any) -> Call:
        """A call in Dutch, at night, that presses 1 for a crisis, unless told otherwise. Runs to its end."""
        call = self.dials(keys, at, **more)
        self.net.run()
        return call

    def dials(self, keys: list[str] | None = None, at: datetime = CHRISTMAS_NIGHT, **more: Any) -> Call:
        """The same, and does not run yet."""
        from_, to = more.pop("from_", CALLER), more.pop("to", HELPDESK)
        caller = Caller(keys=["1", "1"] if keys is None else keys, **more)
        return self.net.dial(from_=from_, to=to, at=max(at, self.net.now), caller=caller)

    def heard(self, call: Call, prompt: str, language: str = "nl") -> bool:
        """Whether the caller was told this prompt, at least up to the first word that is filled in."""
        text = self.services.script.prompts.tongues[language].texts[prompt]
        return call.heard(text.partition("{")[0])

    @property
    def slowest(self) -> float:
        """Seconds on the wall that the slowest webhook took so far."""
        return max(self.seconds, default=0.0)

    def record(self, call: Call) -> dict[str, Any]:
        """The call as `flask calls show --json` gives it, once everything journalled is recorded."""
        self.catch_up()
        with reading(self.services.engine) as connection:
            found = call_overview(connection, call.sid)
        assert found is not None, "there is no record of the call"
        return found

    def catch_up(self, seconds: float = 20) -> None:
        """Records what is journalled. Another process or thread may be at it: then it is waited for."""
        give_up_at = time.monotonic() + seconds
        while self.services.journal.status().backlog:
            self.services.recorder.drain()
            assert time.monotonic() < give_up_at, "the journal was never recorded"
            threading.Event().wait(0.01)

    def rows(self, table: Table, call: Call | None = None) -> list[Mapping[str, Any]]:
        """The rows of a table of the logbook, those of one call where a call is given."""
        self.catch_up()
        query = select(table)
        if call is not None:
            query = query.where(table.c.call == call.sid)
        with reading(self.services.engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def alerts(self, call: Call) -> list[str]:
        return sorted(row["reason"] for row in self.rows(tables.alerts, call))

    def get(self, path: str) -> requests.Response:
        return requests.get(self.origin + path, timeout=20)


def settings_for(folder: Path, environ: Mapping[str, str] | None = None, roster: str = ROSTER) -> Settings:
    """A helpdesk in this folder, in practice mode. Where there is no roster or no database, they are made."""
    file = folder / "roster.yaml"
    if not file.exists():
        file.write_text(roster, encoding="utf-8")
    settings = load_settings(environ_of(folder, environ), dotenv=None)
    database = settings.instance_dir / "hotline.db"
    if "DATABASE_URL" not in (environ or {}) and not database.exists():
        make_sqlite(database)
    return settings


def environ_of(folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    return {
        "INSTANCE_DIR": str(folder / "instance"),
        "ROSTER_FILE": str(folder / "roster.yaml"),
        "DATA_KEYS": "a:" + base64.b64encode(bytes(range(32))).decode(),
        **(environ or {}),
    }


@contextmanager
def helpdesk(
    folder: Path,
    environ: Mapping[str, str] | None = None,
    habits: Habits | None = None,
    recorded: bool = True,
    alone: bool = True,
    **phones: Any,
) -> Iterator[Helpdesk]:
    """Ada and Bo are on call at night, Chi and Dee sit at the desk; `phones` says how theirs behave.

    Not `recorded`: its database never comes back, so that nothing can be said of the records. Not `alone`:
    other tests count failures meanwhile, and each story told in it keeps the promises itself.
    """
    listening = listen("127.0.0.1", 0)
    settings = settings_for(
        folder, {"PUBLIC_URL": f"http://127.0.0.1:{listening.getsockname()[1]}", **(environ or {})}
    )
    net = network(settings, phones, habits)
    rest = Rest(net)
    with log_kept() as log, Served(rest.app) as api_url:
        settings = replace(settings, api_url=api_url)
        with serving(create_app(settings), listening) as services:
            desk = Helpdesk(settings, services, net, rest, log)
            failed_before = failures()
            yield desk
            if alone:
                keep_promises(desk, failed_before, recorded)
        rest.close()


@contextmanager
def serving(app: Flask, listening: Any) -> Iterator[Services]:
    """Serves the application in a thread, as `serve` does, until the end of the block."""
    server = make_server(app, listening)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield app.extensions["hotline"].services
    finally:
        # Raised within its loop, as on SIGTERM: it lets its threads finish, and notices at once.
        server.handle_accept = _stop
        socket.create_connection(listening.getsockname()).close()
        thread.join(timeout=10)
        server.asyncore.close_all(map=server._map)
        app.extensions["hotline"].stop()


def _stop() -> None:
    raise SystemExit(0)


@contextmanager
def log_kept() -> Iterator[io.StringIO]:
    """What is logged meanwhile; it goes on to where it would have gone at the end."""
    log = io.StringIO()
    # What our log writes to as well: behind a fixture pytest puts a stderr of its own back.
    ours = patch.object(logs, "sys", SimpleNamespace(**{**vars(sys), "stderr": log}))
    try:
        with contextlib.redirect_stderr(log), ours:
            yield log
    finally:
        sys.stderr.write(log.getvalue())


def network(
    settings: Settings, phones: Mapping[str, Any] | None = None, habits: Habits | None = None
) -> Network:
    net = Network(account_sid=settings.account_sid, auth_tokens=list(settings.auth_tokens), habits=habits)
    origin = settings.public_url
    net.add_number(
        HELPDESK, voice_url=f"{origin}/voice/incoming{RETRIES}", status_callback=f"{origin}/voice/status"
    )
    for person, number in PHONES.items():
        net.add_phone(number, (phones or {}).get(person, NoAnswer()), name=person)
    return net
