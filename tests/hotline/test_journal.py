from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.events import Event
from hotline.journal import Journal
from tests.conftest import Eventually
from tests.forks import forked
from tests.hotline.journal_child import appending

AT = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)


def event(key: str, call: str = "CA1") -> Event:
    return Event(key, call, "menu", AT, {"step": 1, "why": "turn"}, "v1.k.n.c")


def keys(journal: Journal) -> list[str]:
    return [event.key for _, event in journal.read(0, 100_000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "journal.db"


@pytest.fixture
def open_journal(path: Path) -> Iterator[Callable[[], Journal]]:
    opened: list[Journal] = []

    def open_one() -> Journal:
        opened.append(Journal(path, reserve_bytes=4096))
        return opened[-1]

    yield open_one
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(open_journal: Callable[[], Journal]) -> Journal:
    return open_journal()


def test_an_event_comes_back_as_it_was_appended(journal: Journal) -> None:
    amsterdam = timezone(timedelta(hours=1))
    told = Event(
        "k", "CA1", "menu", AT.astimezone(amsterdam), {"a": [1, None, "é\n"], "b": {"c": 1.5}}, "v1.k.n.c"
    )
    assert journal.append([told])
    assert [found for _, found in journal.read(0, 10)] == [told]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()))
def test_no_text_can_stop_the_journal(journal: Journal, key: str, kind: str, data: dict[str, str]) -> None:
    assert journal.append([Event(key, "CA1", kind, AT, data)])
    assert journal.holds(key)


def test_text_no_database_takes_is_made_harmless(journal: Journal) -> None:
    assert journal.append([Event("a\0b\ud800", "CA\0", "k", AT, {"d": "\0\ud800"})])
    ((_, found),) = journal.read(0, 10)
    assert (found.key, found.call) == ("a\ufffdb?", "CA\ufffd")
    assert journal.holds("a\0b\ud800")


def test_the_same_webhook_fifty_times_at_once_is_one_event(journal: Journal) -> None:
    barrier = threading.Barrier(50)

    def append(_: int) -> bool:
        barrier.wait()
        return journal.append([event("CA1/menu/0/0")])

    with ThreadPoolExecutor(50) as pool:
        assert all(pool.map(append, range(50)))
    assert keys(journal) == ["CA1/menu/0/0"]
    assert journal.append([event("CA1/menu/0/0")])
    assert keys(journal) == ["CA1/menu/0/0"]


def test_events_keep_the_order_in_which_each_call_told_them(journal: Journal) -> None:
    def tell(call: int) -> None:
        for step in range(0, 40, 2):
            assert journal.append(
                [event(f"{call}/{step}", f"{call}"), event(f"{call}/{step + 1}", f"{call}")]
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tell, range(8)))
    found = journal.read(0, 1000)
    assert [number for number, _ in found] == sorted({number for number, _ in found})
    for call in range(8):
        told = [event.key for _, event in found if event.call == str(call)]
        assert told == [f"{call}/{step}" for step in range(40)]


def test_an_event_without_an_instant_or_with_data_that_is_no_json_is_refused_at_once(
    journal: Journal,
) -> None:
    with pytest.raises(ValueError, match="offset"):
        journal.append([Event("k", "CA1", "menu", AT.replace(tzinfo=None))])
    with pytest.raises(TypeError):
        journal.append([Event("k", "CA1", "menu", AT, {"a": object()})])
    with pytest.raises(ValueError, match="JSON"):
        journal.append([Event("k", "CA1", "menu", AT, {"a": float("nan")})])
    assert journal.append([event("next")])
    assert keys(journal) == ["next"]


def test_what_is_forgotten_is_not_read_again_but_still_held(open_journal: Callable[[], Journal]) -> None:
    journal = open_journal()
    journal.append([event(f"k{number}") for number in range(5)])
    third, _ = journal.read(0, 3)[-1]
    journal.forget(third)
    for same in (journal, open_journal()):
        assert keys(same) == ["k3", "k4"]
        assert same.holds("k0")
        assert same.status().backlog == 2
    assert journal.append([event("k0")])
    assert keys(journal) == ["k3", "k4"]
    journal.forget(third - 1)
    assert keys(journal) == ["k3", "k4"]


def test_reading_goes_on_after_the_number_given(journal: Journal) -> None:
    journal.append([event(f"k{number}") for number in range(5)])
    first_two = journal.read(0, 2)
    assert [event.key for _, event in journal.read(first_two[-1][0], 2)] == ["k2", "k3"]


