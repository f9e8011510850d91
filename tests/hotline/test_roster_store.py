"""Saving the roster from a page: the file changes by just those lines, and every version is kept."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select

from hotline.privacy import DataKey, Vault
from hotline.roster.edits import (
    AddAway,
    AddOverride,
    ChangeOverride,
    RemoveOverride,
    SetPerson,
    find_override,
    override_key,
)
from hotline.roster.publishing import (
    HAND,
    NeedsReason,
    NotSaved,
    Preview,
    Published,
    Refused,
    RosterStore,
    Saved,
)
from hotline.roster.refusals import EditRefused
from hotline.storage import tables
from hotline.storage.engine import reading
from tests.hotline.roster_desk import CHRISTMAS_LINE, EVA, NOW, ROSTER, Desk, at, christmas, conflict, desk


@pytest.fixture
def here(tmp_path: Path, engine: Engine) -> Desk:
    return desk(tmp_path / "replica", engine)


def test_a_save_adds_one_line_and_keeps_every_other_byte(here: Desk) -> None:
    result = here.edit(christmas(), why="family")
    assert isinstance(result, Saved)
    above, below = ROSTER.split("\npolicies:")
    assert here.text == above + CHRISTMAS_LINE + "\npolicies:" + below
    assert here.roster.overrides[-1].person == "bo"
    assert here.file.in_force.is_the_files
    newest = here.store.history(1)[0]
    assert newest == result.version
    assert (newest.author, newest.at, newest.why, newest.base) == (EVA, NOW, "family", 1)
    assert newest.words["en"] == ("Bo instead of Ada, 24 Dec 17:00 to 25 Dec 09:00 (first)",)
    assert newest.words["nl"] == ("Bo in plaats van Ada, 24 dec 17:00 tot 25 dec 09:00 (first)",)
    changed = [line for line in newest.diff.splitlines()[2:] if line[0] in "+-"]
    assert changed == ["+" + CHRISTMAS_LINE.rstrip("\n")]


def test_a_preview_tells_what_would_happen_and_writes_nothing(here: Desk) -> None:
    preview = here.store.preview(
        [christmas("bo"), christmas("chi", "second")], base_version=here.version, now=NOW
    )
    assert isinstance(preview, Preview)
    assert preview.text != here.text == ROSTER
    assert {person: len(gained) for person, gained in preview.effects.gained.items()} == {"bo": 1, "chi": 1}
    assert list(preview.effects.lost) == ["ada", "bo"]
    assert preview.needs_reason == ()
    assert len(here.store.history()) == 1


def test_a_stale_edit_is_refused_with_both_versions_and_then_goes_on_top(here: Desk) -> None:
    base = here.version
    here.saves(christmas("bo"))
    found = conflict(here.edit(christmas("chi"), base=base))
    assert found.theirs == here.text and found.theirs_version == here.version
    assert found.by == "Eva" and found.at == NOW and not found.problems
    assert "person: chi" in found.ours and "person: bo, reason" not in found.ours
    assert [line for line in found.diff.splitlines()[2:] if line[0] == "-"] == [
        "-" + CHRISTMAS_LINE.rstrip("\n")
    ]
    preview = here.store.preview([christmas("chi")], base_version=base, now=NOW)
    assert preview == found
    assert "person: chi" not in here.text
    here.saves(christmas("chi"))
    assert [override.person for override in here.roster.overrides] == ["bo", "bo", "chi"]


def test_two_coordinators_on_one_shift_one_wins_and_the_other_is_told(here: Desk) -> None:
    mine = AddOverride("first", at("2026-12-24T17:00"), at("2026-12-25T09:00"), "chi", instead_of="ada")
    base = here.version
    here.saves(christmas("bo"))
    conflict(here.edit(mine, base=base))
    with pytest.raises(EditRefused, match="changed_hands"):
        here.edit(mine)


def test_the_file_changed_by_hand_in_the_same_second_is_a_conflict_and_nothing_is_lost(here: Desk) -> None:
    base = here.version
    by_hand = ROSTER.replace("name: Ada", "name: Ada B")
    here.path.write_text(by_hand)
    found = conflict(here.edit(christmas(), base=base))
    assert found.theirs == here.text == by_hand
    assert "swapped with Ada" in found.ours
    assert here.roster.people["ada"].name == "Ada B"
    assert [version.author for version in here.store.history()] == [HAND, HAND]


def test_a_page_does_not_save_over_a_hand_edit_that_is_still_broken(here: Desk) -> None:
    broken = ROSTER.replace("rotations:", "rotations: [")
    here.by_hand(broken)
    found = conflict(here.edit(christmas()))
    assert found.problems and found.theirs == here.text == broken
    assert here.roster.people["ada"].name == "Ada"
    result = here.store.discard_refused(author=EVA, now=NOW)
    assert isinstance(result, Saved) and here.text == ROSTER
    assert here.file.in_force.is_the_files
    (kept,) = here.store.conflicts()
    assert kept.text == broken
    here.store.dismiss_conflict(kept.id, NOW)
    assert here.store.conflicts() == []
    here.saves(christmas())


def test_a_whole_text_is_saved_with_the_line_ends_of_the_file(here: Desk) -> None:
    text = ROSTER.replace("name: Ada", "name: Ada B")
    result = here.store.save(
        text.replace("\n", "\r\n"), base_version=here.version, author=EVA, why="", now=NOW
    )
    assert isinstance(result, Saved) and here.text == text
    refused = here.store.save("version: 2", base_version=here.version, author=EVA, why="", now=NOW)
    assert isinstance(refused, Refused) and refused.problems and here.text == text


def test_a_gap_within_72_hours_needs_a_reason_and_a_later_one_does_not(here: Desk) -> None:
    soon = AddAway("ada", at("2026-12-04T09:00"), at("2026-12-04T13:00"))
    also = AddAway("bo", at("2026-12-04T10:00"), at("2026-12-04T13:00"))
    result = here.edit(soon, also)
    assert isinstance(result, NeedsReason)
    # What lies beyond 72 hours does not count: it is 12:00, three days before.
    assert [(gap.line, gap.start, gap.end) for gap in result.gaps] == [
        ("desk", at("2026-12-04T10:00"), at("2026-12-04T12:00"))
    ]
    assert here.text == ROSTER
    assert isinstance(here.edit(soon, also, why="  "), NeedsReason)
    assert isinstance(here.edit(soon, also, why="the building is closed"), Saved)
    assert here.store.history(1)[0].why == "the building is closed"
    # The gap is there already: what comes on top needs no reason.
    here.saves(SetPerson("ada", name="Ada B"))
    later = [AddAway(person, at("2026-12-10T10:00"), at("2026-12-10T13:00")) for person in ("ada", "bo")]
    here.saves(*later)


def test_the_mode_and_the_link_to_the_file_stay(here: Desk, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.yaml"
    here.path.rename(real)
    here.path.symlink_to(real)
    real.chmod(0o664)
    here.notice()
    here.saves(christmas())
    assert here.path.is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o664
    assert CHRISTMAS_LINE in real.read_text()
    assert sorted(os.listdir(tmp_path)) == sorted(
        {
            "elsewhere.yaml",
            "replica",
            *(
                ["hotline.db", "hotline.db-shm", "hotline.db-wal"]
                if (tmp_path / "hotline.db").exists()
                else []
            ),
        }
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_of_the_file_stays(here: Desk) -> None:
    os.chown(here.path, 1234, 4321)
    here.saves(christmas())
    assert (here.path.stat().st_uid, here.path.stat().st_gid) == (1234, 4321)


def test_whoever_listens_hears_of_a_change_once_with_both_rosters_and_inside_the_transaction(
    here: Desk,
) -> None:
    heard: list[Published] = []

    def listen(connection: Connection, published: Published) -> None:
        heard.append(published)
        row = {"year": 2026 + len(heard), "last": published.version.sequence}
        connection.execute(insert(tables.case_sequences).values(**row))

    here.store.on_published(listen)
    here.saves(christmas())
    here.by_hand(here.text + "# by hand\n")
    conflict(here.edit(christmas(), base="0" * 12))
    assert [(len(each.before.overrides), len(each.after.overrides)) for each in heard] == [(1, 2), (2, 2)]
    assert [each.version.author for each in heard] == [EVA, HAND]
    with reading(here.store._engine) as connection:
        assert connection.execute(select(tables.case_sequences.c.last)).scalars().all() == [2, 3]


def test_somebody_who_cannot_be_told_keeps_no_hole_from_being_mended(here: Desk) -> None:
    def fail(connection: Connection, _published: Published) -> None:
        connection.execute(insert(tables.case_sequences).values(year=2026, last=1))
        raise RuntimeError("no messages today")

    here.store.on_published(fail)
    here.saves(christmas())
    with reading(here.store._engine) as connection:
        assert connection.execute(select(tables.case_sequences)).all() == []


def test_an_override_is_found_again_by_its_key_as_long_as_it_is_the_same(here: Desk) -> None:
    here.saves(christmas())
    override = here.roster.overrides[-1]
    assert find_override(here.roster, override_key(override)) == override
    here.saves(ChangeOverride(override, replace(override, person="chi")))
    assert find_override(here.roster, override_key(override)) is None
    with pytest.raises(EditRefused, match=r"override\.gone"):
        here.edit(RemoveOverride(override))


def test_without_the_key_the_versions_are_said_to_be_sealed_and_the_file_goes_on(
    here: Desk, engine: Engine
) -> None:
    here.saves(christmas())
    stranger = RosterStore(here.file, engine, Vault([DataKey("b", bytes(32))]))
    here.path.write_text(here.text + "# by hand\n")
    here.file.look()
    stranger.share(NOW)
    assert stranger.trouble == "sealed"
    result = stranger.edit([christmas("chi")], base_version=here.version, author=EVA, why="", now=NOW)
    assert result == NotSaved("database")
    assert here.text.endswith("# by hand\n")


def test_an_edit_is_timed_from_the_moment_it_is_asked_for(here: Desk) -> None:
    with pytest.raises(EditRefused, match=r"span\.past"):
        here.edit(christmas(), now=NOW + timedelta(days=60))
