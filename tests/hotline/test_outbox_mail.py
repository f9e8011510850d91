from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hotline.mail import MailFolder, SmtpMail, SmtpServer
from hotline.settings import SettingsRefused, load_settings
from tests.hotline.duty_desk import MONDAY, SITE, DutyDesk, after, alert, duty_desk
from tests.hotline.smtp_server import MailServer, mail_server
from tests.hotline.test_settings import LIVE

STARTS = {"start": "2035-11-19T08:00:00Z", "end": "2035-11-26T08:00:00Z"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def desk(engine: Engine, server: MailServer) -> Iterator[DutyDesk]:
    sender = SmtpServer("127.0.0.1", server.port, "none", "rooster@example.org")
    with duty_desk(engine, SmtpMail(sender)) as desk:
        yield desk


def letter(key: str = "a", **more: Any) -> Any:
    return alert(key, **{"kind": "email", "template": "shift_start", "details": STARTS, **more})


def test_an_e_mail_says_what_the_text_says_in_a_frame(desk: DutyDesk, server: MailServer) -> None:
    desk.queue(letter())
    assert desk.outbox().send_due(MONDAY) == 1
    (taken,) = server.letters
    assert taken["To"] == "ada@example.org"
    assert taken["From"] == "rooster@example.org"
    assert taken["Subject"] == "Hulplijn: bericht over het rooster"
    assert taken["Date"].datetime == MONDAY
    assert "uw dienst is begonnen. Hij duurt tot ma 26 november 09:00." in taken.get_content()
    assert SITE in taken.get_content()
    assert desk.row("a")["state"] == "sent"


def test_coordinators_get_it_at_their_accounts_address_in_its_language(
    desk: DutyDesk, server: MailServer
) -> None:
    account = desk.add_account("chi@example.org", language="en")
    disabled = desk.add_account("gone@example.org", active=False)
    details = {"spans": [["2035-12-01T08:00:00Z", "2035-12-01T16:00:00Z"]]}
    for key, number in (("a", account), ("b", disabled), ("c", 4711)):
        desk.queue(letter(key, person="", account=number, template="gap_ahead", details=details))
    assert desk.outbox().send_due(MONDAY) == 1
    assert server.letters[0]["To"] == "chi@example.org"
    assert "nobody is on the roster from Sat 1 December 09:00 to Sat 1 December 17:00" in " ".join(
        server.letters[0].get_content().split()
    )
    assert [row["last_error"] for row in desk.rows(state="failed")] == ["no such account"] * 2


@pytest.mark.parametrize(
    ("command", "answer", "state", "unsure"),
    [
        ("CONNECT", "hang up", "due", False),
        ("CONNECT", "421 later", "due", False),
        ("EHLO", "hang up", "due", False),
        ("RCPT", "450 later", "due", False),
        ("RCPT", "550 nobody of that name", "failed", False),
        ("MAIL", "451 later", "due", False),
        ("DATA", "554 no", "failed", False),
        ("DATA END", "452 full", "due", False),
        ("DATA END", "hang up", "due", True),
        ("QUIT", "hang up", "sent", False),
        ("QUIT", "500 what", "sent", False),
    ],
)
def test_a_mail_server_that_fails_is_asked_again_and_one_that_refuses_is_not(
    desk: DutyDesk, server: MailServer, command: str, answer: str, state: str, unsure: bool
) -> None:
    desk.queue(letter())
    server.answers[command] = answer
    desk.outbox().send_due(MONDAY)
    assert (desk.row("a")["state"], desk.row("a")["unsure"]) == (state, unsure)
    server.answers.clear()
    desk.outbox().send_due(after(300))
    assert len({taken["Message-ID"] for taken in server.letters}) == (state != "failed")
    assert desk.row("a")["state"] == ("failed" if state == "failed" else "sent")


def test_a_letter_sent_twice_is_one_letter_to_every_mail_program(desk: DutyDesk, server: MailServer) -> None:
    desk.queue(letter("a"), letter("b", due_at=after(1000)))
    server.answers["DATA END"] = "hang up"
    desk.outbox().send_due(MONDAY)
    server.answers.clear()
    desk.outbox().send_due(after(1000))
    ids = [taken["Message-ID"] for taken in server.letters]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_no_mail_server_listening_is_tried_again(engine: Engine) -> None:
    nowhere = SmtpMail(SmtpServer("127.0.0.1", 1, "none", "rooster@example.org"))
    with duty_desk(engine, nowhere) as desk:
        desk.queue(letter())
        desk.outbox().send_due(MONDAY)
        assert (desk.row("a")["state"], desk.row("a")["last_error"]) == ("due", "ConnectionRefusedError")


def test_a_password_is_not_sent_to_a_server_that_does_not_encrypt(engine: Engine, server: MailServer) -> None:
    plain = SmtpServer("127.0.0.1", server.port, "starttls", "rooster@example.org", "user", "secret")
    with duty_desk(engine, SmtpMail(plain)) as desk:
        desk.queue(letter())
        desk.outbox().send_due(MONDAY)
        assert desk.row("a")["state"] == "due"
    assert not any("AUTH" in line for heard in server.conversations for line in heard)
    assert server.letters == []


def test_an_address_with_a_line_break_in_it_adds_no_line(desk: DutyDesk, server: MailServer) -> None:
    account = desk.add_account("a@example.org\nBcc: thief@example.org")
    desk.queue(letter("a", person="", account=account), letter("b"))
    assert desk.outbox().send_due(MONDAY) == 1
    assert desk.row("a")["state"] == "failed"
    assert [taken["To"] for taken in server.letters] == ["ada@example.org"]


def test_without_a_mail_server_an_old_row_fails_and_is_not_stuck(engine: Engine) -> None:
    with duty_desk(engine) as desk:
        desk.queue(letter("a"), letter("b", person="bo"))
        desk.outbox().send_due(MONDAY)
        assert {row["state"] for row in desk.rows()} == {"failed"}


def test_in_practice_mode_every_e_mail_is_a_file_and_leaves_nowhere(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "outgoing-mail"
    with duty_desk(engine, MailFolder(folder)) as desk:
        desk.queue(letter("a"), letter("b"))
        assert desk.outbox().send_due(MONDAY) == 2
    files = list(folder.glob("*.eml"))
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    taken = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert taken["To"] == "ada@example.org"


def test_a_mail_server_is_read_from_the_settings(tmp_path: Path) -> None:
    url = "smtp+starttls://user%40example.org:p%3Ass@mail.example.org:2525"
    secret = tmp_path / "smtp"
    secret.write_text(url)
    read = load_settings(LIVE | {"SMTP_URL_FILE": str(secret), "MAIL_FROM": "a@example.org"}, dotenv=None)
    assert read.smtp == SmtpServer(
        "mail.example.org", 2525, "starttls", "a@example.org", "user@example.org", "p:ss"
    )
    assert "p:ss" not in repr(read)
    assert load_settings(LIVE, dotenv=None).smtp is None
    plain = load_settings(LIVE | {"SMTP_URL": "smtp://relay", "MAIL_FROM": "a@example.org"}, dotenv=None)
    assert plain.smtp == SmtpServer("relay", 25, "none", "a@example.org")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"SMTP_URL": "smtps://mail.example.org"}, ["MAIL_FROM is missing"]),
        ({"MAIL_FROM": "a@example.org"}, ["SMTP_URL is missing"]),
        ({"SMTP_URL": "https://mail", "MAIL_FROM": "Ada <a@b.nl>"}, ["MAIL_FROM must", "SMTP_URL must be"]),
        ({"SMTP_URL": "smtp://u:secret@mail", "MAIL_FROM": "a@b.nl"}, ["SMTP_URL must begin"]),
        ({"SMTP_URL": "smtps://u@mail", "MAIL_FROM": "a@b.nl"}, ["a user name and a password, or neither"]),
        ({"SMTP_URL": "smtps://mail:port", "MAIL_FROM": "a@b.nl"}, ["SMTP_URL must be"]),
        ({"SMTP_URL": "smtps://mail/inbox", "MAIL_FROM": "a@b.nl"}, ["SMTP_URL must be"]),
    ],
)
def test_every_fault_of_the_mail_settings_is_named_and_no_secret(
    changed: dict[str, str], told: list[str]
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings(LIVE | changed, dotenv=None)
    said = "\n".join(refused.value.faults)
    assert all(words in said for words in told)
    assert len(refused.value.faults) == len(told)
    assert "secret" not in said
