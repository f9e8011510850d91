"""The disk is full while people call: they are helped, and all of it is recorded when there is room again."""

from __future__ import annotations

import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hotline.storage import tables
from simulator.phones import Human, Voicemail
from tests.conftest import Eventually
from tests.stories.cast import PHONES
from tests.stories.servers import server_beside
from tests.stories.world import Helpdesk, helpdesk


def filled(disk: Path, name: str) -> Path:
    """Takes up what is left of the disk."""
    file = disk / name
    for piece in (1 << 20, 4096):
        with suppress(OSError), file.open("ab", buffering=0) as full:
            while full.write(bytes(piece)) == piece:
                pass
    return file


def journal_of(desk: Helpdesk) -> dict[str, object]:
    checks: dict[str, dict[str, object]] = desk.get("/readyz").json()["checks"]
    return checks["journal"]


def test_the_call_goes_on_and_everything_is_there_when_there_is_room(
    tmp_path: Path, small_disk: Callable[[str], Path], eventually: Eventually
) -> None:
    disk = small_disk("size=48m")
    with helpdesk(tmp_path, {"INSTANCE_DIR": str(disk / "instance")}, ada=Voicemail(), bo=Human()) as desk:
        calls = [desk.dial()]
        expected = desk.record(calls[0])
        taken = []
        # For a while the journal goes on in the room it has, then in the room it keeps in reserve.
        while journal_of(desk)["fault"] != "full":
            assert len(calls) < 40
            taken.append(filled(disk, f"something {len(calls)}"))
            calls.append(desk.dial())
        assert desk.get("/readyz").status_code == 503
        assert desk.get("/healthz").status_code == 200
        for call in calls:
            assert call.rung == [PHONES["ada"], PHONES["bo"]]
            assert call.talked_with == [PHONES["bo"]]
        for file in taken:
            file.unlink()
        eventually(lambda: journal_of(desk)["fault"] is None)
        assert journal_of(desk)["ok"]
        for call in calls:
            assert desk.record(call)["outcome"] == expected["outcome"] == "connected"
            assert len(desk.rows(tables.events, call)) == len(desk.rows(tables.events, calls[0]))


def test_no_file_may_grow_and_the_call_goes_on(tmp_path: Path, eventually: Eventually) -> None:
    with server_beside(tmp_path, ada=Voicemail(), bo=Human()) as (desk, server):
        before = desk.dial()
        desk.record(before)
        _, most = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, most))
        call = desk.dial()
        assert call.talked_with == [PHONES["bo"]]
        assert not journal_of(desk)["ok"]
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, most))
        eventually(lambda: bool(journal_of(desk)["ok"]))
        assert desk.record(call)["outcome"] == "connected"
        assert len(desk.rows(tables.events, call)) == len(desk.rows(tables.events, before))
