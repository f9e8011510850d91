"""The record of a call as a pure fold over everything that was journalled about it.

The events are sorted before they are read, so it does not matter in which order, how often or how
late they came: the same facts make the same record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from hotline.events import Event

LegOutcome = Literal["accepted", "passed on", "no answer", "busy", "failed", "not confirmed"]
Outcome = Literal["connected", "callback", "message", "informed", "abandoned"]

_STATUS_OUTCOMES: Mapping[str, LegOutcome] = {
    "no answer": "no answer",
    "canceled": "no answer",
    "busy": "busy",
    "failed": "failed",
}
_URGENT = ("crisis", "desk")


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One ring of one advisor's phone. `outcome` is None while it rings."""

    ring: int
    person: str
    policy: str
    round: int
    step: int
    why: str
    rang_at: datetime
    sid: str = ""
    outcome: LegOutcome | None = None
    answered_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    talked_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class CallbackWanted:
    """The caller said that calling back is safe. The number is in the event `number_event`, sealed."""

    kind: str
    number_event: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is known of a call. `stage` is where the caller is, or was when the call ended."""

    sid: str
    started_at: datetime
    line: str | None = None
    kind: str | None = None
    language: str = ""
    stage: str = ""
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    waited_seconds: int | None = None
    talked_seconds: int | None = None
    withheld: bool = True
    caller_event: str | None = None
    roster_version: str | None = None
    legs: tuple[LegRecord, ...] = ()
    callback: CallbackWanted | None = None
    unanswered_at: datetime | None = None
    abandoned_at: datetime | None = None


def call_record(events: Iterable[Event]) -> CallRecord | None:
    """The record of one call; None when nothing but status callbacks is known of it."""
    told = sorted({event.key: event for event in events}.values(), key=lambda event: (event.at, event.key))
    steps = [event for event in told if "move" in event.data]
    if not steps:
        return None
    rings = [(step, _about_ring(step, told)) for step in steps if step.data["move"] == "ring"]
    # Of a ring that nothing was ever told about, the caller left before the phone was dialled.
    legs = tuple(_leg(step, about) for step, about in rings if about)
    record = _with_steps(CallRecord(sid=steps[0].call, started_at=steps[0].at), steps)
    record = replace(record, legs=legs, callback=_callback(steps))
    return _with_end(record, told, steps)


def _with_steps(record: CallRecord, steps: Sequence[Event]) -> CallRecord:
    for step in steps:
        data = step.data
        record = replace(
            record,
            line=data.get("line") or record.line,
            kind=data.get("kind") or record.kind,
            language=data.get("language") or record.language,
            stage=_stage(data),
            roster_version=record.roster_version or data.get("roster"),
            unanswered_at=record.unanswered_at or (step.at if _ends_a_ladder(data) else None),
        )
        if step.kind == "arrived":
            known = not data.get("withheld", True)
            record = replace(record, withheld=not known, caller_event=step.key if known else None)
    return record


def _stage(data: Mapping[str, Any]) -> str:
    match data["move"]:
        case "ask":
            return str(data["stage_next"])
        case "close":
            return str(data["closing"])
        case _:
            return "ring"


def _ends_a_ladder(data: Mapping[str, Any]) -> bool:
    return (
        data["move"] == "ask"
        and data["stage_next"] == "callback"
        and data["stage"] != "callback"
        and data.get("kind") in _URGENT
    )


def _callback(steps: Sequence[Event]) -> CallbackWanted | None:
    promise = next((step for step in steps if step.data.get("closing") == "promised"), None)
    if promise is None:
        return None
    source = "number" if promise.data["stage"] == "check" else "arrival"
    numbers = [
        step.key
        for step in steps
        if step.data["stage"] == source
        and step.personal
        and (source == "arrival" or step.data["try"] == promise.data["try"])
    ]
    number_event = numbers[-1] if numbers else ""
    return CallbackWanted(promise.data.get("kind") or "desk", number_event, promise.at)


def _about_ring(step: Event, told: Sequence[Event]) -> list[Event]:
    ring = step.data["ring_next"]
    kinds = ("picked up", "screened", "leg", "rang")
    return [event for event in told if event.kind in kinds and event.data.get("ring") == ring]


def _leg(step: Event, about: Sequence[Event]) -> LegRecord:
    data = step.data
    leg = LegRecord(
        ring=int(data["ring_next"]),
        # Told twice around a handoff, a webhook may have been answered twice: the phone that rang counts.
        person=next((event.data["person"] for event in about if event.data.get("person")), data["person"]),
        policy=data["policy"],
        round=data["round"],
        step=data["step"],
        why=f"{data['by']}: {data['because']}",
        rang_at=step.at,
        sid=next((event.data["leg"] for event in about if event.data.get("leg")), ""),
        answered_at=next((event.at for event in about if _was_picked_up(event)), None),
    )
    ended = next((event for event in about if event.kind == "rang"), None)
    over = next(
        (
            event
            for event in about
            if event.kind == "leg" and event.data["status"] in (*_STATUS_OUTCOMES, "completed")
        ),
        None,
    )
    keys = {event.data["keys"]: event.at for event in about if event.kind == "screened"}
    outcome = _leg_outcome(ended, over, keys)
    if outcome == "no answer" and leg.answered_at:
        # Some accounts are told so of a phone that was picked up and not joined.
        outcome = "not confirmed"
    end = ended or over
    if outcome != "accepted":
        return replace(leg, outcome=outcome, ended_at=end.at if end else None)
    seconds = next(
        (event.data["seconds"] for event in (ended, over) if event and event.data.get("seconds") is not None),
        None,
    )
    accepted_at = keys.get("1", leg.answered_at or leg.rang_at)
    return replace(
        leg,
        outcome=outcome,
        accepted_at=accepted_at,
        ended_at=end.at if end else None,
        talked_seconds=seconds,
    )


def _was_picked_up(event: Event) -> bool:
    return event.kind == "picked up" or (event.kind == "leg" and event.data["status"] == "answered")


def _leg_outcome(ended: Event | None, over: Event | None, keys: Mapping[str, datetime]) -> LegOutcome | None:
    """Joined and pressed 1 is accepted; where the provider tells neither, our own record of the 1 decides."""
    joined = ended.data["joined"] if ended else None
    if "1" in keys and joined is not False:
        return "accepted"
    if "2" in keys:
        return "passed on"
    end = ended or over
    if end is None:
        return None
    return _STATUS_OUTCOMES.get(end.data["status"], "not confirmed")


def _with_end(record: CallRecord, told: Sequence[Event], steps: Sequence[Event]) -> CallRecord:
    ends = {event.kind: event for event in told if event.kind in ("ended", "closed")}
    end = ends.get("ended") or ends.get("closed")
    accepted = [leg for leg in record.legs if leg.outcome == "accepted"]
    talked = [leg.talked_seconds for leg in accepted if leg.talked_seconds is not None]
    record = replace(
        record,
        ended_at=_ended_at(record, end, told) if end else None,
        talked_seconds=sum(talked) if talked else None,
    )
    record = replace(record, outcome=_outcome(record, steps, bool(accepted)))
    return replace(
        record,
        waited_seconds=_waited(record, accepted),
        abandoned_at=record.ended_at if _left_unreached(record, accepted) else None,
        legs=tuple(_closed(leg, record.ended_at) for leg in record.legs),
    )


def _ended_at(record: CallRecord, end: Event, told: Sequence[Event]) -> datetime:
    """By the provider's duration where it tells one: that does not depend on when we were told."""
    seconds = end.data.get("seconds")
    if seconds is not None:
        return record.started_at + timedelta(seconds=seconds)
    return max(event.at for event in told if event.kind != "closed" or event is end)


