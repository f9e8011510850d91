"""Several processes at one outbox, one of them killed with a request on its way."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from simulator.rest import RestFault
from tests.conftest import Eventually
from tests.hotline.duty_desk import MONDAY, DutyDesk, after, alert, duty_desk, sending_process

ROOT = Path(__file__).parents[2]
DUE = 200


@pytest.fixture
def desk(engine: Engine) -> Iterator[DutyDesk]:
    with duty_desk(engine) as desk:
        yield desk


def _start(database_url: str, desk: DutyDesk, name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, *sending_process(database_url, desk.api_url, name, MONDAY)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_send_two_hundred_once_each_though_one_is_killed_in_mid_request(
    desk: DutyDesk, database_url: str, eventually: Eventually
) -> None:
    desk.queue(*(alert(f"row-{n:03}-") for n in range(DUE)))
    processes = {name: _start(database_url, desk, name) for name in ("left", "right")}
    for process in processes.values():
        _go(process)
    eventually(lambda: len(desk.net.messages) >= 40)
    # The next request is performed, and its answer never comes: who waits for it is killed.
    fault = RestFault("no answer", on="POST", performed=True)
    desk.rest.faults.append(fault)
    eventually(lambda: fault.times == 0 and _held(desk) is not None)
    held = _held(desk)
    assert held is not None
    key, victim = held
    processes[victim].kill()
    for process in processes.values():
        process.communicate(timeout=60)
    assert len(desk.rows(state="claimed")) == 1, "the other one sent all the rest"

    began = time.monotonic()
    assert desk.outbox("third").send_due(after(25 + 5 + (time.monotonic() - began) + 30)) == 1
    sent = desk.rows(state="sent")
    assert len(sent) == DUE
    assert Counter(desk.bodies()).most_common(1)[0][1] == 1
    assert len(desk.net.messages) == DUE
    assert {row["claimed_by"] for row in sent} == {"left", "right", "third"}
    assert [row["key"] for row in sent if row["unsure"]] == [key], "what was asked about is marked"


def _held(desk: DutyDesk) -> tuple[str, str] | None:
    """The row whose message went out last but one waits for the answer: its key, and who claimed it."""
    bodies = desk.bodies()
    for row in desk.rows(state="claimed"):
        number = [n for n, body in enumerate(bodies) if f"Zaak {row['key']}" in body]
        if number and number[0] < len(bodies) - 3:
            return row["key"], row["claimed_by"]
    return None


def test_three_processes_claim_no_row_twice(desk: DutyDesk, database_url: str) -> None:
    desk.queue(*(alert(f"row-{n:03}-") for n in range(90)))
    processes = [_start(database_url, desk, name) for name in ("one", "two", "three")]
    for process in processes:
        _go(process)
    for process in processes:
        process.communicate(timeout=60)
    assert len(desk.net.messages) == len(set(desk.bodies())) == 90
    assert {row["attempts"] for row in desk.rows(state="sent")} == {1}
