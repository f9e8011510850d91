"""Answers the calls we make to advisors from three things: the request, the roster in memory, the time.

What they press is journalled before the answer is given; the database is never asked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hotline.calls.duty_events import CHECKED_IN, PHONE_CONFIRMED
from hotline.events import Event
from hotline.journal import Journal
from hotline.privacy import Vault
from hotline.telephony.duty_script import CODE_DIGITS, DutyScript
from routing.roster import Roster
from routing.walltime import iso_z

_MOST_TRIES_CHECKIN = 2
_MOST_TRIES_CODE = 3

Query = Mapping[str, str]


@dataclass(frozen=True)
class DutyAnswering:
    """The use cases of the webhooks of these calls. Each returns the TwiML to answer with."""

    roster: Callable[[], Roster | None]
    journal: Journal
    vault: Vault
    script: DutyScript
    secret: str

    def checkin_answered(self, query: Query) -> str:
        """Somebody, or a voicemail, picked up at the start of a shift."""
        roster = self.roster()
        return self.script.ask_checkin(self.script.read(query, roster), roster)

    def checkin_pressed(self, sid: str, number: str, keys: str, query: Query, now: datetime) -> str:
        """Only 1 says that somebody is on duty."""
        roster = self.roster()
        call = self.script.read(query, roster)
        if keys[:1] == "1":
            checkin = checkin_key(call.person, int(call.what)) if call.what.isdecimal() else ""
            if call.person and checkin:
                data = {
                    "checkin": checkin,
                    "person": call.person,
                    "phone": self.vault.fingerprint(number) if number else "",
                }
                self.journal.append([Event(confirmed_key(checkin), sid, CHECKED_IN, now, data)])
            return self.script.last_words("checked_in", call, roster)
        if call.tries < _MOST_TRIES_CHECKIN:
            return self.script.ask_checkin(replace(call, tries=call.tries + 1), roster)
        return self.script.last_words("not_checked_in", call, roster)

    def phone_answered(self, query: Query) -> str:
        """Somebody picked up the phone whose number is to be confirmed."""
        roster = self.roster()
        return self.script.ask_code(self.script.read(query, roster), roster)

    def phone_pressed(self, sid: str, number: str, keys: str, query: Query, now: datetime) -> str:
        """The six digits of the page confirm the number; nothing that is said here tells them."""
        roster = self.roster()
        call = self.script.read(query, roster)
        expected = phone_code(self.secret, call.what, number)
        if call.what and number and hmac.compare_digest(keys.encode(), expected.encode()):
            key = f"phone-check/{call.what}"
            self.journal.append([Event(key, sid, PHONE_CONFIRMED, now, {"token": call.what})])
            return self.script.last_words("phone_confirmed", call, roster)
        if call.tries < _MOST_TRIES_CODE:
            return self.script.ask_code(replace(call, tries=call.tries + 1), roster)
        return self.script.last_words("phone_refused", call, roster)


def checkin_key(person: str, starts: int) -> str:
    """One for each person and start of a shift."""
    return f"{person}/{iso_z(starts)}"


def confirmed_key(checkin: str) -> str:
    """The key of the event that says somebody pressed 1."""
    return f"checkin/{checkin}/confirmed"


def phone_code(secret: str, token: str, number: str) -> str:
    """The digits the page shows for a phone check: whoever answers the webhook works them out again."""
    told = f"code of a phone check\x00{token}\x00{number}".encode()
    digest = hmac.new(secret.encode(), told, hashlib.sha256).digest()
    return str(int.from_bytes(digest[:8], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)
