"""Answers the webhooks of a call from three things: the request, the roster in memory, the time.

Each answer is journalled before it is given. The main database is never asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline import metrics
from hotline.calls.facts import move_fact
from hotline.events import Event
from hotline.journal import Journal
from hotline.privacy import Vault
from hotline.telephony import twiml
from hotline.telephony.positions import PeopleTokens, position_of
from hotline.telephony.requests import CallerRequest, Progress, RingResult
from hotline.telephony.script import Script
from routing.call import (
    Arrived,
    Happened,
    Move,
    NotReached,
    Position,
    Pressed,
    Stage,
    Talked,
    line_for_number,
    next_move,
)
from routing.numbers import subscriber_number
from routing.roster import Person, Roster

Query = Mapping[str, str]


@dataclass(frozen=True)
class Answering:
    """The use cases of the voice webhooks. Each returns the TwiML to answer with."""

    roster: Callable[[], Roster | None]
    journal: Journal
    vault: Vault
    script: Script
    people: PeopleTokens

    def arrived(self, request: CallerRequest, now: datetime) -> str:
        """Somebody dialled a line: the greeting, and the first question or ring."""
        roster = self.roster()
        line = line_for_number(roster, request.dialled)
        position = Position("arrival", line.id if line else "")
        return self._answer(
            request, position, Arrived(), "arrived", now, roster, {"withheld": request.caller is None}
        )

    def answered(self, stage: Stage, request: CallerRequest, query: Query, now: datetime) -> str:
        """The caller pressed keys at a question, or kept silent."""
        roster = self.roster()
        position = position_of(stage, query, self.people, roster)
        if stage == "number":
            return self._answer(request, position, Pressed(request.keys), "answered", now, roster, {})
        # One key is all that was asked for: more of them may be a number, and no number is kept unsealed.
        key = request.keys[:1]
        return self._answer(request, position, Pressed(key), "answered", now, roster, {"keys": key})

    def rang(self, request: CallerRequest, result: RingResult, query: Query, now: datetime) -> str:
        """A ring is over: the next one, or what follows a conversation."""
        roster = self.roster()
        position = position_of("ring", query, self.people, roster)
        accepted = result.joined is not False and self.journal.holds(
            _screened_key(request.call, position, "1")
        )
        happened: Happened = Talked(sure=accepted) if result.joined or accepted else NotReached()
        facts = {
            "status": result.status,
            "joined": result.joined,
            "seconds": result.seconds,
            "leg": result.leg,
        }
        if request.has_left:
            key = _step_key(request.call, position)
            self._record(Event(key, request.call, "rang", now, _leg_facts(position) | facts))
            return twiml.EMPTY
        return self._answer(request, position, happened, "rang", now, roster, facts)

    def screening(self, call: str, query: Query, now: datetime) -> str:
        """An advisor's phone was picked up, perhaps by a voicemail: what it is, and the keys."""
        roster, position, person = self._leg(query)
        self._record(
            Event(f"{call}/picked-up/{position.rings}", call, "picked up", now, _leg_facts(position))
        )
        return self.script.screening(position, call, person, roster)

    def screened(self, call: str, keys: str, query: Query, now: datetime) -> str:
        """The advisor pressed a key: only 1 joins the two."""
        roster, position, person = self._leg(query)
        key = keys[:1]
        facts = _leg_facts(position) | {"keys": key}
        self._record(Event(_screened_key(call, position, key), call, "screened", now, facts))
        words = {"1": "accepted", "2": "passed_on"}.get(key, "not_accepted")
        return self.script.screened(words, person, roster)

    def leg_progressed(self, call: str, progress: Progress, query: Query, now: datetime) -> None:
        """A status callback of an advisor's leg."""
        _, position, _ = self._leg(query)
        facts = _leg_facts(position) | {
            "status": progress.status,
            "seconds": progress.seconds,
            "leg": progress.leg,
        }
        key = f"{call}/leg/{position.rings}/{progress.status}"
        self._record(Event(key, call, "leg", progress.at or now, facts))

    def ended(self, progress: Progress, now: datetime) -> None:
        """A status callback of the caller's own leg; only the last one says anything we did not know."""
        if progress.is_over:
            call, facts = progress.leg, {"status": progress.status, "seconds": progress.seconds}
            self._record(Event(f"{call}/ended", call, "ended", progress.at or now, facts))

    def _answer(
        self,
        request: CallerRequest,
        position: Position,
        happened: Happened,
        kind: str,
        now: datetime,
        roster: Roster | None,
        facts: Mapping[str, Any],
    ) -> str:
        move = next_move(roster, position, happened, int(now.timestamp()), request.caller is not None)
        self._record(self._event(request, position, kind, now, roster, move, facts))
        metrics.moves.labels(move=type(move).__name__.lower()).inc()
        arrived = kind == "arrived"
        return self.script.document(
            move, call=request.call, arrived=arrived, caller_known=request.caller is not None, roster=roster
        )

    def _event(
        self,
        request: CallerRequest,
        position: Position,
        kind: str,
        now: datetime,
        roster: Roster | None,
        move: Move,
        facts: Mapping[str, Any],
    ) -> Event:
        key = _step_key(request.call, position)
        data = {
            "line": move.position.line or None,
            "stage": position.stage,
            "ring": position.rings,
            "try": position.tries,
            "roster": roster.version if roster else None,
            **facts,
            **move_fact(move),
        }
        personal = {"arrival": request.caller, "number": _number(request.keys)}.get(position.stage)
        return Event(
            key,
            request.call,
            kind,
            now,
            data,
            self.vault.seal(personal, event_place(key)) if personal else "",
        )

    def _leg(self, query: Query) -> tuple[Roster | None, Position, Person | None]:
        roster = self.roster()
        position = position_of("ring", query, self.people, roster)
        return roster, position, roster.people.get(position.person) if roster else None

    def _record(self, event: Event) -> None:
        # When the disk refuses, the journal keeps the event in memory, counts it and tries again:
        # the caller must not wait for our disk, so there is nothing to do about it here.
        self.journal.append([event])


def event_place(key: str) -> str:
    """Where an event's personal field lives, for the vault: it opens in this event only."""
    return f"events.personal.{key}"


def emergency(prompts_script: Script, leg: bool) -> str:
    """What is answered when our own code fails: spoken advice; an advisor's leg is hung up, not joined."""
    if leg:
        return twiml.render(twiml.Hangup())
    prompts = prompts_script.prompts
    said = [prompts.speak("no_roster", (code,)) for code in prompts.tongues]
    return twiml.render(*said, twiml.Hangup())


def _number(keys: str) -> str | None:
    """A number typed in, as it must be dialled; what cannot be called back is not kept."""
    number = subscriber_number(keys)
    return number if isinstance(number, str) else None


def _step_key(call: str, position: Position) -> str:
    return f"{call}/{position.stage}/{position.rings}/{position.tries}"


def _screened_key(call: str, position: Position, key: str) -> str:
    return f"{call}/screened/{position.rings}/{key}"


def _leg_facts(position: Position) -> dict[str, Any]:
    return {"ring": position.rings, "person": position.person or None, "line": position.line or None}
