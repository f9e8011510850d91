from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.mail import MailFolder
from tests.hotline.duty_desk import MONDAY, DutyDesk, duty_desk, roster_of, wall

#: Nobody is on call on Friday the 30th of November from nine to five; two are at all other times.
HOLED = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada:
    {name: Ada Voorbeeld, phone: "+46701740605", languages: [nl], away: [AWAY]}
  bo:
    {name: Bo Voorbeeld, phone: "+46701740606", languages: [nl], away: [AWAY]}
rotations:
  first: {members: [ada], starts: 2035-01-01T09:00, turn: 7 days}
  second: {members: [bo], starts: 2035-01-01T09:00, turn: 7 days}
policies:
  crisis:
    steps: [{ring: first, seconds: 20}, {ring: second, seconds: 20}]
    otherwise: callback
lines:
  helpdesk:
    {number: "+442079460001", name: Hulplijn, languages: [nl], hours: {}, open: crisis, closed: crisis}
"""
AWAY = "{from: 2035-11-30T09:00, until: 2035-11-30T17:00}"
WITH_GAP = HOLED.replace("AWAY", AWAY)
WHOLE = HOLED.replace("AWAY", "")
THIN = HOLED.replace("AWAY", AWAY, 1).replace("AWAY", "")
GAP = wall("2035-11-30T09:00")
LASTS = timedelta(hours=8)
NEARER = (timedelta(days=14), timedelta(days=3), timedelta(days=1), timedelta(hours=1))


@pytest.fixture
def desk(sqlite_engine: Engine) -> Iterator[DutyDesk]:
    with duty_desk(sqlite_engine, roster=WITH_GAP) as desk:
        yield desk


def times_told(desk: DutyDesk) -> list[timedelta]:
    """How long before the gap it was told to the coordinator, in order."""
    return [GAP - row["due_at"] for row in desk.rows(person="bo")]


def walk(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Every five minutes within an hour of when a gap is told, begins or ends; every half hour else."""
    told = (*NEARER, timedelta(), -LASTS)
    at = begin
    while at < end:
        near = any(abs(GAP - before - at) <= timedelta(hours=1) for before in told)
        if near or (at - begin) % timedelta(minutes=30) == timedelta():
            yield at
        at += timedelta(minutes=5)


def test_a_gap_is_told_two_weeks_three_days_a_day_and_an_hour_before_once_each(desk: DutyDesk) -> None:
    one, other = desk.holes(), desk.holes()
    for at in walk(GAP - timedelta(days=15), GAP + timedelta(hours=10)):
        one.watch(at)
        other.watch(at)
    assert times_told(desk) == list(NEARER)
    desk.outbox().send_due(GAP)
    assert set(desk.bodies()) == {
        (
            "Hulplijn: er is niemand ingeroosterd van vr 30 november 09:00 tot vr 30 november 17:00."
            " Vul het rooster aan."
        )
    }


def test_another_version_with_the_same_gap_is_told_nobody_and_a_closed_gap_stays_silent(
    desk: DutyDesk,
) -> None:
    desk.holes().watch(GAP - timedelta(days=10))
    desk.roster = roster_of(f"# another version\n{WITH_GAP}")
    desk.holes().watch(GAP - timedelta(days=9))
    assert len(desk.rows()) == 1
    desk.roster = roster_of(WHOLE)
    desk.holes().watch(GAP - timedelta(days=3))
    desk.holes().watch(GAP - timedelta(hours=1))
    assert len(desk.rows()) == 1


@pytest.mark.parametrize(
    ("before", "then"),
    [
        (timedelta(days=10), [timedelta(days=3), timedelta(days=1), timedelta(hours=1)]),
        (timedelta(hours=44), [timedelta(days=1), timedelta(hours=1)]),
        (timedelta(hours=2), [timedelta(hours=1)]),
        (timedelta(minutes=10), []),
        (timedelta(hours=-2), []),
    ],
)
def test_a_gap_that_appears_late_is_told_at_once_and_then_as_it_comes_nearer(
    desk: DutyDesk, before: timedelta, then: list[timedelta]
) -> None:
    job = desk.holes()
    desk.roster = roster_of(WHOLE)
    job.watch(GAP - before - timedelta(minutes=1))
    assert desk.rows() == []
    desk.roster = roster_of(WITH_GAP)
    for at in walk(GAP - before, GAP + timedelta(hours=9)):
        job.watch(at)
    assert times_told(desk) == [before, *then]


