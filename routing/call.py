"""The next move of a call: one pure function over where the call is, what happened and the time.

Decides what the caller hears or who is rung next, and why. Words, TwiML and URLs are made of it
elsewhere. Every path ends in a conversation, a call-back promise or spoken advice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from routing.hours import opening_at
from routing.ladder import LadderEnds, PassedOver, Place, Rung, next_rung
from routing.numbers import Refusal, subscriber_number
from routing.roster import Instant, Line, Roster

Kind = Literal["desk", "crisis", "advice", "tip"]

#: What the caller was last asked, or `ring`: what the next webhook tells the outcome of. `unsure` is
#: the question after a conversation of which nobody knows whether an advisor was in it.
Stage = Literal["arrival", "language", "need", "ring", "reconnect", "unsure", "callback", "number", "check"]

#: The last words a caller hears from us.
Closing = Literal["promised", "unanswered", "advised", "tipped", "goodbye", "no line", "no roster"]

#: How often a question is put before silence or a wrong key is taken for an answer.
TRIES = 2
NUMBER_TRIES = 3

#: A call rings no more often than this, even if the roster changes under it again and again.
MOST_RINGS = 120


@dataclass(frozen=True, slots=True)
class Position:
    """Where a call is: all that must be known to continue it. It travels in the next webhook's URL.

    `place` is the rung last rung, `rings` how many there were in this call, `person` whom the
    caller is ringing or last spoke to, `tries` how often the question of `stage` was put.
    """

    stage: Stage
    line: str
    language: str = ""
    kind: Kind | None = None
    place: Place | None = None
    rings: int = 0
    person: str = ""
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody dialled the line."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The keys pressed at a question; the empty string is silence."""

    keys: str


@dataclass(frozen=True, slots=True)
class Talked:
    """Caller and somebody were joined, and the caller is still there.

    Not `sure` when nobody is known to have pressed 1: it may have been a voicemail.
    """

    sure: bool = True


@dataclass(frozen=True, slots=True)
class NotReached:
    """The ring ended without a conversation: no answer, busy, failed, passed on, not confirmed."""


Happened = Arrived | Pressed | Talked | NotReached


