"""Status callbacks come in every order, twice, late or never: the record ends up the same."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotline.jobs.closing import LONGEST, QUIET, Closing
from simulator.callers import WhileRinging
from simulator.channels import Call
from simulator.delivery import Delay, Drop, Duplicate, Fault, Reorder, Which
from simulator.phones import Human, Voicemail
from simulator.rest import RestFault
from tests.stories.cast import CHRISTMAS_NIGHT, PHONES
from tests.stories.conftest import MakeDesk, desks_of
from tests.stories.world import Helpdesk, helpdesk

CALLBACKS = ("call-status", "leg-status")


def the_night_call(make_desk: MakeDesk, *faults: tuple[Fault, Which]) -> dict[str, Any]:
    """The record of one and the same call, whatever befalls its callbacks."""
    desk = make_desk(ada=Voicemail(), bo=Human(talks_for=60))
    for fault, which in faults:
        desk.net.delivery.add(fault, which)
    call = desk.dial(["1", "1", ""])
    assert call.talked_with == [PHONES["bo"]]
    record = desk.record(call)
    return {name: record[name] for name in record if name not in ("sid", "case")}


@pytest.fixture(scope="module")
def expected(long_lived_desk: Helpdesk) -> dict[str, Any]:
    """The record when nothing befalls them."""
    with desks_of(long_lived_desk) as make_desk:
        return the_night_call(make_desk)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_callbacks_of_a_ring_come_in_every_order(
    make_desk: MakeDesk, expected: dict[str, Any], order: Sequence[int]
) -> None:
    assert the_night_call(make_desk, (Reorder(tuple(order)), Which("leg-status"))) == expected


def test_all_callbacks_come_at_the_very_end_and_backwards(
    make_desk: MakeDesk, expected: dict[str, Any]
) -> None:
    held = Reorder(tuple(reversed(range(9)))), Which(where=lambda webhook: webhook.kind in CALLBACKS)
    assert the_night_call(make_desk, held) == expected


@pytest.mark.parametrize("kind", CALLBACKS)
def test_callbacks_come_ten_minutes_late(make_desk: MakeDesk, expected: dict[str, Any], kind: str) -> None:
    assert the_night_call(make_desk, (Delay(600), Which(kind))) == expected


def test_callbacks_come_three_times(make_desk: MakeDesk, expected: dict[str, Any]) -> None:
    twice = [(Duplicate(2), Which(kind)) for kind in CALLBACKS]
    assert the_night_call(make_desk, *twice) == expected


@pytest.mark.parametrize("nth", [None, 1, 2, 3, 4, 5, 6, 7, 8])
def test_callbacks_of_rings_never_come(
    make_desk: MakeDesk, expected: dict[str, Any], nth: int | None
) -> None:
    assert the_night_call(make_desk, (Drop(), Which("leg-status", nth=nth))) == expected


def closing(desk: Helpdesk) -> Closing:
    return Closing(desk.services.engine, desk.services.journal, desk.services.provider)


def close(desk: Helpdesk, now: datetime) -> int:
    desk.catch_up()
    closed = closing(desk).close_forgotten(now)
    desk.catch_up()
    return closed


def test_a_call_whose_end_was_never_told_is_closed_as_the_provider_says(tmp_path: Path) -> None:
    with helpdesk(tmp_path, bo=Human(talks_for=60)) as desk:
        expected = desk.dial(["1", "1", ""])
        desk.net.delivery.add(Drop(), Which("call-status"))
        call = desk.dial(["1", "1", ""])
        over = desk.net.now
        assert desk.record(call)["open"]
        assert close(desk, over + timedelta(seconds=30)) == 0, "too early to ask"
        assert close(desk, over + QUIET + timedelta(seconds=15)) == 1
        assert close(desk, over + QUIET + timedelta(seconds=75)) == 0, "once is enough"
        assert seconds_of(desk, call) == seconds_of(desk, expected)
        assert desk.record(call)["outcome"] == "connected"


def seconds_of(desk: Helpdesk, call: Call) -> float:
    record = desk.record(call)
    return (
        datetime.fromisoformat(record["ended"]) - datetime.fromisoformat(record["started"])
    ).total_seconds()


def test_a_caller_who_left_unheard_is_found_out_and_an_alert(tmp_path: Path) -> None:
    with helpdesk(tmp_path) as desk:
        desk.net.delivery.add(Drop(), Which("call-status"))
        desk.net.delivery.add(Drop(), Which("leg-status", nth=3))
        call = desk.dial(leaves=WhileRinging(after=5))
        assert not desk.alerts(call)
        assert close(desk, desk.net.now + timedelta(minutes=4)) == 1
        assert desk.record(call)["outcome"] == "abandoned"
        assert desk.alerts(call) == ["abandoned"]


def test_a_long_conversation_is_not_closed(tmp_path: Path) -> None:
    with helpdesk(tmp_path, ada=Human(talks_for=7200)) as desk:
        call = desk.dials()
        desk.net.run(until=CHRISTMAS_NIGHT + timedelta(hours=1))
        assert close(desk, desk.net.now) == 0
        assert desk.record(call)["open"]
        desk.net.run()
        assert desk.record(call)["outcome"] == "connected"


@pytest.mark.parametrize("silent", ["failing", "forgetful"])
def test_when_the_provider_knows_nothing_a_call_ends_when_no_call_can_last_longer(
    tmp_path: Path, silent: str
) -> None:
    with helpdesk(tmp_path, ada=Human(talks_for=60)) as desk:
        assert desk.rest is not None
        desk.net.delivery.add(Drop(), Which("call-status"))
        call = desk.dial()
        if silent == "failing":
            desk.rest.faults.append(RestFault(500, times=100))
        else:
            del desk.net.exchange.channels[call.sid]
        assert close(desk, desk.net.now + timedelta(hours=1)) == 0
        assert close(desk, desk.net.now + LONGEST + timedelta(minutes=1)) == 1
        assert desk.record(call)["outcome"] == "connected"
        assert seconds_of(desk, call) < 200


def test_many_forgotten_calls_are_closed_together(tmp_path: Path) -> None:
    with helpdesk(tmp_path) as desk:
        desk.net.delivery.add(Drop(), Which("call-status"))
        calls = [desk.dials(["1", "3"]) for _ in range(12)]
        desk.net.run()
        assert close(desk, desk.net.now + timedelta(minutes=5)) == 12
        assert {desk.record(call)["open"] for call in calls} == {False}
