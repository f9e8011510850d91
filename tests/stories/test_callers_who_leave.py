"""The caller leaves: at a prompt, at a ring, while the advisor is asked, in the conversation, behind it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.callers import After, AfterTalk, DuringPrompt, DuringTalk, WhileRinging
from simulator.exchange import Habits
from simulator.phones import Human, Silent
from tests.stories.cast import PHONES, TUESDAY_MORNING
from tests.stories.conftest import MakeDesk

HABITS = [Habits(), Habits(action_after_caller_left=True), Habits(abandoned_leg="canceled")]


@pytest.mark.parametrize("prompt", [1, 2, 3, 4])
def test_who_leaves_before_choosing_is_an_abandoned_call_and_wakes_nobody(
    make_desk: MakeDesk, prompt: int
) -> None:
    desk = make_desk()
    call = desk.dial([], leaves=DuringPrompt(prompt))
    assert len(call.said) == prompt
    record = desk.record(call)
    assert (record["outcome"], record["legs"]) == ("abandoned", [])
    assert not desk.alerts(call)


def test_who_leaves_while_hearing_that_we_ring_is_an_abandoned_crisis(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call = desk.dial(leaves=DuringPrompt(5))
    assert desk.heard(call, "connecting") and not call.rung
    assert desk.record(call)["outcome"] == "abandoned"
    assert desk.alerts(call) == ["abandoned"]


@pytest.mark.parametrize("habits", HABITS)
@pytest.mark.parametrize("ring", [1, 2])
def test_who_leaves_while_we_ring_is_an_abandoned_crisis_and_an_alert(
    make_desk: MakeDesk, ring: int, habits: Habits
) -> None:
    desk = make_desk(habits)
    call = desk.dial(leaves=WhileRinging(ring, after=5))
    record = desk.record(call)
    assert record["outcome"] == "abandoned"
    assert [leg["outcome"] for leg in record["legs"]] == ["no answer"] * ring
    assert desk.alerts(call) == ["abandoned"]


@pytest.mark.parametrize("habits", HABITS)
def test_who_leaves_while_the_advisor_is_asked_is_an_abandoned_crisis(
    make_desk: MakeDesk, habits: Habits
) -> None:
    desk = make_desk(habits, ada=Silent(answers_after=4))
    call = desk.dial(leaves=WhileRinging(after=9))
    record = desk.record(call)
    assert record["outcome"] == "abandoned"
    assert [leg["outcome"] for leg in record["legs"]] == ["not confirmed"]
    assert desk.alerts(call) == ["abandoned"]


@pytest.mark.parametrize("habits", HABITS)
def test_who_ends_the_conversation_was_connected(make_desk: MakeDesk, habits: Habits) -> None:
    desk = make_desk(habits, ada=Human(talks_for=None))
    call = desk.dial(leaves=DuringTalk(after=90))
    record = desk.record(call)
    assert record["outcome"] == "connected"
    assert 85 <= record["talked_seconds"] <= 105
    assert not desk.alerts(call)


def test_who_leaves_when_the_advisor_is_gone_was_connected(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=Human(talks_for=90))
    call = desk.dial(leaves=AfterTalk(after=2))
    assert desk.heard(call, "reconnect")
    record = desk.record(call)
    assert record["outcome"] == "connected"
    assert not desk.alerts(call)


@pytest.mark.parametrize("habits", HABITS)
def test_who_leaves_while_the_desk_rings_is_an_alert_too(make_desk: MakeDesk, habits: Habits) -> None:
    desk = make_desk(habits)
    call = desk.dial(["1"], at=TUESDAY_MORNING, leaves=WhileRinging(after=10))
    assert call.rung == [PHONES["chi"]]
    assert desk.record(call)["kind"] == "desk"
    assert desk.alerts(call) == ["abandoned"]


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        (["1", "1"], "message"),
        (["1", "1", "2"], "message"),
        (["1", "1", "2", "0205551234#"], "message"),
        (["1", "2"], "informed"),
        (["1", "2", "2", "0205551234#"], "informed"),
    ],
)
def test_who_leaves_during_the_offer_to_call_back_has_heard_what_to_do(
    make_desk: MakeDesk, keys: list[str], outcome: str
) -> None:
    desk = make_desk()
    call = desk.dial([*keys, "", ""], leaves=After(130 if keys[1] == "1" else 50))
    assert call.ended_by == "caller"
    assert desk.heard(call, "callback")
    assert desk.record(call)["outcome"] == outcome
    assert desk.alerts(call) == (["unanswered"] if outcome == "message" else [])


@pytest.mark.parametrize("seconds", range(1, 150, 7))
def test_whenever_a_caller_leaves_the_record_is_whole(make_desk: MakeDesk, seconds: int) -> None:
    desk = make_desk(ada=Silent(), bo=Human(talks_for=30))
    call = desk.dial(["1", "1", "1"], leaves=After(seconds))
    record: dict[str, Any] = desk.record(call)
    assert record["waited_seconds"] is None or record["waited_seconds"] <= seconds
    connected = any(leg["outcome"] == "accepted" for leg in record["legs"])
    assert record["outcome"] == ("connected" if connected else "abandoned")
    # Who was cut off, asked to be connected again and left while we rang is owed somebody too.
    in_a_talk = connected and record["legs"][-1]["outcome"] == "accepted"
    assert bool(desk.alerts(call)) == (record["kind"] == "crisis" and not in_a_talk)
