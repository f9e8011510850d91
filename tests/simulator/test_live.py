"""The same network beside a running clock, with people at the telephones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.phones import Practised
from tests.simulator.conftest import MakeWorld
from tests.simulator.helpline import ANNA, ASK, CALLER, DIAL, LINE, NIGHT, SCREEN, World

Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def live(make_world: MakeWorld) -> Iterator[World]:
    world = make_world(live=True, speed=50, starts_at=datetime.now(UTC))
    world.net.add_phone(ANNA, Practised(), name="Anna")
    # At this speed the usual timeouts would be over before a busy machine has pressed a key.
    world.line.pages["/incoming"] = ASK.replace("<Gather", '<Gather timeout="600"')
    world.line.pages["/menu"] = DIAL.replace('timeout="20"', 'timeout="600"')
    world.line.pages["/screen"] = SCREEN.replace('timeout="8"', 'timeout="600"')
    world.net.start()
    yield world
    world.net.stop()


def phone(world: World) -> Any:
    return next(phone for phone in world.net.snapshot()["phones"] if phone["number"] == ANNA)


def test_people_walk_a_call_from_both_sides(live: World, eventually: Eventually) -> None:
    net = live.net
    call = net.dial(CALLER, LINE, NIGHT)
    eventually(lambda: bool(net.snapshot()["calls"]) and net.snapshot()["calls"][0]["asked"])
    net.press(call, "1")
    eventually(lambda: phone(live)["state"] == "ringing")
    assert phone(live)["shows"] == LINE
    assert net.snapshot()["calls"][0]["state"] == "ringing"
    net.answer(ANNA)
    eventually(lambda: bool(phone(live)["asked"]))
    net.press(ANNA, "1")
    eventually(lambda: phone(live)["state"] == "talking")
    seen = net.snapshot()["calls"][0]
    assert (seen["state"], seen["other"], seen["from"]) == ("talking", "Anna", "…99")
    net.hang_up(ANNA)
    eventually(lambda: call.heard("That was all"))
    net.hang_up(call)
    eventually(lambda: net.snapshot()["calls"][0]["state"] == "over")
    assert phone(live)["state"] == "idle"
    assert any("talks with" in line["text"] for line in net.snapshot()["calls"][0]["transcript"])


def test_the_call_has_a_clock_of_its_own(live: World, eventually: Eventually) -> None:
    live.line.pages["/incoming"] = "<Say>Welcome.</Say>"
    call = live.net.dial(CALLER, LINE, NIGHT)
    eventually(lambda: call.over)
    asked = live.line.headers[0]
    assert asked["X-Simulated-Time"].startswith("2026-12-25T03:0")
    other = live.net.dial(CALLER, LINE, NIGHT + timedelta(days=3))
    eventually(lambda: other.over)
    assert other.entries[0].at.date() == (NIGHT + timedelta(days=3)).date()


def test_what_is_being_said_can_be_seen(live: World, eventually: Eventually) -> None:
    live.line.pages["/incoming"] = f"<Say language='nl-NL'>{'Een lange begroeting. ' * 150}</Say>"
    live.net.dial(CALLER, LINE)
    eventually(lambda: bool(live.net.snapshot()["calls"] and live.net.snapshot()["calls"][0]["saying"]))
    saying = live.net.snapshot()["calls"][0]["saying"]
    assert saying["language"] == "nl-NL"
    assert saying["text"].startswith("Een lange begroeting")


def test_a_telephone_that_rings_can_be_declined(live: World, eventually: Eventually) -> None:
    call = live.net.dial(CALLER, LINE)
    eventually(lambda: call.heard("Press 1"))
    live.net.press(call, "1")
    eventually(lambda: phone(live)["state"] == "ringing")
    live.net.hang_up(ANNA)
    eventually(lambda: [ring.status for ring in call.rings] == ["busy"])


def test_a_practised_telephone_works_in_fast_stories_too(world: World) -> None:
    world.net.add_phone(ANNA, Practised())
    call = world.net.dial(CALLER, LINE)
    world.net.run_for(10)
    world.net.answer(ANNA)
    world.net.run_for(2)
    world.net.press(ANNA, "1")
    world.net.run_for(5)
    assert call.talked_with == [ANNA]
    world.net.hang_up(call)
    world.net.run()
    assert call.ended_by == "caller"


def test_only_the_newest_calls_are_seen(world: World) -> None:
    calls = [world.call("<Say>Welcome.</Say>") for _ in range(4)]
    assert [seen["sid"] for seen in world.net.snapshot(calls=3)["calls"]] == [
        call.sid for call in calls[:0:-1]
    ]


def test_inputs_to_a_telephone_that_is_at_rest_do_nothing(world: World) -> None:
    world.net.answer(ANNA)
    world.net.press(ANNA, "1")
    world.net.hang_up(ANNA)
    assert world.net.snapshot()["phones"][0]["state"] == "idle"


def test_a_live_network_cannot_be_run_by_hand(live: World) -> None:
    with pytest.raises(RuntimeError, match="live"):
        live.net.run()
