"""An advisor's own pages: am I on, who is behind me, what comes; shifts offered and taken over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from hotline.swaps import LONGEST_NOTE, Offer
from tests.hotline.board_facts import log_in
from tests.hotline.console import Browser, Console, console
from tests.hotline.test_now import words
from tests.stories.cast import CHRISTMAS_NIGHT, ROSTER, at

NIGHT = {"X-Simulated-Time": CHRISTMAS_NIGHT.isoformat()}
MONDAY, NEXT_MONDAY = at("2035-12-24T09:00"), at("2035-12-31T09:00")
BO_WANTED = "2035-12-26T17:00", "2035-12-27T09:00"

# ada, bo and dee have had enough of it by the law; chi takes turns nowhere.
WEEKS = (
    ROSTER.replace("members: [ada], starts", "members: [ada, bo, dee], starts")
    .replace("members: [bo], starts", "members: [bo, dee, ada], starts")
    .replace("{ring: [chi, dee], seconds: 20}", "{ring: crisis-backup, seconds: 20}")
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path, roster=WEEKS) as found:
        found.services.rosters.share()
        yield found


def on_call(desk: Console, moment: datetime = CHRISTMAS_NIGHT) -> tuple[str, str]:
    """Who is rung first and who is behind, by the roster alone."""
    from routing.duty import duty_at

    roster = desk.services.roster_file.roster()
    assert roster
    first, second = (
        duty_at(roster, name, int(moment.timestamp())).person for name in ("crisis-first", "crisis-backup")
    )
    assert first and second
    return first, second


def me(desk: Console, person: str) -> Browser:
    return log_in(desk, "advisor", person=person, name=f"{person.title()} Voorbeeld")


def page(client: Browser, path: str = "/shifts") -> str:
    answer = client.get(path, headers=NIGHT)
    assert answer.status_code == 200
    return words(answer.get_data(as_text=True))


def send(client: Browser, form: str, fields: dict[str, str], to: str | None = None) -> tuple[int, str]:
    """Fills in the form of a page; the status and the words of the answer, or of where it leads."""
    answer = client.submit(form, fields, to=to, headers=NIGHT)
    if answer.status_code != 303:
        return answer.status_code, answer.get_data(as_text=True)
    return 303, client.get(answer.location, headers=NIGHT).get_data(as_text=True)


def offer(
    desk: Console, person: str, start: datetime = MONDAY, end: datetime = NEXT_MONDAY, note: str = ""
) -> Offer:
    from hotline.swaps import Swaps

    wanted = Offer(
        "", "crisis-first", person, int(start.timestamp()), int(end.timestamp()), note, CHRISTMAS_NIGHT
    )
    return Swaps(desk.services.engine, desk.services.vault).offer(wanted, 1)


def test_who_is_on_call_reads_until_when_who_relieves_and_who_is_behind(desk: Console) -> None:
    first, second = on_call(desk)
    after = on_call(desk, NEXT_MONDAY)[0]
    seen = page(me(desk, first))
    assert "You are on call" in seen
    assert f"crisis-first until Mon 31 Dec 09:00, {after.title()} Voorbeeld relieves you" in seen
    assert f"Behind you {second.title()} Voorbeeld" in seen


def test_whoever_is_rung_last_is_told_that_nobody_is_behind(desk: Console) -> None:
    assert "nobody: you are the last one who is rung" in page(me(desk, on_call(desk)[1]))


def test_who_is_not_on_call_reads_when_the_next_shift_begins(desk: Console) -> None:
    free = ({"ada", "bo", "dee"} - set(on_call(desk))).pop()
    seen = page(me(desk, free))
    assert "You are not on call" in seen and "Your next shift begins Mon 31 Dec 09:00" in seen


@pytest.mark.parametrize(
    ("moment", "long"),
    [
        ("2027-03-27T12:00", "11 hours: the clock is changed"),
        ("2026-10-24T12:00", "13 hours: the clock is changed"),
    ],
)
def test_a_shift_over_a_clock_change_says_how_long_it_really_lasts(
    tmp_path: Path, moment: str, long: str
) -> None:
    roster = ROSTER.replace(
        "{members: [ada], starts: 2026-01-05T09:00, turn: 7 days}",
        "{members: [ada], starts: 2026-01-05T20:00, turn: 12 hours,"
        ' hours: [{days: daily, from: "20:00", until: "08:00"}]}',
    )
    with console(tmp_path, roster=roster) as desk:
        client = log_in(desk, "advisor", at(moment), person="ada")
        seen = words(
            client.get("/shifts", headers={"X-Simulated-Time": at(moment).isoformat()}).get_data(as_text=True)
        )
    assert long in seen
    assert seen.count("the clock is changed") == 1
    assert "12 hours" in seen


def test_an_account_that_is_nobody_on_the_roster_reads_so(desk: Console) -> None:
    client = log_in(desk, "coordinator")
    assert "You are not on the roster" in page(client)
    assert client.get("/shifts/absence", headers=NIGHT).status_code == 404


def test_a_shift_is_offered_and_stays_mine_until_it_is_taken(desk: Console) -> None:
    first, _ = on_call(desk)
    client = me(desk, first)
    form = f"/shifts/offer?rotation=crisis-first&start={MONDAY:%Y-%m-%dT%H:%M:%SZ}"
    assert "Offer a shift" in page(client, form)
    fields = {
        "rotation": "crisis-first",
        "start": f"{MONDAY:%Y-%m-%dT%H:%M:%SZ}",
        "from": BO_WANTED[0],
        "until": BO_WANTED[1],
        "note": "My sister's wedding",
    }
    status, seen = send(client, form, fields, to="/shifts/offer")
    assert status == 303 and "It stays yours until somebody takes it over." in seen
    assert "offered" in words(seen) and "Wed 26 Dec 17:00 to Thu 27 Dec 09:00" in words(seen)
    assert on_call(desk)[0] == first


@pytest.mark.parametrize(
    ("change", "field", "fault"),
    [
        ({"until": "2035-12-26T16:00"}, "until", "This end does not come after the beginning."),
        ({"until": ""}, "until", "Fill in a date and a time."),
        ({"from": "next week"}, "from", "Fill in a date and a time."),
        ({"until": "2036-01-02T09:00"}, "from", "You are not on call throughout this time."),
        ({"from": "2035-12-24T10:00", "until": "2035-12-24T12:00"}, "until", "That is over already."),
        ({"note": "x" * (LONGEST_NOTE + 1)}, "note", f"Use {LONGEST_NOTE} characters at most."),
    ],
)
def test_an_offer_that_cannot_be_made_says_why_at_its_field_and_loses_nothing_typed(
    desk: Console, change: dict[str, str], field: str, fault: str
) -> None:
    client = me(desk, on_call(desk)[0])
    form = f"/shifts/offer?rotation=crisis-first&start={MONDAY:%Y-%m-%dT%H:%M:%SZ}"
    start = f"{MONDAY:%Y-%m-%dT%H:%M:%SZ}"
    fields = {
        "rotation": "crisis-first",
        "start": start,
        "from": BO_WANTED[0],
        "until": BO_WANTED[1],
        "note": "Kept",
        **change,
    }
    status, seen = send(client, form, fields, to="/shifts/offer")
    assert status == 422
    assert re.search(rf'id="{field}-fault">{re.escape(fault)}', seen)
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', seen)
    assert fields["note"] in seen and f'value="{fields["from"]}"' in seen


def test_the_same_time_is_not_offered_twice(desk: Console) -> None:
    first, _ = on_call(desk)
    offer(desk, first)
    client = me(desk, first)
    form = f"/shifts/offer?rotation=crisis-first&start={MONDAY:%Y-%m-%dT%H:%M:%SZ}"
    fields = {
        "rotation": "crisis-first",
        "start": f"{MONDAY:%Y-%m-%dT%H:%M:%SZ}",
        "from": BO_WANTED[0],
        "until": BO_WANTED[1],
        "note": "",
    }
    status, seen = send(client, form, fields, to="/shifts/offer")
    assert status == 422 and "You have offered this already" in seen


def test_a_shift_that_is_not_mine_cannot_be_offered(desk: Console) -> None:
    client = me(desk, "chi")
    answer = client.get(
        f"/shifts/offer?rotation=crisis-first&start={MONDAY:%Y-%m-%dT%H:%M:%SZ}", headers=NIGHT
    )
    assert answer.status_code == 303
    assert "This shift is not yours any more" in page(client)
