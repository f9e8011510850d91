"""The one place where everything is put together: for life, for practice, for tests and for commands."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from hotline import logs
from hotline.accounts.upkeep import forget_old
from hotline.calls.answering import Answering
from hotline.calls.duty_answering import DutyAnswering
from hotline.calls.logbook import Logbook
from hotline.calls.phone_checks import PhoneChecks
from hotline.calls.recorder import Recorder
from hotline.clock import Clock, PracticeClock, SystemClock
from hotline.jobs.carriers import Carriers
from hotline.jobs.checkins import Checkins
from hotline.jobs.closing import Closing
from hotline.jobs.heartbeat import Heartbeat, Job
from hotline.jobs.holes import HoleWatch
from hotline.jobs.notices import Notices
from hotline.jobs.outbox import Outbox
from hotline.jobs.reminders import Reminders
from hotline.jobs.wording import Wording
from hotline.journal import Journal
from hotline.mail import Mail, MailFolder, SmtpMail
from hotline.privacy import Vault
from hotline.roster.file import RosterFile
from hotline.roster.publishing import RosterStore
from hotline.settings import Settings
from hotline.storage.engine import make_engine
from hotline.telephony.duty_script import DutyScript
from hotline.telephony.positions import PeopleTokens
from hotline.telephony.prompts import read_prompts
from hotline.telephony.provider import Provider
from hotline.telephony.script import Script
from hotline.telephony.signature import SignatureCheck

#: An address at which nothing listens.
NOWHERE = "http://127.0.0.1:1"

log = logs.get_logger(__name__)


@dataclass(frozen=True)
class Services:
    """What the parts of a running process share. Nothing runs before `start`."""

    settings: Settings
    clock: Clock
    roster_file: RosterFile
    rosters: RosterStore
    vault: Vault
    journal: Journal
    engine: Engine
    logbook: Logbook
    recorder: Recorder
    provider: Provider
    signatures: SignatureCheck
    script: Script
    answering: Answering
    duty_answering: DutyAnswering
    phone_checks: PhoneChecks
    notices: Notices
    outbox: Outbox
    mail: Mail | None
    heartbeat: Heartbeat

    def start(self) -> None:
        for fault in self.script.prompts.faults:
            log.error("a prompt is wrong", why=fault)
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
    rosters = RosterStore(roster_file, engine, vault)
    logbook = Logbook(engine, vault, roster_file.roster)
    provider = make_provider(settings)
    people = PeopleTokens(settings.secret_key)
    script = Script(read_prompts(), people)
    duty_script = DutyScript(script.prompts, people)
    mail = make_mail(settings)
    notices = Notices(mails=mail is not None)
    rosters.on_published(
        lambda connection, new: notices.tell_of_version(
            connection, new.before, new.after, new.version.author.account, new.version.at
        )
    )
    wording = Wording(script.prompts, settings.public_url)
    carriers = Carriers(engine, provider, mail, wording, vault, roster_file.roster)
    outbox = Outbox(engine, carriers, f"{socket.gethostname()}:{os.getpid()}")
    reminders = Reminders(engine, notices, roster_file.roster)
    checkins = Checkins(engine, notices, journal, duty_script, roster_file.roster)
    holes = HoleWatch(engine, notices, roster_file.roster)
    closing = Closing(engine, journal, provider)
    return Services(
        settings=settings,
        clock=PracticeClock() if settings.practice else SystemClock(),
        roster_file=roster_file,
        rosters=rosters,
        vault=vault,
        journal=journal,
        engine=engine,
        logbook=logbook,
        recorder=Recorder(journal, engine, logbook, settings.instance_dir),
        provider=provider,
        signatures=SignatureCheck(settings.public_url, settings.auth_tokens),
        script=script,
        answering=Answering(roster_file.roster, journal, vault, script, people),
        duty_answering=DutyAnswering(roster_file.roster, journal, vault, duty_script, settings.secret_key),
        phone_checks=PhoneChecks(engine, vault, duty_script, settings.secret_key, roster_file.roster),
        notices=notices,
        outbox=outbox,
        mail=mail,
        heartbeat=Heartbeat(
            [
                Job("roster", 1, roster_file.look_twice),
                Job("roster versions", 2, rosters.share),
                Job("texts", 3, lambda: outbox.send_due(datetime.now(UTC), ("text",))),
                Job("calls", 3, lambda: outbox.send_due(datetime.now(UTC), ("call",))),
                Job("e-mails", 10, lambda: outbox.send_due(datetime.now(UTC), ("email",))),
                Job("reminders", 30, lambda: reminders.remind(datetime.now(UTC))),
                Job("check-ins", 10, lambda: checkins.check(datetime.now(UTC))),
                Job("holes", 60, lambda: holes.watch(datetime.now(UTC))),
                Job("closing", 60, lambda: closing.close_forgotten(datetime.now(UTC))),
                Job("accounts", 3600, lambda: forget_old(engine, datetime.now(UTC))),
            ]
        ),
    )


def make_mail(settings: Settings) -> Mail | None:
    """In practice mode a folder: no e-mail ever leaves. None where no mail server is set up."""
    if settings.practice:
        return MailFolder(settings.instance_dir / "outgoing-mail")
    return None if settings.smtp is None else SmtpMail(settings.smtp)


def make_provider(settings: Settings) -> Provider:
    """In practice mode only the practice network is ever spoken to, and without one nobody."""
    url = settings.api_url or (NOWHERE if settings.practice else None)
    key = (settings.api_key, settings.api_secret) if settings.api_key and settings.api_secret else None
    return Provider(settings.account_sid, settings.auth_tokens[0], key, url)
