"""Every version of the roster is kept: by whom, when, why and what; any can be brought back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hotline.roster.edits import (
    SetPerson,
)
from hotline.roster.publishing import (
    HAND,
    NotSaved,
    Saved,
)
from hotline.storage import tables
from hotline.storage.engine import reading
from tests.hotline.roster_desk import EVA, NOW, ROSTER, Desk, christmas, conflict, desk


@pytest.fixture
def here(tmp_path: Path, engine: Engine) -> Desk:
    return desk(tmp_path / "replica", engine)


def test_the_first_version_is_what_stood_in_the_file(here: Desk) -> None:
    (first,) = here.store.history()
    assert (first.text, first.author, first.base, first.diff) == (ROSTER, HAND, None, "")


def test_a_version_in_the_database_shows_no_name_and_no_number(here: Desk) -> None:
    here.saves(christmas())
    with reading(here.store._engine) as connection:
        rows = connection.execute(select(tables.roster_versions)).all()
    assert len(rows) == 2
    assert not any(secret in str(rows) for secret in ("Ada", "701740605", "Eva", "swapped"))


def test_a_change_by_hand_is_a_version_like_any_other(here: Desk) -> None:
    here.by_hand(ROSTER.replace("members: [bo]", "members: [chi]"))
    newest = here.store.history(1)[0]
    assert newest.author == HAND
    assert newest.words["en"] == ("Rotation second now has chi",)
    assert here.roster.rotations["second"].members == ("chi",)


def test_a_note_added_by_hand_is_kept_too(here: Desk) -> None:
    here.by_hand(ROSTER + "# see the minutes\n")
    assert here.words() == ["Only notes or layout", ""]
    here.saves(christmas())
    assert here.text.endswith("# see the minutes\n")


def test_undo_brings_back_every_byte_and_undo_again_the_change(here: Desk) -> None:
    here.saves(christmas())
    changed = here.text
    here.store.undo(base_version=here.version, author=EVA, why="", now=NOW)
    assert here.text == ROSTER
    here.store.undo(base_version=here.version, author=EVA, why="", now=NOW)
    assert here.text == changed
    assert [version.sequence for version in here.store.history()] == [4, 3, 2, 1]
    assert here.words()[1] == "Ada instead of Bo, 24 Dec 17:00 to 25 Dec 09:00 (first)"


def test_undo_of_a_change_that_is_not_the_last_any_more_is_a_conflict(here: Desk) -> None:
    here.saves(christmas())
    base = here.version
    here.by_hand(here.text + "# later\n")
    conflict(here.store.undo(base_version=base, author=EVA, why="", now=NOW))
    assert here.text.endswith("# later\n")


def test_nothing_is_there_to_undo_at_the_beginning(here: Desk) -> None:
    assert here.store.undo(base_version=here.version, author=EVA, why="", now=NOW) == NotSaved("unknown")


def test_any_version_can_be_restored_as_a_new_one(here: Desk) -> None:
    for person in ("bo", "chi", "bo"):
        here.saves(christmas(person))
    result = here.store.restore(2, base_version=here.version, author=EVA, why="as it was", now=NOW)
    assert isinstance(result, Saved) and result.version.sequence == 5
    second = here.store.version(2)
    assert second is not None and here.text == second.text
    assert here.store.restore(99, base_version=here.version, author=EVA, why="", now=NOW) == NotSaved(
        "unknown"
    )


def test_history_is_turned_page_by_page_without_a_version_missing(here: Desk) -> None:
    for index in range(7):
        here.saves(SetPerson("ada", name=f"Ada {index}"))
    pages, before = [], None
    while page := here.store.history(3, before):
        pages.append([version.sequence for version in page])
        before = page[-1].sequence
    assert pages == [[8, 7, 6], [5, 4, 3], [2, 1]]
    assert here.store.history(1, 5)[0].diff.count("\n+") == 2


def test_saving_what_is_there_already_makes_no_version(here: Desk) -> None:
    here.saves(SetPerson("ada", name="Ada"))
    assert len(here.store.history()) == 1
    assert here.text == ROSTER
