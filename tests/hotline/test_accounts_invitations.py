"""From an invitation to the first log-in, by the commands and the pages a person uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from hotline.practice import extend
from hotline.storage import tables
from tests.hotline.console import Browser, Console, console
from tests.hotline.people import PASSWORD, Somebody, at, give_password, log_in, somebody, text_of


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("invitations")) as made:
        yield made


@pytest.fixture
def desk(shared: Console) -> Console:
    """Without anybody."""
    with shared.services.engine.begin() as connection:
        connection.execute(tables.accounts.delete())
        connection.execute(tables.login_attempts.delete())
    return shared


def accounts(desk: Console, *words: str) -> Result:
    """`flask accounts ...`."""
    return desk.app.test_cli_runner().invoke(args=["accounts", *words])


def invited(desk: Console, *words: str) -> str:
    """The path of the link that was printed."""
    done = accounts(desk, "invite", *words)
    assert done.exit_code == 0, done.output
    link = done.stdout.strip()
    assert link.startswith(desk.base_url + "/invitation/")
    return link.removeprefix(desk.base_url)


def listed(desk: Console) -> dict[str, dict[str, Any]]:
    done = accounts(desk, "list", "--json")
    assert done.exit_code == 0
    return {row["email"]: row for row in json.loads(done.stdout)}


def take(desk: Console, link: str, **fields: str) -> tuple[Browser, Any]:
    browser = desk.client_as(None)
    return browser, browser.submit(link, {"name": "Ada Voorbeeld", "password": PASSWORD, **fields})


def enrol(browser: Browser, email: str) -> tuple[Somebody, str]:
    """Sets up the app as the page says; whoever it is now, and the page of recovery codes."""
    page = text_of(browser.get("/login/enrol"))
    secret = "".join(page.partition("type in this key:")[2].split()[:8])
    who = Somebody(0, email, secret, [])
    done = browser.submit("/login/enrol", {"code": who.code(datetime.now(UTC))})
    assert done.status_code == 200, text_of(done)
    who.recovery = [word for word in text_of(done).split() if re.fullmatch(r"(\w{4}-){3}\w{4}", word)]
    return who, text_of(done)


def test_somebody_invited_chooses_a_password_sets_up_an_app_keeps_the_codes_and_is_in(desk: Console) -> None:
    link = invited(desk, "Ada@Example.org", "--role", "advisor", "--person", "ada", "--language", "en")
    assert listed(desk)["ada@example.org"]["state"] == "invited"
    browser, answer = take(desk, link, name="  Ada   Voorbeeld ")
    assert answer.headers["Location"].startswith("/login/enrol")
    assert browser.get("/account").status_code == 303
    who, page = enrol(browser, "ada@example.org")
    assert len(who.recovery) == 10
    assert "shown only now" in page
    assert "Ada Voorbeeld" in text_of(browser.get("/account"))
    row = listed(desk)["ada@example.org"]
    assert {name: row[name] for name in ("state", "role", "person", "second_factor", "sessions", "name")} == {
        "state": "active",
        "role": "advisor",
        "person": "ada",
        "second_factor": True,
        "sessions": 1,
        "name": "Ada Voorbeeld",
    }
    later = datetime.now(UTC) + timedelta(seconds=60)
    assert log_in(desk.client_as(None), who, later).status_code == 303


def test_the_square_to_scan_needs_no_style_and_no_script_and_says_what_the_key_says(desk: Console) -> None:
    browser, _ = take(desk, invited(desk, "ada@example.org", "--role", "admin"))
    body = browser.get("/login/enrol").get_data(as_text=True)
    picture = body.partition("<svg")[2].partition("</svg>")[0]
    assert picture
    assert "style=" not in body
    assert "<style" not in body
    key = "".join(text_of(browser.get("/login/enrol")).partition("type in this key:")[2].split()[:8])
    assert re.search(rf"otpauth://totp/Nachtwacht:ada@example.org\?secret={key}&amp;issuer=Nachtwacht", body)


@pytest.mark.parametrize(("language", "word"), [("nl", "één keer"), ("en", "works once")])
def test_the_link_is_mailed_too_in_the_language_of_whoever_it_is_for(
    desk: Console, language: str, word: str
) -> None:
    link = invited(desk, f"{language}@example.org", "--role", "advisor", "--language", language)
    letters = [
        message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in (desk.services.settings.instance_dir / "outgoing-mail").glob("*.eml")
    ]
    mine = [letter for letter in letters if letter["To"] == f"{language}@example.org"]
    assert len(mine) == 1
    body = mine[0].get_content()
    assert link in body
    assert word in body


def test_a_link_works_once(desk: Console) -> None:
    link = invited(desk, "ada@example.org", "--role", "analyst")
    assert desk.client_as(None).get(link).status_code == 200, "looking at it does not use it up"
    slow = desk.client_as(None)
    token = slow.get(link)
    assert take(desk, link)[1].status_code == 303
    for again in (desk.client_as(None).get(link), slow.get(link)):
        assert again.status_code == 404
        assert "no longer works" in text_of(again)
    assert token.status_code == 200


def test_a_link_works_for_a_week(desk: Console) -> None:
    link = invited(desk, "ada@example.org", "--role", "analyst")
    now = datetime.now(UTC)
    assert desk.client_as(None).get(link, headers=at(now + timedelta(days=6, hours=23))).status_code == 200
    assert desk.client_as(None).get(link, headers=at(now + timedelta(days=7, minutes=1))).status_code == 404


def test_a_newer_link_takes_the_place_of_an_older_one(desk: Console) -> None:
    old = invited(desk, "ada@example.org", "--role", "analyst")
    new = invited(desk, "ada@example.org", "--role", "coordinator")
    assert desk.client_as(None).get(old).status_code == 404
    assert desk.client_as(None).get(new).status_code == 200
    assert listed(desk)["ada@example.org"]["role"] == "coordinator"


@pytest.mark.parametrize("link", ["/invitation/x", "/invitation/" + "A" * 43, "/invitation/%00"])
def test_a_link_that_was_made_up_opens_nothing(desk: Console, link: str) -> None:
    assert desk.client_as(None).get(link).status_code == 404


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"password": "short"}, "Use 12 characters or more"),
        ({"password": "x" * 12}, "too easy to guess"),
        ({"password": "ada@example.org"}, "too easy to guess"),
        ({"password": "y" * 500}, "Use 200 characters at most"),
        ({"name": "   "}, "Fill in your name"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_nothing_typed_is_lost(
    desk: Console, fields: dict[str, str], told: str
) -> None:
    link = invited(desk, "ada@example.org", "--role", "analyst")
    browser, answer = take(desk, link, **{"name": "Ada <b>Voorbeeld</b>", **fields})
    assert answer.status_code == 422
    assert told in text_of(answer)
    body = answer.get_data(as_text=True)
    assert "<b>Voorbeeld" not in body
    assert fields.get("name") or "Ada &lt;b&gt;Voorbeeld&lt;/b&gt;" in body
    assert 'aria-invalid="true"' in body
    assert browser.submit(link, {"name": "Ada", "password": PASSWORD}).status_code == 303


def test_password_managers_know_which_field_is_which(desk: Console) -> None:
    link = invited(desk, "ada@example.org", "--role", "advisor")
    body = desk.client_as(None).get(link).get_data(as_text=True)
    assert 'autocomplete="username"' in body
    assert 'autocomplete="new-password"' in body
    login = desk.client_as(None).get("/login").get_data(as_text=True)
    assert 'autocomplete="username webauthn"' in login
    assert 'autocomplete="current-password"' in login
    assert "onpaste" not in login + body


def test_an_enrolment_that_was_broken_off_goes_on_at_the_next_log_in(desk: Console) -> None:
    take(desk, invited(desk, "ada@example.org", "--role", "advisor"))
    browser = desk.client_as(None)
    assert give_password(browser, "ada@example.org").headers["Location"].startswith("/login/enrol")
    wrong = browser.submit("/login/enrol", {"code": "123"})
    assert wrong.status_code == 422
    assert "not right" in text_of(wrong)
    enrol(browser, "ada@example.org")
    assert browser.get("/account").status_code == 200


def test_an_address_in_use_is_not_invited_again(desk: Console) -> None:
    who = somebody(desk)
    done = accounts(desk, "invite", who.email.upper(), "--role", "admin")
    assert done.exit_code == 1
    assert "flask accounts reset" in done.output
    assert listed(desk)[who.email]["role"] == "coordinator"


def test_disabling_shuts_the_door_until_somebody_is_invited_anew(desk: Console) -> None:
    who, browser = somebody(desk), desk.client_as(None)
    log_in(browser, who, datetime.now(UTC))
    assert accounts(desk, "disable", who.email).exit_code == 0
    assert browser.get("/account").status_code == 303
    assert listed(desk)[who.email]["state"] == "disabled"
    assert accounts(desk, "reset", who.email).exit_code == 1
    link = invited(desk, who.email, "--role", "advisor")
    assert desk.client_as(None).get(link).status_code == 200
    assert give_password(desk.client_as(None), who.email).status_code == 422


def test_a_reset_takes_password_codes_passkeys_and_sessions_and_prints_a_new_link(desk: Console) -> None:
    who, browser = somebody(desk), desk.client_as(None)
    log_in(browser, who, datetime.now(UTC))
    done = accounts(desk, "reset", who.email, "--role", "admin")
    assert done.exit_code == 0
    assert browser.get("/account").status_code == 303
    row = listed(desk)[who.email]
    assert (row["state"], row["second_factor"], row["sessions"], row["role"]) == (
        "invited",
        False,
        0,
        "admin",
    )
    with desk.services.engine.connect() as connection:
        for table in (tables.recovery_codes, tables.passkeys, tables.account_sessions):
            assert connection.execute(table.select().where(table.c.account == who.id)).all() == []
    assert desk.client_as(None).get(done.stdout.strip().removeprefix(desk.base_url)).status_code == 200


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("invite", "nobody", "--role", "advisor"), 2, "no e-mail address"),
        (("invite", "a@b.example", "--role", "boss"), 2, "boss"),
        (("invite", "a@b.example"), 2, "--role"),
        (("invite", "a@b.example", "--role", "advisor", "--person", "zed"), 2, "no person 'zed'"),
        (("invite", "a@practice.invalid", "--role", "advisor"), 2, "practice"),
        (("invite", "a\nb@c.example", "--role", "advisor"), 2, "no e-mail address"),
        (("disable", "nobody@example.org"), 1, "no account"),
        (("reset", "nobody@example.org"), 1, "no account"),
        (("list", "--yaml"), 2, "yaml"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    desk: Console, words: tuple[str, ...], status: int, told: str
) -> None:
    done = accounts(desk, *words)
    assert done.exit_code == status
    assert told in done.output


def test_commands_say_that_the_database_is_away(tmp_path: Path) -> None:
    with console(tmp_path) as made:
        away = replace(made.services.settings, database_url="postgresql://hotline@127.0.0.1:1/hotline")
        made.app.extensions["hotline"]._settings = away
        done = accounts(made, "list")
    assert done.exit_code == 1
    assert "cannot be used now" in done.output


def test_in_practice_mode_one_click_enters_with_each_role(tmp_path: Path) -> None:
    with console(tmp_path, extend=extend) as made:
        for role in ("advisor", "coordinator", "analyst", "admin"):
            browser = made.client_as(None)
            page = browser.get("/login?next=/account")
            assert f'action="/practice/accounts/{role}?next=/account"' in page.get_data(as_text=True)
            strangers = browser.submit("/login", {}, to=f"/practice/accounts/{role}?next=/account")
            assert strangers.status_code == 403, "a browser names where a form comes from"
            entered = browser.submit(
                "/login",
                {},
                to=f"/practice/accounts/{role}?next=/account",
                headers={"Origin": made.base_url},
            )
            assert entered.headers["Location"] == "/account"
            assert browser.get("/account").status_code == 200
        rows = listed(made)
        assert {row["role"]: row["state"] for row in rows.values()} == dict.fromkeys(
            ("advisor", "coordinator", "analyst", "admin"), "demo"
        )
        roster = made.services.roster_file.roster()
        assert roster is not None
        assert rows["advisor@practice.invalid"]["person"] == next(iter(roster.people))
        assert give_password(made.client_as(None), "admin@practice.invalid", "").status_code == 422
