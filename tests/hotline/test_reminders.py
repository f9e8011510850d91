from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.mail import MailFolder
from tests.hotline.duty_desk import AMSTERDAM, MONDAY, ROSTER, DutyDesk, duty_desk, roster_of, wall


@pytest.fixture
def desk(sqlite_engine: Engine) -> Iterator[DutyDesk]:
    with duty_desk(sqlite_engine) as desk:
        yield desk


def told(desk: DutyDesk, person: str | None = None) -> list[tuple[str, str]]:
    """Who was told what, in order: ("ada", "start") ..."""
    return [
        (row["person"], row["template"].removeprefix("shift_"))
        for row in desk.rows()
        if row["state"] != "dropped" and person in (None, row["person"])
    ]


def test_a_shift_is_told_a_week_and_a_day_before_at_its_start_and_at_its_end(desk: DutyDesk) -> None:
    job = desk.reminders()
    for before, kind in ((timedelta(days=7), "week"), (timedelta(days=1), "day"), (timedelta(0), "start")):
        already = told(desk, "ada").count(("ada", kind))
        job.remind(MONDAY - before - timedelta(minutes=1))
        assert told(desk, "ada").count(("ada", kind)) == already
        job.remind(MONDAY - before)
        job.remind(MONDAY - before + timedelta(minutes=1))
        assert told(desk, "ada").count(("ada", kind)) == already + 1
    job.remind(MONDAY + timedelta(days=7, minutes=-1))
    already = told(desk).count(("ada", "end"))
    job.remind(MONDAY + timedelta(days=7))
    job.remind(MONDAY + timedelta(days=7, minutes=1))
    assert told(desk).count(("ada", "end")) == already + 1


def test_it_is_told_in_the_persons_language_and_says_nothing_of_what_the_line_is_for(desk: DutyDesk) -> None:
    for before in (timedelta(days=1), timedelta(0)):
        desk.reminders().remind(MONDAY - before)
        desk.outbox().send_due(MONDAY - before)
    told_to = {(message.to, message.body) for message in desk.net.messages}
    ada, bo = "+46701740605", "+46701740606"
    assert (ada, "Hulplijn: u hebt dienst van ma 19 november 09:00 tot ma 26 november 09:00.") in told_to
    # Bo speaks Polish, which nobody has written words for, and then English.
    assert (bo, "Hulplijn: your shift ended on Mon 19 November 09:00. Thank you.") in told_to
    assert any(body.startswith("Hulplijn: you are on duty from Mon 26 November") for _, body in told_to)


def test_nobody_is_told_twice_by_another_process_after_a_restart_or_when_the_clock_jumps(
    desk: DutyDesk,
) -> None:
    left, right = desk.reminders(), desk.reminders()
    for hours in (0, 1, 24, -24, 0, -1, 2, 24 * 3, 0):
        for job in (left, right, desk.reminders()):
            job.remind(MONDAY + timedelta(hours=hours))
    keys = [row["key"] for row in desk.rows()]
    assert len(keys) == len(set(keys))
    assert told(desk, "ada").count(("ada", "start")) == 1
    # Ada's day ahead and start, her next end and Bo's next start, and what was due before: no storm.
    assert len(desk.rows()) <= 8


def test_a_clock_that_jumps_a_year_ahead_and_back_tells_each_thing_at_most_once(desk: DutyDesk) -> None:
    job = desk.reminders()
    job.remind(MONDAY)
    before = len(desk.rows())
    job.remind(MONDAY + timedelta(days=371))
    assert len([row for row in desk.rows() if row["state"] == "due"]) - before <= 4
    once = told(desk)
    for minutes in (1, 2, 3):
        job.remind(MONDAY + timedelta(minutes=minutes))
    assert told(desk) == once


def test_another_version_of_the_roster_reminds_nobody_of_the_same_shift_again(desk: DutyDesk) -> None:
    job = desk.reminders()
    job.remind(MONDAY)
    before = desk.rows()
    desk.roster = roster_of(f"# another version\n{ROSTER}")
    job.remind(MONDAY + timedelta(minutes=1))
    desk.reminders().remind(MONDAY + timedelta(minutes=2))
    assert desk.rows() == before


OVERRIDE = "overrides:\n  - {{rotation: first, from: {0}, until: {1}, person: bo}}"


def test_a_shift_that_moved_is_told_again(desk: DutyDesk) -> None:
    day_before = MONDAY - timedelta(days=1)
    desk.reminders().remind(day_before)
    assert ("ada", "day") in told(desk)
    taken = OVERRIDE.format("2035-11-19T09:00", "2035-11-19T12:00")
    desk.roster = roster_of(ROSTER.replace("overrides: []", taken))
    desk.reminders().remind(day_before + timedelta(hours=3, minutes=1))
    assert told(desk, "ada").count(("ada", "day")) == 2
    desk.outbox().send_due(day_before + timedelta(hours=4))
    assert any("ma 19 november 12:00" in body for body in desk.bodies())


def test_a_shift_whose_end_moved_is_told_at_its_new_end_and_not_at_its_start_again(desk: DutyDesk) -> None:
    desk.reminders().remind(MONDAY)
    taken = OVERRIDE.format("2035-11-25T09:00", "2035-12-03T09:00")
    desk.roster = roster_of(ROSTER.replace("overrides: []", taken))
    desk.reminders().remind(MONDAY + timedelta(minutes=5))
    assert told(desk, "ada").count(("ada", "start")) == 1
    desk.reminders().remind(wall("2035-11-25T09:00"))
    assert ("ada", "end") in told(desk)


