"""The network as a polling page sees it: calls and telephones with their state, as JSON-able values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.channels import Channel
from simulator.exchange import Exchange
from simulator.moments import Entry, GatherBegan, GatherEnded, Played, Said, masked
from simulator.phones import Phone
from simulator.transcript import transcript
from simulator.webhooks import simulated_time


def call_snapshot(exchange: Exchange, channel: Channel) -> dict[str, Any]:
    """`state`: "dialling", "ringing", "listening", "talking" or "over". `asked`: keys are being taken."""
    call = channel.call
    return {
        "sid": channel.sid,
        "from": masked(channel.from_),
        "to": channel.to,
        "clock": simulated_time(exchange.time(channel)),
        "state": _call_state(channel),
        "status": channel.status,
        "other": _other(channel),
        **_heard(exchange, channel),
        "transcript": [
            {"at": simulated_time(entry.at), "who": entry.who, "what": type(entry.moment).__name__,
             "text": str(entry.moment)}
            for entry in transcript(call).entries
            if str(entry.moment)
        ],
    }  # fmt: skip


def phone_snapshot(exchange: Exchange, phone: Phone) -> dict[str, Any]:
    """`state`: "idle", "ringing", "listening" or "talking"; `shows` is the number on its display."""
    channel = phone.channel
    seen = {
        "number": phone.number,
        "name": phone.name,
        "behaviour": type(phone.behaviour).__name__,
        "state": "idle" if channel is None else _phone_state(channel),
    }
    if channel is None:
        return {**seen, "call": None, "shows": None, "saying": None, "asked": False}
    return {**seen, "call": channel.call.sid, "shows": channel.from_, **_heard(exchange, channel)}


def _call_state(channel: Channel) -> str:
    if channel.over:
        return "over"
    if channel.leg is not None:
        return "talking" if channel.leg.bridged_at else "ringing"
    return "listening" if channel.answered_at else "dialling"


def _phone_state(channel: Channel) -> str:
    if channel.answered_at is None:
        return "ringing"
    return "talking" if channel.bridged_at or channel.parent is None else "listening"


def _other(channel: Channel) -> str | None:
    return None if channel.leg is None or channel.over else channel.leg.party.name


def _heard(exchange: Exchange, channel: Channel) -> dict[str, Any]:
    mine = [entry for entry in channel.call.entries if entry.who == channel.party.name]
    gathers = [entry for entry in mine if isinstance(entry.moment, GatherBegan | GatherEnded)]
    asked = bool(gathers) and isinstance(gathers[-1].moment, GatherBegan) and not channel.over
    return {"saying": _saying(exchange, channel, mine), "asked": asked}


def _saying(exchange: Exchange, channel: Channel, entries: list[Entry]) -> dict[str, str] | None:
    """What is being said at this moment, and since when."""
    for entry in reversed(entries):
        moment = entry.moment
        if isinstance(moment, Said | Played):
            if channel.over or exchange.time(channel) > entry.at + timedelta(seconds=moment.seconds):
                return None
            at = simulated_time(entry.at)
            if isinstance(moment, Said):
                return {"text": moment.text, "language": moment.language, "recording": "", "at": at}
            return {"text": "", "language": "", "recording": moment.url, "at": at}
    return None