def _outcome(record: CallRecord, steps: Sequence[Event], connected: bool) -> Outcome | None:
    last = steps[-1].data
    if record.callback is not None:
        return "callback"
    if last["move"] == "close" and last["closing"] in ("unanswered", "no roster"):
        return "message"
    if connected:
        return "connected"
    if last["move"] == "close":
        return "informed"
    if record.ended_at is None:
        return None
    if record.stage in ("callback", "number", "check"):
        # The truth and 112 were spoken, or the opening hours; the caller left during the offer behind them.
        return "informed" if record.kind == "advice" else "message"
    return "abandoned"


def _waited(record: CallRecord, accepted: Sequence[LegRecord]) -> int | None:
    if accepted and accepted[0].accepted_at:
        return int((accepted[0].accepted_at - record.started_at).total_seconds())
    until = record.callback.requested_at if record.callback else record.ended_at
    if until is None or record.outcome == "informed":
        return None
    return int((until - record.started_at).total_seconds())


def _left_unreached(record: CallRecord, accepted: Sequence[LegRecord]) -> bool:
    """While we rang, or behind a voicemail that may have passed for an advisor.

    After a talk too: who was cut off, asked to be connected again and left is owed somebody.
    """
    waiting = record.stage in ("ring", "unsure") and record.kind in _URGENT
    in_a_talk = bool(accepted) and bool(record.legs) and record.legs[-1].outcome == "accepted"
    return record.ended_at is not None and waiting and not in_a_talk


def _closed(leg: LegRecord, ended_at: datetime | None) -> LegRecord:
    """A leg nobody told the end of ended with the call: the provider drops it with the caller."""
    if ended_at is None or leg.ended_at is not None:
        return leg
    if leg.outcome is None:
        return replace(leg, outcome="not confirmed" if leg.answered_at else "no answer", ended_at=ended_at)
    if leg.outcome == "accepted" and leg.talked_seconds is None and leg.accepted_at:
        talked = max(0, int((ended_at - leg.accepted_at).total_seconds()))
        return replace(leg, ended_at=ended_at, talked_seconds=talked)
    return replace(leg, ended_at=ended_at)
