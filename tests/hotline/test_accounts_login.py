"""Logging in: what opens the door, and what only looks like it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from hotline.accounts import passwords
from hotline.accounts.codes import Authenticator, use_recovery_code
from hotline.accounts.logins import find_account
from hotline.accounts.passwords import is_password, password_fault, place_to_hash
from hotline.storage import tables
from tests.hotline.console import Console, console
from tests.hotline.people import PASSWORD, WRONG, Somebody, at, give_password, log_in, somebody, text_of

NOON = datetime(2026, 12, 24, 12, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("login")) as made:
        yield made


@pytest.fixture(scope="module")
def costly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Where a password costs what it costs everybody."""
    with console(tmp_path_factory.mktemp("costly"), costly_passwords=True) as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_tried_before(desk: Console) -> None:
    with desk.services.engine.begin() as connection:
        connection.execute(tables.login_attempts.delete())


@pytest.fixture
def who(desk: Console) -> Somebody:
    return somebody(desk)


def test_password_and_code_open_the_page_that_was_asked_for(desk: Console, who: Somebody) -> None:
    browser = desk.client_as(None)
    asked = browser.get("/account?tab=devices")
    assert asked.headers["Location"] == "/login?next=/account?tab%3Ddevices"
    fields = {"email": f"  {who.email.upper()} ", "password": PASSWORD}
    first = browser.submit(asked.headers["Location"], fields, headers=at(NOON))
    assert first.headers["Location"].startswith("/login/code?next=")
    second = browser.submit(first.headers["Location"], {"code": who.code(NOON)}, headers=at(NOON))
    assert (second.status_code, second.headers["Location"]) == (303, "/account?tab=devices")
    assert browser.get("/account", headers=at(NOON)).status_code == 200


def test_whoever_is_logged_in_is_not_asked_to_log_in(desk: Console) -> None:
    answer = desk.client_as("advisor").get("/login?next=//evil.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_the_password_alone_opens_nothing(desk: Console, who: Somebody) -> None:
    browser = desk.client_as(None)
    assert give_password(browser, who.email).headers["Location"].startswith("/login/code")
    assert browser.get("/account").headers["Location"].startswith("/login")


def test_the_code_is_only_asked_for_within_a_quarter_of_an_hour(desk: Console, who: Somebody) -> None:
    browser = desk.client_as(None)
    give_password(browser, who.email, headers=at(NOON))
    later = NOON + timedelta(minutes=16)
    assert browser.get("/login/code", headers=at(later)).headers["Location"].startswith("/login")


def test_an_analyst_who_sees_no_case_needs_no_code(desk: Console) -> None:
    plain = somebody(desk, "analyst")
    with desk.services.engine.begin() as connection:
        mine = tables.accounts.c.id == plain.id
        connection.execute(tables.accounts.update().where(mine).values(totp=None))
    browser = desk.client_as(None)
    assert give_password(browser, plain.email).headers["Location"] == "/"
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("role", ["advisor", "coordinator", "admin"])
def test_whoever_sees_cases_and_has_no_app_yet_sets_one_up_before_anything_else(
    desk: Console, role: str
) -> None:
    new = somebody(desk, role)  # type: ignore[arg-type]
    with desk.services.engine.begin() as connection:
        mine = tables.accounts.c.id == new.id
        connection.execute(tables.accounts.update().where(mine).values(totp=None))
    browser = desk.client_as(None)
    assert give_password(browser, new.email).headers["Location"].startswith("/login/enrol")
    assert browser.get("/account").status_code == 303


def test_nobody_can_tell_a_wrong_password_from_an_unknown_or_disabled_or_new_account(
    desk: Console, who: Somebody
) -> None:
    disabled = somebody(desk, active=False)
    invited = desk.make_account("advisor", email="invited@example.org")
    assert invited
    tries = [
        (who.email, WRONG),
        ("nobody@example.org", PASSWORD),
        (disabled.email, PASSWORD),
        ("invited@example.org", ""),
        ("", ""),
    ]
    answers = [give_password(desk.client_as(None), email, password) for email, password in tries]
    assert {answer.status_code for answer in answers} == {422}
    assert len({text_of(answer) for answer in answers}) == 1
    assert "do not belong together" in text_of(answers[0])


def test_an_unknown_account_takes_as_long_as_a_wrong_password(
    costly: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Kept for the whole process, and another test's may have cost less.
    monkeypatch.setattr(passwords, "_nobodys", [])
    stored = find_account(costly.services.engine, somebody(costly).email)
    assert stored is not None
    with costly.app.app_context(), place_to_hash() as place:
        is_password(place, WRONG, None)
        spent: dict[str | None, list[float]] = {stored.password: [], None: []}
        for _ in range(4):
            for hash_, times in spent.items():
                began = time.thread_time()
                assert not is_password(place, WRONG, hash_)
                times.append(time.thread_time() - began)
    # The least: what else the machine does can only add to it.
    known, unknown = (min(times) for times in spent.values())
    assert unknown == pytest.approx(known, rel=0.25)


def test_what_was_typed_as_address_is_shown_again_and_the_password_is_not(desk: Console) -> None:
    answer = give_password(desk.client_as(None), '"><script>alert(1)</script>@x', "a secret thing")
    body = answer.get_data(as_text=True)
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)" in body
    assert "a secret thing" not in body


def test_a_code_is_good_once(desk: Console, who: Somebody) -> None:
    assert log_in(desk.client_as(None), who, NOON).status_code == 303
    again = log_in(desk.client_as(None), who, NOON + timedelta(seconds=10))
    assert again.status_code == 422
    assert "used before" in text_of(again)
    assert log_in(desk.client_as(None), who, NOON + timedelta(seconds=31)).status_code == 303


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_clock_that_is_half_a_minute_off_does_no_harm(desk: Console, who: Somebody, seconds: int) -> None:
    browser = desk.client_as(None)
    give_password(browser, who.email, headers=at(NOON))
    code = who.code(NOON + timedelta(seconds=seconds))
    assert browser.submit("/login/code", {"code": code}, headers=at(NOON)).status_code == 303


@pytest.mark.parametrize("seconds", [-60, 60])
def test_an_old_code_is_no_code(desk: Console, who: Somebody, seconds: int) -> None:
    browser = desk.client_as(None)
    give_password(browser, who.email, headers=at(NOON))
    code = who.code(NOON + timedelta(seconds=seconds))
    assert browser.submit("/login/code", {"code": code}, headers=at(NOON)).status_code == 422


def test_of_many_who_use_one_code_at_the_same_moment_one_gets_in(desk: Console, who: Somebody) -> None:
    services = desk.services
    account = find_account(services.engine, who.email)
    assert account is not None
    code = who.code(datetime.now(UTC))
    together = threading.Barrier(6)

    def try_it(_: int) -> bool:
        together.wait()
        return Authenticator(services.engine, services.vault).accepts(code, account, datetime.now(UTC))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(try_it, range(6))) == 1


