"""Dial: a leg to one telephone, rung, screened and joined with the caller, or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from simulator.channels import Callbacks, Channel, Telephone
from simulator.clock import Flow, Listen, Sleep
from simulator.exchange import Exchange
from simulator.moments import Moment, Pressed, RingBegan, RingEnded, Rings, masked
from simulator.twiml import Dial

BAD_NUMBER, BAD_CALLER_ID = 13224, 13214
RING_BUFFER = 5
_E164 = re.compile(r"\+[1-9]\d{6,14}")

# Runs the document of a Number on its leg; whether the two may be joined.
Screening = Callable[[Channel], Flow[bool]]


@dataclass(frozen=True, slots=True)
class Nobody:
    """Holds the telephone at a number the network does not know."""

    name: str

    def begin_ring(self, channel: Channel) -> str | None:
        return "failed"

    def notice(self, channel: Channel, moment: Moment) -> None:
        pass


def telephone(exchange: Exchange, number: str) -> Telephone:
    return exchange.phones.get(number) or Nobody(masked(number))


def place_leg(exchange: Exchange, parent: Channel, verb: Dial, callbacks: Callbacks) -> Channel | None:
    """A new leg, or None with the error recorded where the provider would not even try."""
    number = verb.number.number
    shown = verb.caller_id if verb.caller_id is not None else parent.from_
    problem = _number_problem(number) or _caller_id_problem(exchange, parent, shown)
    if problem or shown is None:
        exchange.wrong(parent, *(problem or (BAD_CALLER_ID, "Dial without any caller ID")))
        exchange.notice(parent, RingEnded(number, "failed", bridged=False))
        return None
    if number not in exchange.phones:
        exchange.wrong(parent, 0, f"rang {masked(number)}, which is no telephone of this network")
    phone = telephone(exchange, number)
    leg = Channel(parent.call, phone, shown, number, "outbound-dial", parent, callbacks)
    exchange.add(leg)
    parent.leg = leg
    exchange.notice(parent, RingBegan(number, shown, verb.timeout + RING_BUFFER))
    exchange.tell(leg, "initiated")
    return leg


def _number_problem(number: str) -> tuple[int, str] | None:
    return None if _E164.fullmatch(number) else (BAD_NUMBER, "Dial to what is no E.164 number")


def _caller_id_problem(exchange: Exchange, parent: Channel, shown: str | None) -> tuple[int, str] | None:
    if shown is None or not _E164.fullmatch(shown):
        return BAD_CALLER_ID, f"Dial with caller ID {shown!r}"
    if shown not in exchange.numbers and shown not in (parent.from_, parent.to):
        return BAD_CALLER_ID, "Dial with a caller ID that is neither ours nor the caller's"
    return None


def run_leg(exchange: Exchange, leg: Channel, verb: Dial, screening: Screening | None) -> Flow[None]:
    """The life of a leg, from connecting to its end."""
    if not (yield from ring(exchange, leg, verb.timeout + RING_BUFFER)):
        return
    if screening is not None and not (yield from screening(leg)):
        exchange.end(leg)
        return
    exchange.bridge(leg)
    yield from _talk(exchange, verb.time_limit)
    exchange.end(leg)


def ring(exchange: Exchange, channel: Channel, seconds: float) -> Flow[bool]:
    """Rings the telephone of an outgoing channel; whether somebody (or something) answered."""
    yield Sleep(exchange.habits.connect_seconds)
    obstacle = telephone(exchange, channel.to).begin_ring(channel)
    if obstacle is not None:
        exchange.end(channel, obstacle)
        return False
    channel.status = "ringing"
    exchange.notice(channel, Rings(channel.from_ or ""))
    exchange.tell(channel, "ringing")
    picked_up = yield Listen(seconds)
    if picked_up is None:
        exchange.end(channel, "no-answer")
        return False
    exchange.answer(channel)
    return True


def _talk(exchange: Exchange, limit: int) -> Flow[None]:
    ends_at = exchange.loop.now + timedelta(seconds=limit)
    while exchange.loop.now < ends_at:
        yield Listen((ends_at - exchange.loop.now).total_seconds())


def follow_leg(exchange: Exchange, leg: Channel, verb: Dial) -> Flow[None]:
    """What the caller's side does until the leg is over."""
    while not leg.over:
        message = yield Listen(None)
        star = isinstance(message, Pressed) and message.key == "*"
        if star and verb.hangup_on_star and leg.bridged_at is not None:
            exchange.end(leg)
