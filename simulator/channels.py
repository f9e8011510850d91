"""One line between the network and one telephone, and what a story may ask of a whole call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from simulator.clock import Process
from simulator.moments import (
    Bridged,
    Ended,
    Entry,
    FellBack,
    Moment,
    Played,
    Posted,
    Pressed,
    RingBegan,
    RingEnded,
    Said,
    WentWrong,
)

APPLICATION_ERROR = "We are sorry. An application error has occurred. Goodbye."
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Party(Protocol):
    """Whoever holds the telephone at the end of a channel."""

    @property
    def name(self) -> str:
        """What the transcript calls it."""

    def notice(self, channel: Channel, moment: Moment) -> None:
        """Something happened on this party's channel; it may act on it later, through the loop."""


class Telephone(Party, Protocol):
    """A party that can be rung."""

    def begin_ring(self, channel: Channel) -> str | None:
        """None: it rings now. Otherwise the status the ring ends with at once."""


@dataclass(slots=True)
class Callbacks:
    """Where a channel's progress is told. `kind` is the kind of webhook; `sequence` counts what was sent."""

    url: str
    kind: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})
    sequence: int = 0


@dataclass(slots=True, eq=False)
class Channel:
    """`from_` is what the far end sees, None where the network sends none. `leg` is what a Dial under way
    rings, `dial_action` the method and URL to be asked when it is over."""

    call: Call
    party: Party
    from_: str | None
    to: str
    direction: str
    parent: Channel | None = None
    callbacks: Callbacks | None = None
    sid: str = field(default_factory=lambda: f"CA{uuid4().hex}")
    status: str = "queued"
    created_at: datetime | None = None
    answered_at: datetime | None = None
    bridged_at: datetime | None = None
    ended_at: datetime | None = None
    sounded: bool = False
    process: Process | None = None
    leg: Channel | None = None
    dial_action: tuple[str, str] | None = None

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def seconds(self) -> int:
        """How long it was open, rounded."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at).total_seconds())


@dataclass(slots=True, eq=False)
class Call:
    """The caller's whole visit (or an outgoing call): its channel, its legs and all that happened.

    `offset` is what the call's own clock is ahead of the loop's, `fallback` the document or URL for when
    ours fails; `pages` counts documents, against endless loops.
    """

    offset: timedelta = timedelta()
    fallback: str = ""
    pages: int = 0
    channels: list[Channel] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def channel(self) -> Channel:
        return self.channels[0]

    @property
    def legs(self) -> list[Channel]:
        return self.channels[1:]

    @property
    def sid(self) -> str:
        return self.channel.sid

    @property
    def status(self) -> str:
        return self.channel.status

    @property
    def over(self) -> bool:
        return self.channel.over

    @property
    def ended_by(self) -> str:
        """ "caller", "network", or "" while it lasts."""
        return next((moment.by for moment in self._caller_moments() if isinstance(moment, Ended)), "")

    @property
    def rings(self) -> list[RingEnded]:
        """Every number the network tried, in order, with the status and whether the two were joined."""
        return [moment for moment in self._caller_moments() if isinstance(moment, RingEnded)]

    @property
    def rung(self) -> list[str]:
        """The numbers whose ring began, in order."""
        return [moment.number for moment in self._caller_moments() if isinstance(moment, RingBegan)]

    @property
    def shown(self) -> set[str]:
        """The caller IDs that the rung telephones displayed."""
        return {moment.shown for moment in self._caller_moments() if isinstance(moment, RingBegan)}

    @property
    def talked_with(self) -> list[str]:
        return [moment.number for moment in self._caller_moments() if isinstance(moment, Bridged)]

    @property
    def said(self) -> list[Said]:
        """What the caller heard spoken."""
        return [moment for moment in self._caller_moments() if isinstance(moment, Said)]

    @property
    def played(self) -> list[str]:
        return [moment.url for moment in self._caller_moments() if isinstance(moment, Played)]

    @property
    def pressed(self) -> str:
        return "".join(moment.key for moment in self._caller_moments() if isinstance(moment, Pressed))

    @property
    def posted(self) -> list[Posted]:
        return [entry.moment for entry in self.entries if isinstance(entry.moment, Posted)]

    @property
    def errors(self) -> list[WentWrong]:
        return [entry.moment for entry in self.entries if isinstance(entry.moment, WentWrong)]

    @property
    def fell_back(self) -> bool:
        return any(isinstance(entry.moment, FellBack) for entry in self.entries)

    @property
    def heard_application_error(self) -> bool:
        return self.heard(APPLICATION_ERROR)

    @property
    def waited(self) -> float | None:
        """Seconds from dialling until the first conversation; None where there was none."""
        begins = self.entries[0].at
        return next((self._since(begins, e) for e in self.entries if isinstance(e.moment, Bridged)), None)

    def heard(self, words: str) -> bool:
        """Whether the caller was told `words`, in any case."""
        return any(words.lower() in said.text.lower() for said in self.said)

    def advisor_heard(self, words: str) -> bool:
        """Whether anybody who was rung was told `words`, in any case."""
        spoken = [entry.moment for entry in self.entries if entry.who != "caller"]
        return any(isinstance(m, Said) and words.lower() in m.text.lower() for m in spoken)

    def _caller_moments(self) -> list[Moment]:
        return [entry.moment for entry in self.entries if entry.who == "caller"]

    @staticmethod
    def _since(begins: datetime, entry: Entry) -> float:
        return (entry.at - begins).total_seconds()
