"""The telephones that can be rung, and how each behaves when it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import assert_never

from simulator.channels import Channel
from simulator.exchange import Exchange
from simulator.moments import Answered, Bridged, Ended, GatherBegan, Greeted, Moment, Rings

SECONDS_BETWEEN_KEYS = 0.4


@dataclass(frozen=True, slots=True)
class Human:
    """Answers, presses `presses` so many seconds after being asked, talks, hangs up.

    `talks_for` None: until the caller hangs up. Presses "2" to pass a call on, any other key is a mistake.
    """

    answers_after: float = 4
    accepts_after: float = 3
    presses: str = "1"
    talks_for: float | None = 60


@dataclass(frozen=True, slots=True)
class Silent:
    """Answers and presses nothing; never hangs up first."""

    answers_after: float = 4


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Answers and speaks its greeting over whatever it is told; never hangs up first."""

    answers_after: float = 18
    greets_for: float = 12


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Rings until the network gives up."""


@dataclass(frozen=True, slots=True)
class Busy:
    pass


@dataclass(frozen=True, slots=True)
class Invalid:
    """No such subscriber: the leg fails."""


@dataclass(frozen=True, slots=True)
class Declines:
    """Refused on the handset after `after` seconds of ringing."""

    after: float = 3


@dataclass(frozen=True, slots=True)
class HangsUp:
    """Answers and hangs up while being asked."""

    answers_after: float = 4
    after: float = 2


@dataclass(frozen=True, slots=True)
class Practised:
    """A person answers, presses keys and hangs up, through the network's live inputs."""


Behaviour = Human | Silent | Voicemail | NoAnswer | Busy | Invalid | Declines | HangsUp | Practised

BEHAVIOURS: dict[str, Behaviour] = {
    "human": Human(),
    "passes-on": Human(presses="2"),
    "wrong-key": Human(presses="7"),
    "drops": Human(talks_for=5),
    "silent": Silent(),
    "voicemail": Voicemail(),
    "no-answer": NoAnswer(),
    "busy": Busy(),
    "invalid": Invalid(),
    "declines": Declines(),
    "hangs-up": HangsUp(),
    "practised": Practised(),
}


@dataclass(slots=True, eq=False)
class Phone:
    """A telephone by its number. The n-th ring meets the n-th behaviour, later ones the last.

    A telephone that is in a call is busy for a second one. `name` is for the transcript.
    """

    exchange: Exchange
    number: str
    behaviours: Sequence[Behaviour]
    name: str
    rings: int = 0
    channel: Channel | None = None
    behaviour: Behaviour = field(init=False)

    def __post_init__(self) -> None:
        self.behaviour = self.behaviours[0]

    def begin_ring(self, channel: Channel) -> str | None:
        if self.channel is not None:
            return "busy"
        self.behaviour = self.behaviours[min(self.rings, len(self.behaviours) - 1)]
        self.rings += 1
        if isinstance(self.behaviour, Busy):
            return "busy"
        if isinstance(self.behaviour, Invalid):
            return "failed"
        self.channel = channel
        return None

    def notice(self, channel: Channel, moment: Moment) -> None:
        if channel is not self.channel:
            return
        match moment:
            case Rings():
                self._rings(channel)
            case Answered():
                self._answered(channel)
            case GatherBegan():
                self._asked(channel)
            case Bridged():
                self._bridged(channel)
            case Ended():
                self.channel = None
            case _:
                pass

    def _rings(self, channel: Channel) -> None:
        match self.behaviour:
            case Human(answers_after=seconds) | Silent(seconds) | Voicemail(seconds) | HangsUp(seconds):
                self.exchange.loop.after(seconds, lambda: self.exchange.pick_up(channel))
            case Declines(after):
                self.exchange.loop.after(after, lambda: self._decline(channel))
            case NoAnswer() | Busy() | Invalid() | Practised():
                pass
            case _:
                assert_never(self.behaviour)

    def _answered(self, channel: Channel) -> None:
        match self.behaviour:
            case Voicemail(greets_for=seconds):
                self.exchange.loop.after(0, lambda: self.exchange.notice(channel, Greeted(seconds)))
            case HangsUp(after=seconds):
                self.exchange.loop.after(seconds, lambda: self.hang_up(channel))
            case _:
                pass

    def _asked(self, channel: Channel) -> None:
        if isinstance(self.behaviour, Human):
            press_later(self.exchange, channel, self.behaviour.presses, self.behaviour.accepts_after)

    def _bridged(self, channel: Channel) -> None:
        if isinstance(self.behaviour, Human) and self.behaviour.talks_for is not None:
            self.exchange.loop.after(self.behaviour.talks_for, lambda: self.hang_up(channel))

    def _decline(self, channel: Channel) -> None:
        if channel.status == "ringing":
            self.exchange.end(channel, "busy", by="advisor")

    def hang_up(self, channel: Channel) -> None:
        """Hanging up a telephone that still rings declines the call."""
        if channel.answered_at is None:
            self._decline(channel)
        else:
            self.exchange.end(channel, by="advisor")


def press_later(exchange: Exchange, channel: Channel, keys: str, after: float) -> None:
    """Presses `keys` one by one, the first after `after` seconds."""
    for index, key in enumerate(keys):
        exchange.loop.after(after + index * SECONDS_BETWEEN_KEYS, partial(exchange.press, channel, key))
