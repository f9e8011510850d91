"""Calls told as stories: what each kind of telephone does, and what the helpline is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.callers import WITHHELD, After, AfterTalk, Caller, DuringPrompt, DuringTalk, WhileRinging
from simulator.exchange import Habits
from simulator.phones import (
    Behaviour,
    Busy,
    Declines,
    HangsUp,
    Human,
    Invalid,
    NoAnswer,
    Silent,
    Voicemail,
)
from tests.simulator.conftest import MakeWorld
from tests.simulator.helpline import ANNA, ASK, BEN, CALLER, DIAL, LINE, NIGHT, Form, World


@pytest.mark.parametrize(
    ("behaviour", "status", "bridged"),
    [
        (Human(talks_for=60), "completed", "true"),
        (NoAnswer(), "no-answer", "false"),
        (Busy(), "busy", "false"),
        (Declines(), "busy", "false"),
        (Invalid(), "failed", "false"),
        (Voicemail(), "completed", "false"),
        (Silent(), "completed", "false"),
        (HangsUp(), "completed", "false"),
        (Human(presses="2"), "completed", "false"),
        (Human(presses="7"), "completed", "false"),
    ],
)
def test_what_became_of_a_ring_is_told_as_the_provider_tells_it(
    world: World, behaviour: Behaviour, status: str, bridged: str
) -> None:
    world.net.add_phone(ANNA, behaviour)
    call = world.call()
    [told] = world.line.forms("/dialled")
    assert (told["DialCallStatus"], told["DialBridged"]) == (status, bridged)
    assert told["DialCallSid"] == call.legs[0].sid
    assert call.rung == [ANNA]
    assert call.talked_with == ([ANNA] if bridged == "true" else [])
    assert call.heard("112")
    assert world.net.errors == []


def test_a_conversation_is_told_with_its_length(world: World) -> None:
    world.net.add_phone(ANNA, Human(answers_after=5, accepts_after=3, talks_for=60))
    call = world.call()
    [told] = world.line.forms("/dialled")
    assert told["DialCallDuration"] == "63"
    assert told["CallStatus"] == "in-progress"
    assert call.waited == pytest.approx(9.3, abs=0.01)
    [ended] = world.line.forms("/status")
    assert (ended["CallStatus"], ended["CallDuration"]) == ("completed", "62")


def test_a_ring_nobody_answers_lasts_its_time_and_five_seconds(world: World) -> None:
    call = world.call()
    leg = call.legs[0]
    assert (leg.ended_at - leg.created_at).total_seconds() == 26
    assert "DialCallDuration" not in world.line.forms("/dialled")[0]


def test_the_second_ring_of_a_telephone_may_go_otherwise(world: World) -> None:
    world.net.add_phone(ANNA, [NoAnswer(), Human()])
    world.line.pages["/dialled"] = lambda form: DIAL if form["DialBridged"] == "false" else "<Say>Bye.</Say>"
    call = world.call()
    assert [(ring.status, ring.bridged) for ring in call.rings] == [("no-answer", False), ("completed", True)]


def test_a_telephone_in_a_call_is_busy_for_another(world: World) -> None:
    world.net.add_phone(ANNA, Human(talks_for=300))
    first = world.net.dial(CALLER, LINE, NIGHT)
    second = world.net.dial("+46701740698", LINE, NIGHT.replace(minute=1))
    world.net.run()
    assert first.talked_with == [ANNA]
    assert [ring.status for ring in second.rings] == ["busy"]


def test_every_step_of_a_leg_is_told_in_order(world: World) -> None:
    world.net.add_phone(ANNA, Human(talks_for=10))
    call = world.call()
    told = world.line.forms("/leg")
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in told] == ["0", "1", "2", "3"]
    assert {form["CallSid"] for form in told} == {call.legs[0].sid}
    assert {form["ParentCallSid"] for form in told} == {call.sid}
    assert {form["Direction"] for form in told} == {"outbound-dial"}
    assert {form["CallbackSource"] for form in told} == {"call-progress-events"}
    assert told[0]["Timestamp"] == "Fri, 25 Dec 2026 03:00:00 +0000"
    assert told[3]["CallDuration"] == "13"


def test_only_the_steps_that_were_asked_for_are_told(world: World) -> None:
    world.net.add_phone(ANNA, Busy())
    world.call(DIAL.replace('statusCallbackEvent="initiated ringing answered completed"', ""))
    assert [form["CallStatus"] for form in world.line.forms("/leg")] == ["busy"]


def test_the_parameters_are_the_providers(world: World) -> None:
    world.net.add_phone(ANNA, Human())
    call = world.call(at=NIGHT)
    [first] = world.line.forms("/incoming")
    assert (first["CallSid"], first["CallStatus"], first["Direction"]) == (call.sid, "ringing", "inbound")
    assert (first["From"], first["Caller"], first["To"], first["Called"]) == (CALLER, CALLER, LINE, LINE)
    assert "FromCity" in first
    assert "ParentCallSid" not in first
    [screened] = world.line.forms("/screen")
    assert (screened["ParentCallSid"], screened["CallStatus"]) == (call.sid, "in-progress")
    assert (screened["From"], screened["To"]) == (LINE, ANNA)
    first_headers = world.line.headers[0]
    assert first_headers["X-Simulated-Time"] == "2026-12-25T03:00:00.000Z"
    assert first_headers["I-Twilio-Idempotency-Token"]


def test_the_advisor_sees_our_number_and_never_the_callers(world: World) -> None:
    world.net.add_phone(ANNA, Human())
    assert world.call().shown == {LINE}


@pytest.mark.parametrize("number", WITHHELD)
def test_a_withheld_number_arrives_in_each_of_its_spellings(world: World, number: str | None) -> None:
    call = world.call(from_=number)
    [form] = world.line.forms("/incoming")
    assert form.get("From") == number
    assert call.heard("112")
    assert world.net.errors == []


def test_keys_reach_the_action_without_the_finish_key(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Thank you.</Say>"
    world.call('<Gather action="menu?step=2"><Say>Your number.</Say></Gather>', caller=Caller(keys=["0612#"]))
    assert world.line.forms("/menu?step=2")[0]["Digits"] == "0612"


def test_silence_falls_through_to_the_next_verb(world: World) -> None:
    call = world.call(ASK)
    assert [said.text for said in call.said] == ["In danger call 112. Press 1.", "Goodbye."]
    assert world.line.forms("/menu") == []


def test_silence_reaches_the_action_where_that_was_asked_for(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Nothing heard.</Say>"
    world.call(ASK.replace("<Gather", '<Gather actionOnEmptyResult="true"'))
    assert world.line.forms("/menu")[0]["Digits"] == ""


def test_a_bare_finish_key_ends_the_gather_without_input(world: World) -> None:
    call = world.call(ASK, caller=Caller(keys=["#"]))
    assert call.heard("Goodbye")
    assert world.line.forms("/menu") == []


def test_the_finish_key_is_a_key_like_others_where_there_is_none(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Thank you.</Say>"
    world.call(ASK.replace("<Gather", '<Gather finishOnKey=""'), caller=Caller(keys=["#"]))
    assert world.line.forms("/menu")[0]["Digits"] == "#"


def test_a_key_stops_the_prompt(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Thank you.</Say>"
    long = ASK.replace("In danger", "In great danger " * 20)
    call = world.call(long, caller=Caller(keys=["1"], interrupts=True, reacts_after=2))
    assert call.said[1].text == "Thank you."
    assert (call.channel.ended_at - call.channel.created_at).total_seconds() < 4


def test_keys_pressed_outside_a_gather_are_lost(world: World) -> None:
    world.line.pages["/incoming"] = f"<Say>{'A long welcome. ' * 10}</Say>{ASK}"
    call = world.net.dial(CALLER, LINE)
    world.net.run_for(2)
    world.net.press(call, "1")
    world.net.run()
    assert world.line.forms("/menu") == []
    assert call.pressed == "1"


def test_a_caller_can_choose_keys_by_what_is_asked(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Thank you.</Say>"
    call = world.call(ASK, caller=Caller(keys=lambda asked: "5" if "Press 1" in asked else ""))
    assert call.pressed == "5"


def test_a_timeout_counts_from_the_last_key(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Thank you.</Say>"
    call = world.call(ASK.replace('numDigits="1"', ""), caller=Caller(keys=["12"]))
    assert world.line.forms("/menu")[0]["Digits"] == "12"
    assert (call.channel.ended_at - call.channel.created_at).total_seconds() > 8


def test_the_end_of_a_screening_document_joins_the_two(world: World) -> None:
    world.net.add_phone(ANNA, Voicemail())
    world.line.pages["/screen"] = "<Say>A call.</Say>"
    call = world.call(caller=Caller(leaves=DuringTalk(after=20)))
    assert call.talked_with == [ANNA]


def test_a_number_without_screening_is_joined_at_once(world: World) -> None:
    world.net.add_phone(ANNA, Voicemail(answers_after=3))
    call = world.call(DIAL.replace('url="/screen"', ""), caller=Caller(leaves=DuringTalk(after=20)))
    assert call.talked_with == [ANNA]


def test_without_an_action_the_next_verb_follows(world: World) -> None:
    call = world.call(DIAL.replace('action="/dialled"', "") + "<Say>Nobody could come.</Say>")
    assert call.heard("Nobody could come")


def test_verbs_after_a_dial_with_an_action_or_a_redirect_are_never_reached(world: World) -> None:
    call = world.call(DIAL + "<Say>Unreachable.</Say>")
    assert not call.heard("Unreachable")
    call = world.call("<Redirect>/dialled</Redirect><Say>Unreachable.</Say>")
    assert call.heard("That was all")
    assert not call.heard("Unreachable")


def test_an_advisor_who_drops_leaves_the_caller_on_the_line(world: World) -> None:
    world.net.add_phone(ANNA, Human(talks_for=5))
    call = world.call()
    assert call.heard("That was all")
    assert call.ended_by == "network"


def test_the_time_limit_ends_the_conversation_and_keeps_the_caller(world: World) -> None:
    world.net.add_phone(ANNA, Human(talks_for=None))
    call = world.call(DIAL.replace("timeout", 'timeLimit="120" timeout'))
    assert call.heard("That was all")
    assert world.line.forms("/dialled")[0]["DialCallDuration"] == "123"


@pytest.mark.parametrize(("allowed", "talked"), [("true", "22"), ("false", "103")])
def test_a_star_ends_the_conversation_only_where_that_was_allowed(
    world: World, allowed: str, talked: str
) -> None:
    world.net.add_phone(ANNA, Human(talks_for=100))
    world.line.pages["/incoming"] = DIAL.replace("<Dial", f'<Dial hangupOnStar="{allowed}"')
    call = world.net.dial(CALLER, LINE)
    world.net.run_for(27)
    world.net.press(call, "*")
    world.net.run()
    [told] = world.line.forms("/dialled")
    assert (told["DialBridged"], told["DialCallDuration"]) == ("true", talked)
    assert call.heard("That was all")


def test_dialling_first_leaves_the_call_unanswered_until_it_is_bridged(world: World) -> None:
    world.call()
    [told] = world.line.forms("/dialled")
    assert told["CallStatus"] == "ringing"
    world.call(f"<Say>Welcome.</Say>{DIAL}")
    assert world.line.forms("/dialled")[1]["CallStatus"] == "in-progress"


def test_a_pause_before_anything_else_delays_the_answer(world: World) -> None:
    call = world.call("<Pause length='4'/><Say>Welcome.</Say>")
    assert (call.channel.answered_at - call.channel.created_at).total_seconds() == pytest.approx(4.1)
    assert world.net.errors == []


@pytest.mark.parametrize(("reason", "status"), [("", "no-answer"), (' reason="busy"', "busy")])
def test_a_rejected_call_was_never_answered(world: World, reason: str, status: str) -> None:
    call = world.call(f"<Reject{reason}/>")
    assert (call.status, call.channel.answered_at) == (status, None)
    assert world.line.forms("/status")[0]["CallStatus"] == status
    assert world.net.errors == []


@pytest.mark.parametrize(
    ("leaves", "seconds", "ring"),
    [
        (After(12), 12, "no-answer"),
        (WhileRinging(ring=1, after=3), 3.1, "no-answer"),
    ],
)
def test_a_caller_may_leave_while_it_rings(world: World, leaves: Any, seconds: float, ring: str) -> None:
    call = world.call(caller=Caller(leaves=leaves))
    assert (call.ended_by, call.status) == ("caller", "no-answer")
    assert [r.status for r in call.rings] == [ring]
    assert (call.channel.ended_at - call.channel.created_at).total_seconds() == pytest.approx(seconds)
    assert world.line.forms("/dialled") == []
    assert world.line.forms("/status")[0]["CallStatus"] == "no-answer"
    assert world.net.now == call.channel.ended_at, "what no longer matters still took its time"


def test_a_caller_may_leave_in_the_second_ring(world: World) -> None:
    world.line.pages["/dialled"] = DIAL.replace(ANNA, BEN)
    call = world.call(caller=Caller(leaves=WhileRinging(ring=2)))
    assert call.rung == [ANNA, BEN]
    assert call.ended_by == "caller"


def test_a_caller_may_leave_during_a_prompt(world: World) -> None:
    call = world.call(ASK, caller=Caller(leaves=DuringPrompt(1)))
    assert (call.ended_by, call.status) == ("caller", "completed")
    assert len(call.said) == 1


def test_a_caller_may_leave_while_the_advisor_is_asked(world: World) -> None:
    world.net.add_phone(ANNA, Silent(answers_after=4))
    call = world.call(caller=Caller(leaves=After(8)))
    assert [(r.status, r.bridged) for r in call.rings] == [("completed", False)]
    assert [form["CallStatus"] for form in world.line.forms("/leg")][-1] == "completed"


def test_a_caller_may_leave_during_or_after_the_conversation(world: World) -> None:
    world.net.add_phone(ANNA, Human(talks_for=60))
    during = world.call(caller=Caller(leaves=DuringTalk(after=10)))
    assert (during.ended_by, during.talked_with) == ("caller", [ANNA])
    assert world.line.forms("/dialled") == []
    after = world.call(caller=Caller(leaves=AfterTalk(after=0.05)))
    assert (after.ended_by, len(after.said)) == ("caller", 0)


def test_whether_the_action_is_asked_after_the_caller_left_can_be_chosen(make_world: MakeWorld) -> None:
    world = make_world(habits=Habits(action_after_caller_left=True, abandoned_leg="canceled"))
    call = world.call(caller=Caller(leaves=WhileRinging()))
    [told] = world.line.forms("/dialled")
    assert (told["DialCallStatus"], told["CallStatus"]) == ("canceled", "no-answer")
    assert len(call.said) == 0


@pytest.mark.parametrize(
    ("habits", "status", "bridged"),
    [
        (Habits(declined_screening="no-answer"), "no-answer", "false"),
        (Habits(dial_bridged="True"), "completed", "False"),
        (Habits(dial_bridged="absent"), "completed", None),
    ],
)
def test_what_differs_by_account_can_be_chosen(
    make_world: MakeWorld, habits: Habits, status: str, bridged: str | None
) -> None:
    world = make_world(habits=habits)
    world.net.add_phone(ANNA, HangsUp())
    world.call()
    [told] = world.line.forms("/dialled")
    assert (told["DialCallStatus"], told.get("DialBridged")) == (status, bridged)


def test_a_loop_of_documents_ends_with_an_error(world: World) -> None:
    call = world.call("<Redirect/>")
    assert "more than 200 documents" in world.net.errors[0].message
    assert call.heard_application_error


def test_twenty_callers_at_once_are_all_served(world: World) -> None:
    world.net.add_phone(ANNA, Human(talks_for=30))
    calls = [world.net.dial(f"+4670174060{n % 10}", LINE, NIGHT) for n in range(20)]
    world.net.run()
    assert sum(len(call.talked_with) for call in calls) == 1
    assert all(call.heard("112") for call in calls)


def test_an_address_is_asked_byte_for_byte(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Thank you.</Say>"
    asked = "/menu?naam=%c3%a9&amp;y=%2fz&amp;w=%7e"
    call = world.call(f"<Redirect>{asked}</Redirect>")
    assert call.heard("Thank you")
    assert world.line.received[1][0] == asked.replace("&amp;", "&")


def test_a_number_nobody_owns_cannot_be_called(world: World) -> None:
    with pytest.raises(KeyError):
        world.net.dial(CALLER, "+31334481187")


def test_a_call_cannot_begin_in_the_past(world: World) -> None:
    with pytest.raises(ValueError, match="in the past"):
        world.net.dial(CALLER, LINE, NIGHT.replace(year=2025))


def test_documents_can_be_fetched_with_get(world: World) -> None:
    def asked(form: Form) -> str:
        return f"<Say>You pressed {form['Digits']}.</Say>"

    world.line.pages["/menu"] = asked
    call = world.call(ASK.replace("<Gather", '<Gather method="GET"'), caller=Caller(keys=["7"]))
    assert call.heard("You pressed 7")
