"""Passkeys: a telephone in place of password and code, and everything that only looks like one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotline.accounts.logins import account_by_id
from hotline.storage import tables
from tests.hotline.console import Browser, Console, console
from tests.hotline.people import Telephone, options_of, somebody, text_of

ORIGIN = "http://localhost:8000"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("passkeys"), {"PUBLIC_URL": ORIGIN}) as made:
        yield made


@pytest.fixture
def desk(shared: Console) -> Console:
    """Without anybody."""
    with shared.services.engine.begin() as connection:
        connection.execute(tables.accounts.delete())
        connection.execute(tables.login_attempts.delete())
    return shared


def add(browser: Browser, telephone: Telephone, origin: str = ORIGIN, name: str = "My telephone") -> int:
    options = options_of(browser.get("/account/passkey"))
    # `submit` would ask for new options: what a browser signs belongs to the page it was on.
    return _post(browser, "/account/passkey", {"name": name, "credential": telephone.create(options, origin)})


def _post(browser: Browser, path: str, fields: dict[str, str]) -> int:
    with browser.session_transaction(base_url=ORIGIN) as session:
        challenge = session["challenge"]
    form = browser.get("/login" if path.startswith("/login") else "/account").get_data(as_text=True)
    token = form.partition('csrf_token" value="')[2].partition('"')[0]
    with browser.session_transaction(base_url=ORIGIN) as session:
        session["challenge"] = challenge
    return browser.post(path, data={**fields, "csrf_token": token}).status_code


def handle(desk: Console, account: int) -> str:
    found = account_by_id(desk.services.engine, account)
    assert found is not None
    return found.fs_webauthn_user_handle


def enter(browser: Browser, telephone: Telephone, origin: str = ORIGIN, user: str | None = None) -> bool:
    """Whether the telephone opens the door."""
    options = options_of(browser.get("/login"))
    _post(browser, "/login/passkey", {"credential": telephone.get(options, origin, user)})
    return browser.get("/account").status_code == 200


@pytest.fixture
def telephone(desk: Console) -> Telephone:
    """With a passkey of a coordinator's."""
    made = Telephone()
    assert add(desk.client_as("coordinator", email="owner@example.org"), made) == 303
    return made


def test_a_passkey_opens_the_door_without_password_and_code(desk: Console, telephone: Telephone) -> None:
    browser = desk.client_as(None)
    assert enter(browser, telephone)
    assert "owner@example.org" in text_of(browser.get("/account"))


def test_a_passkey_is_listed_and_can_be_removed(desk: Console) -> None:
    browser, telephone = desk.client_as("coordinator"), Telephone()
    add(browser, telephone, name=" <b>My</b>  telephone ")
    page = browser.get("/account")
    assert "<b>My</b> telephone" in text_of(page)
    path = page.get_data(as_text=True).partition('action="/account/passkeys/')[2].partition('"')[0]
    other = desk.client_as("admin")
    other.submit("/account", {}, to=f"/account/passkeys/{path}")
    assert enter(desk.client_as(None), telephone), "nobody removes another's"
    browser.submit("/account", {}, to=f"/account/passkeys/{path}")
    assert not enter(desk.client_as(None), telephone)


def test_a_telephone_that_asks_for_no_finger_is_refused(desk: Console) -> None:
    assert add(desk.client_as("coordinator"), Telephone(careless=True)) == 422


def test_a_passkey_that_stops_asking_for_a_finger_opens_nothing(desk: Console, telephone: Telephone) -> None:
    telephone.careless = True
    assert not enter(desk.client_as(None), telephone)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:8001", "https://localhost:8000"]
)
def test_a_passkey_is_good_on_our_own_pages_only(desk: Console, telephone: Telephone, origin: str) -> None:
    assert not enter(desk.client_as(None), telephone, origin)
    other = Telephone(credential_id=b"another")
    assert add(desk.client_as("coordinator"), other, origin) == 422


def test_another_telephone_with_the_same_number_on_it_opens_nothing(
    desk: Console, telephone: Telephone
) -> None:
    assert not enter(desk.client_as(None), Telephone(credential_id=telephone.credential_id))


def test_one_passkey_belongs_to_one_account(desk: Console, telephone: Telephone) -> None:
    assert add(desk.client_as("admin"), telephone) == 422


def test_a_passkey_says_whose_it_is_and_that_is_checked(desk: Console, telephone: Telephone) -> None:
    somebody_else = handle(desk, desk.make_account("admin"))
    assert not enter(desk.client_as(None), telephone, user=somebody_else)


