"""A helpdesk that serves the stories of a file one after the other, each with telephones of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from simulator.exchange import Habits
from simulator.network import Network
from tests.stories.promises import failures, keep_promises
from tests.stories.world import Helpdesk, helpdesk, log_kept, network

MakeDesk = Callable[..., Helpdesk]


@pytest.fixture(scope="module")
def long_lived_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Helpdesk]:
    with helpdesk(tmp_path_factory.mktemp("helpdesk"), alone=False) as desk:
        yield desk


@pytest.fixture
def make_desk(long_lived_desk: Helpdesk) -> Iterator[MakeDesk]:
    """A helpdesk for a story that leaves it as it was; its arguments say how phones behave, or a network
    that has been used before."""
    with desks_of(long_lived_desk) as make:
        yield make


@contextmanager
def desks_of(long_lived_desk: Helpdesk) -> Iterator[MakeDesk]:
    desks = []
    failed_before = failures()
    with log_kept() as log:

        def make(habits: Habits | None = None, net: Network | None = None, **phones: Any) -> Helpdesk:
            net = net or network(long_lived_desk.settings, phones, habits)
            desks.append(replace(long_lived_desk, net=net, rest=None, log=log, seconds=[]))
            return desks[-1]

        yield make
        for desk in desks:
            keep_promises(desk, failed_before)
