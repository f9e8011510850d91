from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import insert, update

from hotline import metrics
from hotline.events import Event
from hotline.storage import tables
from simulator.phones import Busy, HangsUp, Human, Silent, Voicemail
from simulator.rest import RestFault
from tests.hotline.checkin_desk import PHONES, CheckinDesk, checkin_desk
from tests.hotline.duty_desk import LINE, MONDAY, ROSTER, wall

SECOND = MONDAY + timedelta(minutes=5)
TOLD = SECOND + timedelta(minutes=2)


def state(desk: CheckinDesk) -> list[tuple[str, str, int]]:
    return [(row["person"], row["state"], row["tries"]) for row in desk.rows(tables.checkins)]


def whole_check(desk: CheckinDesk) -> None:
    for at in (MONDAY, MONDAY + timedelta(seconds=30), SECOND, SECOND + timedelta(seconds=30), TOLD):
        desk.tick(at)


def test_who_presses_1_is_on_duty_and_nobody_is_told(tmp_path: Path) -> None:
    with checkin_desk(tmp_path, ada=Human()) as desk:
        desk.tick(MONDAY - timedelta(seconds=1))
        assert desk.net.calls == []
        orphans = metrics.orphans._value.get()
        whole_check(desk)
        assert metrics.orphans._value.get() == orphans, "it is no caller's call"
        (call,) = desk.calls_to("ada")
        assert call.channel.from_ == LINE
        assert call.advisor_heard("Hulplijn. Uw dienst begint. Bent u er? Druk 1.")
        assert call.advisor_heard("Uw dienst is bevestigd")
        assert state(desk) == [("ada", "confirmed", 1)]
        assert desk.rows(tables.alerts) == []
        assert desk.net.messages == []
        assert not desk.net.errors


@pytest.mark.parametrize(
    "phone",
    [None, Busy(), Silent(), Voicemail(), HangsUp(), Human(presses="2")],
    ids=lambda how: str(how)[:9],
)
def test_who_does_not_press_1_is_rung_twice_and_then_the_coordinator_is_told(
    tmp_path: Path, phone: Any
) -> None:
    phones = {} if phone is None else {"ada": phone}
    with checkin_desk(tmp_path, **phones) as desk:
        desk.tick(MONDAY)
        desk.tick(SECOND - timedelta(seconds=1))
        assert len(desk.calls_to("ada")) == 1
        desk.tick(SECOND)
        desk.tick(TOLD - timedelta(seconds=1))
        assert len(desk.calls_to("ada")) == 2
        assert desk.net.messages == []
        desk.tick(TOLD)
        desk.tick(TOLD + timedelta(minutes=10))
        assert state(desk) == [("ada", "unconfirmed", 2)]
        (alert,) = desk.rows(tables.alerts)
        assert alert["reason"] == "not checked in"
        assert desk.texts_to("chi") == [
            "Hulplijn: een dienst die om 09:00 begon, is niet bevestigd. Kijk op de pagina Nu."
        ]
        assert desk.texts_to("ada") == []
        assert len(desk.calls_to("ada")) == 2
        assert not desk.net.errors


def test_a_coordinator_who_does_not_check_in_is_told_to_the_one_before_on_the_ladder(tmp_path: Path) -> None:
    both = ROSTER.replace("[chi], starts: 2035-01-01T00:00", "[bo, chi], starts: 2035-11-12T09:00")
    with checkin_desk(tmp_path, both) as desk:
        whole_check(desk)
        assert state(desk) == [("ada", "unconfirmed", 2), ("chi", "unconfirmed", 2)]
        assert len(desk.texts_to("ada")) == len(desk.texts_to("chi")) == 1
        assert desk.texts_to("bo") == []


def test_a_1_after_the_coordinator_was_told_still_counts(tmp_path: Path) -> None:
    """A call the provider held back may ring late."""
    with checkin_desk(tmp_path) as desk:
        whole_check(desk)
        assert state(desk) == [("ada", "unconfirmed", 2)]
        event = Event("checkin/late", "CA1", "checked in", TOLD, _pressed())
        desk.services.journal.append([event])
        desk.record()
        assert state(desk) == [("ada", "confirmed", 2)]


def _pressed() -> dict[str, str]:
    return {"checkin": "ada/2035-11-19T08:00:00Z", "person": "ada", "phone": "a:00"}


def test_nobody_is_rung_while_talking_to_a_caller(tmp_path: Path) -> None:
    with checkin_desk(tmp_path, ada=Human()) as desk:
        with desk.services.engine.begin() as connection:
            _talking(connection, "ada")
        desk.tick(MONDAY)
        desk.tick(MONDAY + timedelta(minutes=10))
        assert desk.net.calls == []
        assert state(desk) == [("ada", "waiting", 0)]
        with desk.services.engine.begin() as connection:
            connection.execute(update(tables.legs).values(ended_at=MONDAY + timedelta(minutes=10)))
        desk.tick(MONDAY + timedelta(minutes=12))
        assert state(desk) == [("ada", "confirmed", 1)]


