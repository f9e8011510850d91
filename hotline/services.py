"""The one place where everything is put together: for life, for practice, for tests and for commands."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from hotline.calls.answering import Answering
from hotline.calls.logbook import Logbook
from hotline.calls.recorder import Recorder
from hotline.clock import Clock, PracticeClock, SystemClock
from hotline.jobs.closing import Closing
from hotline.jobs.heartbeat import Heartbeat, Job
from hotline.jobs.texts import Texts
from hotline.journal import Journal
from hotline.privacy import Vault
from hotline.rosterfile import RosterFile
from hotline.settings import Settings
from hotline.storage.engine import make_engine
from hotline.telephony.positions import PeopleTokens
from hotline.telephony.prompts import read_prompts
from hotline.telephony.provider import Provider
from hotline.telephony.script import Script
from hotline.telephony.signature import SignatureCheck

#: An address at which nothing listens.
NOWHERE = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Services:
    """What the parts of a running process share. Nothing runs before `start`."""

    settings: Settings
    clock: Clock
    roster_file: RosterFile
    vault: Vault
    journal: Journal
    engine: Engine
    logbook: Logbook
    recorder: Recorder
    provider: Provider
    signatures: SignatureCheck
    script: Script
    answering: Answering
    heartbeat: Heartbeat

    def start(self) -> None:
        self.recorder.start()
        self.heartbeat.start()

    def stop(self) -> None:
        """Ends what `start` began, and writes what is left."""
        self.heartbeat.stop()
        self.recorder.stop()
        self.journal.close()
        self.engine.dispose()


def build_services(settings: Settings) -> Services:
    """Opens the journal, reads roster and prompts. The database may be away: it is not asked yet."""
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    roster_file = RosterFile(settings.roster_file, settings.instance_dir)
    roster_file.start()
    vault = Vault(settings.data_keys)
    journal = Journal(settings.instance_dir / "journal.db")
    engine = make_engine(settings.database_url)
    logbook = Logbook(engine, vault, roster_file.roster)
    provider = make_provider(settings)
    people = PeopleTokens(settings.secret_key)
    script = Script(read_prompts(), people)
    texts = Texts(
        engine, provider, script.prompts, roster_file.roster, f"{socket.gethostname()}:{os.getpid()}"
    )
    closing = Closing(engine, journal, provider)
    return Services(
        settings=settings,
        clock=PracticeClock() if settings.practice else SystemClock(),
        roster_file=roster_file,
        vault=vault,
        journal=journal,
        engine=engine,
        logbook=logbook,
        recorder=Recorder(journal, engine, logbook, settings.instance_dir),
        provider=provider,
        signatures=SignatureCheck(settings.public_url, settings.auth_tokens),
        script=script,
        answering=Answering(roster_file.roster, journal, vault, script, people),
        heartbeat=Heartbeat(
            [
                Job("roster", 1, roster_file.look),
                Job("texts", 5, lambda: texts.send_due(datetime.now(UTC))),
                Job("closing", 60, lambda: closing.close_forgotten(datetime.now(UTC))),
            ]
        ),
    )


def make_provider(settings: Settings) -> Provider:
    """In practice mode only the practice network is ever spoken to, and without one nobody."""
    url = settings.api_url or (NOWHERE if settings.practice else None)
    key = (settings.api_key, settings.api_secret) if settings.api_key and settings.api_secret else None
    return Provider(settings.account_sid, settings.auth_tokens[0], key, url)
