"""Two editors at once, many times: one wins, the other is told, no edit is lost and no note."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hotline.roster.edits import AddOverride
from hotline.roster.publishing import HAND, Conflict, Saved
from hotline.storage.engine import make_engine
from tests.databases import make_sqlite
from tests.forks import forked
from tests.hotline.roster_child import editor, save_often
from tests.hotline.roster_desk import EVA, NOW, ROSTER, TINY, Desk, at, count_in, counted_up, desk
from tests.rounds import rounds

PROCESS_ROUNDS, THREAD_ROUNDS = rounds(24, 600), rounds(24, 400)
HAND_ROUNDS = rounds(24, 100)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: thousands of saves wait for the disk several times each."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(dir=memory))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def url(folder: Path) -> str:
    return make_sqlite(folder / "hotline.db")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = make_engine(url)
    yield made
    made.dispose()


def nothing_is_lost(here: Desk, rounds: int) -> None:
    """Each version is one step of one editor; in the end all steps of both are there, and every note."""
    assert (count_in(here.text, "Ada"), count_in(here.text, "Bo")) == (rounds, rounds)
    assert (
        counted_up(TINY, "Ada").replace("Ada 1", f"Ada {rounds}").replace("Bo 0", f"Bo {rounds}") == here.text
    )
    history = here.store.history(2 * rounds + 2)
    assert [version.sequence for version in history] == list(range(2 * rounds + 1, 0, -1))
    steps = [(count_in(version.text, "Ada"), count_in(version.text, "Bo")) for version in reversed(history)]
    assert all(after[0] - before[0] + after[1] - before[1] == 1 for before, after in pairwise(steps))
    assert here.store.conflicts() == []
    assert list(here.path.parent.glob(".*")) == []


def test_two_threads_save_at_once_and_no_edit_is_lost(folder: Path, engine: Engine) -> None:
    here = desk(folder / "replica", engine, TINY)
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda person: save_often(here, person, THREAD_ROUNDS), ("Ada", "Bo")))
    print(
        f"{THREAD_ROUNDS} rounds of two threads: {time.perf_counter() - began:.1f} s, {sum(told)} conflicts"
    )
    assert sum(told) > THREAD_ROUNDS / 10, "they did save at once"
    nothing_is_lost(here, THREAD_ROUNDS)


def test_two_processes_save_at_once_and_no_edit_is_lost(folder: Path, engine: Engine, url: str) -> None:
    here = desk(folder / "replica", engine, TINY)
    with (
        an_editor(here.path.parent, url, "Ada") as ada,
        an_editor(here.path.parent, url, "Bo") as bo,
    ):
        assert [each.recv() for each in (ada, bo)] == ["ready", "ready"]
        began = time.perf_counter()
        for each in (ada, bo):
            each.send("go")
        told = [each.recv() for each in (ada, bo)]
    seconds = time.perf_counter() - began
    print(f"{PROCESS_ROUNDS} rounds of two processes: {seconds:.1f} s, {sum(told)} conflicts")
    assert sum(told) > PROCESS_ROUNDS / 10, "they did save at once"
    here.notice()
    nothing_is_lost(here, PROCESS_ROUNDS)


@contextmanager
def an_editor(folder: Path, url: str, person: str) -> Iterator[Connection]:
    """What is said to an editor in a process of its own, and by it."""
    with forked(editor, folder, url, person, PROCESS_ROUNDS) as (said, _):
        yield said


def test_a_page_and_an_editor_save_in_the_same_moment_and_neither_is_lost(
    folder: Path, engine: Engine
) -> None:
    """The editor of the file knows no lock; it writes in place or puts a new file there, by turns."""
    here = desk(folder / "replica", engine, ROSTER)
    barrier = threading.Barrier(2)
    by_hand: list[str] = []

    def write(rounds: int) -> None:
        for index in range(rounds):
            barrier.wait()
            text = here.text + f"# by hand {index}\n"
            by_hand.append(text)
            # Not always at the very same moment of the other's save, and at times surely behind it.
            threading.Event().wait(0.25 if index % 12 == 11 else (index % 12) / 1000)
            if index % 2:
                here.path.write_text(text)
            else:
                new = folder / "new.yaml"
                new.write_text(text)
                new.replace(here.path)
            barrier.wait()

    results = []
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, HAND_ROUNDS)
        for index in range(HAND_ROUNDS):
            day = 1 + index % 28
            edit = AddOverride(
                "first", at(f"2027-01-{day:02}T10:00"), at(f"2027-01-{day:02}T11:00"), "bo", f"page {index}"
            )
            barrier.wait()
            results.append(here.edit(edit))
            barrier.wait()
            here.notice()
        writing.result()

    history = {version.text for version in here.store.history(3 * HAND_ROUNDS)}
    kept = {conflict.text for conflict in here.store.conflicts()}
    lost = [text for text in by_hand if text not in history and text not in kept]
    assert lost == []
    saved = [result.version.text for result in results if isinstance(result, Saved)]
    assert all(text in history for text in saved)
    told = [result for result in results if isinstance(result, Conflict)]
    assert len(saved) + len(told) == HAND_ROUNDS
    assert all("page" in conflict.ours for conflict in told)
    print(f"page and hand: {len(saved)} saved, {len(told)} in conflict, {len(kept)} kept aside")
    assert here.file.in_force.is_the_files
    assert "# the holidays" in here.text and "# works mornings" in here.text
    assert here.store.history(1)[0].text == here.text
    assert {version.author for version in here.store.history(3 * HAND_ROUNDS)} == {HAND, EVA}


def test_what_an_editor_writes_in_the_very_last_moment_is_kept(folder: Path, engine: Engine) -> None:
    here = desk(folder / "replica", engine, ROSTER)
    last = ROSTER + "# in the last moment\n"
    here.store.on_published(lambda *_: None)
    sharing = here.store._sharing
    look = sharing.on_disk
    seen: list[int] = []

    def look_and_be_overtaken() -> bytes | None:
        found = look()
        if not seen:
            seen.append(here.path.write_text(last))
        return found

    sharing.on_disk = look_and_be_overtaken  # type: ignore[method-assign]
    here.saves(AddOverride("first", at("2027-01-01T10:00"), at("2027-01-01T11:00"), "bo"))
    assert seen
    assert [conflict.text for conflict in here.store.conflicts()] == [last]
    assert "2027-01-01T10:00" in here.text
    kept = here.store.conflicts()[0]
    result = here.store.use_conflict(kept.id, base_version=here.version, author=EVA, why="", now=NOW)
    assert isinstance(result, Saved) and here.text == last
    assert here.store.conflicts() == []


def test_what_an_editor_writes_right_behind_a_save_is_noticed(folder: Path, engine: Engine) -> None:
    here = desk(folder / "replica", engine, ROSTER)
    behind = ROSTER + "# right behind\n"
    take = here.file.take

    def overtaken(*arguments: Any) -> None:
        here.path.write_text(behind)
        take(*arguments)

    here.file.take = overtaken  # type: ignore[assignment,method-assign]
    here.saves(AddOverride("first", at("2027-01-01T10:00"), at("2027-01-01T11:00"), "bo"))
    here.file.take = take  # type: ignore[method-assign]
    here.notice()
    assert here.store.in_force.text == behind == here.store.history(1)[0].text
