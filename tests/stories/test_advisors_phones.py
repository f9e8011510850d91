"""What an advisor's phone can do to a call, and what becomes of the call behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from simulator.callers import AfterTalk
from simulator.delivery import Drop, Which
from simulator.exchange import Habits
from simulator.phones import Busy, Declines, HangsUp, Human, Invalid, NoAnswer, Silent, Voicemail
from tests.stories.cast import CHRISTMAS_NIGHT, PHONES, TUESDAY_MORNING, at
from tests.stories.conftest import MakeDesk
from tests.stories.promises import only_the_ladder_was_rung

ADA, BO = PHONES["ada"], PHONES["bo"]


@pytest.mark.parametrize("screening", ["completed", "no-answer"])
@pytest.mark.parametrize(
    ("phone", "outcome"),
    [
        (NoAnswer(), "no answer"),
        (Busy(), "busy"),
        (Declines(after=3), "busy"),
        (Invalid(), "failed"),
        (Voicemail(), "not confirmed"),
        (Silent(), "not confirmed"),
        (HangsUp(), "not confirmed"),
        (Human(presses="7"), "not confirmed"),
        (Human(presses="2"), "passed on"),
    ],
)
def test_whatever_the_first_phone_does_the_second_takes_the_call(
    make_desk: MakeDesk, phone: Any, outcome: str, screening: Any
) -> None:
    desk = make_desk(Habits(declined_screening=screening), ada=phone, bo=Human(talks_for=60))
    call = desk.dial()
    assert call.rung == [ADA, BO]
    assert call.talked_with == [BO]
    assert not desk.heard(call, "unsure")
    record = desk.record(call)
    assert [leg["outcome"] for leg in record["legs"]] == [outcome, "accepted"]
    assert record["outcome"] == "connected"
    assert not desk.alerts(call)


@pytest.mark.parametrize("spelled", ["true", "True", "absent"])
def test_however_the_provider_says_that_two_were_joined_we_understand_it(
    make_desk: MakeDesk, spelled: Any
) -> None:
    desk = make_desk(Habits(dial_bridged=spelled), ada=Voicemail(), bo=Human(talks_for=60))
    call = desk.dial()
    assert call.talked_with == [BO]
    assert desk.heard(call, "reconnect")
    record = desk.record(call)
    assert [leg["outcome"] for leg in record["legs"]] == ["not confirmed", "accepted"]
    assert 60 <= record["talked_seconds"] <= 80


def test_nobody_answers_and_the_caller_is_promised_a_call(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call = desk.dial(["1", "1", "1"])
    only_the_ladder_was_rung(desk, call)
    assert call.rung == [ADA, BO]
    assert desk.heard(call, "unreached") and desk.heard(call, "promised")
    assert desk.record(call)["outcome"] == "callback"
    assert desk.alerts(call) == ["unanswered"]


def test_nobody_answers_and_the_caller_wants_no_call(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call = desk.dial()
    assert call.heard("1 1 2") and call.heard("0 9 0 0, 8 8 4 4")
    assert desk.record(call)["outcome"] == "message"
    assert desk.alerts(call) == ["unanswered"]


def test_by_day_the_ladder_of_the_night_follows_on_the_desk(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call = desk.dial(["1"], at=TUESDAY_MORNING)
    only_the_ladder_was_rung(desk, call)
    assert len(call.rung) == 4
    assert desk.alerts(call) == ["unanswered"]


def test_before_the_first_shift_there_is_nobody_and_the_alert_is_raised_all_the_same(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk()
    call = desk.dial(["1", "1", "1"], at=at("2025-12-25T03:00"))
    assert not call.rung
    assert desk.heard(call, "promised")
    assert desk.alerts(call) == ["unanswered"]


def test_silence_taken_for_a_crisis_with_nobody_on_call_is_an_alert_as_well(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call = desk.dial(["", "", "", "1"], at=at("2025-12-25T03:00"))
    assert desk.record(call)["kind"] == "crisis"
    assert desk.record(call)["outcome"] == "callback"
    assert desk.alerts(call) == ["unanswered"]


def test_who_is_cut_off_speaks_to_the_same_advisor_again(make_desk: MakeDesk) -> None:
    desk = make_desk(bo=[Human(talks_for=20), Human(talks_for=300)])
    call = desk.dial(["1", "1", "1"])
    assert call.rung == [ADA, BO, BO]
    assert call.talked_with == [BO, BO]
    assert desk.heard(call, "again")
    record = desk.record(call)
    assert [leg["outcome"] for leg in record["legs"]] == ["no answer", "accepted", "accepted"]
    assert record["legs"][2]["why"] == "bo: again"
    assert record["talked_seconds"] >= 320


def test_who_is_cut_off_and_not_reached_again_climbs_the_ladder_from_its_foot(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=[NoAnswer(), Human()], bo=[Human(talks_for=20), Busy()])
    call = desk.dial(["1", "1", "1"])
    assert call.rung == [ADA, BO, BO, ADA]
    assert call.talked_with == [BO, ADA]
    assert desk.record(call)["outcome"] == "connected"


def test_who_is_cut_off_and_reaches_nobody_again_is_an_alert(make_desk: MakeDesk) -> None:
    desk = make_desk(bo=[Human(talks_for=20), Busy()])
    call = desk.dial(["1", "1", "1", "1"])
    assert call.rung == [ADA, BO, BO, ADA, BO]
    assert desk.record(call)["outcome"] == "callback"
    assert desk.alerts(call) == ["unanswered"]


def test_a_phone_whose_screening_is_not_heard_is_dropped_and_the_next_one_rings(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=Human(), bo=Human())
    desk.net.delivery.add(Drop(), Which("screen", nth=1))
    call = desk.dial()
    desk.net.errors.clear()
    assert call.talked_with == [BO]
    assert [leg["outcome"] for leg in desk.record(call)["legs"]] == ["not confirmed", "accepted"]


def test_where_the_provider_joins_unasked_nobody_is_sure_and_the_caller_is_asked(make_desk: MakeDesk) -> None:
    desk = make_desk(Habits(failed_screening="bridge"), ada=Voicemail(), bo=Human())
    desk.net.delivery.add(Drop(), Which("screen", nth=1))
    desk.net.add_phone(ADA, Human(talks_for=8))
    call = desk.dial()
    desk.net.errors.clear()
    assert call.talked_with == [ADA, BO]
    assert desk.heard(call, "unsure")
    assert [leg["outcome"] for leg in desk.record(call)["legs"]] == ["not confirmed", "accepted"]


def test_who_leaves_not_knowing_whether_that_was_an_advisor_is_an_alert(make_desk: MakeDesk) -> None:
    desk = make_desk(Habits(failed_screening="bridge"))
    desk.net.add_phone(ADA, Human(talks_for=8))
    desk.net.delivery.add(Drop(), Which("screen", nth=1))
    call = desk.dial(leaves=AfterTalk(after=3))
    desk.net.errors.clear()
    assert desk.record(call)["outcome"] == "abandoned"
    assert desk.alerts(call) == ["abandoned"]


@pytest.mark.parametrize("callers", [2, 5, 20])
def test_many_callers_at_once_share_the_advisors_and_nobody_is_sent_away(
    make_desk: MakeDesk, callers: int
) -> None:
    desk = make_desk(ada=Human(talks_for=40), bo=Human(talks_for=40))
    calls = [desk.dials(["1", "1", "1"], from_=f"+467017406{10 + n}") for n in range(callers)]
    desk.net.run()
    connected = [call for call in calls if call.talked_with]
    assert {number for call in calls for number in call.talked_with} == {ADA, BO}
    assert len(connected) >= 2
    for call in calls:
        outcome = desk.record(call)["outcome"]
        assert outcome == (
            "connected" if call.talked_with and not desk.heard(call, "promised") else "callback"
        )
        assert all(set(said.text) and said.seconds for said in call.said)
        assert call.talked_with or desk.alerts(call) == ["unanswered"]


def test_a_second_caller_reaches_the_one_behind_the_one_who_talks(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=Human(talks_for=600), bo=Human(talks_for=60))
    first = desk.dials()
    second = desk.dials(at=CHRISTMAS_NIGHT + timedelta(minutes=2), from_="+46701740698")
    desk.net.run()
    assert first.talked_with == [ADA]
    assert second.talked_with == [BO]
    assert [leg["outcome"] for leg in desk.record(second)["legs"]] == ["busy", "accepted"]
