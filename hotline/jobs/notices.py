"""Who is told what: rows of the outbox for a person, for coordinators, and for whose shifts were changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from hotline.storage import tables
from hotline.storage.outgoing import Outgoing, queue
from routing.changes import changes_between
from routing.duty import is_present, reached_by
from routing.reach import policy_chain
from routing.roster import Roster, Span
from routing.walltime import DAY, Instant, iso_z

#: How far ahead a change of the roster is told. What comes later, the calendar and the reminders tell.
CHANGES_TOLD = 60 * DAY

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Coordinators:
    """Whom to tell of what needs a coordinator: people to text, accounts to write to."""

    people: tuple[str, ...]
    accounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What everybody concerned is told. `key` is the start of each row's own."""

    key: str
    line: str
    template: str
    details: Details
    due_at: datetime
    urgent: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notices:
    """Without `mails` nothing is written for an e-mail: no server would take it."""

    mails: bool

    def to_person(self, message: Message, person: str, roster: Roster) -> Iterator[Outgoing]:
        """A text, and an e-mail where the person has an address."""
        yield _outgoing(message, "text", f"{person}/text", person=person)
        yield from self.mail_to_person(message, person, roster)

    def mail_to_person(self, message: Message, person: str, roster: Roster) -> Iterator[Outgoing]:
        if self.mails and roster.people[person].email:
            yield _outgoing(message, "email", f"{person}/email", person=person)

    def to_coordinators(self, message: Message, whom: Coordinators) -> Iterator[Outgoing]:
        """A text to each of the people, an e-mail to each of the accounts."""
        for person in whom.people:
            yield _outgoing(message, "text", f"{person}/text", person=person)
        for account in whom.accounts if self.mails else ():
            yield _outgoing(message, "email", f"account-{account}/email", account=account)

    def tell_of_version(
        self, connection: Connection, before: Roster, after: Roster, account: int | None, now: datetime
    ) -> int:
        """`notify_roster_change` by whoever has the account; None for a change made in the file."""
        accounts = tables.accounts.c
        by = connection.execute(select(accounts.person).where(accounts.id == account)).scalar()
        return self.notify_roster_change(connection, before, after, by, now)

    def notify_roster_change(
        self, connection: Connection, before: Roster, after: Roster, by: str | None, now: datetime
    ) -> int:
        """Tells everybody whose shifts are others now what they gained and lost; how many messages.

        `by` is the person of the roster who made the change, who is not told. Told twice with one `now`,
        the time it was published at, nobody hears twice.
        """
        at = int(now.timestamp())
        messages: list[Outgoing] = []
        for person, changed in changes_between(before, after, at, at + CHANGES_TOLD).items():
            if person == by or person not in after.people or not after.lines:
                continue
            details = {
                "gained": _spans(changed.gained),
                "lost": _spans(changed.lost),
                "moved": changed.moved,
            }
            key = f"changed/{iso_z(at)}/{before.version}/{after.version}"
            line = line_of(after, _rotation_of(after, person))
            message = Message(key, line, "shifts_changed", details, now)
            messages += self.to_person(message, person, after)
        return queue(connection, messages)


def coordinators_at(
    connection: Connection, roster: Roster, line: str, at: Instant, besides: Collection[str] = ()
) -> Coordinators:
    """Who looks after the line at an instant.

    Everybody the last step of its closed policy leads to, where it leads to nobody the step before, and so
    on up; and everybody with a coordinator's account, at their own phone where they are on the roster and
    not away, and by e-mail. Nobody in `besides` is texted. Where all this is nobody, everybody whose turn
    the last step may be, away or not: somebody has to know.
    """
    accounts = tables.accounts.c
    query = select(accounts.id, accounts.person).where(
        accounts.role == "coordinator", accounts.active.is_(True)
    )
    found = connection.execute(query.order_by(accounts.id)).all()
    people = dict.fromkeys(
        [*_behind(roster, line, at, besides), *(row.person for row in found if row.person in roster.people)]
    )
    reachable = [person for person in people if person not in besides and is_present(roster, person, at)]
    if not reachable and not found:
        reachable = [person for person in _may_be_last(roster, line) if person not in besides]
    return Coordinators(tuple(reachable), tuple(row.id for row in found))


def line_of(roster: Roster, rotation: str | None) -> str:
    """The line a rotation answers: the first on whose closed ladder it stands, else on whose open one."""
    for line in roster.lines.values():
        if rotation in rotations_of(roster, line.closed):
            return line.id
    for line in roster.lines.values():
        if rotation in rotations_of(roster, line.open):
            return line.id
    return next(iter(roster.lines))


def rotations_of(roster: Roster, policy: str) -> tuple[str, ...]:
    """The rotations on the ladder of a policy and of those that follow it, in the order they are rung."""
    names = (name for each in policy_chain(roster, policy) for step in each.steps for name in step.ring)
    return tuple(dict.fromkeys(name for name in names if name in roster.rotations))


def _behind(roster: Roster, line: str, at: Instant, besides: Collection[str]) -> list[str]:
    for policy in reversed(policy_chain(roster, roster.lines[line].closed)):
        for step in reversed(policy.steps):
            people = (reached_by(roster, name, at)[0] for name in step.ring)
            if found := [person for person in people if person is not None and person not in besides]:
                return found
    return []


def _may_be_last(roster: Roster, line: str) -> list[str]:
    names = policy_chain(roster, roster.lines[line].closed)[-1].steps[-1].ring
    people = (roster.rotations[name].members if name in roster.rotations else (name,) for name in names)
    return list(dict.fromkeys(person for members in people for person in members))


def _rotation_of(roster: Roster, person: str) -> str | None:
    return next((each.id for each in roster.rotations.values() if person in each.members), None)


def _spans(spans: tuple[Span, ...]) -> list[tuple[str, str]]:
    return [(iso_z(span.start), iso_z(span.end)) for span in spans]


def _outgoing(
    message: Message, kind: Any, suffix: str, person: str = "", account: int | None = None
) -> Outgoing:
    return Outgoing(
        key=f"{message.key}/{suffix}",
        kind=kind,
        line=message.line,
        template=message.template,
        details=message.details,
        due_at=message.due_at,
        person=person,
        account=account,
        urgent=message.urgent,
        expires_at=message.expires_at,
    )