def test_an_answer_to_an_older_question_opens_nothing(desk: Console, telephone: Telephone) -> None:
    browser = desk.client_as(None)
    old = options_of(browser.get("/login"))
    fields = {"credential": telephone.get(old, ORIGIN)}
    browser.get("/login")
    _post(browser, "/login/passkey", fields)
    assert browser.get("/account").status_code == 303


def test_an_answer_that_was_overheard_cannot_be_given_again(desk: Console, telephone: Telephone) -> None:
    browser = desk.client_as(None)
    options = options_of(browser.get("/login"))
    fields = {"credential": telephone.get(options, ORIGIN)}
    _post(browser, "/login/passkey", fields)
    assert browser.get("/account").status_code == 200
    thief = desk.client_as(None)
    thief.get("/login")
    _post(thief, "/login/passkey", fields)
    assert thief.get("/account").status_code == 303


def test_a_question_is_good_for_one_answer(desk: Console, telephone: Telephone) -> None:
    browser = desk.client_as(None)
    page = browser.get("/login")
    token = page.get_data(as_text=True).partition('csrf_token" value="')[2].partition('"')[0]
    right = telephone.get(options_of(page), ORIGIN)
    for credential in ("a wrong one", right):
        browser.post("/login/passkey", data={"credential": credential, "csrf_token": token})
    assert browser.get("/account").status_code == 303


def test_a_copied_passkey_is_found_out_by_its_counter(desk: Console, telephone: Telephone) -> None:
    assert enter(desk.client_as(None), telephone)
    telephone.counter = 0
    assert not enter(desk.client_as(None), telephone)


def test_a_disabled_account_is_not_opened_by_its_passkey(desk: Console, telephone: Telephone) -> None:
    with desk.services.engine.begin() as connection:
        connection.execute(tables.accounts.update().values(active=False))
        connection.execute(tables.account_sessions.delete())
    assert not enter(desk.client_as(None), telephone)
    with desk.services.engine.begin() as connection:
        assert connection.execute(tables.account_sessions.select()).all() == []


BROKEN: tuple[Callable[[str], str], ...] = (
    lambda _: "",
    lambda _: "null",
    lambda _: "[]",
    lambda _: "{",
    lambda _: '{"id": 5, "rawId": 5}',
    lambda text: text[:-40],
    lambda text: json.dumps({**json.loads(text), "rawId": "%%%"}),
    lambda text: json.dumps({**json.loads(text), "response": {}}),
    lambda text: json.dumps({**json.loads(text), "response": "x"}),
    lambda text: json.dumps({**json.loads(text), "type": "password"}),
    lambda _: "[" * 100_000,
)


@pytest.mark.parametrize("broken", BROKEN)
def test_what_only_looks_like_a_passkey_is_refused_without_a_fault(
    desk: Console, telephone: Telephone, broken: Callable[[str], str]
) -> None:
    browser = desk.client_as(None)
    options = options_of(browser.get("/login"))
    credential = broken(telephone.get(options, ORIGIN))
    assert _post(browser, "/login/passkey", {"credential": credential}) == 303
    assert browser.get("/account").status_code == 303
    owner = desk.client_as("coordinator")
    owner.get("/account/passkey")
    made = Telephone(credential_id=b"another").create(options_of(owner.get("/account/passkey")), ORIGIN)
    assert _post(owner, "/account/passkey", {"name": "x", "credential": broken(made)}) == 422


def test_where_a_host_has_no_name_passkeys_are_not_offered(tmp_path: Path) -> None:
    with console(tmp_path) as made:
        assert "data-passkey" not in made.client_as(None).get("/login").get_data(as_text=True)
        browser = made.client_as("coordinator")
        assert "Passkeys" not in text_of(browser.get("/account"))
        assert browser.get("/account/passkey").headers["Location"] == "/account"


def test_an_account_has_ten_passkeys_at_most(desk: Console) -> None:
    browser = desk.client_as("coordinator")
    statuses = [add(browser, Telephone(credential_id=f"number {n}".encode())) for n in range(11)]
    assert statuses == [303] * 10 + [422]


def test_a_passkey_of_somebody_with_an_app_needs_no_code(desk: Console) -> None:
    who, telephone = somebody(desk), Telephone()
    browser = desk.client_as(None)
    desk.log_in(browser, who.id)
    add(browser, telephone)
    assert enter(desk.client_as(None), telephone, user=handle(desk, who.id))
