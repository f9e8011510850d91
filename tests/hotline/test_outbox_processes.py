"""Several processes at one outbox, one of them killed with a request on its way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing.process import BaseProcess
from signal import SIGKILL

import pytest
from sqlalchemy import Engine

from simulator.rest import RestFault
from tests.conftest import Eventually
from tests.forks import forked
from tests.hotline.duty_desk import MONDAY, DutyDesk, after, alert, duty_desk, sending_process
from tests.rounds import rounds

DUE = rounds(48, 200)
Start = Callable[..., dict[str, BaseProcess]]


@pytest.fixture
def desk(engine: Engine) -> Iterator[DutyDesk]:
    with duty_desk(engine) as desk:
        yield desk


@pytest.fixture
def start(desk: DutyDesk, database_url: str) -> Iterator[Start]:
    """Starts processes of these names, which all begin to send when each is ready."""
    with ExitStack() as all_of_them:

        def start(*names: str) -> dict[str, BaseProcess]:
            each = {
                name: all_of_them.enter_context(
                    forked(sending_process, database_url, desk.api_url, name, MONDAY)
                )
                for name in names
            }
            for said, _ in each.values():
                assert said.recv() == "ready"
            for said, _ in each.values():
                said.send("go")
            return {name: process for name, (_, process) in each.items()}

        yield start


def test_two_processes_send_each_row_once_though_one_is_killed_in_mid_request(
    desk: DutyDesk, start: Start, eventually: Eventually
) -> None:
    desk.queue(*(alert(f"row-{n:03}-") for n in range(DUE)))
    processes = start("left", "right")
    eventually(lambda: len(desk.net.messages) >= 20)
    # The next request is performed, and its answer never comes: who waits for it is killed.
    fault = RestFault("no answer", on="POST", performed=True)
    desk.rest.faults.append(fault)
    eventually(lambda: len(fault.met) == 1)
    (body,) = fault.met[0].form["Body"]
    eventually(lambda: any(text == body for text in desk.bodies()))
    (row,) = [row for row in desk.rows(state="claimed") if f"Zaak {row['key']}" in body]
    key, victim = row["key"], row["claimed_by"]
    processes[victim].kill()
    for process in processes.values():
        process.join(60)
        assert process.exitcode == (-SIGKILL if process is processes[victim] else 0)
    assert len(desk.rows(state="claimed")) == 1, "the other one sent all the rest"

    began = time.monotonic()
    assert desk.outbox("third").send_due(after(25 + 5 + (time.monotonic() - began) + 30)) == 1
    sent = desk.rows(state="sent")
    assert len(sent) == DUE
    assert Counter(desk.bodies()).most_common(1)[0][1] == 1
    assert len(desk.net.messages) == DUE
    assert {row["claimed_by"] for row in sent} == {"left", "right", "third"}
    assert [row["key"] for row in sent if row["unsure"]] == [key], "what was asked about is marked"


def test_three_processes_claim_no_row_twice(desk: DutyDesk, start: Start) -> None:
    desk.queue(*(alert(f"row-{n:03}-") for n in range(DUE)))
    for process in start("one", "two", "three").values():
        process.join(60)
        assert process.exitcode == 0
    assert len(desk.net.messages) == len(set(desk.bodies())) == DUE
    assert {row["attempts"] for row in desk.rows(state="sent")} == {1}
