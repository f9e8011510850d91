"""Changing the roster on its pages: from a click to the file, with the effect in between."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hotline.roster_browser import NOW, ROSTER, Desk, roster_desk, words

GAP = "/roster/cover?line=helpdesk&at=2026-11-28T13:00"
BO = "/roster/cover?rotation=crisis-first&at=2026-11-26T12:00"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with roster_desk(tmp_path) as found:
        yield found


def lines_changed(desk: Desk) -> tuple[list[str], list[str]]:
    """The lines that are gone from the file, and those that are new in it."""
    before, after = ROSTER.splitlines(), desk.file.read_text().splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


def test_a_click_on_a_gap_opens_a_form_that_is_filled_in(desk: Desk) -> None:
    page = desk.open(GAP).get_data(as_text=True)
    assert '<option value="crisis-first" selected>' in page
    assert 'id="start" name="start" value="2026-11-28T13:00"' in page
    assert 'id="end" name="end" value="2026-11-28T17:00"' in page
    chosen = re.search(r'value="(\w+)" checked', page)
    assert chosen and chosen[1] == "ada"
    assert "Ada Voorbeeld free, rested" in words(desk.open(GAP))


def test_the_gap_is_repaired_in_three_clicks_and_only_that_line_is_new_in_the_file(desk: Desk) -> None:
    preview = desk.fill(GAP, "preview")
    assert "Closes a gap Helpdesk: nobody, Sat 28 Nov 13:00 to 17:00" in words(preview)
    assert "changes: was nobody" in words(preview)
    assert desk.file.read_text() == ROSTER
    seen = desk.follow(desk.fill(preview, "save"))
    assert "Saved." in seen and "No cover" not in seen
    gone, new = lines_changed(desk)
    assert gone == []
    assert len(new) == 1 and "crisis-first" in new[0] and "ada" in new[0]


def test_the_last_change_is_undone_and_the_file_is_as_it_was(desk: Desk) -> None:
    saved = desk.fill(desk.fill(GAP, "preview"), "save")
    page = desk.open(saved.headers["Location"]).get_data(as_text=True)
    base = re.search(r'name="base" value="(\w+)"', page)
    assert base
    seen = desk.follow(desk.send("/roster/undo", {"base": base[1], "on": "2026-11-28"}))
    assert "No cover 13:00–17:00" in seen
    assert desk.file.read_text() == ROSTER


def test_a_click_on_a_shift_offers_the_whole_shift_and_everybody_else(desk: Desk) -> None:
    page = desk.open(BO).get_data(as_text=True)
    assert 'value="2026-11-25T09:00"' in page
    assert 'value="2026-11-28T10:00"' in page
    assert 'value="bo"' not in page
    assert "Mark Bo Voorbeeld away" in words(desk.open(BO))


def test_who_is_away_on_duty_elsewhere_or_lacks_a_language_is_said_so_and_comes_later(desk: Desk) -> None:
    page = desk.open(BO).get_data(as_text=True)
    order = re.findall(r'type="radio" name="person" value="(\w+)"', page)
    assert order[0] == "ada" and order[-1] == "chi"
    text = words(desk.open(BO))
    assert "Chi Voorbeeld is away then" in text
    assert "Dee Voorbeeld free, rested, does not speak en" in text
    assert "Hal Voorbeeld has desk-duty then" in text


def test_the_effect_says_who_gains_and_loses_what(desk: Desk) -> None:
    text = words(desk.fill(BO, "preview", person="ada"))
    assert "Ada Voorbeeld gains crisis-first, Wed 25 Nov 09:00 to Sat 28 Nov 10:00, from Bo" in text
    assert "Bo Voorbeeld loses crisis-first, Wed 25 Nov 09:00 to Sat 28 Nov 10:00, to Ada" in text
    assert "changes: was Bo" in text


def test_two_people_swap_their_shifts(desk: Desk) -> None:
    page = desk.open("/roster/swap?rotation=crisis-first&at=2026-12-01T12:00")
    text = page.get_data(as_text=True)
    other = re.search(r'value="(crisis-first\|ada\|[^"]+)"', text.partition('id="second"')[2])
    assert other
    preview = desk.fill(page, "preview", second=other[1])
    seen = words(preview)
    assert "Ada Voorbeeld gains crisis-first" in seen and "Chi Voorbeeld gains crisis-first" in seen
    assert "Saved." in desk.follow(desk.fill(preview, "save"))
    gone, new = lines_changed(desk)
    assert gone == [] and len(new) == 2


def test_marking_somebody_away_shows_what_it_tears_open_and_who_could_cover(desk: Desk) -> None:
    typed = {"person": "gus", "start": "2026-11-30T00:00", "end": "2026-12-02T00:00"}
    preview = desk.fill("/roster/away", "preview", **typed)
    text = words(preview)
    assert "Shifts this tears open desk-duty, Mon 30 Nov 09:00 to 17:00" in text
    assert "Hal Voorbeeld: free, rested" in text
    name = re.search(r'name="(cover:desk-duty\|gus[^"]+)"', preview.get_data(as_text=True))
    assert name
    covered = desk.fill(preview, "preview", **{name[1]: "hal"})
    assert "Hal Voorbeeld gains desk-duty, Mon 30 Nov 09:00 to 17:00, from Gus" in words(covered)
    assert "Saved." in desk.follow(desk.fill(covered, "save"))
    gone, new = lines_changed(desk)
    assert gone == []
    assert sum("2026-11-30T00:00" in line for line in new) == 1 and sum("hal" in line for line in new) == 1


def test_an_override_is_changed_and_removed_where_it_stands(desk: Desk) -> None:
    page = desk.open("/roster?on=2026-11-25").get_data(as_text=True)
    address = re.search(r'href="(/roster/overrides/\w+)"', page)
    assert address
    assert "Change an override" in desk.text(address[1])
    shorter = desk.fill(address[1], "preview", end="2026-11-25T07:00")
    assert "Bo Voorbeeld gains crisis-first, Wed 25 Nov 07:00 to 09:00" in words(shorter)
    removal = desk.fill(address[1], "preview-removal")
    assert "Remove it" in words(removal)
    assert "Saved." in desk.follow(desk.fill(removal, "save-removal"))
    assert "wedding" not in desk.file.read_text()


def test_an_absence_is_removed_on_its_page(desk: Desk) -> None:
    page = desk.open("/roster?on=2026-11-28&by=person").get_data(as_text=True)
    address = re.search(r'href="(/roster/absences/bo/\w+)"', page)
    assert address
    removal = desk.fill(address[1], "preview-removal")
    assert "Closes a gap" in words(removal)
    assert "Saved." in desk.follow(desk.fill(removal, "save-removal"))
    assert "No cover" not in desk.text("/roster?on=2026-11-28")


def test_a_hole_within_72_hours_needs_a_reason_and_nothing_typed_is_lost(desk: Desk) -> None:
    typed = {"person": "ada", "start": "2026-11-23T00:00", "end": "2026-11-23T09:00"}
    preview = desk.fill("/roster/away", "preview", **typed)
    assert "Saving it needs a reason" in words(preview)
    refused = desk.fill(preview, "save")
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert 'id="why-fault"' in page and "Say why it has to be so" in words(refused)
    assert 'value="2026-11-23T09:00"' in page
    assert desk.file.read_text() == ROSTER
    seen = desk.follow(desk.fill(refused, "save", why="the police station answers"))
    assert "Saved." in seen
    assert "the police station answers" in desk.text("/roster/history")


def test_a_form_asks_again_who_could_when_its_times_change_and_keeps_who_still_can(desk: Desk) -> None:
    page = desk.fill(BO, "who", start="2026-11-30T10:00", end="2026-11-30T12:00", person="hal")
    assert 'value="hal" checked' in page.get_data(as_text=True)
    page = desk.fill(BO, "who", start="2026-11-27T10:00", end="2026-11-27T12:00", person="chi")
    assert 'value="ada" checked' in page.get_data(as_text=True)


def test_a_preview_takes_under_a_fifth_of_a_second(desk: Desk) -> None:
    page = desk.open(BO)
    fields = {**desk.fields(page), "person": "ada", "act": "preview"}
    took = []
    for _ in range(7):
        began = time.perf_counter()
        desk.browser.post("/roster/cover", data=fields, headers={"X-Simulated-Time": NOW.isoformat()})
        took.append(time.perf_counter() - began)
    print(f"a preview: {statistics.median(took) * 1000:.0f} ms")
    assert min(took) < 0.2
