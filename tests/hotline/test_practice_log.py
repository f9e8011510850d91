"""The log beside a practice call: every reason the helpdesk can have is a sentence, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, get_args

import pytest
from flask import Flask
from flask_babel import force_locale

from hotline.calls.facts import move_fact
from hotline.events import Event
from hotline.practice.decisions import Decision, decisions
from hotline.practice.moments import NoSuchMoment, chosen_moment, moments
from hotline.practice.whys import holiday_name, sentences
from hotline.web.app import create_app
from routing.call import Arrived, Happened, Kind, NotReached, Position, Pressed, Stage, Talked, next_move
from routing.ladder import Place
from routing.reading import read_roster
from routing.roster import Roster
from routing.walltime import local_text
from tests.stories.cast import CHRISTMAS_NIGHT, ROSTER, TUESDAY_MORNING

NIGHT, MORNING = int(CHRISTMAS_NIGHT.timestamp()), int(TUESDAY_MORNING.timestamp())
ONE_LANGUAGE = ROSTER.replace("languages: [nl, en]\n    hours", "languages: [nl]\n    hours")
NOBODY = ROSTER.replace("2026-01-05T09:00", "2040-01-05T09:00")
CLOSED = ROSTER.replace("holidays: {country: NL}", "holidays: {closed: [2035-12-25]}")


def roster_of(text: str) -> Roster:
    found = read_roster(text.encode()).roster
    assert found is not None
    return found


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


def told(app: Flask, events: list[Event], language: str, roster: Roster | None = None) -> list[Decision]:
    with app.test_request_context(), force_locale(language):
        return decisions(events, roster or roster_of(ROSTER), language)


def every_move() -> Iterator[tuple[Event, Roster]]:
    """What can be decided at each stage for each thing that can happen, on rosters of all sorts."""
    keys = ["", "1", "2", "3", "9", "*", "0612345678", "112"]
    happenings: list[Happened] = [Arrived(), Talked(), Talked(sure=False), NotReached(), *map(Pressed, keys)]
    places = (None, Place("crisis"), Place("crisis", 1, 2, 1), Place("gone"))
    for roster in map(roster_of, (ROSTER, ONE_LANGUAGE, NOBODY, CLOSED)):
        for at in (NIGHT, MORNING):
            for stage in get_args(Stage):
                for kind in (None, *get_args(Kind)):
                    for happened in happenings:
                        for place in places:
                            for tries, rings in ((1, 0), (3, 1), (2, 120)):
                                person = "ada" if rings else ""
                                position = Position(
                                    stage, "helpdesk", "nl", kind, place, rings, person, tries
                                )
                                yield _event(roster, position, happened, at), roster
    yield _event(None, Position("arrival", "helpdesk"), Arrived(), NIGHT), roster
    yield _event(roster, Position("arrival", "nowhere"), Arrived(), NIGHT), roster


@cache
def distinct_moves() -> list[tuple[Event, Roster]]:
    """One of each that says the same."""
    found: dict[str, tuple[Event, Roster]] = {}
    for event, roster in every_move():
        shape = repr(
            sorted((name, str(value)) for name, value in event.data.items() if name not in ("ring", "line"))
        )
        found.setdefault(shape, (event, roster))
    return list(found.values())


def _event(roster: Roster | None, position: Position, happened: Happened, at: int) -> Event:
    move = next_move(roster, position, happened, at, caller_known=True)
    facts = {"stage": position.stage, "ring": position.rings, "line": "helpdesk", **move_fact(move)}
    return Event("key", "CA1", "answered", datetime.fromtimestamp(at, UTC), facts)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_the_helpdesk_can_have_is_a_sentence(app: Flask, language: str) -> None:
    seen: dict[str, str] = {}
    with app.test_request_context(), force_locale(language):
        for event, _roster in distinct_moves():
            for part in event.data["why"].split("; "):
                if part not in seen:
                    seen[part] = " ".join(sentences(part, date(2035, 12, 25), "NL", language))
    raw = [part for part, sentence in seen.items() if sentence == part]
    assert not raw, "no sentence for these reasons"
    assert all(sentence == "" or sentence.endswith(".") for sentence in seen.values())
    assert len(seen) > 35


def test_every_move_can_be_told(app: Flask) -> None:
    for event, roster in distinct_moves():
        assert told(app, [event], "nl", roster)[-1].text
    assert len(distinct_moves()) > 100


def test_a_holiday_is_named_in_the_language_of_the_page(app: Flask) -> None:
    with app.test_request_context(), force_locale("nl"):
        assert sentences("closed: holiday", date(2035, 12, 25), "NL", "nl") == ["Gesloten: Eerste kerstdag."]
    with app.test_request_context(), force_locale("en"):
        assert sentences("closed: holiday", date(2035, 12, 25), "NL", "en") == ["Closed: Christmas Day."]
        assert sentences("closed: holiday", date(2035, 12, 24), "NL", "en") == ["Closed: a public holiday."]
    assert holiday_name(date(2035, 12, 25), None, "nl") == ""


def rings(*events: tuple[str, dict[str, Any]]) -> list[Event]:
    """Ada was rung; then these happened, a second apart."""
    place = {"policy": "crisis", "round": 1, "step": 1}
    rung = {"move": "ring", "ring_next": 1, "person": "ada", "seconds": 25}
    why = {"by": "crisis-first", "because": "turn", "why": "pressed 1: crisis", "stage": "need"}
    first = rung | place | why
    all_of_them = [("answered", first), *events]
    return [
        Event(f"{number}", "CA1", kind, datetime.fromtimestamp(NIGHT + number, UTC), data)
        for number, (kind, data) in enumerate(all_of_them)
    ]


def rang(status: str, joined: bool | None) -> tuple[str, dict[str, Any]]:
    return "rang", {"ring": 1, "status": status, "joined": joined}


def screened(person: str, key: str) -> tuple[str, dict[str, Any]]:
    return "screened", {"ring": 1, "person": person, "keys": key}


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([rang("no answer", False)], "Ada Voorbeeld did not answer."),
        ([rang("busy", False)], "Ada Voorbeeld is busy, or declined the call."),
        ([rang("failed", False)], "The phone of Ada Voorbeeld cannot be reached."),
        ([rang("completed", False)], "Ada Voorbeeld's phone was picked up, but nobody pressed 1."),
        ([rang("completed", True)], "The conversation with Ada Voorbeeld is over."),
        ([screened("ada", "2"), rang("completed", False)], "Ada Voorbeeld passed the call on."),
        ([screened("ada", "1"), rang("completed", None)], "The conversation with Ada Voorbeeld is over."),
        ([screened("ada", "")], "Ada Voorbeeld pressed nothing: the call is not taken."),
        ([screened("ada", "7")], "Ada Voorbeeld pressed 7: the call is not taken."),
        ([screened("gone", "1")], "gone pressed 1 and takes the call."),
    ],
)
def test_what_became_of_a_ring_is_told(app: Flask, events: list[Any], text: str) -> None:
    log = told(app, rings(*events), "en")
    assert log[0].text == "Rings Ada Voorbeeld, for 25 seconds."
    assert log[0].whys == (
        "The caller pressed 1: a crisis.", "Their turn in crisis-first.", "Policy crisis, round 1, step 1.",
    )  # fmt: skip
    assert log[-1].text == text


def test_the_order_and_repetition_of_events_changes_nothing(app: Flask) -> None:
    events = rings(rang("no answer", False), ("ended", {}))
    assert told(app, [*reversed(events), *events], "nl") == told(app, events, "nl")


def test_the_moments_to_choose_from_are_on_the_wall() -> None:
    roster = roster_of(ROSTER)
    now = MORNING
    found = {
        moment.key: local_text(moment.at, roster.zone)
        for moment in moments(roster, roster.lines["helpdesk"], now)
    }
    assert found == {
        "now": "2035-12-04 10:00",
        "christmas": "2035-12-25 03:00",
        "weekday": "2035-12-05 10:00",
        "holiday": "2035-12-26 11:00",
    }


def test_on_christmas_night_the_next_christmas_night_is_a_year_away() -> None:
    roster = roster_of(ROSTER)
    found = moments(roster, roster.lines["helpdesk"], NIGHT)
    assert local_text(found[1].at, roster.zone) == "2036-12-25 03:00"


def test_any_other_moment_is_wall_clock_in_the_rosters_zone() -> None:
    roster = roster_of(ROSTER)
    line = roster.lines["helpdesk"]
    assert chosen_moment(roster, line, NIGHT, "other", "2035-12-25T03:00") == NIGHT
    assert chosen_moment(roster, line, NIGHT, "now", "") is None
    for wrong in ("", "soon", "1999-12-31T23:59", "2100-01-01T00:00", "2035-02-30T10:00"):
        with pytest.raises(NoSuchMoment):
            chosen_moment(roster, line, NIGHT, "other", wrong)
