"""The call this product exists for."""

from __future__ import annotations

from pathlib import Path

from simulator.phones import Human
from tests.stories.cast import CHRISTMAS_NIGHT, PHONES, TUESDAY_MORNING
from tests.stories.conftest import MakeDesk
from tests.stories.world import helpdesk


def test_at_night_the_first_does_not_answer_and_the_second_takes_the_call(tmp_path: Path) -> None:
    with helpdesk(tmp_path, bo=Human(talks_for=120)) as desk:
        call = desk.dial(["1", "1"])
        record = desk.record(call)
    assert call.talked_with == [PHONES["bo"]]
    assert call.heard("1 1 2")
    assert call.waited is not None and call.waited < 75
    assert (record["kind"], record["outcome"], record["language"]) == ("crisis", "connected", "nl")
    assert [(leg["person"], leg["outcome"]) for leg in record["legs"]] == [
        ("ada", "no answer"),
        ("bo", "accepted"),
    ]
    assert record["case"] == f"{CHRISTMAS_NIGHT.year}-0001"
    assert 120 <= record["talked_seconds"] < 140


def test_the_same_night_in_english(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=Human())
    call = desk.dial(["2", "1"])
    assert call.talked_with == [PHONES["ada"]]
    assert {said.language for said in call.said[2:]} == {"en-GB"}
    assert call.advisor_heard("Engels")
    assert desk.record(call)["language"] == "en"


def test_a_caller_who_presses_nothing_is_taken_for_a_crisis(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=Human())
    call = desk.dial([])
    assert call.talked_with == [PHONES["ada"]]
    assert desk.record(call)["kind"] == "crisis"


def test_in_office_hours_the_desk_answers_without_a_menu(make_desk: MakeDesk) -> None:
    desk = make_desk(dee=Human())
    call = desk.dial(["1"], at=TUESDAY_MORNING)
    assert call.rung == [PHONES["chi"], PHONES["dee"]]
    assert call.talked_with == [PHONES["dee"]]
    assert desk.record(call)["kind"] == "desk"


def test_who_wants_advice_at_night_is_promised_a_call_in_office_hours(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call = desk.dial(["1", "2", "1"])
    assert not call.rung
    assert desk.heard(call, "hours") and desk.heard(call, "promised_advice")
    record = desk.record(call)
    assert (record["kind"], record["outcome"]) == ("advice", "callback")
    assert not desk.alerts(call)


def test_who_knows_something_about_an_offender_hears_two_numbers_twice(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call = desk.dial(["1", "3"])
    assert len([said for said in call.said if "7 0 0 0" in said.text]) == 2
    assert (desk.record(call)["kind"], desk.record(call)["outcome"]) == ("tip", "informed")
