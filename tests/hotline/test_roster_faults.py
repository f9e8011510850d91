"""The roster with a bad file, a full disk, a read-only folder, a killed process, without its database."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.roster.file import RosterFile
from hotline.roster.publishing import HAND, NotSaved, RosterStore, not_saved_sentence
from routing.reading import read_roster
from routing.wording import sentence
from tests.databases import make_sqlite
from tests.hotline.roster_desk import (
    NOW,
    ROSTER,
    Desk,
    christmas,
    conflict,
    desk,
    vault,
)

SmallDisk = Callable[[str], Path]

BAD: dict[str, bytes] = {
    "a syntax error": ROSTER.replace("rotations:", "rotations: [").encode(),
    "a key twice": (ROSTER + "timezone: Europe/Amsterdam\n").encode(),
    "a phone without quotes": ROSTER.replace('"+46701740606"', "+46701740606").encode(),
    "a bomb of aliases": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"b%d: &b%d [*a,*a,*a]\n" % (n, n) for n in range(9)),
    "ten megabytes": b"# " + b"x" * 10_000_000,
    "a zero byte": ROSTER.replace("Ada", "A\0da").encode(),
    "another encoding": ROSTER.encode("utf-16"),
    "half of it": ROSTER.encode()[: len(ROSTER) // 2],
    "nothing": b"",
    "zeros": bytes(4096),
}


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


@pytest.fixture
def here(tmp_path: Path, engine: Engine) -> Desk:
    return desk(tmp_path / "replica", engine)


def test_bad_files_change_nothing_but_what_is_told_and_take_no_memory(here: Desk) -> None:
    before, most = here.roster, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for how, data in BAD.items():
        here.path.write_bytes(data)
        began = time.monotonic()
        assert not here.file.look_twice() and here.file.in_force.is_the_files, "it may still be written"
        assert not here.file.look_twice()
        here.store.share(NOW)
        assert time.monotonic() - began < 5
        force = here.store.in_force
        assert force.roster is before and force.text == ROSTER, how
        assert force.refused and all(sentence(problem, "nl") for problem in force.refused), how
        assert all(problem.line >= 1 for problem in force.refused)
        found = conflict(here.edit(christmas()))
        assert found.problems == force.refused and here.path.read_bytes() == data, how
        here.by_hand(ROSTER)
        assert here.store.in_force.is_the_files and here.roster is before
    assert len(here.store.history()) == 1
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most
    print(f"memory grew by {grown / 1024:.0f} MB")
    assert grown < 50 * 1024


def test_a_deleted_or_unreadable_file_is_told_and_written_by_the_next_change(here: Desk) -> None:
    before = here.roster
    here.path.unlink()
    here.notice()
    assert here.store.in_force.unreadable == "FileNotFoundError" and here.roster is before
    assert not here.path.exists(), "somebody may be moving it"
    here.saves(christmas())
    assert "swapped with Ada" in here.text and here.store.in_force.is_the_files
    here.path.unlink()
    here.path.mkdir()
    here.notice()
    assert here.store.in_force.unreadable == "IsADirectoryError"
    assert here.edit(christmas("chi")) == NotSaved("file")
    here.path.rmdir()
    here.by_hand(ROSTER)
    assert here.store.in_force.is_the_files


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_nobody_may_read_is_told(here: Desk) -> None:
    here.path.chmod(0)
    here.notice()
    assert here.store.in_force.unreadable == "PermissionError"


def test_a_gap_in_coverage_takes_effect_by_hand_and_is_a_version(here: Desk) -> None:
    here.by_hand(ROSTER.replace("members: [bo]", "members: [ada]"))
    assert here.roster.rotations["second"].members == ("ada",)
    assert here.store.history(1)[0].author == HAND


def test_a_change_is_noticed_only_when_nobody_writes_any_more(here: Desk) -> None:
    half, whole = (
        ROSTER.partition("  - {rotation: first")[0] + "\n" + ROSTER[ROSTER.index("policies:") :],
        ROSTER + "# x\n",
    )
    assert read_roster(half.encode()).roster is not None, "half-written, and legal all the same"
    here.path.write_text(half)
    assert not here.file.look_twice()
    here.path.write_text(whole)
    assert not here.file.look_twice()
    assert here.file.look_twice()
    assert here.store.in_force.text == whole


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            return filler


def test_a_full_disk_refuses_the_save_in_a_sentence_and_loses_nothing(
    small_disk: SmallDisk, engine: Engine
) -> None:
    folder = small_disk("size=1m")
    here = desk(folder, engine)
    filler = fill(folder)
    result = here.edit(christmas())
    assert result == NotSaved("full")
    assert "vol" in not_saved_sentence("full", "nl") and "full" in not_saved_sentence("full", "en")
    assert here.text == ROSTER and here.store.in_force.is_the_files and len(here.store.history()) == 1
    assert [each.name for each in folder.glob(".*")] == []
    filler.unlink()
    here.saves(christmas())


def test_a_full_disk_truncates_no_file_when_another_replica_publishes(
    small_disk: SmallDisk, engine: Engine, tmp_path: Path
) -> None:
    folder = small_disk("size=1m")
    here, other = desk(folder, engine), desk(tmp_path / "other", engine)
    filler = fill(folder)
    other.saves(christmas())
    here.notice()
    assert here.text == ROSTER, "the file stays whole"
    assert here.version == other.version, "and calls go by the newest version all the same"
    assert here.store.trouble == "folder"
    filler.unlink()
    here.notice()
    assert here.text == other.text and here.store.trouble == ""


def test_a_full_disk_under_the_database_refuses_the_save_and_touches_no_file(
    opened: Callable[[str], Engine], small_disk: SmallDisk, tmp_path: Path
) -> None:
    folder = small_disk("size=2m")
    engine = opened(make_sqlite(folder / "hotline.db"))
    here = desk(tmp_path / "replica", engine)
    filler = fill(folder)
    results = [here.edit(christmas("chi"), why="x" * 150) for _ in range(3)]
    if NotSaved("database") not in results:
        pytest.skip("the database had room left in its files")
    assert here.store.in_force.is_the_files
    filler.unlink()
    here.saves(christmas("bo"))


def test_a_folder_that_may_not_be_written_refuses_the_save_in_a_sentence(
    small_disk: SmallDisk, engine: Engine, tmp_path: Path
) -> None:
    disk = small_disk("size=1m")
    path = disk / "oncall_schedule.yaml"
    path.write_text(ROSTER)
    file = RosterFile(path, tmp_path / "instance")
    (tmp_path / "instance").mkdir()
    file.start()
    here = Desk(path, file, RosterStore(file, engine, vault()))
    here.store.share(NOW)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert here.edit(christmas()) == NotSaved("folder")
    assert here.text == ROSTER and len(here.store.history()) == 1
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    here.saves(christmas())


def test_with_the_database_away_a_hand_edit_works_at_once_and_is_published_later(
    opened: Callable[[str], Engine], tmp_path: Path, engine: Engine
) -> None:
    here = desk(tmp_path / "replica", engine)
    away = desk(tmp_path / "replica", opened("postgresql://hotline@127.0.0.1:1/hotline"))
    assert away.store.trouble == "database"
    edited = ROSTER.replace("members: [ada]", "members: [chi]")
    away.by_hand(edited)
    assert away.roster.rotations["first"].members == ("chi",)
    assert away.edit(christmas()) == NotSaved("database")
    assert away.text == edited
    here.notice()
    assert here.store.history(1)[0].text == edited and here.store.history(1)[0].author == HAND
    assert here.store.trouble == ""


def test_a_hand_edit_waits_for_no_database_that_is_slow(here: Desk, engine: Engine) -> None:
    with engine.begin():
        # Somebody holds the database: sharing waits for it, the file and the calls do not.
        sharing = threading.Thread(target=here.store.share, args=(NOW,))
        here.path.write_text(ROSTER + "# urgent\n")
        sharing.start()
        began = time.monotonic()
        assert here.file.look()
        assert time.monotonic() - began < 1
    sharing.join()
    here.notice()
    assert here.store.history(1)[0].text == ROSTER + "# urgent\n"


def test_started_beside_a_bad_file_it_goes_on_with_the_last_good_one_and_says_so(
    here: Desk, engine: Engine
) -> None:
    here.saves(christmas())
    good = here.text
    here.path.write_bytes(BAD["a syntax error"])
    again = desk(here.path.parent, engine)
    assert again.store.in_force.text == good and again.store.in_force.refused
    assert again.path.read_bytes() == BAD["a syntax error"]
    again.by_hand(good)
    assert again.store.in_force.is_the_files and len(again.store.history()) == 2
