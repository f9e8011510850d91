"""What if someone calls, and how duty is shared: the answers on the page are those of the command."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from hotline.web.roster.fairness_page import as_text
from tests.hotline.board_facts import add_call, add_leg
from tests.hotline.roster_browser import ROSTER, Desk, roster_desk, words


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with roster_desk(tmp_path) as found:
        yield found


def test_on_christmas_night_the_page_names_the_holiday_and_the_whole_ladder(desk: Desk) -> None:
    seen = desk.text("/roster/what-if?line=helpdesk&at=2026-12-25T03:00&crisis=yes")
    assert "Closed: Christmas Day, until Mon 28 Dec 09:00 · policy crisis" in seen
    assert "1 Bo Voorbeeld crisis-first: it is their turn 20 s crisis, round 1" in seen
    assert "4 Lou Voorbeeld crisis-backup: it is their turn 20 s crisis, round 2" in seen
    assert "Then nobody is left" in seen


def test_who_takes_over_and_who_was_passed_over_is_said_with_the_reason(desk: Desk) -> None:
    seen = desk.text("/roster/what-if?at=2026-11-24T20:00")
    assert "Ada Voorbeeld crisis-first: takes over from Bo Voorbeeld: wedding" in seen
    seen = desk.text("/roster/what-if?at=2026-11-28T11:00")
    assert "Kim Voorbeeld crisis-backup: it is their turn passed over: crisis-first: away" in seen


def test_where_nobody_is_on_call_the_page_says_that_nobody_is_rung(desk: Desk) -> None:
    seen = desk.text("/roster/what-if?at=2026-11-28T14:00")
    assert "Nobody is rung" in seen
    assert "Passed over: crisis-first: away, crisis-backup: away" in seen


def test_what_is_no_crisis_rings_the_desk_by_day_and_nobody_at_night(desk: Desk) -> None:
    by_day = desk.text("/roster/what-if?at=2026-11-25T10:00&crisis=no")
    assert "Open: office hours, until Wed 25 Nov 17:00 · policy desk" in by_day
    assert "1 Hal Voorbeeld desk-duty: it is their turn" in by_day
    assert "only a crisis rings somebody" in desk.text("/roster/what-if?at=2026-11-25T20:00&crisis=no")


def test_a_line_or_moment_that_does_not_exist_is_said_at_its_field(desk: Desk) -> None:
    answer = desk.open("/roster/what-if?line=nowhere&at=soon")
    assert answer.status_code == 422
    assert 'id="line-fault"' in answer.get_data(as_text=True)
    assert 'value="soon"' in answer.get_data(as_text=True)


def figures(desk: Desk, path: str) -> dict[str, list[str]]:
    answer = desk.open(path)
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    return {row[0]: row[1:] for row in rows}


def test_duty_is_counted_for_everybody_over_the_days_that_were_chosen(desk: Desk) -> None:
    found = figures(desk, "/roster/fairness.csv?from=2026-11-23&until=2026-11-29")
    assert found["Hal Voorbeeld"] == ["40:00", "0", "0", "0", "0", "0"]
    assert found["Ada Voorbeeld"] == ["25:00", "2", "0", "0", "0", "0"]
    assert found["Bo Voorbeeld"][0] == "135:00"
    seen = desk.text("/roster/fairness?from=2026-11-23&until=2026-11-29")
    assert "Hal Voorbeeld 40:00" in seen and "Mean of everybody" in seen


def test_calls_taken_at_night_and_the_nights_they_broke_are_counted(desk: Desk) -> None:
    night = datetime(2026, 11, 24, 2, tzinfo=UTC)
    engine = desk.console.services.engine
    call = add_call(engine, 1)
    for ring, accepted_at in enumerate((night, night.replace(hour=3), night.replace(hour=12), None), 1):
        add_leg(engine, call, ring, "bo", rang_at=night, accepted_at=accepted_at)
    assert figures(desk, "/roster/fairness.csv?from=2026-11-23&until=2026-11-29")["Bo Voorbeeld"][-2:] == [
        "1",
        "2",
    ]


def test_without_the_logbook_calls_are_left_out_and_said_to_be(desk: Desk) -> None:
    with desk.console.services.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE legs RENAME TO legs_away"))
    assert "calls at night are left out" in desk.text("/roster/fairness")


def test_an_advisor_sees_only_themselves_and_the_mean_of_everybody(desk: Desk) -> None:
    advisor = Desk(desk.console, desk.folder, "advisor", person="bo")
    seen = advisor.text("/roster/fairness")
    assert "Bo Voorbeeld" in seen and "Mean of everybody" in seen
    assert "Ada" not in seen and "Kim" not in seen
    assert set(figures(advisor, "/roster/fairness.csv")) == {"Person", "Bo Voorbeeld"}
    stranger = Desk(desk.console, desk.folder, "advisor", person="nobody")
    assert "not linked to a person" in stranger.text("/roster/fairness")


def test_who_gets_too_little_rest_is_named_with_the_law(desk: Desk) -> None:
    seen = desk.text("/roster/fairness?from=2026-10-19&until=2026-11-29")
    assert "Lou Voorbeeld is not off duty for 48 hours twice" in seen
    assert "art. 5:9" in seen


@pytest.mark.parametrize("name", ["=1+1", "+31", "-2", "@sum", "\tx", "＝1", "＠a"])
def test_no_name_becomes_a_formula_in_a_spreadsheet(name: str) -> None:
    assert as_text(name) == f"'{name}"
    assert as_text("Ada") == "Ada" and as_text("") == ""


def test_a_period_that_ends_before_it_begins_is_said_at_its_field(desk: Desk) -> None:
    answer = desk.open("/roster/fairness?from=2026-11-29&until=2026-11-23")
    assert answer.status_code == 422
    assert "before the first day" in words(answer)


def test_a_name_with_a_formula_stays_text_in_the_file(tmp_path: Path) -> None:
    with roster_desk(tmp_path, ROSTER.replace("name: Bo Voorbeeld", "name: '=2+3'")) as desk:
        assert '"\'=2+3"' in desk.open("/roster/fairness.csv").get_data(as_text=True)
