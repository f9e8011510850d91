"""The process is killed while it saves: the file is whole, and the next start finishes what was begun."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.roster.publishing import HAND, Saved
from routing.reading import read_roster
from tests.forks import forked
from tests.hotline.roster_desk import (
    EVA,
    NOW,
    TINY,
    Desk,
    christmas,
    count_in,
    counted_up,
    desk,
)
from tests.hotline.roster_killed import saves_without_end


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


@pytest.fixture
def here(tmp_path: Path, engine: Engine) -> Desk:
    return desk(tmp_path / "replica", engine)


def test_killed_in_the_middle_of_a_save_the_file_is_one_of_the_two_versions_and_goes_on(
    tmp_path: Path, engine: Engine
) -> None:
    folder = tmp_path / "replica"
    here = desk(folder, engine, TINY)
    url = engine.url.render_as_string(hide_password=False)
    for attempt in range(6):
        before = count_in(here.text, "Ada")
        with forked(saves_without_end, folder, url) as (said, process):
            assert said.recv() == "ready"
            threading.Event().wait(0.04 + attempt * 0.017)
            process.kill()
        found = read_roster(here.path.read_bytes())
        assert found.roster is not None, "the file is whole"
        with_the_file, newest = count_in(here.text, "Ada"), count_in(here.store.history(1)[0].text, "Ada")
        assert before <= with_the_file <= newest <= with_the_file + 1
        # Whoever starts next finishes what was begun, and leaves nothing lying about.
        here = desk(folder, engine, None)
        assert count_in(here.text, "Ada") == newest
        result = here.store.save(
            counted_up(here.text, "Bo"), base_version=here.version, author=EVA, why="", now=NOW
        )
        assert isinstance(result, Saved)
        assert list(folder.glob(".*")) == []
    versions = here.store.history(10_000)
    assert [version.sequence for version in versions] == list(range(len(versions), 0, -1))
    assert not any(version.author == HAND for version in versions[:-1]), "each save has its author"
    assert here.store.conflicts() == []
    assert here.text.startswith("version: 1   # the first\n") and "  # nobody else\n" in here.text
    print(f"killed 6 times in {len(versions)} saves")


def test_killed_between_the_database_and_the_file_the_next_start_finishes_the_save(
    here: Desk, tmp_path: Path, engine: Engine
) -> None:
    old = here.text
    here.saves(christmas())
    new = here.text
    # As the power would leave it: the version is there, the file and what we remember of it are not.
    here.path.write_text(old)
    (here.file.instance_dir / "roster-base").write_text(read_roster(old.encode()).roster.version)  # type: ignore[union-attr]
    (here.path.parent / ".oncall_schedule.yaml.abc.new").write_text("left behind")
    again = desk(here.path.parent, engine)
    assert again.text == new and again.store.conflicts() == []
    assert [version.author for version in again.store.history()] == [EVA, HAND]
    assert list(here.path.parent.glob(".*")) == []
