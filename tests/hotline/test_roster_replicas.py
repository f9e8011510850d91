"""Several replicas, each with its own folder, share one roster through one database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete

from hotline.roster.edits import SetPerson
from hotline.roster.publishing import HAND, Published, Saved
from hotline.storage import tables
from hotline.storage.schema import upgrade
from tests.hotline.roster_child import save_often
from tests.hotline.roster_desk import (
    EVA,
    NOW,
    ROSTER,
    TINY,
    Desk,
    christmas,
    conflict,
    count_in,
    desk,
)
from tests.rounds import rounds

NOWHERE = "postgresql://hotline@127.0.0.1:1/hotline"
ROUNDS = rounds(12, 30)


@pytest.fixture
def here(tmp_path: Path, engine: Engine) -> Desk:
    return desk(tmp_path / "here", engine)


@pytest.fixture
def there(opened: Callable[[str], Engine], tmp_path: Path, database_url: str, here: Desk) -> Desk:
    return desk(tmp_path / "there", opened(database_url))


def test_what_one_publishes_the_other_takes_over_into_memory_and_file(here: Desk, there: Desk) -> None:
    here.saves(christmas())
    there.notice()
    assert there.text == here.text and there.version == here.version
    there.by_hand(there.text + "# by hand there\n")
    here.notice()
    assert here.text == there.text
    assert [version.author for version in here.store.history()] == [HAND, EVA, HAND]
    assert (there.file.instance_dir / "last-good-roster.yaml").read_text() == there.text


def test_a_page_that_has_not_heard_of_it_yet_is_in_conflict(here: Desk, there: Desk) -> None:
    here.saves(christmas("bo"))
    found = conflict(there.edit(christmas("chi")))
    assert found.theirs == here.text == there.text and found.by == "Eva"
    there.saves(christmas("chi"))
    here.notice()
    assert [override.person for override in here.roster.overrides] == ["bo", "bo", "chi"]


def test_two_replicas_that_save_at_once_lose_no_edit(
    opened: Callable[[str], Engine], tmp_path: Path, engine: Engine, database_url: str
) -> None:
    here = desk(tmp_path / "here", engine, TINY)
    there = desk(tmp_path / "there", opened(database_url), TINY)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(save_often, (here, there), ("Ada", "Bo"), (ROUNDS, ROUNDS)))
    here.notice()
    there.notice()
    assert here.text == there.text
    assert (count_in(here.text, "Ada"), count_in(here.text, "Bo")) == (ROUNDS, ROUNDS)
    sequences = [version.sequence for version in here.store.history(1000)]
    assert sequences == list(range(2 * ROUNDS + 1, 0, -1))
    print(f"{sum(told)} conflicts in {ROUNDS} rounds of two replicas")


def test_two_hand_edits_at_once_one_is_published_and_the_other_kept_for_a_person_to_decide(
    here: Desk, there: Desk
) -> None:
    mine, theirs = ROSTER.replace("name: Ada", "name: Ada A"), ROSTER.replace("name: Bo", "name: Bo B")
    here.path.write_text(mine)
    there.path.write_text(theirs)
    here.notice()
    there.file.look()
    assert there.roster.people["bo"].name == "Bo B", "at once, as long as nobody knows better"
    there.store.share(NOW)
    assert there.text == here.text == mine and there.version == here.version
    (kept,) = here.store.conflicts()
    assert kept.text == theirs
    result = here.store.use_conflict(kept.id, base_version=here.version, author=EVA, why="", now=NOW)
    assert isinstance(result, Saved) and here.store.conflicts() == []
    there.notice()
    assert there.text == theirs


def test_a_hand_edit_on_a_replica_that_was_cut_off_loses_and_is_kept(
    opened: Callable[[str], Engine], here: Desk, there: Desk, tmp_path: Path, engine: Engine
) -> None:
    cut_off = desk(there.path.parent, opened(NOWHERE))
    edited = ROSTER.replace("members: [ada]", "members: [chi]")
    cut_off.by_hand(edited)
    assert cut_off.roster.rotations["first"].members == ("chi",)
    here.saves(christmas())
    back = desk(there.path.parent, engine)
    assert back.text == here.text
    assert [kept.text for kept in back.store.conflicts()] == [edited]


def test_a_hand_edit_made_while_nothing_was_running_is_published_at_the_start(
    here: Desk, engine: Engine
) -> None:
    here.saves(christmas())
    here.path.write_text(here.text + "# over night\n")
    again = desk(here.path.parent, engine)
    assert again.store.history(1)[0].text.endswith("# over night\n")
    # Also one that puts an old version back.
    again.path.write_text(ROSTER)
    once_more = desk(here.path.parent, engine)
    newest = once_more.store.history(1)[0]
    assert (newest.text, newest.author, newest.sequence) == (ROSTER, HAND, 4)


def test_a_database_put_back_to_an_older_state_does_not_turn_back_the_roster(
    here: Desk, there: Desk, engine: Engine
) -> None:
    here.saves(christmas())
    here.saves(SetPerson("ada", name="Ada B"))
    newest = here.text
    there.notice()
    there.path.write_bytes(b"broken")
    there.notice()
    with engine.begin() as connection:
        connection.execute(delete(tables.roster_versions).where(tables.roster_versions.c.sequence > 1))
    there.notice()
    assert there.store.in_force.text == newest, "with a broken file it stays with what it has"
    here.notice()
    there.by_hand(newest)
    assert here.text == there.text == newest
    assert [(each.sequence, each.author) for each in here.store.history()] == [(2, HAND), (1, HAND)]
    assert here.store.conflicts() == []


def test_a_new_replica_without_a_file_gets_one(here: Desk, tmp_path: Path, engine: Engine) -> None:
    here.saves(christmas())
    new = desk(tmp_path / "new", engine, None)
    assert new.text == here.text and new.store.in_force.is_the_files


def test_a_new_replica_with_an_old_file_takes_the_newest_and_keeps_no_conflict(
    here: Desk, tmp_path: Path, engine: Engine
) -> None:
    here.saves(christmas())
    new = desk(tmp_path / "new", engine, ROSTER)
    assert new.text == here.text and new.store.conflicts() == []


def test_a_new_replica_with_a_file_nobody_knows_takes_the_newest_and_keeps_its_own_once(
    here: Desk, tmp_path: Path, engine: Engine
) -> None:
    stranger = ROSTER.replace("Ada", "Somebody")
    for name in ("new", "newer"):
        new = desk(tmp_path / name, engine, stranger)
        assert new.text == here.text
        assert [kept.text for kept in new.store.conflicts()] == [stranger]


def test_with_the_database_away_a_replica_starts_from_its_file_or_its_last_good_one(
    opened: Callable[[str], Engine], here: Desk, there: Desk
) -> None:
    here.saves(christmas())
    there.notice()
    alone = desk(there.path.parent, opened(NOWHERE))
    assert alone.store.in_force.text == here.text and alone.store.trouble == "database"
    there.path.unlink()
    alone = desk(there.path.parent, opened(NOWHERE), None)
    assert alone.store.in_force.text == here.text and alone.store.in_force.unreadable


def test_a_replica_whose_file_is_being_repaired_goes_by_the_newest_and_leaves_the_file_alone(
    here: Desk, there: Desk
) -> None:
    broken = ROSTER.replace("rotations:", "rotations: [")
    there.by_hand(broken)
    here.saves(christmas())
    there.notice()
    assert there.version == here.version and there.path.read_text() == broken
    assert there.store.in_force.refused, "and it still says what is wrong with the file"
    there.by_hand(ROSTER)
    assert there.text == here.text, "mended, it says nothing new"
    assert there.store.conflicts() == []


def test_a_change_is_told_once_over_all_replicas(here: Desk, there: Desk) -> None:
    heard: list[tuple[str, Published]] = []
    here.store.on_published(lambda _, published: heard.append(("here", published)))
    there.store.on_published(lambda _, published: heard.append(("there", published)))
    here.saves(christmas())
    there.notice()
    there.by_hand(there.text + "# x\n")
    here.notice()
    assert [name for name, _ in heard] == ["here", "there"]


def test_the_newest_version_another_software_wrote_and_this_one_refuses_changes_nothing(
    here: Desk, there: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = there.text
    here.saves(SetPerson("ada", name="Ada of tomorrow"))
    with monkeypatch.context() as patch:
        patch.setattr("hotline.roster.sharing.read_roster", lambda _: type("Refused", (), {"roster": None}))
        there.notice()
        assert there.text == before and there.store.trouble == "sealed"
    there.notice()
    assert there.text == here.text and there.store.trouble == ""


def test_without_the_tables_a_replica_runs_from_its_file(
    opened: Callable[[str], Engine], tmp_path: Path
) -> None:
    engine = opened(f"sqlite:///{tmp_path / 'empty.db'}")
    here = desk(tmp_path / "here", engine)
    assert here.store.trouble == "database" and here.version
    upgrade(engine)
    here.notice()
    assert here.store.trouble == "" and len(here.store.history()) == 1