def test_a_recovery_code_takes_the_place_of_a_code_once(desk: Console, who: Somebody) -> None:
    written = who.recovery[3].lower().replace("-", " ")
    for expected in (303, 422):
        browser = desk.client_as(None)
        give_password(browser, who.email)
        assert browser.submit("/login/code", {"code": written}).status_code == expected, written


def test_when_the_key_of_an_app_is_lost_a_recovery_code_still_opens_the_door(
    desk: Console, who: Somebody
) -> None:
    with desk.services.engine.begin() as connection:
        mine = tables.accounts.c.id == who.id
        connection.execute(tables.accounts.update().where(mine).values(totp="gone:AAAA"))
    browser = desk.client_as(None)
    give_password(browser, who.email, headers=at(NOON))
    assert browser.submit("/login/code", {"code": who.code(NOON)}, headers=at(NOON)).status_code == 422
    assert browser.submit("/login/code", {"code": who.recovery[0]}, headers=at(NOON)).status_code == 303


def test_somebody_elses_recovery_code_is_none(desk: Console, who: Somebody) -> None:
    other = somebody(desk)
    with desk.services.engine.begin() as connection:
        assert not use_recovery_code(connection, who.id, other.recovery[0], NOON)
        assert use_recovery_code(connection, other.id, other.recovery[0], NOON)


def test_neither_codes_nor_secrets_nor_passwords_can_be_read_in_the_database(
    desk: Console, who: Somebody
) -> None:
    give_password(desk.client_as(None), "typed-in-the-wrong-field@example.org", WRONG)
    file = desk.services.settings.instance_dir / "hotline.db"
    stored = b"".join(path.read_bytes() for path in file.parent.glob("hotline.db*"))
    for secret in (who.secret, PASSWORD, WRONG, "typed-in-the-wrong-field", *who.recovery):
        assert secret.encode() not in stored
        assert secret.replace("-", "").encode() not in stored


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("elf letters", "too short"),
        ("twaalf tekens", None),
        ("a" * 201, "too long"),
        ("abababababababab", "too plain"),
        ("Ada@Example.org", "too plain"),
        ("zwölf Buchstaben", None),
        ("密码密码很长的一句话吗是的", None),
    ],
)
def test_a_password_is_long_and_not_the_first_thing_to_guess(
    desk: Console, password: str, fault: str | None
) -> None:
    with desk.app.app_context():
        assert password_fault(password, "ada@example.org", "Ada Voorbeeld") == fault


def test_a_password_is_the_same_however_its_letters_are_composed(costly: Console) -> None:
    with costly.app.app_context(), place_to_hash() as place:
        from hotline.accounts.passwords import hashed

        stored = hashed(place, "zwölf Buchstaben")
        assert is_password(place, "zwo\u0308lf Buchstaben", stored)
        assert stored.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