def test_a_gap_that_is_already_over_is_told_nobody(desk: DutyDesk) -> None:
    desk.holes().watch(GAP + timedelta(hours=8))
    assert desk.rows() == []


def test_nobody_is_woken_for_a_gap_in_two_weeks(desk: DutyDesk) -> None:
    night = AWAY.replace("T09:00", "T03:00")
    desk.roster = roster_of(HOLED.replace("AWAY", night))
    job = desk.holes()
    at = wall("2035-11-15T12:00")
    while at < wall("2035-11-30T04:00"):
        job.watch(at)
        at += timedelta(minutes=30)
    assert [row["due_at"] for row in desk.rows()] == [
        wall("2035-11-16T09:00"),
        wall("2035-11-27T09:00"),
        wall("2035-11-29T03:00"),
        wall("2035-11-30T02:00"),
    ]


def test_thin_cover_is_told_in_other_words(desk: DutyDesk) -> None:
    desk.roster = roster_of(THIN)
    desk.holes().watch(GAP - timedelta(days=2, hours=20))
    desk.outbox().send_due(GAP)
    assert desk.bodies() == [
        (
            "Hulplijn: er is maar één persoon ingeroosterd van vr 30 november 09:00 tot vr 30 november 17:00."
            " Vul het rooster aan."
        )
    ]


def test_many_gaps_found_at_once_are_one_message(desk: DutyDesk) -> None:
    nights = ", ".join(
        f"{{from: 2035-11-{day}T21:00, until: 2035-11-{day + 1}T07:00}}" for day in range(20, 29)
    )
    desk.roster = roster_of(HOLED.replace("AWAY", nights))
    job = desk.holes()
    job.watch(wall("2035-11-18T12:00"))
    assert len(desk.rows()) == 1
    desk.outbox().send_due(wall("2035-11-18T12:00"))
    assert desk.bodies()[0].count("november") == 6
    assert "en nog 6" in desk.bodies()[0]
    at = wall("2035-11-18T12:00")
    while at < wall("2035-11-20T21:00"):
        job.watch(at)
        at += timedelta(minutes=30)
    assert len(desk.rows()) <= 5, "a message for each step nearer, no storm"


def test_a_clock_that_jumps_makes_no_storm(desk: DutyDesk) -> None:
    job = desk.holes()
    for hours in (-24 * 10, 0, -24 * 13, -24 * 2, -24, -1, -24 * 10, 5, -2):
        job.watch(GAP + timedelta(hours=hours))
        desk.holes().watch(GAP + timedelta(hours=hours))
    assert len(desk.rows()) <= 4


def test_a_gap_that_has_always_been_there_is_told_once(desk: DutyDesk) -> None:
    always = "{from: 2035-01-01T00:00, until: 2039-01-01T00:00}"
    desk.roster = roster_of(HOLED.replace("AWAY", always))
    job = desk.holes()
    at = MONDAY
    while at < MONDAY + timedelta(days=40):
        job.watch(at)
        at += timedelta(hours=6)
    # Nobody is there, so who should be there at the end of the ladder is told all the same.
    assert [row["person"] for row in desk.rows()] == ["bo"]
    desk.outbox().send_due(at)
    assert "tot nader bericht" in desk.bodies()[0]


def test_coordinators_with_an_account_are_told_by_e_mail_and_on_their_own_phone(
    engine: Engine, tmp_path: Path
) -> None:
    with duty_desk(engine, MailFolder(tmp_path / "mail"), WITH_GAP) as desk:
        desk.add_account("a@example.org", person="ada")
        desk.add_account("b@example.org", person="nobody any more")
        desk.add_account("c@example.org", person="bo", active=False)
        desk.add_account("d@example.org", role="advisor", person="bo")
        desk.holes().watch(GAP - timedelta(days=10))
        assert sorted((row["kind"], row["person"], row["account"]) for row in desk.rows()) == [
            ("email", "", 1),
            ("email", "", 2),
            ("text", "ada", None),
            ("text", "bo", None),
        ]
        assert desk.outbox().send_due(GAP) == 4
