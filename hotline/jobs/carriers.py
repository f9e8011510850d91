"""What a row of the outbox becomes: a text, an e-mail or a call, to whom, and how it is handed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from sqlalchemy import Engine, RowMapping, select

from hotline.calls.phone_checks import number_place
from hotline.jobs.wording import Wording
from hotline.mail import Letter, Mail
from hotline.privacy import Unreadable, Vault
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.telephony.duty_script import duty_url
from hotline.telephony.provider import Provider
from routing.roster import Line, Person, Roster

#: How long a phone is rung when nobody waits on the other side: shorter than it takes a voicemail to answer.
RING_SECONDS = 20


class Undeliverable(Exception):
    """A row that can never go out, and why in a few words."""


@dataclass(frozen=True, slots=True)
class TextParcel:
    to: str
    from_: str
    body: str


@dataclass(frozen=True, slots=True)
class CallParcel:
    to: str
    from_: str
    url: str


Parcel = TextParcel | CallParcel | Letter


@dataclass(frozen=True)
class Carriers:
    """The provider and the mail server, and what it takes to fill in a row. Without `mail` none is sent."""

    engine: Engine
    provider: Provider
    mail: Mail | None
    wording: Wording
    vault: Vault
    roster: Callable[[], Roster | None]

    def pack(self, row: RowMapping, now: datetime) -> Parcel:
        """The row with everything filled in. Raises Undeliverable."""
        roster = self.roster()
        line = roster.lines.get(row["line"]) if roster else None
        if roster is None or line is None:
            raise Undeliverable("no such line in the roster")
        if row["account"] is not None:
            return self._letter_to_account(row, line, roster, now)
        person = roster.people.get(row["person"])
        if person is None:
            raise Undeliverable("no such person in the roster")
        match row["kind"]:
            case "text":
                body = self.wording.text(row["template"], row["details"], person.languages, line, roster.zone)
                return TextParcel(person.phone, line.number, body)
            case "call":
                return CallParcel(self._number(row, person), line.number, self._url(row))
            case "email" if person.email:
                return self._letter(row, person.email, person.languages, line, roster, now)
        raise Undeliverable("no address")

    def carry(self, parcel: Parcel) -> str | None:
        """Hands it over: the provider's id, where there is one. Raises ProviderError or MailError."""
        match parcel:
            case TextParcel(to, from_, body):
                return self.provider.send_text(to, from_, body)
            case CallParcel(to, from_, url):
                return self.provider.place_call(to, from_, url, RING_SECONDS)
            case Letter():
                if self.mail is None:
                    raise Undeliverable("no mail server is set up")
                self.mail.send(parcel)
                return None
        assert_never(parcel)

    def carried_since(self, parcel: Parcel, since: datetime) -> list[str]:
        """The provider's ids of all it knows that look like this one. Of e-mail nobody can be asked."""
        match parcel:
            case TextParcel(to, _, body):
                return self.provider.texts_sent(to, body, since)
            case CallParcel(to, from_, _):
                return self.provider.calls_placed(to, from_, since)
            case Letter():
                return []
        assert_never(parcel)

    def _letter_to_account(self, row: RowMapping, line: Line, roster: Roster, now: datetime) -> Letter:
        accounts = tables.accounts.c
        query = select(accounts.email, accounts.language).where(
            accounts.id == row["account"], accounts.active.is_(True)
        )
        with reading(self.engine) as connection:
            found = connection.execute(query).first()
        if found is None:
            raise Undeliverable("no such account")
        return self._letter(row, found.email, (found.language,), line, roster, now)

    def _letter(
        self, row: RowMapping, to: str, languages: tuple[str, ...], line: Line, roster: Roster, now: datetime
    ) -> Letter:
        subject, body = self.wording.letter(row["template"], row["details"], languages, line, roster.zone)
        return Letter(row["key"], to, subject, body, now)

    def _url(self, row: RowMapping) -> str:
        return self.wording.site + duty_url(row["template"], row["details"]["query"])

    def _number(self, row: RowMapping, person: Person) -> str:
        sealed = row["details"].get("number")
        if sealed is None:
            return person.phone
        try:
            return self.vault.unseal(sealed, number_place(row["key"]))
        except Unreadable:
            raise Undeliverable("the number cannot be read") from None
