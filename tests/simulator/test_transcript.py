"""A call can be read line by line, and no number is readable in it."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from simulator.callers import Caller
from simulator.phones import Human
from tests.simulator.helpline import ANNA, ASK, World


def test_a_call_reads_as_it_went(world: World) -> None:
    world.net.add_phone(ANNA, Human(), name="Anna")
    call = world.call(ASK, caller=Caller(keys=["1"]))
    lines = world.net.transcript(call).lines(ZoneInfo("Europe/Amsterdam"), webhooks=False)
    assert lines == [
        "04:00:00  caller  dials …86, number …99",
        "04:00:00  caller  is connected",
        "04:00:00  caller  hears (en-US): In danger call 112. Press 1.",
        "04:00:03  caller  presses 1",
        "04:00:03  caller  keys taken: 1",
        "04:00:03  caller  hears it ring: …05",
        "04:00:04  Anna    rings, shows …86",
        "04:00:08  Anna    is connected",
        "04:00:08  Anna    hears (en-US): A call. Press 1.",
        "04:00:11  Anna    presses 1",
        "04:00:11  Anna    keys taken: 1",
        "04:00:11  caller  talks with …05",
        "04:00:11  Anna    talks with the caller",
        "04:01:11  Anna    is off the line: completed, by advisor",
        "04:01:11  caller  the ring of …05 is over: completed, bridged",
        "04:01:11  caller  is alone on the line",
        "04:01:11  caller  hears (en-US): That was all. In danger call 112.",
        "04:01:13  caller  is off the line: completed, by network",
    ]
    assert "webhook gather: POST /menu -> 200 Dial" in str(world.net.transcript(call))


def test_no_number_can_be_read_in_a_transcript(world: World) -> None:
    world.line.pages["/menu"] = "<Say>Thank you.</Say>"
    call = world.call(ASK.replace('numDigits="1"', ""), caller=Caller(keys=["+46701740699#".lstrip("+")]))
    assert "keys taken: …99" in str(world.net.transcript(call))
    assert not re.search(r"\d{7}", str(world.net.transcript(call)))
    withheld = world.call(from_="anonymous")
    assert "number withheld" in str(world.net.transcript(withheld))
