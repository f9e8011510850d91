"""The practice telephones as a page shows them: what each displays and hears. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from routing.hours import opening_at
from routing.ladder import ladder
from routing.roster import Instant, Person, Roster
from simulator.channels import Call, Channel
from simulator.moments import (
    Bridged,
    Dialled,
    Ended,
    Entry,
    GatherBegan,
    GatherEnded,
    Greeted,
    Moment,
    Parted,
    Played,
    Pressed,
    RingBegan,
    Rings,
    Said,
    WentWrong,
)
from simulator.network import Network
from simulator.phones import BEHAVIOURS, Phone

State = Literal["idle", "dialling", "ringing", "listening", "talking", "over"]
Kind = Literal["dials", "says", "plays", "presses", "rings", "greets", "joined", "alone", "over", "wrong"]

_WITHOUT_TEXT: Mapping[type, Kind] = {Dialled: "dials", Played: "plays", Greeted: "greets", Parted: "alone"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line on a handset's screen; its `id` is its own for ever.

    `text` is what was said (in `language`), the keys, the id of a person, or who ended it: caller,
    advisor or network.
    """

    id: str
    kind: Kind
    text: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class CallerHandset:
    """The caller's telephone in one call. `shown` is the number shown, "" when withheld."""

    sid: str
    number: str
    shown: str | None
    began_at: Instant
    state: State
    other: str
    asked: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class AdvisorHandset:
    """One advisor's telephone. `turn` is the place on the ladder of this moment, 0 for nobody's; `reasons`
    what put the person there, as (rotation or own id, why)."""

    person: str
    name: str
    behaviour: str
    turn: int
    reasons: tuple[tuple[str, str], ...]
    state: State
    shows: str
    call: str
    asked: bool
    lines: tuple[Line, ...]
    text: str


def caller_handset(network: Network, call: Call) -> CallerHandset:
    with network.loop.lock:
        channel = call.channel
        began_at = channel.created_at or network.exchange.time(channel)
        return CallerHandset(
            sid=call.sid,
            number=channel.to,
            shown=channel.from_,
            began_at=int(began_at.timestamp()),
            state=_caller_state(channel),
            other=channel.leg.party.name if channel.leg is not None and not channel.over else "",
            asked=_is_asked(call.entries, channel),
            lines=tuple(_lines(network, call, channel.party.name)),
        )


def clock_of(network: Network, call: Call | None) -> datetime:
    """What time it is for this call; without one, for the network."""
    with network.loop.lock:
        return network.now if call is None else network.exchange.time(call.channel)


def advisor_handsets(network: Network, roster: Roster, line: str, at: Instant) -> list[AdvisorHandset]:
    """Everybody of the roster: first those the line would ring at that moment, in the order of the ladder."""
    rungs = ladder(roster, opening_at(roster, line, at).policy, at)
    order = list(dict.fromkeys(rung.person for rung in rungs))
    reasons = {
        person: tuple(dict.fromkeys((rung.ring, rung.why) for rung in rungs if rung.person == person))
        for person in order
    }
    everybody = [*order, *(person for person in roster.people if person not in reasons)]
    with network.loop.lock:
        return [
            _advisor_handset(network, roster.people[person], reasons.get(person, ()), turn)
            for turn, person in enumerate(everybody, 1)
            if roster.people[person].phone in network.phones
        ]


def behaviour_word(phone: Phone) -> str:
    """The word of BEHAVIOURS for how the phone behaves from its next ring on."""
    last = phone.behaviours[-1]
    return next(word for word, behaviour in BEHAVIOURS.items() if behaviour == last)


def _advisor_handset(
    network: Network, person: Person, reasons: tuple[tuple[str, str], ...], turn: int
) -> AdvisorHandset:
    phone = network.phones[person.phone]
    channel = phone.channel
    texts = [message.body for message in network.messages if message.to == person.phone]
    call = None if channel is None else channel.call
    return AdvisorHandset(
        person=person.id,
        name=person.name,
        behaviour=behaviour_word(phone),
        turn=turn if reasons else 0,
        reasons=reasons,
        state=_phone_state(channel),
        shows=(channel.from_ or "") if channel is not None else "",
        call="" if call is None else call.sid,
        asked=False if call is None or channel is None else _is_asked(call.entries, channel),
        lines=() if call is None else _lines_of_ring(network, call, phone.name),
        text=texts[-1] if texts else "",
    )


def _caller_state(channel: Channel) -> State:
    if channel.over:
        return "over"
    if channel.leg is not None:
        return "talking" if channel.leg.bridged_at else "ringing"
    return "listening" if channel.answered_at else "dialling"


def _phone_state(channel: Channel | None) -> State:
    if channel is None or channel.over:
        return "idle"
    if channel.answered_at is None:
        return "ringing"
    return "talking" if channel.bridged_at or channel.parent is None else "listening"


def _is_asked(entries: Sequence[Entry], channel: Channel) -> bool:
    gathers = [
        entry.moment
        for entry in entries
        if entry.who == channel.party.name and isinstance(entry.moment, GatherBegan | GatherEnded)
    ]
    return bool(gathers) and isinstance(gathers[-1], GatherBegan) and not channel.over


def _lines_of_ring(network: Network, call: Call, who: str) -> tuple[Line, ...]:
    """What this phone heard since it rang last."""
    rings = [entry.at for entry in call.entries if entry.who == who and isinstance(entry.moment, Rings)]
    return tuple(_lines(network, call, who, rings[-1] if rings else None))


def _lines(network: Network, call: Call, who: str, since: datetime | None = None) -> Iterator[Line]:
    for number, entry in enumerate(call.entries):
        if entry.who != who or (since is not None and entry.at < since):
            continue
        line = _line(network, f"{call.sid}-{number}", entry.moment)
        if line is not None:
            yield line


def _line(network: Network, id_: str, moment: Moment) -> Line | None:
    match moment:
        case Said(text, language):
            return Line(id_, "says", text, language)
        case Pressed(key):
            return Line(id_, "presses", key)
        case RingBegan(number):
            return Line(id_, "rings", _name(network, number))
        case Bridged(number):
            return Line(id_, "joined", _name(network, number))
        case Ended(_, by):
            return Line(id_, "over", by)
        case WentWrong():
            return Line(id_, "wrong", str(moment))
        case _:
            kind = _WITHOUT_TEXT.get(type(moment))
            return Line(id_, kind) if kind else None


def _name(network: Network, number: str) -> str:
    phone = network.phones.get(number)
    return phone.name if phone is not None else ""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call in the list of calls."""

    sid: str
    number: str
    began_at: Instant
    state: State
    other: str


def call_lines(network: Network, most: int = 8) -> list[CallLine]:
    """The latest calls of callers, the newest first."""
    with network.loop.lock:
        found = [call for call in reversed(network.calls) if call.channel.direction == "inbound"][:most]
        handsets = [caller_handset(network, call) for call in found]
    return [
        CallLine(handset.sid, handset.number, handset.began_at, handset.state, handset.other)
        for handset in handsets
    ]
