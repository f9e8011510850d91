"""An advisor's absence, details and number: what it tears open is seen before it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from hotline.storage import tables
from tests.hotline.board_facts import log_in
from tests.hotline.console import Browser, Console, console
from tests.hotline.test_now import words
from tests.stories.cast import CHRISTMAS_NIGHT

NIGHT = {"X-Simulated-Time": CHRISTMAS_NIGHT.isoformat()}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Console]:
    """ada is rung first in a crisis and bo behind her, all the time."""
    with console(tmp_path) as found:
        found.services.rosters.share()
        yield found


def me(desk: Console, person: str = "ada") -> Browser:
    return log_in(desk, "advisor", person=person, name=f"{person.title()} Voorbeeld")


def fill(client: Browser, page: str, fields: Mapping[str, object], to: str | None = None) -> tuple[int, str]:
    """Sends the form, with what the page before it put into hidden fields; status and page."""
    answer = client.submit(page, fields, to=to, headers=NIGHT)
    if answer.status_code != 303:
        return answer.status_code, answer.get_data(as_text=True)
    return 303, client.get(answer.location, headers=NIGHT).get_data(as_text=True)


def version(desk: Console) -> str:
    roster = desk.services.roster_file.roster()
    assert roster
    return roster.version


def away(desk: Console, person: str = "ada") -> bool:
    roster = desk.services.roster_file.roster()
    assert roster
    now = int(CHRISTMAS_NIGHT.timestamp())
    return any(span.start <= now < span.end for span in roster.people[person].away)


def test_who_cannot_be_reached_sees_who_is_behind_and_what_it_tears_open_before_it_counts(
    desk: Console,
) -> None:
    client = me(desk)
    seen = words(client.get("/shifts/unreachable", headers=NIGHT).get_data(as_text=True))
    assert "Behind you on Hulplijn: Bo Voorbeeld." in seen
    status, answer = fill(client, "/shifts/unreachable", {"choice": "hours"})
    assert status == 200
    assert "Thin Hulplijn: only Bo Voorbeeld, Tue 25 Dec 03:00 to 05:00" in words(answer)
    assert not away(desk)
    status, answer = fill(client, "/shifts/unreachable", {"choice": "hours", "base": version(desk)})
    assert status == 303 and "You are not rung until 05:00." in answer
    assert away(desk)
    assert "You are away" in words(answer)


def test_a_hole_that_opens_at_once_takes_a_reason_and_keeps_what_was_chosen(desk: Console) -> None:
    fill(me(desk), "/shifts/unreachable", {"choice": "hours", "base": version(desk)})
    client = me(desk, "bo")
    status, answer = fill(client, "/shifts/unreachable", {"choice": "morning"})
    assert status == 200
    assert "Gap Hulplijn: nobody, Tue 25 Dec 03:00 to 05:00" in words(answer)
    chosen = {"choice": "morning", "base": version(desk)}
    status, answer = fill(client, "/shifts/unreachable", chosen)
    assert status == 422 and re.search('id="why-fault">This leaves a line without anybody soon', answer)
    assert re.search('value="morning" checked', answer)
    assert not away(desk, "bo")
    status, answer = fill(client, "/shifts/unreachable", {**chosen, "why": "No reception here"})
    assert status == 303 and away(desk, "bo")
    assert desk.services.rosters.history(1)[0].why == "No reception here"


def test_whoever_can_be_reached_again_is_rung_again_at_once(desk: Console) -> None:
    client = me(desk)
    _status, answer = fill(client, "/shifts/unreachable", {"choice": "hours", "base": version(desk)})
    key = re.search(r'name="absence" value="(\w+)"', answer)
    assert key
    later = {"X-Simulated-Time": (CHRISTMAS_NIGHT + timedelta(minutes=10)).isoformat()}
    done = client.submit(
        "/shifts/absence", {"absence": key[1], "back": "mine"}, to="/shifts/absence/end", headers=later
    )
    assert done.location.endswith("/shifts")
    assert "You are on call" in words(client.get("/shifts", headers=later).get_data(as_text=True))


def test_a_roster_that_changed_since_the_effect_was_shown_shows_it_anew(desk: Console) -> None:
    client = me(desk)
    before = version(desk)
    file = desk.services.settings.roster_file
    file.write_text(file.read_text() + "\n# a note\n", encoding="utf-8")
    desk.services.roster_file.look()
    desk.services.rosters.share()
    status, answer = fill(client, "/shifts/unreachable", {"choice": "hours", "base": before})
    assert status == 409 and "The roster has changed since" in answer
    assert not away(desk)


@pytest.mark.parametrize(
    ("start", "until", "field", "fault"),
    [
        ("", "2036-01-02T09:00", "from", "Fill in a date and a time."),
        ("2036-01-01T09:00", "soon", "until", "Fill in a date and a time."),
        ("2036-01-02T09:00", "2036-01-01T09:00", "until", "This end does not come after the beginning."),
        ("2035-12-01T09:00", "2035-12-02T09:00", "until", "This is over already"),
    ],
)
def test_an_absence_that_cannot_be_says_why_at_its_field_and_loses_nothing_typed(
    desk: Console, start: str, until: str, field: str, fault: str
) -> None:
    status, answer = fill(me(desk), "/shifts/absence", {"from": start, "until": until})
    assert status == 422
    assert re.search(rf'id="{field}-fault">{re.escape(fault)}', answer)
    assert f'value="{start}"' in answer and f'value="{until}"' in answer


def test_an_absence_is_planned_listed_and_taken_back(desk: Console) -> None:
    client = me(desk)
    dates = {"from": "2036-01-07T09:00", "until": "2036-01-14T09:00"}
    status, answer = fill(client, "/shifts/absence", dates)
    assert status == 200 and "Ada Voorbeeld loses crisis-first, Mon 7 Jan 09:00 to Mon 14 Jan 09:00" in words(
        answer
    )
    status, _answer = fill(client, "/shifts/absence", {**dates, "base": version(desk)})
    assert status == 303
    page = client.get("/shifts/absence", headers=NIGHT).get_data(as_text=True)
    key = re.search(r'name="absence" value="(\w+)"', page)
    assert key and "Mon 7 Jan 09:00 to Mon 14 Jan 09:00" in words(page)
    fill(client, "/shifts/absence", {"absence": key[1]}, to="/shifts/absence/end")
    roster = desk.services.roster_file.roster()
    assert roster and roster.people["ada"].away == ()


def test_an_absence_that_is_gone_is_told(desk: Console) -> None:
    status, answer = fill(me(desk), "/shifts/absence", {"absence": "0" * 16}, to="/shifts/absence/end")
    assert status == 303 and "This absence is not there any more." in answer


def test_my_languages_and_address_are_set_and_stand_in_the_file(desk: Console) -> None:
    fields: dict[str, object] = {"language": ["nl"], "others": "AR, uk", "email": "ada@example.org"}
    status, _answer = fill(me(desk), "/shifts/details", fields)
    assert status == 303
    roster = desk.services.roster_file.roster()
    assert roster
    assert roster.people["ada"].languages == ("nl", "ar", "uk")
    assert roster.people["ada"].email == "ada@example.org"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"language": [], "others": "", "email": "kept@example.org"}, "languages"),
        ({"language": ["nl"], "others": "", "email": "kept at example"}, "email"),
        ({"language": ["nl"], "others": "dutch!", "email": "kept@example.org"}, "languages"),
    ],
)
def test_details_that_cannot_be_say_why_at_their_field_and_lose_nothing_typed(
    desk: Console, fields: dict[str, object], field: str
) -> None:
    status, answer = fill(me(desk), "/shifts/details", fields)
    assert status == 422
    assert f'id="{field}-fault"' in answer
    assert str(fields["email"]) in answer and str(fields["others"]) in answer


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("+46701740606", "This number is somebody else&#39;s. Fill in your own."),
        ("+46 70 174 06 06", "This number is somebody else&#39;s. Fill in your own."),
        ("+46701740605", "This is your number already."),
        ("+442079460001", "This is the helpdesk&#39;s own number."),
        ("112", "This number is too short."),
        ("0900 8844", "This is"),
        ("<script>alert(1)</script>", "This is not a telephone number."),
        ("", "This is not a telephone number."),
    ],
)
def test_a_number_that_cannot_be_mine_is_refused_at_the_field(desk: Console, number: str, fault: str) -> None:
    status, answer = fill(me(desk), "/shifts/number", {"number": number})
    assert status == 422
    found = re.search(r'id="number-fault">([^<]*)<', answer)
    assert found and found[1].startswith(fault)
    assert "<script>alert" not in answer


def test_a_new_number_counts_once_its_phone_was_called_and_the_code_keyed_in(desk: Console) -> None:
    client = me(desk)
    status, answer = fill(client, "/shifts/number", {"number": "+46 70 174 06 20"})
    assert status == 200
    code = re.search(r'name="code" value="(\d+)"', answer)
    assert code and f">{code[1]}</strong>" in answer
    sent = {"number": "+46701740620", "code": code[1]}
    status, answer = fill(client, "/shifts/number", sent, to="/shifts/number/confirm")
    assert status == 409 and "has not been keyed in yet" in answer and code[1] in answer
    assert phone(desk) == "+46701740605"
    with desk.services.engine.begin() as connection:
        connection.execute(update(tables.phone_checks).values(verified_at=CHRISTMAS_NIGHT))
    status, answer = fill(client, "/shifts/number", sent, to="/shifts/number/confirm")
    assert status == 303 and "Your new number counts from now on." in answer
    assert phone(desk) == "+46701740620"


def test_a_number_that_was_confirmed_by_somebody_else_does_not_count_for_me(desk: Console) -> None:
    fill(me(desk, "bo"), "/shifts/number", {"number": "+46701740620"})
    with desk.services.engine.begin() as connection:
        connection.execute(update(tables.phone_checks).values(verified_at=CHRISTMAS_NIGHT))
    sent = {"number": "+46701740620", "code": "1"}
    assert fill(me(desk), "/shifts/number", sent, to="/shifts/number/confirm")[0] == 409
    assert phone(desk) == "+46701740605"


def phone(desk: Console) -> str:
    roster = desk.services.roster_file.roster()
    assert roster
    return roster.people["ada"].phone


def test_too_many_calls_to_check_a_number_are_refused_at_the_field(desk: Console) -> None:
    client = me(desk)
    answers = [fill(client, "/shifts/number", {"number": f"+467017406{last}"}) for last in range(20, 26)]
    assert [status for status, _page in answers] == [200] * 5 + [429]
    assert 'id="number-fault">Enough calls for now.' in answers[-1][1]


def test_a_moment_on_the_wall_that_occurs_twice_is_still_a_moment(desk: Console) -> None:
    autumn = {"from": "2036-10-26T02:30", "until": "2036-10-26T09:00"}
    assert fill(me(desk), "/shifts/absence", {**autumn})[0] == 200


def test_markup_in_what_is_typed_is_text(desk: Console) -> None:
    markup = '"><script>alert(1)</script>'
    for page, fields in (
        ("/shifts/absence", {"from": markup, "until": markup}),
        ("/shifts/unreachable", {"choice": "other", "until": markup}),
        ("/shifts/details", {"others": markup, "email": markup}),
    ):
        status, answer = fill(me(desk), page, dict(fields))
        assert status == 422 and "<script>alert" not in answer
