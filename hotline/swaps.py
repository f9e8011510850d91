"""Shifts offered to colleagues, and what became of the offers. The roster alone says whose a shift is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Engine, RowMapping, insert, select, update

from hotline.privacy import Unreadable, Vault
from hotline.storage import tables
from hotline.storage.engine import reading
from routing.roster import Instant, Roster
from routing.standby import holds

table = tables.swap_offers

LONGEST_NOTE = 500

#: Why a shift cannot be offered, by the field it is said at.
OfferFault = Literal["past", "empty", "not yours", "offered already", "note too long"]


@dataclass(frozen=True, slots=True)
class Offer:
    """`person` offers their duty for `rotation` from start to end. `state`: open, taken or withdrawn."""

    id: str
    rotation: str
    person: str
    start: Instant
    end: Instant
    note: str
    created_at: datetime
    state: str = "open"
    taken_by: str | None = None

    def stands(self, roster: Roster, now: Instant) -> bool:
        """True while it can be taken: open, not over, and what is left of it still theirs."""
        start = max(self.start, now)
        return self.state == "open" and holds(roster, self.rotation, self.person, start, self.end)


@dataclass(frozen=True)
class Swaps:
    """The offers in the database; notes are sealed there."""

    engine: Engine
    vault: Vault

    def faults(self, roster: Roster, offer: Offer, now: Instant) -> Mapping[str, OfferFault]:
        """What is wrong with an offer that somebody wants to make, by field; nothing when it can be made."""
        found: dict[str, OfferFault] = {}
        if len(offer.note) > LONGEST_NOTE:
            found["note"] = "note too long"
        if offer.end <= max(offer.start, now):
            found["end"] = "past" if offer.start < offer.end else "empty"
        # A shift that has begun is offered from now on: a minute is lost while the form is filled in.
        elif not holds(roster, offer.rotation, offer.person, max(offer.start, now), offer.end):
            found["start"] = "not yours"
        elif any(self._overlaps(offer, other) for other in self.of_person(offer.person, now)):
            found["start"] = "offered already"
        return found

    def offer(self, offer: Offer, account: int) -> Offer:
        """Stores an offer without faults, under an id of its own."""
        id_ = secrets.token_hex(8)
        with self.engine.begin() as connection:
            connection.execute(
                insert(table).values(
                    id=id_,
                    rotation=offer.rotation,
                    person=offer.person,
                    start_at=datetime.fromtimestamp(offer.start, UTC),
                    end_at=datetime.fromtimestamp(offer.end, UTC),
                    note=self.vault.seal(offer.note, _place(id_)) if offer.note else "",
                    created_at=offer.created_at,
                    created_by=account,
                    state="open",
                )
            )
        return Offer(id_, offer.rotation, offer.person, offer.start, offer.end, offer.note, offer.created_at)

    def withdraw(self, id_: str, person: str, account: int, now: datetime) -> bool:
        """False when it is not theirs, or no longer open."""
        return self._close(id_, account, now, "withdrawn", person=person)

    def taken(self, id_: str, by: str, account: int, now: datetime) -> bool:
        """Notes who took it, once the roster says so."""
        return self._close(id_, account, now, "taken", taken_by=by)

    def find(self, id_: str) -> Offer | None:
        with reading(self.engine) as connection:
            row = connection.execute(select(table).where(table.c.id == id_)).mappings().first()
        return None if row is None else self._offer(row)

    def open_offers(self, roster: Roster, now: Instant) -> list[Offer]:
        """The offers that can be taken, the next one first."""
        at = datetime.fromtimestamp(now, UTC)
        found = self._select(table.c.state == "open", table.c.end_at > at)
        return [offer for offer in found if offer.stands(roster, now)]

    def of_person(self, person: str, now: Instant) -> list[Offer]:
        """What the person offers and is not over, whether or not it can still be taken."""
        at = datetime.fromtimestamp(now, UTC)
        return self._select(table.c.state == "open", table.c.person == person, table.c.end_at > at)

    def _select(self, *which: Any) -> list[Offer]:
        query = select(table).where(*which).order_by(table.c.start_at, table.c.id).limit(200)
        with reading(self.engine) as connection:
            return [self._offer(row) for row in connection.execute(query).mappings()]

    def _close(
        self,
        id_: str,
        account: int,
        now: datetime,
        state: str,
        person: str | None = None,
        taken_by: str | None = None,
    ) -> bool:
        statement = update(table).where(table.c.id == id_, table.c.state == "open")
        if person is not None:
            statement = statement.where(table.c.person == person)
        with self.engine.begin() as connection:
            done = connection.execute(
                statement.values(state=state, closed_at=now, closed_by=account, taken_by=taken_by)
            )
        return done.rowcount == 1

    def _offer(self, row: RowMapping) -> Offer:
        return Offer(
            row["id"],
            row["rotation"],
            row["person"],
            int(row["start_at"].timestamp()),
            int(row["end_at"].timestamp()),
            self._note(row),
            row["created_at"],
            row["state"],
            row["taken_by"],
        )

    def _note(self, row: RowMapping) -> str:
        try:
            return self.vault.unseal(row["note"], _place(row["id"])) if row["note"] else ""
        except Unreadable:
            return ""

    @staticmethod
    def _overlaps(one: Offer, other: Offer) -> bool:
        return one.rotation == other.rotation and one.start < other.end and other.start < one.end


def _place(id_: str) -> str:
    return f"swap_offers.note.{id_}"
