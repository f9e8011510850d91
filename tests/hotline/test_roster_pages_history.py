"""Two people at once, the file and the page at once, and every version there ever was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from tests.hotline.roster_browser import ROSTER, Desk, roster_desk, words

GAP = "/roster/cover?line=helpdesk&at=2026-11-28T13:00"
DESK = "/roster/cover?rotation=desk-duty&at=2026-11-30T10:00"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with roster_desk(tmp_path) as found:
        yield found


def test_who_comes_second_sees_both_versions_and_can_put_theirs_on_top(desk: Desk) -> None:
    mine = desk.fill(GAP, "preview", why="Ada offered")
    other = Desk(desk.console, desk.folder, "coordinator", name="Fay Ander")
    other.follow(other.fill(DESK, "save", person="hal"))

    conflict = desk.fill(mine, "save")
    assert conflict.status_code == 409
    seen = words(conflict)
    assert "Fay Ander saved another version" in seen
    assert "Hal Voorbeeld instead of Gus Voorbeeld" in seen
    assert "Ada Voorbeeld" in seen
    assert 'value="Ada offered"' in conflict.get_data(as_text=True)
    assert "+  - {rotation: crisis-first, from: 2026-11-28T13:00" in conflict.get_data(as_text=True)

    page = conflict.get_data(as_text=True)
    form = page[page.index('action="/roster/cover"') : page.index('id="on-top"')]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    preview = desk.send("/roster/cover", {**fields, "act": "preview"})
    assert "Closes a gap" in words(preview)
    assert "Saved." in desk.follow(desk.fill(preview, "save"))
    assert "person: hal" in desk.file.read_text() and "Ada offered" in desk.file.read_text()


def test_a_hand_edit_that_came_first_is_a_conflict_too(desk: Desk) -> None:
    mine = desk.fill(GAP, "preview")
    desk.file.write_text(ROSTER.replace("wedding", "birthday"))
    conflict = desk.fill(mine, "save")
    assert conflict.status_code == 409
    assert "changed by hand" in words(conflict)
    assert "birthday" in desk.file.read_text()


def test_what_was_swapped_away_meanwhile_is_not_put_on_top(desk: Desk) -> None:
    mine = desk.fill(DESK, "preview", person="hal")
    other = Desk(desk.console, desk.folder)
    other.follow(other.fill(DESK, "save", person="isa"))
    conflict = desk.fill(mine, "save")
    page = conflict.get_data(as_text=True)
    form = page[page.index('action="/roster/cover"') : page.index('id="on-top"')]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    refused = desk.send("/roster/cover", {**fields, "act": "preview"})
    assert refused.status_code == 422
    assert "Gus Voorbeeld does not have this shift (any more)" in words(refused)


def test_a_file_that_is_refused_is_told_with_its_lines_while_the_roster_stays(desk: Desk) -> None:
    desk.file.write_text(ROSTER.replace("members: [eva, fay]", "members: [eva, fax]"))
    desk.console.services.roster_file.look()
    seen = desk.text("/roster?on=2026-11-25")
    line = next(n for n, text in enumerate(ROSTER.splitlines(), 1) if "members: [eva, fay]" in text)
    assert "The file on disk does not take effect." in seen
    assert f"Line {line} fax" in seen
    assert "07:00–23:00 Fay" in seen


def test_the_history_tells_who_when_why_and_what_and_a_version_is_restored(desk: Desk) -> None:
    desk.follow(desk.fill(GAP, "save", why="Ada offered"))
    seen = desk.text("/roster/history")
    assert "Test Coordinator" in seen and "Reason: Ada offered" in seen
    assert "Ada Voorbeeld" in seen and "by hand" in seen
    page = desk.open("/roster/history").get_data(as_text=True)
    first = re.findall(r'href="(/roster/history/\d+)"', page)[-1]
    shown = desk.open(first)
    assert "Opens a gap Helpdesk: nobody, Sat 28 Nov 13:00 to 17:00" in words(shown)
    assert "changes: was Ada" in words(shown)
    base = re.search(r'name="base" value="(\w+)"', shown.get_data(as_text=True))
    assert base
    desk.follow(desk.send(f"{first}/restore", {"base": base[1], "why": "Ada is ill"}))
    assert desk.file.read_text() == ROSTER
    assert "Reason: Ada is ill" in desk.text("/roster/history")


def test_an_old_page_restores_nothing_over_what_came_after_it(desk: Desk) -> None:
    page = desk.open("/roster/history").get_data(as_text=True)
    first = re.findall(r'href="(/roster/history/\d+)"', page)[-1]
    desk.follow(desk.fill(GAP, "save"))
    answer = desk.send(f"{first}/restore", {"base": "0" * 12})
    assert answer.status_code == 409
    assert "ada" in desk.file.read_text().rsplit("overrides:", 1)[1].split("policies:")[0]


def test_without_the_database_the_calendar_stands_and_saving_says_what_to_do(desk: Desk) -> None:
    preview = desk.fill(GAP, "preview")
    with desk.console.services.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE roster_versions RENAME TO roster_versions_away"))
    assert "No cover 13:00–17:00" in desk.text("/roster?on=2026-11-28")
    answer = desk.fill(preview, "save")
    assert answer.status_code == 422
    assert "nothing was saved" in words(answer)
    assert desk.open("/roster/history").status_code == 503
    assert desk.file.read_text() == ROSTER