def test_what_was_recorded_long_ago_leaves_the_file_and_what_was_not_stays(path: Path) -> None:
    with closing(Journal(path, keep_seconds=-1, reserve_bytes=4096)) as journal:
        journal.append([event(f"k{number}") for number in range(4)])
        journal.forget(journal.read(0, 3)[-1][0])
        assert not journal.holds("k0")
        assert journal.holds("k3")
        assert keys(journal) == ["k3"]
        journal.append([event("k0")])
        assert keys(journal) == ["k3", "k0"]


def test_the_status_tells_how_many_wait_and_since_when(journal: Journal) -> None:
    status = journal.status()
    assert (status.backlog, status.oldest, status.in_memory, status.fault) == (0, None, 0, None)
    before = datetime.now(UTC)
    journal.append([event("a"), event("b")])
    status = journal.status()
    assert status.backlog == 2
    assert status.oldest is not None
    assert before <= status.oldest <= datetime.now(UTC)


def test_a_closed_journal_refuses_and_the_next_one_has_everything(
    open_journal: Callable[[], Journal],
) -> None:
    journal = open_journal()
    with ThreadPoolExecutor(8) as pool:
        for number in range(200):
            pool.submit(journal.append, [event(f"k{number}")])
    journal.close()
    journal.close()
    assert journal.append([event("late")]) is False
    journal.forget(1)
    assert sorted(keys(open_journal())) == sorted(f"k{number}" for number in range(200))


def left_in(said: Connection) -> list[str]:
    """What a process said before it ended and nobody has heard yet."""
    heard = []
    with suppress(EOFError, ConnectionResetError):
        while True:
            heard.append(said.recv())
    return heard


def test_two_processes_share_a_journal(path: Path, journal: Journal) -> None:
    with forked(appending, path, "theirs", 0, 100) as (said, process):
        assert said.recv() == "ready"
        said.send("go")
        for number in range(100):
            assert journal.append([event(f"ours/{number}"), event(f"theirs/{number}")], timeout=10)
        assert len(left_in(said)) == 100
        process.join(30)
        assert process.exitcode == 0
    found = keys(journal)
    assert len(found) == len(set(found)) == 200
    assert [key for key in found if key.startswith("ours")] == [f"ours/{number}" for number in range(100)]


def test_nothing_that_was_answered_is_lost_when_the_process_is_killed(
    path: Path, open_journal: Callable[[], Journal]
) -> None:
    answered: list[str] = []
    for kill_after in (1, 2, 3, 5, 8, 40):
        # Each new process tells the last ones again, as the provider does with a webhook nobody answered.
        first = max(0, len(answered) - 2)
        with forked(appending, path, "CA1", first, 1000) as (said, process):
            assert said.recv() == "ready"
            said.send("go")
            for _ in range(kill_after):
                key = said.recv()
                if key not in answered:
                    answered.append(key)
            process.kill()
            answered += [key for key in left_in(said) if key not in answered]
    journal = open_journal()
    found = keys(journal)
    assert len(found) == len(set(found))
    assert found[: len(answered)] == answered
    assert len(found) <= len(answered) + 6


def test_a_journal_without_events_finds_out_by_itself_that_the_disk_is_well_again(
    tmp_path: Path, eventually: Eventually
) -> None:
    (tmp_path / "file").write_text("in the way")
    with closing(Journal(tmp_path / "file" / "journal.db", reserve_bytes=4096)) as journal:
        assert journal.status().fault == "unwritable"
        (tmp_path / "file").unlink()
        eventually(lambda: journal.status().fault is None)


def test_the_oldest_waiting_event_is_seen_while_it_is_only_in_memory(
    tmp_path: Path, eventually: Eventually
) -> None:
    (tmp_path / "file").write_text("in the way")
    place = tmp_path / "file" / "journal.db"
    with closing(Journal(place, reserve_bytes=4096)) as journal:
        assert journal.append([event("a")]) is False
        assert journal.holds("a")
        assert journal.status().in_memory == journal.status().backlog == 1
        assert journal.status().oldest is not None
        assert journal.status().fault == "unwritable"
        (tmp_path / "file").unlink()
        eventually(lambda: journal.status().in_memory == 0)
        assert keys(journal) == ["a"]
        eventually(lambda: journal.status().fault is None)