def _talking(connection: Any, person: str) -> None:
    call = {
        "sid": "CAtalk",
        "language": "nl",
        "stage": "ring",
        "started_at": MONDAY,
        "withheld": True,
    }
    connection.execute(insert(tables.calls).values(**call))
    leg = {"call": "CAtalk", "ring": 1, "person": person, "sid": "CAleg", "policy": "crisis", "round": 1}
    connection.execute(
        insert(tables.legs).values(
            **leg, step=1, why="first: turn", rang_at=MONDAY, accepted_at=MONDAY, outcome="accepted"
        )
    )


def test_a_1_is_not_lost_while_the_database_is_away_and_the_coordinator_is_not_told(tmp_path: Path) -> None:
    with checkin_desk(tmp_path, ada=Human()) as desk, _nobody_records(desk):
        desk.checkins.check(MONDAY)
        desk.services.outbox.send_due(MONDAY)
        desk.net.run()
        assert desk.calls_to("ada")[0].advisor_heard("Uw dienst is bevestigd")
        for at in (SECOND, TOLD, TOLD + timedelta(minutes=5)):
            desk.checkins.check(at)
        assert state(desk) == [("ada", "waiting", 1)]
        assert desk.rows(tables.alerts) == []
    with checkin_desk(tmp_path) as desk:
        desk.record()
        assert state(desk) == [("ada", "confirmed", 1)]


def _nobody_records(desk: CheckinDesk) -> AbstractContextManager[Any]:
    """As long as another holds the lock the journal is not drained, as when the database is away."""
    return desk.services.recorder._alone()


def test_a_check_in_belongs_to_one_process(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        for at in (MONDAY, SECOND, TOLD):
            for process in ("one", "two", "three"):
                desk.tick(at, process)
        assert len(desk.calls_to("ada")) == 2
        assert len(desk.texts_to("chi")) == 1


@pytest.mark.parametrize("performed", [True, False])
def test_a_call_of_which_nobody_knows_whether_it_was_made_is_not_made_twice(
    tmp_path: Path, performed: bool
) -> None:
    with checkin_desk(tmp_path) as desk:
        desk.rest.faults.append(RestFault(500, on="POST", performed=performed))
        desk.tick(MONDAY)
        desk.tick(MONDAY + timedelta(minutes=1))
        assert len(desk.calls_to("ada")) == 1
        desk.tick(SECOND)
        assert len(desk.calls_to("ada")) == 2


def test_a_shift_that_somebody_else_took_over_meanwhile_is_not_asked_about(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        desk.tick(MONDAY)
        taken = (
            "overrides:\n  - {rotation: first, from: 2035-11-19T09:02, until: 2035-11-20T09:00, person: bo}"
        )
        file = desk.services.settings.roster_file
        file.write_text(ROSTER.replace("overrides: []", taken), encoding="utf-8")
        desk.services.roster_file.look()
        for at in (SECOND, TOLD):
            desk.tick(at)
        assert sorted(state(desk)) == [("ada", "void", 1), ("bo", "waiting", 1)]
        assert len(desk.calls_to("ada")) == 1


def test_after_a_long_absence_nobody_is_rung_about_a_shift_of_hours_ago(tmp_path: Path) -> None:
    with checkin_desk(tmp_path, ada=Human()) as desk:
        desk.tick(MONDAY + timedelta(hours=14))
        assert desk.net.calls == []
        desk.tick(MONDAY + timedelta(hours=1))
        assert state(desk) == [("ada", "confirmed", 1)]


def test_a_handoff_to_oneself_is_no_check_in(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        for day in range(1, 25):
            desk.checkins.check(wall(f"2035-12-{day:02}T00:00"))
        assert {row["person"] for row in desk.rows(tables.checkins)} <= {"ada", "bo"}


def test_the_webhooks_of_a_check_in_are_refused_without_a_signature(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        for path in ("checkin", "checkin/key", "phone-check", "phone-check/key"):
            answer = requests.post(
                f"{desk.services.settings.public_url}/voice/{path}", data={"Digits": "1"}, timeout=5
            )
            assert answer.status_code == 403


def test_a_webhook_posted_again_a_day_later_changes_nothing(tmp_path: Path) -> None:
    with checkin_desk(tmp_path, ada=Human()) as desk:
        desk.tick(MONDAY)
        before = desk.rows(tables.checkins)
        (pressed,) = [webhook for webhook in desk.net.webhooks if webhook.get("Digits")]
        desk.net.repeat(pressed, times=5, parallel=True)
        desk.record()
        assert desk.rows(tables.checkins) == before


def test_no_number_and_no_name_is_in_a_url_and_a_phone_that_worked_is_known(tmp_path: Path) -> None:
    with checkin_desk(tmp_path, ada=Human()) as desk:
        desk.tick(MONDAY)
        for webhook in desk.net.webhooks:
            assert "ada" not in webhook.url.lower()
            assert PHONES["ada"][1:] not in webhook.url
        state_ = desk.services.phone_checks.state("ada", PHONES["ada"])
        assert state_.tested_at is not None
        assert state_.verified_at is None
