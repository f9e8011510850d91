from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.mail import MailFolder
from hotline.storage import tables
from routing.roster import Roster
from tests.hotline.checkin_desk import checkin_desk
from tests.hotline.duty_desk import MONDAY, ROSTER, DutyDesk, duty_desk, roster_of

NOW = MONDAY - timedelta(days=3)


@pytest.fixture
def desk(sqlite_engine: Engine) -> Iterator[DutyDesk]:
    with duty_desk(sqlite_engine) as desk:
        yield desk


def with_override(*entries: str) -> Roster:
    return roster_of(
        ROSTER.replace("overrides: []", "\n".join(("overrides:", *(f"  - {e}" for e in entries))))
    )


TAKEN = "{rotation: first, from: 2035-11-24T17:00, until: 2035-11-25T09:00, person: bo}"


def publish(desk: DutyDesk, after: Roster, by: str | None = None, minutes: int = 0) -> dict[str, str]:
    """What everybody is told, by person."""
    now = NOW + timedelta(minutes=minutes)
    before, desk.roster = desk.roster, after
    with desk.engine.begin() as connection:
        desk.notices.notify_roster_change(connection, before, after, by, now)
    already = len(desk.net.messages)
    desk.outbox().send_due(now)
    phones = {person.phone: person.id for person in after.people.values()}
    return {phones[message.to]: message.body for message in desk.net.messages[already:]}


def test_everybody_whose_shifts_somebody_else_changed_is_told_what_came_and_what_went(desk: DutyDesk) -> None:
    assert publish(desk, with_override(TAKEN)) == {
        "ada": "Hulplijn: iemand heeft uw diensten gewijzigd."
        " Eraf: za 24 november 17:00 tot zo 25 november 09:00.",
        "bo": "Hulplijn: somebody has changed your shifts."
        " Added: Sat 24 November 17:00 to Sun 25 November 09:00.",
    }


def test_who_changed_it_is_not_told(desk: DutyDesk) -> None:
    assert list(publish(desk, with_override(TAKEN), by="bo")) == ["ada"]


def test_a_change_made_with_an_account_is_not_told_to_whose_account_it_is(desk: DutyDesk) -> None:
    accounts = {"ada": desk.add_account("ada@example.org", role="advisor", person="ada"), "nobody": 4711}
    told = {}
    for name, account in accounts.items():
        at = NOW + timedelta(minutes=account)
        with desk.engine.begin() as connection:
            desk.notices.tell_of_version(connection, desk.roster, with_override(TAKEN), account, at)
        told[name] = {row["person"] for row in desk.rows(due_at=at)}
    assert told == {"ada": {"bo"}, "nobody": {"ada", "bo"}}


def test_a_change_of_something_else_is_told_nobody(desk: DutyDesk) -> None:
    other = ROSTER.replace("Bo Voorbeeld", "Bo Anders").replace("seconds: 20", "seconds: 30")
    assert publish(desk, roster_of(f"# a note\n{other}")) == {}


def test_the_same_publication_told_by_two_processes_is_told_once_and_undoing_it_is_told_too(
    desk: DutyDesk,
) -> None:
    before, after = desk.roster, with_override(TAKEN)
    assert len(publish(desk, after)) == 2
    desk.roster = before
    assert publish(desk, after) == {}
    assert len(publish(desk, before, minutes=1)) == 2
    assert len(publish(desk, after, minutes=2)) == 2


def test_what_is_over_or_far_ahead_is_not_told(desk: DutyDesk) -> None:
    past = "{rotation: first, from: 2035-11-10T09:00, until: 2035-11-11T09:00, person: bo}"
    far = "{rotation: first, from: 2036-06-01T09:00, until: 2036-06-02T09:00, person: bo}"
    assert publish(desk, with_override(past, far)) == {}


def test_a_long_list_is_cut_short_in_a_text_and_whole_in_an_e_mail(desk: DutyDesk, tmp_path: Path) -> None:
    desk.mail = MailFolder(tmp_path / "mail")
    entries = [
        f"{{rotation: first, from: 2035-11-{day}T17:00, until: 2035-11-{day}T18:00, person: bo}}"
        for day in range(19, 26)
    ]
    said = publish(desk, with_override(*entries))
    assert said["ada"].count("november") == 6
    assert "en nog 4" in said["ada"]
    (mail,) = (tmp_path / "mail").glob("*.eml")
    letter = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert letter.get_content().count("november") == 14


def test_the_same_hours_in_another_rotation_are_another_place_and_neither_more_nor_less(
    desk: DutyDesk,
) -> None:
    swap = (
        "{rotation: first, from: 2035-11-24T17:00, until: 2035-11-25T09:00, person: chi}",
        "{rotation: coordinator, from: 2035-11-24T17:00, until: 2035-11-25T09:00, person: ada}",
    )
    said = publish(desk, with_override(*swap))
    moved = "Hulplijn: iemand heeft uw diensten gewijzigd. U staat op een andere plek in het rooster."
    assert said == {"ada": moved, "chi": moved}


def test_who_is_no_longer_on_the_roster_cannot_be_told_and_holds_up_nobody(desk: DutyDesk) -> None:
    without = ROSTER.replace("[ada, bo]", "[ada]").replace(
        '  bo: {name: Bo Voorbeeld, phone: "+46701740606", languages: [pl, en]}\n', ""
    )
    assert list(publish(desk, roster_of(without))) == ["ada"]


def test_a_change_in_the_file_is_told_when_it_is_published(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:
        hotline = desk.services
        hotline.rosters.share(NOW)
        file = hotline.settings.roster_file
        override = ROSTER.replace("overrides: []", f"overrides:\n  - {TAKEN}")
        file.write_text(override, encoding="utf-8")
        hotline.roster_file.look()
        hotline.rosters.share(NOW)
        texts = [row for row in desk.rows(tables.outbox) if row["kind"] == "text"]
        assert {(row["person"], row["template"]) for row in texts} == {
            ("ada", "shifts_changed"),
            ("bo", "shifts_changed"),
        }
