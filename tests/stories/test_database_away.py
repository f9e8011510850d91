"""The main database is locked, read-only, not there or silent. No caller notices, nothing is lost."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from hotline.storage.schema import is_current
from simulator.channels import Call
from simulator.phones import Human, Voicemail
from simulator.webhooks import Webhook
from tests.conftest import Eventually
from tests.postgresql import PostgresqlServer
from tests.stories.cast import CHRISTMAS_NIGHT, PHONES
from tests.stories.faults import locked
from tests.stories.world import Helpdesk, helpdesk


def the_night_call(desk: Helpdesk) -> Call:
    return desk.dial(["1", "1"])


def nobody_noticed(desk: Helpdesk, call: Call) -> None:
    """The right people were rung, at once, and the caller talked."""
    assert call.rung == [PHONES["ada"], PHONES["bo"]]
    assert call.talked_with == [PHONES["bo"]]
    assert desk.slowest < 1.5
    assert desk.get("/healthz").status_code == 200


def everything_is_there(desk: Helpdesk, call: Call) -> None:
    record = desk.record(call)
    assert [leg["outcome"] for leg in record["legs"]] == ["not confirmed", "accepted"]
    assert (record["outcome"], record["kind"]) == ("connected", "crisis")
    assert record["case"] == f"{CHRISTMAS_NIGHT.year}-0001"
    assert desk.services.journal.status().backlog == 0


def test_the_database_is_locked_during_the_whole_call(tmp_path: Path) -> None:
    with helpdesk(tmp_path, ada=Voicemail(), bo=Human()) as desk:
        desk.services.recorder.drain()
        with locked(tmp_path / "instance" / "hotline.db"):
            call = the_night_call(desk)
            nobody_noticed(desk, call)
            assert desk.services.journal.status().backlog > 5
        everything_is_there(desk, call)


@pytest.mark.parametrize("kind", ["screen", "screen-gather", "dial"])
def test_the_database_dies_between_ring_and_answer(tmp_path: Path, kind: str) -> None:
    with helpdesk(tmp_path, ada=Voicemail(), bo=Human()) as desk:
        desk.services.recorder.drain()
        dies = locked(tmp_path / "instance" / "hotline.db")
        died = threading.Event()

        def die(webhook: Webhook) -> None:
            if webhook.kind == kind and not died.is_set():
                died.set()
                dies.__enter__()

        desk.net.delivery.before.append(die)
        call = the_night_call(desk)
        nobody_noticed(desk, call)
        assert died.is_set()
        dies.__exit__(None, None, None)
        everything_is_there(desk, call)


def test_the_place_of_the_database_is_not_there_and_comes_back(tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.write_text("a file where the folder should be")
    with helpdesk(
        tmp_path, {"DATABASE_URL": f"sqlite:///{place / 'hotline.db'}"}, ada=Voicemail(), bo=Human()
    ) as desk:
        call = the_night_call(desk)
        nobody_noticed(desk, call)
        ready = desk.get("/readyz")
        assert ready.status_code == 503 and not ready.json()["checks"]["database"]["ok"]
        place.unlink()
        place.mkdir()
        everything_is_there(desk, call)


def test_the_database_can_only_be_read(tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("size=8m")
    environ = {"DATABASE_URL": f"sqlite:///{disk / 'hotline.db'}"}
    with helpdesk(tmp_path, environ) as desk:
        desk.services.recorder.drain()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with helpdesk(tmp_path, environ, ada=Voicemail(), bo=Human()) as desk:
        call = the_night_call(desk)
        nobody_noticed(desk, call)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        everything_is_there(desk, call)


def test_a_database_that_never_says_a_word_is_replaced_by_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        url = f"postgresql://hotline@127.0.0.1:{silent.getsockname()[1]}/hotline"
        away = {"DATABASE_URL": url}
        with helpdesk(tmp_path, away, recorded=False, ada=Voicemail(), bo=Human()) as desk:
            call = the_night_call(desk)
            nobody_noticed(desk, call)
    with helpdesk(tmp_path) as desk:
        everything_is_there(desk, call)


def test_postgresql_is_stopped_for_the_whole_call_and_started_again(
    tmp_path: Path, postgresql_server: PostgresqlServer, postgresql_url: str, eventually: Eventually
) -> None:
    with helpdesk(tmp_path, {"DATABASE_URL": postgresql_url}, ada=Voicemail(), bo=Human()) as desk:
        desk.services.recorder.drain()
        postgresql_server.stop("fast")
        try:
            call = the_night_call(desk)
            nobody_noticed(desk, call)
            ready = desk.get("/readyz")
            assert ready.status_code == 503 and not ready.json()["checks"]["database"]["ok"]
        finally:
            postgresql_server.resume()
        # By itself, without anybody's hand.
        eventually(lambda: desk.services.journal.status().backlog == 0)
        everything_is_there(desk, call)
        assert desk.get("/readyz").json()["checks"]["database"]["ok"]


def test_postgresql_is_stopped_between_ring_and_answer(
    tmp_path: Path, postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    with helpdesk(tmp_path, {"DATABASE_URL": postgresql_url}, ada=Voicemail(), bo=Human()) as desk:
        desk.services.recorder.drain()
        stopped = threading.Event()

        def stop(webhook: Webhook) -> None:
            if webhook.kind == "screen" and not stopped.is_set():
                stopped.set()
                postgresql_server.stop("fast")

        desk.net.delivery.before.insert(0, stop)
        try:
            call = the_night_call(desk)
            nobody_noticed(desk, call)
        finally:
            postgresql_server.resume()
        everything_is_there(desk, call)


def test_the_database_comes_back_empty_and_takes_up_what_happens_from_then_on(
    tmp_path: Path, eventually: Eventually
) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    with helpdesk(
        tmp_path, {"DATABASE_URL": f"sqlite:///{place / 'hotline.db'}"}, ada=Voicemail(), bo=Human()
    ) as desk:
        eventually(lambda: is_current(desk.services.engine))
        desk.services.engine.dispose()
        for file in place.iterdir():
            file.unlink(missing_ok=True)
        call = the_night_call(desk)
        with suppress(OperationalError):
            desk.services.recorder.drain()
        nobody_noticed(desk, call)
        everything_is_there(desk, call)
