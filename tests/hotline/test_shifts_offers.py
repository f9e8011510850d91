"""A shift that is offered goes to whoever may take it, once; the roster alone says whose it is."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select

from hotline.roster.edits import AddOverride
from hotline.roster.results import Author, Saved
from hotline.storage import tables
from tests.hotline.console import Browser, Console
from tests.hotline.test_now import words
from tests.hotline.test_shifts import BO_WANTED, NIGHT, desk, me, offer, on_call, page, send
from tests.stories.cast import CHRISTMAS_NIGHT, at

__all__ = ["desk"]


def test_who_is_free_rested_and_speaks_the_languages_takes_it_over_and_only_that_line_changes(
    desk: Console,
) -> None:
    first, _ = on_call(desk)
    made = offer(desk, first, at(BO_WANTED[0]), at(BO_WANTED[1]), "wedding")
    client = me(desk, "chi")
    assert "wedding" in page(client) and "Take over" in page(client)
    before = desk.services.settings.roster_file.read_text()
    seen = page(client, f"/shifts/offers/{made.id}")
    assert (
        "What it changes" in seen
        and "Chi Voorbeeld gains crisis-first, Wed 26 Dec 17:00 to Thu 27 Dec 09:00" in seen
    )
    status, seen = send(client, f"/shifts/offers/{made.id}", {})
    assert status == 303 and "The shift is yours now." in seen
    assert on_call(desk, at("2035-12-27T03:00"))[0] == "chi"
    added = set(desk.services.settings.roster_file.read_text().splitlines()) - set(before.splitlines())
    assert len([line for line in added if line.strip()]) <= 2
    assert f"swapped with {first.title()} Voorbeeld" in " ".join(added)
    assert "wedding" not in " ".join(added)
    assert "offered" not in page(me(desk, first)).split("My next shifts")[1]


def test_a_shift_that_changed_hands_meanwhile_is_not_taken_and_the_page_says_so(desk: Console) -> None:
    first, _ = on_call(desk)
    made = offer(desk, first, at(BO_WANTED[0]), at(BO_WANTED[1]))
    client = me(desk, "chi")
    form = client.get(f"/shifts/offers/{made.id}", headers=NIGHT).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    put_on(desk, "dee" if first != "dee" else "bo", at(BO_WANTED[0]), at(BO_WANTED[1]))
    before = desk.services.settings.roster_file.read_text()
    answer = client.post(f"/shifts/offers/{made.id}", data={"csrf_token": token[1]}, headers=NIGHT)
    assert answer.status_code == 409
    assert "The shift changed hands meanwhile" in answer.get_data(as_text=True)
    assert desk.services.settings.roster_file.read_text() == before


def put_on(desk: Console, person: str, start: datetime, end: datetime) -> None:
    store = desk.services.rosters
    roster = store.roster()
    assert roster
    edit = AddOverride("crisis-first", int(start.timestamp()), int(end.timestamp()), person)
    result = store.edit(
        [edit], base_version=roster.version, author=Author("Eva"), why="", now=CHRISTMAS_NIGHT
    )
    assert isinstance(result, Saved), result


def test_an_unrelated_change_meanwhile_does_not_stand_in_the_way(desk: Console) -> None:
    first, _ = on_call(desk)
    made = offer(desk, first, at(BO_WANTED[0]), at(BO_WANTED[1]))
    client = me(desk, "chi")
    client.get(f"/shifts/offers/{made.id}", headers=NIGHT)
    put_on(desk, first, at("2036-02-20T09:00"), at("2036-02-20T12:00"))
    status, _seen = send(client, f"/shifts/offers/{made.id}", {})
    assert status == 303
    assert on_call(desk, at("2035-12-27T03:00"))[0] == "chi"


def test_who_presses_second_hears_who_took_it(desk: Console) -> None:
    first, _ = on_call(desk)
    made = offer(desk, first, at(BO_WANTED[0]), at(BO_WANTED[1]))
    one, other = me(desk, "chi"), me(desk, "chi")
    assert send(one, f"/shifts/offers/{made.id}", {})[0] == 303
    answer = other.get(f"/shifts/offers/{made.id}", headers=NIGHT)
    assert answer.status_code == 409
    assert "Chi Voorbeeld took this shift before you." in answer.get_data(as_text=True)


def test_who_is_busy_then_sees_why_not_and_is_refused(desk: Console) -> None:
    first, second = on_call(desk)
    made = offer(desk, first, at(BO_WANTED[0]), at(BO_WANTED[1]))
    client = me(desk, second)
    seen = page(client)
    assert "1 you cannot take" in seen and "You are on call for crisis-backup then" in seen
    status, answer = refused(client, made.id)
    assert status == 422 and "You are on call for crisis-backup then" in answer
    assert on_call(desk, at("2035-12-27T03:00"))[0] == first


def refused(client: Browser, id_: str) -> tuple[int, str]:
    """Presses the button that the page does not have."""
    token = re.search(
        r'name="csrf_token" value="([^"]+)"',
        client.get("/shifts/absence", headers=NIGHT).get_data(as_text=True),
    )
    assert token
    answer = client.post(f"/shifts/offers/{id_}", data={"csrf_token": token[1]}, headers=NIGHT)
    return answer.status_code, answer.get_data(as_text=True)


def test_who_does_not_speak_the_languages_is_told_which(desk: Console) -> None:
    file = desk.services.settings.roster_file
    file.write_text(
        file.read_text().replace('"+46701740607", languages: [en, nl]', '"+46701740607", languages: [en]')
    )
    desk.services.roster_file.look()
    made = offer(desk, on_call(desk)[0], at(BO_WANTED[0]), at(BO_WANTED[1]))
    client = me(desk, "chi")
    assert "It takes somebody who speaks Dutch." in page(client)
    assert refused(client, made.id)[0] == 422


def test_an_offer_is_withdrawn_by_whoever_made_it_and_nobody_else(desk: Console) -> None:
    first, second = on_call(desk)
    made = offer(desk, first)
    stranger = me(desk, second)
    status, seen = send(stranger, "/shifts/absence", {}, to=f"/shifts/offers/{made.id}/withdraw")
    assert status == 303 and "This offer is not open any more." in seen
    status, seen = send(me(desk, first), "/shifts/absence", {}, to=f"/shifts/offers/{made.id}/withdraw")
    assert status == 303 and "Withdrawn." in seen
    assert "has withdrawn this offer" in words(
        me(desk, "chi").get(f"/shifts/offers/{made.id}", headers=NIGHT).get_data(as_text=True)
    )


def test_an_offer_nobody_made_is_a_page_that_says_so(desk: Console) -> None:
    answer = me(desk, "chi").get("/shifts/offers/0123456789abcdef", headers=NIGHT)
    assert answer.status_code == 404 and "There is no such offer." in answer.get_data(as_text=True)


def test_markup_in_a_note_is_text(desk: Console) -> None:
    offer(
        desk, on_call(desk)[0], at(BO_WANTED[0]), at(BO_WANTED[1]), "<script>alert(1)</script>\"'><img src=x>"
    )
    seen = me(desk, "chi").get("/shifts", headers=NIGHT).get_data(as_text=True)
    assert "<script>alert" not in seen and "<img" not in seen
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in seen


def test_a_note_is_sealed_in_the_database(desk: Console) -> None:
    offer(desk, on_call(desk)[0], note="My sister's wedding")
    with desk.services.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT note FROM swap_offers").scalar()
    assert "wedding" not in str(stored)


def told(desk: Console, template: str) -> list[tuple[str, str]]:
    """Who is told, and by what."""
    query = select(tables.outbox.c.person, tables.outbox.c.kind).where(tables.outbox.c.template == template)
    with desk.services.engine.connect() as connection:
        return sorted((row.person, row.kind) for row in connection.execute(query))


def test_the_coordinator_is_told_of_a_shift_that_was_taken_over_and_not_woken_for_it(desk: Console) -> None:
    first, second = on_call(desk)
    made = offer(desk, first, at(BO_WANTED[0]), at(BO_WANTED[1]))
    desk.make_account("coordinator")
    assert send(me(desk, "chi"), f"/shifts/offers/{made.id}", {})[0] == 303
    assert told(desk, "shift_taken") == [("", "email"), (second, "text")]
    with desk.services.engine.connect() as connection:
        due = connection.execute(
            select(tables.outbox.c.due_at).where(tables.outbox.c.template == "shift_taken")
        )
        assert set(due.scalars()) == {at("2035-12-25T09:00")}


def test_the_coordinator_is_told_at_once_of_an_advisor_on_duty_who_cannot_be_reached(desk: Console) -> None:
    first, second = on_call(desk)
    client = me(desk, first)
    roster = desk.services.roster_file.roster()
    assert roster
    sent = {"choice": "hours", "base": roster.version}
    assert send(client, "/shifts/unreachable", sent)[0] == 303
    assert told(desk, "advisor_away") == [(second, "text")]
