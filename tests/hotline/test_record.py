"""The record of a call is the same in whatever order its facts arrive, how often, and how late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.calls.record import CallRecord, call_record
from hotline.events import Event

CALL = "CA00000000000000000000000000000001"
BEGAN = datetime(2035, 12, 25, 2, 0, tzinfo=UTC)


def event(key: str, kind: str, seconds: float, /, **data: Any) -> Event:
    return Event(f"{CALL}/{key}", CALL, kind, BEGAN + timedelta(seconds=seconds), data)


def step(key: str, seconds: float, move: str, /, **data: Any) -> Event:
    stage, ring, tried = key.split("/")
    kinds = {"arrival": "arrived", "ring": "rang"}
    at = {"line": "helpdesk", "stage": stage, "ring": int(ring), "try": int(tried), "roster": "v1"}
    facts = {"language": "nl", "kind": "crisis", "why": "", "move": move}
    return event(key, kinds.get(stage, "answered"), seconds, **(at | facts | data))


def ring(number: int, person: str) -> dict[str, Any]:
    place = {"policy": "crisis", "round": 1, "step": number, "seconds": 25}
    return {"ring_next": number, "person": person, "by": f"first-{number}", "because": "turn", **place}


def leg(number: int, status: str, at: float, seconds: int | None = None) -> Event:
    facts = {"status": status, "ring": number, "seconds": seconds, "leg": f"CA-leg-{number}"}
    return event(f"leg/{number}/{status}", "leg", at, **facts)


def rang(number: int, status: str, joined: bool | None, seconds: int | None = None) -> dict[str, Any]:
    return {"status": status, "joined": joined, "seconds": seconds, "leg": f"CA-leg-{number}"}


ARRIVED = step("arrival/0/1", 0, "ask", stage_next="language", withheld=False, kind=None)
LANGUAGE = step("language/0/1", 9, "ask", stage_next="need", keys="1", kind=None)
NEED = step("need/0/1", 20, "ring", keys="1", **ring(1, "ada"))
STEPS = [ARRIVED, LANGUAGE, NEED]

VOICEMAIL_THEN_TALK = [
    *STEPS,
    leg(1, "initiated", 24),
    leg(1, "ringing", 25),
    leg(1, "answered", 43),
    event("picked-up/1", "picked up", 43, ring=1, person="ada", line="helpdesk"),
    event("screened/1/", "screened", 62, ring=1, person="ada", line="helpdesk", keys=""),
    leg(1, "completed", 63, 20),
    step("ring/1/1", 63, "ring", **(ring(2, "bo") | rang(1, "completed", False, 20))),
    leg(2, "initiated", 67),
    leg(2, "ringing", 68),
    leg(2, "answered", 72),
    event("picked-up/2", "picked up", 72, ring=2, person="bo", line="helpdesk"),
    event("screened/2/1", "screened", 85, ring=2, person="bo", line="helpdesk", keys="1"),
    leg(2, "completed", 147, 75),
    step("ring/2/1", 147, "ask", stage_next="reconnect", **rang(2, "completed", True, 75)),
    step("reconnect/2/1", 160, "close", closing="goodbye", keys=""),
    event("ended", "ended", 164, status="completed", seconds=163),
]
ABANDONED = [*STEPS, leg(1, "initiated", 24), leg(1, "ringing", 25), leg(1, "no answer", 31, 0)]
ABANDONED.append(event("ended", "ended", 31, status="completed", seconds=31))
PROMISED = [
    *STEPS,
    leg(1, "initiated", 24),
    leg(1, "busy", 25, 0),
    step("ring/1/1", 26, "ask", stage_next="callback", **rang(1, "busy", False)),
    step("callback/1/1", 40, "close", closing="promised", keys="1"),
    event("ended", "ended", 46, status="completed", seconds=46),
]
CALLS = {"talked": VOICEMAIL_THEN_TALK, "abandoned": ABANDONED, "promised": PROMISED}


def record_of(events: Sequence[Event]) -> CallRecord:
    record = call_record(events)
    assert record is not None
    return record


def test_the_call_that_everything_else_is_compared_with() -> None:
    record = record_of(VOICEMAIL_THEN_TALK)
    assert (record.outcome, record.kind, record.waited_seconds, record.talked_seconds) == (
        "connected",
        "crisis",
        85,
        75,
    )
    assert [(each.person, each.outcome, each.why) for each in record.legs] == [
        ("ada", "not confirmed", "first-1: turn"),
        ("bo", "accepted", "first-2: turn"),
    ]
    assert (record_of(ABANDONED).outcome, record_of(ABANDONED).abandoned_at) == (
        "abandoned",
        BEGAN + timedelta(seconds=31),
    )
    assert (record_of(PROMISED).outcome, record_of(PROMISED).unanswered_at) == (
        "callback",
        BEGAN + timedelta(seconds=26),
    )


@pytest.mark.parametrize("which", CALLS)
@settings(max_examples=60)
@given(data=st.data())
def test_in_any_order_and_any_number_of_times_it_is_the_same_record(which: str, data: st.DataObject) -> None:
    events = CALLS[which]
    told = data.draw(st.permutations(events)) + data.draw(st.lists(st.sampled_from(events)))
    assert call_record(told) == call_record(events)


@pytest.mark.parametrize("which", CALLS)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_callback_is_missing_the_outcome_is_the_same(which: str, data: st.DataObject) -> None:
    """Of what the provider tells in callbacks we need nothing but the end of the call."""
    events = CALLS[which]
    callbacks = [each for each in events if each.kind == "leg"]
    # Of a ring that nothing is told about, nobody can know that it began.
    rung = [each for each in callbacks if each.data["status"] == "ringing"]
    missing = data.draw(st.sets(st.sampled_from(range(len(callbacks)))))
    left = [each for each in events if each not in [callbacks[n] for n in missing] or each in rung]
    full, poorer = record_of(events), record_of(left)
    assert poorer.outcome == full.outcome
    assert [each.outcome for each in poorer.legs] == [each.outcome for each in full.legs]
    assert (poorer.abandoned_at, poorer.unanswered_at) == (full.abandoned_at, full.unanswered_at)
    assert (poorer.ended_at, poorer.talked_seconds) == (full.ended_at, full.talked_seconds)


@pytest.mark.parametrize("which", CALLS)
@settings(max_examples=60)
@given(data=st.data())
def test_no_fact_ever_takes_back_what_was_recorded(which: str, data: st.DataObject) -> None:
    """As facts come in, in any order: an end stays an end, a leg stays a leg, accepted stays accepted."""
    told: list[Event] = []
    before: CallRecord | None = None
    for each in data.draw(st.permutations(CALLS[which])):
        told.append(each)
        now = call_record(told)
        if before is not None:
            assert now is not None
            assert now.ended_at or not before.ended_at
            assert {leg.ring for leg in before.legs} <= {leg.ring for leg in now.legs}
            taken = {leg.ring for leg in before.legs if leg.outcome == "accepted"}
            assert taken <= {leg.ring for leg in now.legs if leg.outcome == "accepted"} | _told_later(now)
        before = now


def _told_later(record: CallRecord) -> set[int]:
    """Rings of which only the last word of the provider says that nobody was joined."""
    return {leg.ring for leg in record.legs if leg.outcome == "not confirmed"}


def test_callbacks_of_a_call_nobody_knows_are_no_record() -> None:
    assert call_record([]) is None
    assert (
        call_record([leg(1, "ringing", 3), event("ended", "ended", 5, status="completed", seconds=5)]) is None
    )


def test_a_ring_that_never_began_is_no_ring() -> None:
    record = record_of([*STEPS, event("ended", "ended", 22, status="completed", seconds=22)])
    assert record.legs == ()
    assert (record.outcome, record.abandoned_at) == ("abandoned", BEGAN + timedelta(seconds=22))


def test_the_provider_asking_on_when_the_caller_is_gone_is_no_step() -> None:
    asked = event(
        "ring/1/1", "rang", 31, ring=1, person="ada", line="helpdesk", **rang(1, "no answer", False)
    )
    plain, more = record_of(ABANDONED), record_of([*ABANDONED, asked])
    assert replace(more, legs=()) == replace(plain, legs=())
    assert [each.outcome for each in more.legs] == ["no answer"]


def test_an_end_told_late_is_when_it_was() -> None:
    late = [each for each in VOICEMAIL_THEN_TALK if each.kind != "ended"]
    late.append(event("ended", "ended", 900, status="completed", seconds=163))
    assert record_of(late) == record_of(VOICEMAIL_THEN_TALK)


def test_an_end_found_out_later_gives_way_to_the_providers_own_word() -> None:
    found_out = event("closed", "closed", 500, status="completed", seconds=160)
    silent = [each for each in VOICEMAIL_THEN_TALK if each.kind != "ended"]
    assert record_of([*silent, found_out]).ended_at == BEGAN + timedelta(seconds=160)
    assert record_of([*VOICEMAIL_THEN_TALK, found_out]) == record_of(VOICEMAIL_THEN_TALK)


@pytest.mark.parametrize(
    ("keys", "joined", "outcome"),
    [
        ("1", True, "accepted"),
        ("1", None, "accepted"),
        ("1", False, "not confirmed"),
        ("2", False, "passed on"),
        ("2", None, "passed on"),
        ("", True, "not confirmed"),
        ("7", False, "not confirmed"),
    ],
)
def test_an_advisor_accepted_who_pressed_1_and_was_joined(
    keys: str, joined: bool | None, outcome: str
) -> None:
    told = [
        *STEPS,
        event("picked-up/1", "picked up", 30, ring=1, person="ada", line="helpdesk"),
        event(f"screened/1/{keys}", "screened", 40, ring=1, person="ada", line="helpdesk", keys=keys),
        step("ring/1/1", 63, "ask", stage_next="callback", **rang(1, "completed", joined, 20)),
    ]
    assert [each.outcome for each in record_of(told).legs] == [outcome]


@pytest.mark.parametrize("need", ["need/0/1", "need/0/2"])
def test_a_ladder_without_anybody_is_unanswered_however_the_caller_got_there(need: str) -> None:
    nobody = step(need, 30, "ask", stage_next="callback", keys="")
    asked_again = step("callback/0/1", 50, "ask", stage_next="callback", keys="")
    assert record_of([ARRIVED, LANGUAGE, nobody]).unanswered_at == BEGAN + timedelta(seconds=30)
    assert record_of([ARRIVED, nobody, asked_again]).unanswered_at == BEGAN + timedelta(seconds=30)
