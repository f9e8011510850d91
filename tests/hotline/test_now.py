"""The board: what a coordinator sees at a glance, and that looking costs next to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from hotline.accounts.models import Role
from hotline.storage import tables
from hotline.storage.engine import reading
from tests.hotline.board_facts import add_alert, add_call, add_leg, add_promise, log_in
from tests.hotline.console import Console, console
from tests.stories.cast import CHRISTMAS_NIGHT, ROSTER, TUESDAY_MORNING

NIGHT = {"X-Simulated-Time": CHRISTMAS_NIGHT.isoformat()}
DAY = {"X-Simulated-Time": TUESDAY_MORNING.isoformat()}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as found:
        yield found


def board(desk: Console, headers: dict[str, str] | None = None, role: Role = "coordinator") -> str:
    """The words on the board, without the markup."""
    client = log_in(desk, role)
    answer = client.get("/now", headers=headers or NIGHT)
    assert answer.status_code == 200
    return words(answer.get_data(as_text=True))


def words(page: str) -> str:
    return re.sub(r"\s+([,.:]|$)", r"\1", re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_at_night_the_board_says_closed_and_until_when_and_who_is_rung(desk: Console) -> None:
    seen = board(desk)
    assert "Closed: Christmas Day" in seen or "Closed: First Day of Christmas" in seen
    assert "opens Thu 27 Dec 09:00" in seen
    assert "crisis in use now" in seen
    assert "1 Ada Voorbeeld crisis-first: their turn" in seen
    assert "2 Bo Voorbeeld crisis-backup: their turn" in seen


def test_by_day_the_board_says_open_and_until_when_and_names_who_sits_at_the_desk(desk: Console) -> None:
    seen = board(desk, DAY)
    assert "Open: office hours until 17:00" in seen
    assert "desk in use now" in seen
    assert "1 Chi Voorbeeld named in the policy" in seen
    assert "1 Dee Voorbeeld named in the policy" in seen


def test_whoever_is_relieved_the_board_says_by_whom(tmp_path: Path) -> None:
    roster = ROSTER.replace("members: [ada]", "members: [ada, chi]")
    with console(tmp_path, roster=roster) as desk:
        seen = board(desk)
    assert re.search(
        r"1 (Ada|Chi) Voorbeeld crisis-first: their turn Mon 31 Dec 09:00 then (Chi|Ada) Voorbeeld", seen
    )


def test_an_empty_step_says_nobody_and_why(tmp_path: Path) -> None:
    roster = ROSTER.replace(
        "members: [bo], starts: 2026-01-05T09:00, turn: 7 days",
        "members: [bo], starts: 2026-01-05T09:00, turn: 7 days,"
        ' hours: [{days: mon-fri, from: "09:00", until: "17:00"}]',
    )
    with console(tmp_path, roster=roster) as desk:
        seen = board(desk)
    assert "2 Nobody crisis-backup: outside its hours 09:00 then Bo Voorbeeld" in seen
    assert "Thin Helpdesk" not in seen and "Thin Hulplijn: only Ada Voorbeeld, now to 09:00" in seen


def test_a_line_on_which_nobody_would_be_reached_is_shouted(tmp_path: Path) -> None:
    roster = re.sub(
        r"(ada|bo)(: \{name: .*?\])\}",
        r"\1\2, away: [{from: 2035-12-25T00:00, until: 2035-12-26T00:00}]}",
        ROSTER,
    )
    with console(tmp_path, roster=roster) as desk:
        client = log_in(desk, "coordinator")
        page = client.get("/now", headers=NIGHT).get_data(as_text=True)
    assert re.search(r'role="alert">Nobody is on call: Hulplijn\. Put somebody on now\.<', page)
    assert "Gap Hulplijn: nobody, now to Wed 26 Dec 00:00" in words(page)


def test_calls_in_progress_show_stage_and_age_and_no_number(desk: Console) -> None:
    engine = desk.services.engine
    ago = CHRISTMAS_NIGHT - timedelta(seconds=72)
    ringing = add_call(engine, 1, started_at=ago, caller="sealed", caller_fingerprint="a:b")
    add_leg(engine, ringing, 1, "ada", rang_at=ago, outcome="no answer", ended_at=CHRISTMAS_NIGHT)
    add_leg(engine, ringing, 2, "bo", rang_at=CHRISTMAS_NIGHT)
    talking = add_call(engine, 2, started_at=ago)
    add_leg(engine, talking, 1, "ada", rang_at=ago, accepted_at=ago)
    add_call(engine, 3, started_at=CHRISTMAS_NIGHT, stage="language", kind=None, language="")
    add_call(engine, 4, started_at=ago, ended_at=CHRISTMAS_NIGHT, outcome="connected")
    seen = board(desk)
    assert "3 calls in progress" in seen
    assert f"{ringing[-6:].upper()} Hulplijn, Dutch Rings Bo Voorbeeld (ring 2) Crisis 1:12" in seen
    assert f"{talking[-6:].upper()} Hulplijn, Dutch Talks with Ada Voorbeeld Crisis 1:12" in seen
    assert "Chooses a language" in seen
    assert "+4670174" not in seen


def test_a_crisis_nobody_took_waits_until_somebody_sees_to_it_and_then_says_who(desk: Console) -> None:
    key = add_alert(
        desk.services.engine, add_call(desk.services.engine, 7, ended_at=CHRISTMAS_NIGHT), "unanswered"
    )
    client = log_in(desk, "advisor", name="Ada Voorbeeld")
    before = words(client.get("/now", headers=NIGHT).get_data(as_text=True))
    assert (
        "1 alert to see to" in before and "Nobody took this call, Crisis, Hulplijn, case 2035-00007" in before
    )
    answer = client.submit("/now", {"key": key}, to="/now/alerts", headers=NIGHT)
    assert answer.status_code == 303
    after = words(client.get("/now", headers=NIGHT).get_data(as_text=True))
    assert "0 alerts to see to" in after
    assert "1 seen to in the last 24 hours" in after and "Ada Voorbeeld at 03:00" in after


def test_who_sees_to_an_alert_second_is_told_and_changes_nothing(desk: Console) -> None:
    key = add_alert(
        desk.services.engine, add_call(desk.services.engine, 7, ended_at=CHRISTMAS_NIGHT), "abandoned"
    )
    first, second = log_in(desk, "advisor", name="First"), log_in(desk, "advisor", name="Second")
    pages = [client.get("/now", headers=NIGHT).get_data(as_text=True) for client in (first, second)]
    for client, page in zip((first, second), pages, strict=True):
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        client.post("/now/alerts", data={"key": key, "csrf_token": token[1]}, headers=NIGHT)
    assert "Somebody else saw to it before you." in second.get("/now", headers=NIGHT).get_data(as_text=True)
    with reading(desk.services.engine) as connection:
        assert connection.execute(select(tables.alerts.c.acknowledged_by)).scalar() == "First"


def test_a_promise_stays_until_the_caller_was_called_back(desk: Console) -> None:
    engine = desk.services.engine
    call = add_promise(
        engine, add_call(engine, 8, ended_at=CHRISTMAS_NIGHT), CHRISTMAS_NIGHT - timedelta(hours=3)
    )
    client = log_in(desk, "advisor", name="Ada Voorbeeld")
    assert "1 promise to call back" in words(client.get("/now", headers=NIGHT).get_data(as_text=True))
    missed = {"call": call, "outcome": "not reached"}
    client.submit("/now", missed, to="/now/promises", headers=NIGHT)
    again = words(client.get("/now", headers=NIGHT).get_data(as_text=True))
    assert "1 promise to call back" in again and "Tried once: Ada Voorbeeld at 03:00" in again
    assert state_of(desk, call) == "open"
    client.submit("/now", {"call": call, "outcome": "done"}, to="/now/promises", headers=NIGHT)
    assert "0 promises to call back" in words(client.get("/now", headers=NIGHT).get_data(as_text=True))
    assert state_of(desk, call) == "done"


def test_only_after_an_attempt_trying_can_be_stopped_and_that_is_kept(desk: Console) -> None:
    engine = desk.services.engine
    call = add_promise(engine, add_call(engine, 8, ended_at=CHRISTMAS_NIGHT), CHRISTMAS_NIGHT)
    client = log_in(desk, "advisor")
    assert "Stop trying" not in client.get("/now", headers=NIGHT).get_data(as_text=True)
    client.submit("/now", {"call": call, "outcome": "not reached"}, to="/now/promises", headers=NIGHT)
    assert "Stop trying" in client.get("/now", headers=NIGHT).get_data(as_text=True)
    client.submit("/now", {"call": call, "outcome": "given up"}, to="/now/promises", headers=NIGHT)
    assert state_of(desk, call) == "not reached"


def test_what_is_no_outcome_is_refused(desk: Console) -> None:
    engine = desk.services.engine
    call = add_promise(engine, add_call(engine, 8, ended_at=CHRISTMAS_NIGHT), CHRISTMAS_NIGHT)
    client = log_in(desk, "advisor")
    assert client.submit("/now", {"call": call, "outcome": "x"}, to="/now/promises").status_code == 400
    assert state_of(desk, call) == "open"


def state_of(desk: Console, call: str) -> str:
    with reading(desk.services.engine) as connection:
        found: str = connection.execute(
            select(tables.callbacks.c.state).where(tables.callbacks.c.call == call)
        ).scalar_one()
    return found


def test_a_check_in_that_never_came_is_an_alert_and_stands_with_the_shift(desk: Console) -> None:
    began = CHRISTMAS_NIGHT - timedelta(hours=10)
    row = {
        "key": "k",
        "person": "ada",
        "rotation": "crisis-first",
        "line": "helpdesk",
        "starts_at": began,
        "state": "unconfirmed",
        "tries": 2,
        "next_at": began,
    }
    alert = {"key": "checkin/k/unconfirmed", "call": "", "reason": "not checked in", "raised_at": began}
    with desk.services.engine.begin() as connection:
        connection.execute(insert(tables.checkins).values(**row))
        connection.execute(insert(tables.alerts).values(**alert))
    seen = board(desk)
    assert "1 alert to see to" in seen and "Somebody did not check in for a shift" in seen
    assert "Ada Voorbeeld crisis-first, since Mon 24 Dec 17:00 no: did not press 1 when called" in seen


def test_an_analyst_reads_along_and_has_nothing_to_press(desk: Console) -> None:
    add_alert(desk.services.engine, add_call(desk.services.engine, 7, ended_at=CHRISTMAS_NIGHT), "unanswered")
    client = log_in(desk, "analyst")
    page = client.get("/now", headers=NIGHT).get_data(as_text=True)
    assert "Nobody took this call" in page and "I see to it" not in page
    assert client.post("/now/alerts", data={"key": "x"}).status_code in (400, 403)


def test_a_refused_roster_is_told_with_its_lines_while_the_one_before_stays(desk: Console) -> None:
    file = desk.services.settings.roster_file
    file.write_text(file.read_text() + "extra: [1]\n", encoding="utf-8")
    desk.services.roster_file.look()
    seen = board(desk)
    assert "The roster's file is refused." in seen
    assert re.search(r"Line \d+: ", seen)
    assert "1 Ada Voorbeeld" in seen


def test_markup_in_names_is_text_on_the_board(tmp_path: Path) -> None:
    roster = ROSTER.replace("name: Ada Voorbeeld", "name: '<script>alert(1)</script>\"onload=x'")
    roster = roster.replace("name: Hulplijn", "name: '<img src=x onerror=alert(1)>'")
    with console(tmp_path, roster=roster) as desk:
        page = log_in(desk, "coordinator").get("/now", headers=NIGHT).get_data(as_text=True)
    assert "<script>alert" not in page and "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_no_roster_at_all_is_shouted_and_calls_are_not_hidden_behind_an_error(tmp_path: Path) -> None:
    with console(tmp_path, roster="broken: [") as desk:
        page = log_in(desk, "coordinator").get("/now", headers=NIGHT)
    assert page.status_code == 200
    assert "There is no roster" in page.get_data(as_text=True)


def test_everybody_is_led_to_their_own_first_page(desk: Console) -> None:
    assert log_in(desk, "coordinator").get("/").location == "/now"
    assert log_in(desk, "advisor").get("/").location == "/shifts"