@dataclass(frozen=True, slots=True)
class Ask:
    """Put the question of `position.stage`. `number` is the one to read back at `check`."""

    position: Position
    why: str
    number: str = ""
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring one advisor for the caller."""

    position: Position
    rung: Rung
    why: str


@dataclass(frozen=True, slots=True)
class Close:
    """Say the closing words; the call ends with them."""

    position: Position
    closing: Closing
    why: str


Move = Ask | Ring | Close


@dataclass(frozen=True, slots=True)
class _Call:
    """One call at one moment."""

    roster: Roster
    line: Line
    at: Instant
    caller_known: bool
    position: Position


def next_move(
    roster: Roster | None, position: Position, happened: Happened, at: Instant, caller_known: bool
) -> Move:
    """What to do now. `caller_known` tells whether the caller shows a number that can be called back."""
    if roster is None:
        return Close(position, "no roster", "no roster was ever read")
    line = _line(roster, position)
    if line is None:
        return Close(position, "no line", "no line of the roster has this number")
    call = _Call(roster, line, at, caller_known, replace(position, line=line.id))
    match happened:
        case Arrived():
            return _greet(call)
        case Pressed(keys):
            return _answer(call, keys)
        case Talked(sure):
            return _ask(
                call, "reconnect" if sure else "unsure", "talked" if sure else "joined, but nobody pressed 1"
            )
        case NotReached():
            return _climb(call, "not reached")
    assert_never(happened)


def line_for_number(roster: Roster | None, number: str | None) -> Line | None:
    """The line that has this number."""
    lines = roster.lines.values() if roster else ()
    return next((line for line in lines if line.number == number), None)


def _line(roster: Roster, position: Position) -> Line | None:
    line = roster.lines.get(position.line)
    if line is None and position.stage != "arrival":
        # The roster was replaced in mid-call: a caller we have begun with is not sent away.
        return next(iter(roster.lines.values()), None)
    return line


def _greet(call: _Call) -> Move:
    if len(call.line.languages) > 1:
        return _ask(call, "language", "the line has several languages")
    return _with_language(call, call.line.languages[0], "the line has one language")


def _answer(call: _Call, keys: str) -> Move:
    match call.position.stage:
        case "language":
            return _language_chosen(call, keys)
        case "need":
            return _need_chosen(call, keys)
        case "reconnect" | "unsure":
            return _reconnect_chosen(call, keys)
        case "callback":
            return _callback_chosen(call, keys)
        case "number":
            return _number_typed(call, keys)
        case "check":
            return _number_checked(call, keys)
        case "arrival" | "ring":
            return _greet(call)
    assert_never(call.position.stage)


def _language_chosen(call: _Call, keys: str) -> Move:
    languages = call.line.languages
    if keys.isascii() and keys.isdigit() and 1 <= int(keys) <= len(languages):
        return _with_language(call, languages[int(keys) - 1], f"pressed {keys}")
    if keys and call.position.tries < TRIES:
        return _ask_again(call, f"pressed {keys}, which is no language")
    return _with_language(call, languages[0], "no language chosen")


def _with_language(call: _Call, language: str, why: str) -> Move:
    call = replace(call, position=replace(call.position, language=language))
    opening = opening_at(call.roster, call.line.id, call.at)
    if opening.open:
        return _start_climb(call, "desk", opening.policy, f"{why}; open: {opening.why}")
    return _ask(call, "need", f"{why}; closed: {opening.why}")


def _need_chosen(call: _Call, keys: str) -> Move:
    match keys:
        case "1":
            return _start_climb(call, "crisis", _policy_now(call), "pressed 1: crisis")
        case "2":
            advice = replace(call, position=replace(call.position, kind="advice"))
            return _ask(advice, "callback", "pressed 2: advice in office hours")
        case "3":
            return _close(
                replace(call, position=replace(call.position, kind="tip")), "tipped", "pressed 3: a tip"
            )
    heard = f"pressed {keys}, which is no choice" if keys else "silence"
    if call.position.tries < TRIES:
        return _ask_again(call, heard)
    return _start_climb(call, "crisis", _policy_now(call), f"{heard} twice: taken for a crisis")


def _policy_now(call: _Call) -> str:
    return opening_at(call.roster, call.line.id, call.at).policy


def _start_climb(call: _Call, kind: Kind, policy: str, why: str) -> Move:
    foot = replace(call.position, kind=kind, place=Place(policy))
    return _climb(replace(call, position=foot), why)


def _climb(call: _Call, why: str) -> Move:
    """The next rung; behind the last one the truth and the call-back offer."""
    place = call.position.place
    if place is None or place.policy not in call.roster.policies:
        place = Place(_policy_now(call))
        why = f"{why}; the policy is gone from the roster, its successor begins"
    if call.position.rings >= MOST_RINGS:
        return _ask(call, "callback", "rung too often")
    match next_rung(call.roster, place, call.at):
        case Rung() as rung:
            return _ring(call, rung, why)
        case LadderEnds(passed_over):
            nobody = "nobody on call" if call.position.rings == 0 else "nobody answered"
            return replace(_ask(call, "callback", f"{why}; {nobody}"), passed_over=passed_over)


def _ring(call: _Call, rung: Rung, why: str) -> Ring:
    position = replace(
        call.position,
        stage="ring",
        place=rung.place,
        rings=call.position.rings + 1,
        person=rung.person,
        tries=1,
    )
    return Ring(position, rung, why)


def _reconnect_chosen(call: _Call, keys: str) -> Move:
    if call.position.stage == "unsure":
        # On, not back: what was on the line may have been a voicemail, and would be again.
        return _climb(call, "nobody pressed 1, and the caller stayed on the line")
    if keys == "1":
        return _ring_again(call)
    if keys and call.position.tries < TRIES:
        return _ask_again(call, f"pressed {keys}, which is no choice")
    return _close(call, "goodbye", "did not ask to be reconnected")


def _ring_again(call: _Call) -> Move:
    """The advisor the caller spoke to, then the ladder from its foot."""
    policy = _policy_now(call)
    position = replace(call.position, place=Place(policy))
    person = call.roster.people.get(call.position.person)
    if person is None:
        return _climb(replace(call, position=position), "cut off")
    seconds = call.roster.policies[policy].steps[0].seconds
    again = Rung(Place(policy), person.id, person.id, "again", seconds)
    return _ring(replace(call, position=position), again, "cut off: the same advisor first")


def _callback_chosen(call: _Call, keys: str) -> Move:
    if keys == "1" and call.caller_known:
        return _close(call, "promised", "call back on the number the caller calls from")
    if keys == "2":
        return _ask(call, "number", "call back on another number")
    if call.position.tries < TRIES:
        return _ask_again(call, f"pressed {keys}, which is no choice" if keys else "silence")
    return _decline(call, "no call-back wanted")


def _number_typed(call: _Call, keys: str) -> Move:
    number = subscriber_number(keys)
    if not isinstance(number, Refusal):
        check = replace(call.position, stage="check")
        return Ask(check, "a number that can be called back", number=number)
    return _ask_number_again(call, "silence" if not keys else "not a number that can be called back")


def _number_checked(call: _Call, keys: str) -> Move:
    if keys == "1":
        return _close(call, "promised", "the number read back is right")
    return _ask_number_again(call, "the number read back is not confirmed")


def _ask_number_again(call: _Call, why: str) -> Move:
    if call.position.tries < NUMBER_TRIES:
        again = replace(call.position, stage="number", tries=call.position.tries + 1)
        return Ask(again, why)
    return _decline(call, f"{why}, {NUMBER_TRIES} times")


def _decline(call: _Call, why: str) -> Close:
    return _close(call, "advised" if call.position.kind == "advice" else "unanswered", why)


def _ask(call: _Call, stage: Stage, why: str) -> Ask:
    return Ask(replace(call.position, stage=stage, tries=1), why)


def _ask_again(call: _Call, why: str) -> Ask:
    return Ask(replace(call.position, tries=call.position.tries + 1), why)


def _close(call: _Call, closing: Closing, why: str) -> Close:
    return Close(call.position, closing, why)