def test_turns_of_one_person_that_follow_each_other_are_one_shift(desk: DutyDesk) -> None:
    desk.roster = roster_of(ROSTER.replace("[ada, bo]", "[ada, ada, bo]"))
    job = desk.reminders()
    at = wall("2035-11-01T09:00")
    while at < wall("2035-12-20T09:00"):
        job.remind(at)
        at += timedelta(hours=1)
    assert told(desk, "ada").count(("ada", "start")) == 3
    assert told(desk, "ada").count(("ada", "end")) == 2
    ends = {row["due_at"] for row in desk.rows(person="ada", template="shift_end")}
    assert ends == {wall("2035-11-19T09:00"), wall("2035-12-10T09:00")}
    assert not any(row["person"] == "chi" for row in desk.rows()), "on call without a break for a year"


def test_whoever_goes_on_in_another_rotation_is_not_told_that_it_is_over(desk: DutyDesk) -> None:
    second = "  second: {members: [bo, ada], starts: 2035-11-05T09:00, turn: 7 days}\n  coordinator:"
    desk.roster = roster_of(ROSTER.replace("  coordinator:", second))
    desk.reminders().remind(wall("2035-11-26T09:00"))
    assert "end" not in {kind for _, kind in told(desk)}
    assert told(desk).count(("ada", "start")) == told(desk).count(("bo", "start")) == 1


def test_a_reminder_that_was_missed_runs_late_and_not_never(desk: DutyDesk) -> None:
    desk.reminders().remind(MONDAY + timedelta(days=2))
    assert told(desk, "ada") == [("ada", "start")]
    desk.outbox().send_due(MONDAY + timedelta(days=2))
    assert len([message for message in desk.net.messages if message.to == "+46701740605"]) == 1


def test_of_all_that_was_missed_only_what_still_makes_sense_is_told(desk: DutyDesk) -> None:
    """Away from before the reminder of a day ahead until two hours after the shift: one message, the last."""
    desk.roster = roster_of(ROSTER.replace("7 days}\n  coord", "8 hours}\n  coord"))
    desk.reminders().remind(wall("2035-11-19T19:00"))
    mine = [row for row in desk.rows() if row["details"]["start"] == "2035-11-19T08:00:00Z"]
    assert {(row["template"], row["state"]) for row in mine} == {
        ("shift_start", "dropped"),
        ("shift_end", "due"),
    }


def test_what_waited_in_the_outbox_until_the_shift_was_over_is_dropped(desk: DutyDesk) -> None:
    desk.reminders().remind(MONDAY)
    assert desk.outbox().send_due(MONDAY + timedelta(days=7)) == 0
    assert {row["state"] for row in desk.rows(person="ada")} == {"dropped"}
    assert desk.net.messages == []


@pytest.mark.parametrize(
    ("starts", "texted"),
    [
        ("2035-11-05T03:00", "09:00"),
        ("2035-11-05T08:59", "09:00"),
        ("2035-11-05T09:00", "09:00"),
        ("2035-11-05T19:59", "19:59"),
        ("2035-11-05T20:00", "09:00"),
        ("2035-11-05T23:30", "09:00"),
    ],
)
def test_nobody_is_woken_by_a_text_about_next_week(
    desk: DutyDesk, tmp_path: Path, starts: str, texted: str
) -> None:
    desk.mail = MailFolder(tmp_path / "mail")
    desk.roster = roster_of(ROSTER.replace("starts: 2035-11-05T09:00", f"starts: {starts}"))
    job = desk.reminders()
    at = wall("2035-11-12T00:00")
    while at < wall("2035-11-14T00:00"):
        # The minutes at which one of them starts, and those before and behind.
        if at.minute % 30 in {29, 0, 1}:
            job.remind(at)
        at += timedelta(minutes=1)
    text, mail = (
        next(row["due_at"] for row in desk.rows(kind=kind, person="ada", template="shift_week"))
        for kind in ("text", "email")
    )
    assert text.astimezone(AMSTERDAM).strftime("%H:%M") == texted
    assert mail.astimezone(AMSTERDAM).strftime("%H:%M") == starts[-5:], "an e-mail wakes nobody"


def test_an_e_mail_goes_where_there_is_an_address_and_a_server(engine: Engine, tmp_path: Path) -> None:
    with duty_desk(engine, MailFolder(tmp_path / "mail")) as desk:
        desk.reminders().remind(MONDAY)
        assert sorted((row["person"], row["kind"], row["template"]) for row in desk.rows(state="due")) == [
            ("ada", "email", "shift_start"),
            ("ada", "text", "shift_start"),
            ("bo", "text", "shift_end"),
            ("bo", "text", "shift_week"),
        ]
        assert desk.outbox().send_due(MONDAY) == 4
        assert len(list((tmp_path / "mail").iterdir())) == 1


def test_a_roster_that_does_not_begin_yet_or_has_no_lines_reminds_nobody(desk: DutyDesk) -> None:
    assert desk.reminders().remind(datetime(2034, 1, 1, tzinfo=MONDAY.tzinfo)) == 0
