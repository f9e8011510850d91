"""The calendar's address: it gives shifts and nothing else, right to the hour, and can be taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from hotline.roster.edits import AddOverride
from hotline.roster.results import Author, Saved
from hotline.storage import tables
from routing.duty import duty_at
from tests.hotline.board_facts import log_in
from tests.hotline.console import Browser, Console, console
from tests.rounds import rounds
from tests.stories.cast import CHRISTMAS_NIGHT, ROSTER, at
from tests.stories.world import log_kept

recurring_ical_events = pytest.importorskip("recurring_ical_events")

NIGHT = {"X-Simulated-Time": CHRISTMAS_NIGHT.isoformat()}
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TURNS = ROSTER.replace("members: [ada], starts", "members: [ada, bo, chi], starts")
NIGHTS = ROSTER.replace(
    "{members: [ada], starts: 2026-01-05T09:00, turn: 7 days}",
    "{members: [ada, bo], starts: 2026-01-05T20:00, turn: 24 hours,"
    ' hours: [{days: daily, from: "20:00", until: "08:00"}]}',
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path, roster=TURNS) as found:
        found.services.rosters.share()
        yield found


def address(client: Browser, of: str = "me") -> str:
    """A new address, as the page shows it once; without the origin."""
    page = client.submit("/shifts/calendar", {"of": of}, headers=NIGHT).get_data(as_text=True)
    found = re.search(r'value="http://127\.0\.0\.1:8000(/feed/[\w-]{43}\.ics)"', page)
    assert found, page
    return found[1]


def read(desk: Console, path: str, moment: datetime = CHRISTMAS_NIGHT, **headers: str) -> Any:
    """As a calendar program asks: without any cookie."""
    return desk.browser().get(path, headers={"X-Simulated-Time": moment.isoformat(), **headers})


def events_of(answer: Any) -> list[Any]:
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def test_my_calendar_holds_my_shifts_of_90_days_back_and_400_ahead_and_no_others(desk: Console) -> None:
    answer = read(desk, address(log_in(desk, "advisor", person="ada")))
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    events = events_of(answer)
    assert {str(event["SUMMARY"]) for event in events} == {"On call: crisis-first"}
    starts = sorted(event["DTSTART"].dt for event in events)
    assert CHRISTMAS_NIGHT - starts[0] <= timedelta(days=90 + 7)
    assert starts[0] <= CHRISTMAS_NIGHT - timedelta(days=90 - 21)
    assert timedelta(days=400 - 21) <= starts[-1] - CHRISTMAS_NIGHT <= timedelta(days=400)
    roster = desk.services.roster_file.roster()
    assert roster
    for event in events:
        middle = event["DTSTART"].dt + (event["DTEND"].dt - event["DTSTART"].dt) / 2
        assert duty_at(roster, "crisis-first", int(middle.timestamp())).person == "ada"


def test_the_whole_rosters_calendar_names_everybody(desk: Console) -> None:
    answer = read(desk, address(log_in(desk, "coordinator"), "all"))
    summaries = {str(event["SUMMARY"]) for event in events_of(answer)}
    assert summaries == {
        "Ada Voorbeeld: crisis-first",
        "Bo Voorbeeld: crisis-first",
        "Chi Voorbeeld: crisis-first",
        "Bo Voorbeeld: crisis-backup",
    }


def test_a_calendar_holds_no_number_no_reason_and_no_address(tmp_path: Path) -> None:
    roster = TURNS.replace(
        "languages: [nl, en]}\n  bo", "languages: [nl, en], email: ada@example.org}\n  bo"
    ).replace(
        "policies:",
        "overrides:\n  - {rotation: crisis-first, from: 2035-12-26T09:00, until: 2035-12-27T09:00,"
        " person: bo, reason: her child is ill}\npolicies:",
    )
    with console(tmp_path, roster=roster) as desk:
        desk.services.rosters.share()
        text = read(desk, address(log_in(desk, "coordinator"), "all")).get_data(as_text=True)
    assert "DTSTART:20351226T080000Z" in text
    for secret in ("4670174", "ill", "ada@example.org"):
        assert secret not in text.replace("\r\n ", "")


@pytest.mark.parametrize(("changes_on", "hours"), [(date(2027, 3, 28), 11), (date(2026, 10, 25), 13)])
def test_an_independent_library_reads_right_shifts_on_both_days_on_which_the_clock_changes(
    tmp_path: Path, changes_on: date, hours: int
) -> None:
    with console(tmp_path, roster=NIGHTS) as desk:
        desk.services.rosters.share()
        path = address(log_in(desk, "coordinator"), "all")
        calendar = Calendar.from_ical(read(desk, path, at(f"{changes_on}T12:00")).data)
        roster = desk.services.roster_file.roster()
        assert roster
        found = recurring_ical_events.of(calendar)
        for minute in range(0, 3 * 24 * 60, rounds(120, 30)):
            moment = at(f"{changes_on - timedelta(days=1)}T00:00") + timedelta(minutes=minute)
            there = {
                str(event["SUMMARY"]).partition(" ")[0].lower()
                for event in found.between(moment, moment + timedelta(seconds=1))
                if "crisis-first" in event["SUMMARY"]
            }
            person = duty_at(roster, "crisis-first", int(moment.timestamp())).person
            assert there == ({person} if person else set()), moment
        nights = [
            event
            for event in found.between(
                at(f"{changes_on - timedelta(days=1)}T21:00"), at(f"{changes_on}T07:00")
            )
            if "crisis-first" in event["SUMMARY"]
        ]
    (night,) = nights
    # Subtracted on the wall clock, as Python does within a zone, it would be twelve hours on every date.
    assert night["DTEND"].dt.astimezone(UTC) - night["DTSTART"].dt.astimezone(UTC) == timedelta(hours=hours)
    assert night["DTSTART"].dt.astimezone(AMSTERDAM).hour == 20
    assert night["DTEND"].dt.astimezone(AMSTERDAM).hour == 8


def uids(answer: Any) -> dict[str, tuple[datetime, str]]:
    events = events_of(answer)
    found = {str(event["UID"]): (event["DTSTART"].dt, str(event["SUMMARY"])) for event in events}
    assert len(found) == len(events), "two shifts with one UID"
    return found


def test_a_shift_keeps_its_uid_as_days_pass_and_when_others_change(desk: Console) -> None:
    path = address(log_in(desk, "coordinator"), "all")
    before = uids(read(desk, path))
    later = uids(read(desk, path, CHRISTMAS_NIGHT + timedelta(days=3)))
    assert {uid: before[uid] for uid in before.keys() & later.keys()} == {
        uid: later[uid] for uid in before.keys() & later.keys()
    }
    last = max(start for start, _summary in before.values())
    assert all(later[uid][0] > last for uid in later.keys() - before.keys())
    put_on(desk, "bo", "2035-12-27T09:00", "2035-12-28T09:00")
    changed = uids(read(desk, path))
    assert len(changed.keys() - before.keys()) == 2
    assert before.keys() <= changed.keys()


def test_a_change_of_the_roster_raises_the_sequence_and_says_when(desk: Console) -> None:
    path = address(log_in(desk, "coordinator"), "all")
    first = events_of(read(desk, path))[0]
    put_on(desk, "bo", "2035-12-27T09:00", "2035-12-28T09:00")
    second = events_of(read(desk, path))[0]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second["LAST-MODIFIED"].dt == CHRISTMAS_NIGHT


def put_on(desk: Console, person: str, start: str, until: str) -> None:
    store = desk.services.rosters
    roster = store.roster()
    assert roster
    edit = AddOverride("crisis-first", int(at(start).timestamp()), int(at(until).timestamp()), person)
    result = store.edit(
        [edit], base_version=roster.version, author=Author("Eva"), why="", now=CHRISTMAS_NIGHT
    )
    assert isinstance(result, Saved)


def test_a_calendar_that_did_not_change_is_not_sent_again(desk: Console) -> None:
    path = address(log_in(desk, "advisor", person="ada"))
    first = read(desk, path)
    again = read(desk, path, CHRISTMAS_NIGHT + timedelta(hours=5), **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    put_on(desk, "ada", "2035-12-27T09:00", "2035-12-28T09:00")
    changed = read(desk, path, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_revoked_address_gives_nothing_any_more_even_to_who_knew_the_calendar(desk: Console) -> None:
    client = log_in(desk, "advisor", person="ada")
    path = address(client)
    etag = read(desk, path).headers["ETag"]
    client.submit("/shifts/calendar", {"of": "me"}, to="/shifts/calendar/revoke", headers=NIGHT)
    answer = read(desk, path, **{"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (404, b"")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_renewed_address_ends_the_one_before(desk: Console) -> None:
    client = log_in(desk, "advisor", person="ada")
    old, new = address(client), address(client)
    assert (read(desk, old).status_code, read(desk, new).status_code) == (404, 200)


@pytest.mark.parametrize("values", [{"active": False}, {"person": "bo"}, {"person": None}])
def test_an_address_ends_with_the_account_or_when_that_becomes_somebody_else(
    desk: Console, values: dict[str, Any]
) -> None:
    path = address(log_in(desk, "advisor", person="ada"))
    with desk.services.engine.begin() as connection:
        connection.execute(update(tables.accounts).values(**values))
    assert read(desk, path).status_code == 404


def test_who_is_no_coordinator_any_more_reads_the_whole_roster_no_more(desk: Console) -> None:
    path = address(log_in(desk, "coordinator"), "all")
    with desk.services.engine.begin() as connection:
        connection.execute(update(tables.accounts).values(role="advisor"))
    assert read(desk, path).status_code == 404


def test_an_advisor_gets_no_address_of_the_whole_roster(desk: Console) -> None:
    client = log_in(desk, "advisor", person="ada")
    assert client.submit("/shifts/calendar", {"of": "all"}, headers=NIGHT).status_code == 403


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 4000, "..%2f..%2fetc", "%00", "'--"])
def test_an_address_nobody_has_gives_nothing(desk: Console, token: str) -> None:
    answer = read(desk, f"/feed/{token}.ics")
    assert answer.status_code == 404


def test_the_address_is_shown_once_and_stands_neither_in_the_database_nor_in_a_log(desk: Console) -> None:
    client = log_in(desk, "advisor", person="ada")
    with log_kept() as log:
        path = address(client)
        token = path[6:-4]
        read(desk, path)
        desk.services.engine.dispose()
        with desk.services.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE calendar_feeds RENAME TO gone")
        assert read(desk, path).status_code == 503
        with desk.services.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO calendar_feeds")
    assert token not in log.getvalue()
    assert token not in client.get("/shifts/calendar", headers=NIGHT).get_data(as_text=True)
    with desk.services.engine.connect() as connection:
        row = connection.execute(select(tables.calendar_feeds)).mappings().one()
        assert token not in str(dict(row))
        assert row["last_used_at"] == CHRISTMAS_NIGHT


def test_names_cannot_break_out_of_the_calendar(tmp_path: Path) -> None:
    name = 'Ada\\nEND:VEVENT; ,:"<b>é'
    roster = TURNS.replace("name: Ada Voorbeeld", "name: '" + name + "'")
    with console(tmp_path, roster=roster) as desk:
        desk.services.rosters.share()
        answer = read(desk, address(log_in(desk, "coordinator"), "all"))
    events = events_of(answer)
    assert {str(event["SUMMARY"]) for event in events if "Ada" in event["SUMMARY"]} == {
        f"{name}: crisis-first"
    }
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
