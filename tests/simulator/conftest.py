"""The world of the network's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from werkzeug.wrappers import Response

from simulator.network import Network
from simulator.phones import NoAnswer
from simulator.serving import Served
from tests.simulator.helpline import (
    ACCOUNT,
    ANNA,
    ASK,
    BEN,
    CARLA,
    DIAL,
    LINE,
    NIGHT,
    SCREEN,
    TOKEN,
    Helpline,
    World,
    accept,
)

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world() -> Iterator[MakeWorld]:
    """Builds a helpline with its network; `fallback` and all that Network takes may be given."""
    worlds: list[World] = []
    with ExitStack() as stack:

        def make(fallback: str = "", **more: Any) -> World:
            line = Helpline(
                {
                    "/incoming": DIAL,
                    "/ask": ASK,
                    "/menu": DIAL,
                    "/screen": SCREEN,
                    "/accept": accept,
                    "/dialled": "<Say>That was all. In danger call 112.</Say>",
                    "/leg": Response(status=204),
                    "/status": Response(status=204),
                }
            )
            origin = stack.enter_context(Served(line))
            net = Network(ACCOUNT, [TOKEN], starts_at=more.pop("starts_at", NIGHT), **more)
            net.add_number(LINE, f"{origin}/incoming", status_callback=f"{origin}/status", fallback=fallback)
            for number, name in ((ANNA, "Anna"), (BEN, "Ben"), (CARLA, "Carla")):
                net.add_phone(number, NoAnswer(), name=name)
            worlds.append(World(line, net, origin))
            return worlds[-1]

        yield make
    assert not [url for world in worlds for url in world.line.forged], "a request was signed wrongly"


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()
