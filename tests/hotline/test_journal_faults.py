"""The journal while its disk is full, locked, read-only, damaged or gone: nothing lost, nobody waits long."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.events import Event
from hotline.journal import Journal
from tests.conftest import Eventually
from tests.forks import forked
from tests.hotline.journal_child import appending_to_a_file_that_may_not_grow

AT = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)
SmallDisk = Callable[[str], Path]


def event(key: str, size: int = 0) -> Event:
    return Event(key, "CA1", "menu", AT, {"padding": "x" * size})


def keys(journal: Journal) -> list[str]:
    return [event.key for _, event in journal.read(0, 100_000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal(path, reserve_bytes=4096)) as journal:
        yield journal


def lock(path: Path) -> sqlite3.Connection:
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    return holder


def test_a_lock_of_three_seconds_delays_answers_a_little_and_loses_nothing(
    path: Path, journal: Journal, eventually: Eventually
) -> None:
    holder = lock(path)
    release = threading.Timer(3, holder.close)
    release.start()
    waited: list[float] = []
    told: list[str] = []
    while release.is_alive():
        told.append(f"k{len(told)}")
        began = time.monotonic()
        journal.append([event(told[-1])])
        waited.append(time.monotonic() - began)
        assert journal.holds(told[-1])
    release.join()
    assert max(waited) < 2.5
    assert len(told) > 3, "once the lock has lasted, answers do not wait for it any more"
    eventually(lambda: keys(journal) == told)
    assert journal.status().fault is None
    assert journal.append([event("after")])


def test_a_short_lock_is_waited_for(path: Path, journal: Journal) -> None:
    holder = lock(path)
    threading.Timer(0.3, holder.close).start()
    assert journal.append([event("k")])


def test_memory_has_a_limit_and_what_was_taken_keeps_its_place(path: Path, eventually: Eventually) -> None:
    with closing(Journal(path, memory_limit=3, reserve_bytes=4096)) as journal:
        with closing(lock(path)):
            for number in range(5):
                assert journal.append([event(f"k{number}")], timeout=0.01) is False
            assert [journal.holds(f"k{number}") for number in range(5)] == [True] * 3 + [False] * 2
            # The same webhook again and again takes up no more room.
            again = ThreadPoolExecutor(1).submit(journal.append, [event("k0")], 10)
            assert journal.status().in_memory == 3
        assert again.result()
        eventually(lambda: keys(journal) == ["k0", "k1", "k2"])
        assert journal.append([event("k4")])


def test_a_full_disk_uses_the_reserve_then_memory_and_recovers_by_itself(
    small_disk: SmallDisk, eventually: Eventually
) -> None:
    disk = small_disk("size=4m")
    with closing(Journal(disk / "journal.db", reserve_bytes=512 * 1024)) as journal:
        eventually((disk / "journal.db.reserve").exists)
        assert journal.append([event("before")])
        fill(disk / "backup")
        told = ["before"]
        while journal.append([event(f"k{len(told)}", 2000)]):
            told.append(f"k{len(told)}")
        assert len(told) > 20, "the reserve carried the journal for a while"
        assert not (disk / "journal.db.reserve").exists()
        told.append(f"k{len(told)}")
        assert journal.status().fault == "full"

        began = time.monotonic()
        for _ in range(5):
            told.append(f"k{len(told)}")
            assert journal.append([event(told[-1], 2000)]) is False
        assert time.monotonic() - began < 3, "nobody waits for a disk that is known to be full"
        assert all(journal.holds(key) for key in told)

        (disk / "backup").unlink()
        eventually(lambda: keys(journal) == told)
        eventually((disk / "journal.db.reserve").exists)
        assert journal.status().fault is None


def test_a_disk_without_room_for_the_reserve_is_told_while_all_still_works(small_disk: SmallDisk) -> None:
    disk = small_disk("size=1m")
    with closing(Journal(disk / "journal.db", reserve_bytes=512 * 1024)) as journal:
        assert journal.append([event("k")])
        assert journal.append([event("k2")])
        assert journal.status().fault == "nearly full"


def test_a_limit_on_the_file_s_size_costs_no_event(tmp_path: Path) -> None:
    with forked(appending_to_a_file_that_may_not_grow, tmp_path / "journal.db") as (said, process):
        assert said.poll(60)
        told, kept = said.recv()
        assert kept == told
        process.join(10)
        assert process.exitcode == 0


def test_a_read_only_disk_keeps_events_in_memory_until_it_can_be_written(
    small_disk: SmallDisk, eventually: Eventually
) -> None:
    disk = small_disk("size=4m,ro")
    with closing(Journal(disk / "journal.db", reserve_bytes=4096)) as journal:
        assert journal.append([event("a"), event("b")]) is False
        assert journal.holds("a")
        assert journal.status().fault == "read-only"
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        eventually(lambda: keys(journal) == ["a", "b"])
        assert journal.append([event("c")])


def test_a_file_that_is_no_journal_is_set_aside_and_kept(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 1000)
    with closing(Journal(path, reserve_bytes=4096)) as journal:
        assert journal.append([event("k")])
        assert keys(journal) == ["k"]
    (aside,) = path.parent.glob("journal.db.damaged-*")
    assert aside.read_bytes().startswith(b"this is not a database")


def test_what_a_damaged_journal_still_tells_is_taken_over(path: Path) -> None:
    with closing(Journal(path, reserve_bytes=4096)) as journal:
        for number in range(200):
            journal.append([event(f"k{number}", 1500)], timeout=10)
        last, _ = journal.read(0, 1000)[-1]
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with closing(Journal(path, reserve_bytes=4096)) as journal:
        assert journal.append([event("new")])
        found = keys(journal)
        assert found[-1] == "new"
        assert {"k0", "k199"} <= set(found)
        assert len(found) > 150
        assert list(path.parent.glob("journal.db.damaged-1"))
        assert journal.read(last, 1000)[0][1].key == found[0], "an old number hides nothing of the new file"
        journal.forget(last)
        assert keys(journal) == found


def test_a_journal_damaged_while_it_is_in_use_is_replaced(path: Path) -> None:
    with closing(Journal(path, reserve_bytes=4096)) as journal:
        for number in range(60):
            journal.append([event(f"k{number}", 3000)], timeout=10)
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        # A change by another connection makes ours read the pages again.
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA user_version = 7")
            other.commit()
        assert journal.append([event("after")])
        assert "after" in keys(journal)
        assert journal.append([event("later")])
        assert journal.status().fault is None
    assert list(path.parent.glob("journal.db.damaged-*"))


def test_a_damage_that_only_shows_when_writing_is_no_trap(path: Path, journal: Journal) -> None:
    assert journal.append([event("before")])
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA writable_schema = ON")
        other.execute(
            "UPDATE sqlite_schema SET sql = 'CREATE TABLE sqlite_sequence(a)' WHERE name = 'sqlite_sequence'"
        )
        other.execute("PRAGMA schema_version = 999")
        other.commit()
    assert journal.append([event("after")])
    assert keys(journal) == ["before", "after"]


def test_a_journal_that_somebody_removed_is_begun_again(path: Path, journal: Journal) -> None:
    assert journal.append([event("before")])
    for file in path.parent.glob("journal.db*"):
        file.unlink()
    assert journal.append([event("after")])
    assert keys(journal) == ["after"]
    shutil.rmtree(path.parent)
    assert journal.append([event("last")])
    assert keys(journal) == ["last"]


def test_another_process_that_replaced_the_journal_is_followed(path: Path, journal: Journal) -> None:
    assert journal.append([event("before")])
    for suffix in ("-wal", "-shm", ""):
        path.with_name(f"journal.db{suffix}").rename(path.with_name(f"moved{suffix}"))
    with closing(Journal(path, reserve_bytes=4096)) as other:
        assert other.append([event("theirs")])
        assert journal.holds("theirs")
        assert journal.append([event("ours")])
        assert sorted(keys(other)) == ["ours", "theirs"]


def test_an_event_that_can_never_be_stored_holds_up_no_other(path: Path, journal: Journal) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON events WHEN new.key = 'bad'"
            " BEGIN SELECT raise(ABORT, 'refused'); END"
        )
    holder = lock(path)
    results: dict[str, bool] = {}

    def append(key: str) -> None:
        results[key] = journal.append([event(key)], timeout=10)

    threads = [threading.Thread(target=append, args=(key,)) for key in ("a", "bad", "b")]
    for thread in threads:
        thread.start()
    holder.close()
    for thread in threads:
        thread.join()
    assert results == {"a": True, "bad": False, "b": True}
    assert sorted(keys(journal)) == ["a", "b"]
    assert not journal.holds("bad")
    assert journal.append([event("next")])


def fill(path: Path) -> None:
    block = b"x" * 65536
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(block):
                pass
        except OSError:
            return
