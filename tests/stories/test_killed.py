"""Our server is killed before and behind every step of a call, and the call goes on to the same end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotline.storage import tables
from simulator.callers import Caller
from simulator.channels import Call
from simulator.delivery import CALLBACKS, Hook, LoseAnswer, Which
from simulator.phones import Human, Voicemail
from simulator.webhooks import Webhook
from tests.conftest import Eventually
from tests.ports import free_port
from tests.rounds import rounds
from tests.stories.cast import CALLER, CHRISTMAS_NIGHT, HELPDESK, PHONES
from tests.stories.faults import locked
from tests.stories.servers import server_beside, until_it_answers
from tests.stories.world import Helpdesk, environ_of, network, settings_for

PHONES_OF_THE_NIGHT: dict[str, Any] = {"ada": Voicemail(), "bo": Human(talks_for=30)}


def the_night_call(desk: Helpdesk) -> Call:
    return desk.dial(["1", "1", "2"])


def told(desk: Helpdesk, call: Call) -> Any:
    """What is left of a call that must not depend on how often the server died: its record and its facts."""
    record = desk.record(call)
    facts = sorted(row["key"].removeprefix(call.sid) for row in desk.rows(tables.events, call))
    legs = [(leg["person"], leg["outcome"], leg["why"]) for leg in record["legs"]]
    return record["outcome"], record["kind"], record["language"], legs, facts, call.rung, call.talked_with


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Any]:
    """The kinds of webhooks of the night's call, and what is told of it, when nothing goes wrong."""
    with server_beside(tmp_path_factory.mktemp("quiet"), **PHONES_OF_THE_NIGHT) as (desk, _):
        call = the_night_call(desk)
        return [webhook.kind for webhook in desk.net.webhooks], told(desk, call)


def one_record_each(desk: Helpdesk, calls: list[Call]) -> None:
    recorded = [row["sid"] for row in desk.rows(tables.calls)]
    assert sorted(recorded) == sorted(call.sid for call in calls)
    assert len(desk.rows(tables.cases)) == len(calls)


def once_at(desk: Helpdesk, nth: int, happens: Callable[[], None]) -> Hook:
    """What happens at the `nth` webhook from now on (from 0), and not again when that is repeated."""
    due = len(desk.net.webhooks) + nth
    happened: list[Webhook] = []

    def hook(webhook: Webhook) -> None:
        if not happened and desk.net.webhooks.index(webhook) == due:
            happened.append(webhook)
            happens()

    return hook


def in_turns(times: list[int]) -> list[list[int]]:
    """Each of the times once: in a hurry few calls die often, else each time has a call of its own."""
    calls = rounds(min(4, len(times)), len(times))
    return [times[first::calls] for first in range(calls)]


def test_killed_before_any_webhook_it_continues(tmp_path: Path, undisturbed: tuple[list[str], Any]) -> None:
    kinds, expected = undisturbed
    with server_beside(tmp_path, **PHONES_OF_THE_NIGHT) as (desk, server):
        calls = []
        for times in in_turns(list(range(len(kinds)))):
            hooks = [once_at(desk, nth, server.restart) for nth in times]
            desk.net.delivery.before[:0] = hooks
            calls.append(the_night_call(desk))
            del desk.net.delivery.before[: len(hooks)]
            assert told(desk, calls[-1]) == expected
        assert server.started == len(kinds) + 1
        one_record_each(desk, calls)


def test_killed_before_it_could_answer_it_is_asked_again(
    tmp_path: Path, undisturbed: tuple[list[str], Any]
) -> None:
    kinds, expected = undisturbed
    # Nobody waits for the answer to a callback.
    waited_for = [nth for nth, kind in enumerate(kinds) if kind not in CALLBACKS]
    with server_beside(tmp_path, **PHONES_OF_THE_NIGHT) as (desk, server):
        calls = []
        for times in in_turns(waited_for):
            for nth in times:
                desk.net.delivery.after.append(once_at(desk, nth, server.restart))
                desk.net.delivery.add(LoseAnswer(), Which(kinds[nth], nth=kinds[: nth + 1].count(kinds[nth])))
            calls.append(the_night_call(desk))
            del desk.net.delivery.after[-len(times) :]
            desk.net.delivery.rules.clear()
            assert told(desk, calls[-1]) == expected
        assert server.started == len(waited_for) + 1
        one_record_each(desk, calls)


def test_away_for_a_moment_it_is_asked_again(tmp_path: Path) -> None:
    with server_beside(tmp_path, **PHONES_OF_THE_NIGHT) as (desk, server):
        asked = []

        def is_away_at_first(webhook: Webhook) -> None:
            asked.append(webhook)
            if webhook.kind == "dial":
                server.kill() if asked.count(webhook) == 1 else server.start()

        desk.net.delivery.before.insert(0, is_away_at_first)
        call = desk.dial()
        assert server.started == 3
        assert call.talked_with == [PHONES["bo"]]


def test_killed_when_the_database_was_locked_nothing_is_lost(tmp_path: Path, eventually: Eventually) -> None:
    with server_beside(tmp_path, **PHONES_OF_THE_NIGHT) as (desk, server):
        desk.services.recorder.drain()
        with locked(tmp_path / "instance" / "hotline.db"):
            call = desk.dial()
            server.kill()
        assert desk.services.journal.status().backlog
        server.start()
        # By the new process, without anybody's hand.
        eventually(lambda: not desk.services.journal.status().backlog)
        assert desk.record(call)["outcome"] == "connected"


def test_stopped_by_the_operator_it_answers_what_it_has_begun(tmp_path: Path) -> None:
    with server_beside(tmp_path, **PHONES_OF_THE_NIGHT) as (desk, server):
        call = desk.dial()
        old = [webhook for webhook in desk.net.webhooks if webhook.kind != "call-status"]
        threads = [threading.Thread(target=desk.net.repeat, args=(webhook, 20)) for webhook in old[:6]]
        answers = sum(len(webhook.answers) for webhook in old)
        for thread in threads:
            thread.start()
        server.stop()
        for thread in threads:
            thread.join()
        given = [answer for webhook in old for answer in webhook.answers]
        assert len(given) == answers + 120
        # Answered in full or refused outright; no answer is cut off.
        assert all(answer.status == 200 or answer.error in ("connect", "reset") for answer in given)
        server.start()
        assert desk.record(call)["outcome"] == "connected"


def test_started_as_the_readme_says_it_answers_and_stops_cleanly(tmp_path: Path) -> None:
    environ = os.environ | environ_of(tmp_path, {"PORT": str(free_port())})
    settings = settings_for(tmp_path, environ)
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "app.py"], env=environ, stderr=log)
        try:
            until_it_answers(settings.port)
            net = network(settings, PHONES_OF_THE_NIGHT)
            call = net.dial(CALLER, HELPDESK, CHRISTMAS_NIGHT, Caller(["1", "1"]))
            net.run()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert call.talked_with == [PHONES["bo"]]
    assert not net.errors
    lines = (tmp_path / "log").read_text().splitlines()
    assert {json.loads(line)["level"] for line in lines} <= {"info", "warning"}
