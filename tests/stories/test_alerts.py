"""Nobody was reached, or the caller left while we rang: everybody on the ladder is told once, and not who."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from hotline.storage import tables
from simulator.callers import WhileRinging
from simulator.channels import Call
from simulator.rest import RestFault
from tests.stories.cast import HELPDESK, PHONES, ROSTER, TUESDAY_MORNING
from tests.stories.promises import nobody_is_exposed
from tests.stories.world import Helpdesk, helpdesk

ADA, BO, CHI, DEE = (PHONES[person] for person in ("ada", "bo", "chi", "dee"))


def told(desk: Helpdesk, call: Call) -> list[str]:
    """Who has a row in the outbox about this call."""
    rows = [row for row in desk.rows(tables.outbox) if call.sid in row["key"]]
    return sorted(row["person"] for row in rows)


def texts_go_out(desk: Helpdesk, minutes: int = 0) -> None:
    """What is due so many minutes from now is sent, as the heartbeat does it."""
    desk.catch_up()
    desk.services.outbox.send_due(datetime.now(UTC) + timedelta(minutes=minutes), ("text",))
    desk.net.run()


def test_at_night_everybody_on_the_ladder_is_told_that_nobody_was_reached(tmp_path: Path) -> None:
    with helpdesk(tmp_path) as desk:
        call = desk.dial()
        assert told(desk, call) == ["ada", "bo"]
        texts_go_out(desk)
        assert sorted(message.to for message in desk.net.messages) == [ADA, BO]
        case = desk.record(call)["case"]
        for message in desk.net.messages:
            assert message.from_ == HELPDESK
            assert case in message.body and "03:0" in message.body
            nobody_is_exposed(message.body, call.sid)


def test_by_day_everybody_at_the_desk_and_behind_it_is_told(tmp_path: Path) -> None:
    with helpdesk(tmp_path) as desk:
        call = desk.dial(["1"], at=TUESDAY_MORNING, leaves=WhileRinging(after=3))
        assert desk.alerts(call) == ["abandoned"]
        assert told(desk, call) == ["ada", "bo", "chi", "dee"]


def test_who_stands_on_the_ladder_twice_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "roster.yaml").write_text(
        ROSTER.replace("    otherwise: callback", "    rounds: 2\n    otherwise: callback")
    )
    with helpdesk(tmp_path) as desk:
        call = desk.dial()
        assert call.rung == [ADA, BO, ADA, BO]
        assert told(desk, call) == ["ada", "bo"]


def test_an_advisor_who_answers_makes_no_alert(tmp_path: Path) -> None:
    from simulator.phones import Human

    with helpdesk(tmp_path, ada=Human()) as desk:
        call = desk.dial()
        assert not desk.alerts(call) and not told(desk, call)


@pytest.mark.parametrize("again", ["recorded", "rebuilt", "repeated"])
def test_an_alert_is_raised_once_however_often_it_is_looked_at(tmp_path: Path, again: str) -> None:
    with helpdesk(tmp_path) as desk:
        call = desk.dial()
        texts_go_out(desk)
        if again == "rebuilt":
            desk.services.logbook.rebuild([call.sid])
        elif again == "repeated":
            for webhook in list(desk.net.webhooks):
                desk.net.repeat(webhook, 3, parallel=True)
        desk.catch_up()
        texts_go_out(desk, minutes=60)
        assert desk.alerts(call) == ["unanswered"]
        assert sorted(message.to for message in desk.net.messages) == [ADA, BO]


FAULTS: list[tuple[Literal[429, 500, 503, "malformed"], bool]] = [
    (429, False),
    (500, False),
    (500, True),
    (503, True),
    ("malformed", False),
    ("malformed", True),
]


@pytest.mark.parametrize(("fault", "performed"), FAULTS)
def test_however_the_provider_fails_each_of_them_reads_it_once(
    tmp_path: Path, fault: Any, performed: bool
) -> None:
    with helpdesk(tmp_path) as desk:
        assert desk.rest is not None
        desk.rest.faults.append(RestFault(fault, on="POST", times=2, performed=performed))
        # While it is unclear whether they went out, the provider will not say either.
        desk.rest.faults.append(RestFault(429, on="GET", times=2))
        desk.dial()
        for minutes in range(0, 60, 5):
            texts_go_out(desk, minutes)
        assert sorted(message.to for message in desk.net.messages) == [ADA, BO]
        assert {row["state"] for row in desk.rows(tables.outbox)} == {"sent"}


def test_a_caller_who_left_during_an_outage_wakes_nobody_the_next_day(tmp_path: Path) -> None:
    """The record tells it; a text in the middle of another night would help nobody."""
    with helpdesk(tmp_path) as desk:
        call = desk.dial(at=datetime.now(UTC) - timedelta(days=1))
        assert desk.alerts(call) == ["unanswered"]
        assert told(desk, call) == []
