from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.calls.duty_answering import phone_code
from hotline.calls.phone_checks import MOST_IN_AN_HOUR, PhoneCheckStarted, TooManyChecks
from hotline.events import Event
from hotline.storage import tables
from simulator.phones import Human, Silent
from tests.hotline.checkin_desk import PHONES, CheckinDesk, checkin_desk
from tests.hotline.duty_desk import MONDAY

NEW_NUMBER = "+46701740699"


def start(desk: CheckinDesk, number: str = NEW_NUMBER, minutes: int = 0) -> str:
    started = desk.services.phone_checks.start("ada", number, MONDAY + timedelta(minutes=minutes))
    assert isinstance(started, PhoneCheckStarted)
    return started.code


def ring(desk: CheckinDesk, presses: str, number: str = NEW_NUMBER, minutes: int = 0) -> None:
    """The phone rings, and whoever has it in hand keys this in."""
    desk.net.add_phone(number, Human(presses=presses))
    desk.services.outbox.send_due(MONDAY + timedelta(minutes=minutes))
    desk.net.run()
    desk.record()


def test_a_number_is_confirmed_by_the_code_on_the_page(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        code = start(desk)
        assert re.fullmatch(r"\d{6}", code)
        assert desk.services.phone_checks.state("ada", NEW_NUMBER).asked_at == MONDAY
        assert desk.services.phone_checks.state("ada", NEW_NUMBER).verified_at is None
        ring(desk, code)
        (call,) = desk.net.calls
        assert call.advisor_heard("Hulplijn. Toets de zes cijfers in")
        assert call.advisor_heard("Uw nummer is bevestigd")
        assert desk.services.phone_checks.state("ada", NEW_NUMBER).verified_at is not None
        assert not desk.net.errors


def test_the_call_tells_nobody_the_code_and_it_stands_in_no_url_and_no_table(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        code = start(desk)
        ring(desk, "000000" if code != "000000" else "000001")
        said = re.sub(r"[^0-9]", "", desk.said())
        assert "zes cijfers" in desk.said()
        assert code not in said
        assert all(code not in webhook.url for webhook in desk.net.webhooks)
        for table in (tables.outbox, tables.phone_checks, tables.events):
            text = str(desk.rows(table))
            assert code not in text
            assert NEW_NUMBER[1:] not in text


@pytest.mark.parametrize("presses", ["999999", "1", ""])
def test_three_wrong_codes_end_the_call_and_confirm_nothing(tmp_path: Path, presses: str) -> None:
    with checkin_desk(tmp_path) as desk:
        assert start(desk) != "999999"
        if presses:
            ring(desk, presses)
        else:
            desk.net.add_phone(NEW_NUMBER, Silent())
            desk.services.outbox.send_due(MONDAY)
            desk.net.run()
        (call,) = desk.net.calls
        assert call.advisor_heard("Uw nummer is niet bevestigd")
        assert len([webhook for webhook in desk.net.webhooks if "phone-check/key" in webhook.url]) == 3
        desk.record()
        assert desk.services.phone_checks.state("ada", NEW_NUMBER).verified_at is None


def test_a_code_is_good_for_its_own_number_and_its_own_call_only(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        first = start(desk)
        assert first != start(desk, PHONES["ada"], minutes=1)
        assert first != start(desk, minutes=2)
    assert phone_code("secret", "token", NEW_NUMBER) != phone_code("secret", "token", PHONES["ada"])


def test_a_new_check_makes_the_one_before_it_void(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        first = start(desk)
        start(desk, minutes=1)
        ring(desk, first)
        assert desk.services.phone_checks.state("ada", NEW_NUMBER).verified_at is None


def test_another_number_of_the_same_person_is_not_confirmed_with_it(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        ring(desk, start(desk))
        assert desk.services.phone_checks.state("ada", PHONES["ada"]).verified_at is None
        assert desk.services.phone_checks.state("bo", NEW_NUMBER).verified_at is None


def test_nobodys_phone_can_be_made_to_ring_all_day(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        for minute in range(MOST_IN_AN_HOUR):
            start(desk, minutes=minute)
        refused = desk.services.phone_checks.start("ada", NEW_NUMBER, MONDAY + timedelta(minutes=30))
        assert refused == TooManyChecks(MONDAY + timedelta(hours=1))
        start(desk, minutes=61)


def test_the_webhook_that_confirmed_posted_again_changes_nothing(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        ring(desk, start(desk))
        before = desk.rows(tables.phone_checks)
        # Another replica has another journal, and does not know that it was told before.
        told = [row for row in desk.rows(tables.events) if row["kind"] == "phone confirmed"]
        later = [
            Event(row["key"], "CA2", row["kind"], MONDAY + timedelta(days=1), row["data"]) for row in told
        ]
        desk.services.logbook.record(later)
        assert later and desk.rows(tables.phone_checks) == before
        for webhook in [each for each in desk.net.webhooks if each.get("Digits")]:
            desk.net.repeat(webhook, times=3)
        desk.record()
        assert desk.rows(tables.phone_checks) == before


def test_a_call_that_was_not_made_in_time_is_not_made_any_more(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        code = start(desk)
        ring(desk, code, minutes=3)
        assert desk.net.calls == []
