"""Sessions end when they should, on every device: a cookie that was copied before is worth nothing after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.accounts import invitations
from hotline.accounts.current import TOKEN
from hotline.accounts.models import Role
from hotline.accounts.sessions import CONFIRMED, IDLE, LONGEST, find_session
from hotline.accounts.upkeep import forget_old
from hotline.storage import tables
from tests.hotline.console import Browser, Console, console
from tests.hotline.people import PASSWORD, WRONG, Somebody, at, give_password, log_in, somebody, text_of

NEW = "eight quiet herons"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("sessions")) as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_tried_before(desk: Console) -> None:
    with desk.services.engine.begin() as connection:
        connection.execute(tables.login_attempts.delete())


@pytest.fixture
def who(desk: Console) -> Somebody:
    return somebody(desk)


@pytest.fixture
def browser(desk: Console, who: Somebody) -> Browser:
    """Logged in with password and code."""
    made = desk.client_as(None)
    assert log_in(made, who, datetime.now(UTC)).status_code == 303
    return made


def copied(desk: Console, browser: Browser) -> Browser:
    """Another browser with the same cookies."""
    thief = desk.browser()
    for cookie in browser._cookies.values():  # type: ignore[union-attr]
        thief.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
    assert is_in(thief)
    return thief


def is_in(browser: Browser, moment: datetime | None = None) -> bool:
    return browser.get("/account", headers=at(moment) if moment else None).status_code == 200


def disable(desk: Console, who: Somebody) -> None:
    with desk.services.engine.begin() as connection:
        invitations.disable(connection, who.id)


def reset(desk: Console, who: Somebody) -> None:
    with desk.services.engine.begin() as connection:
        invitations.reset(connection, who.id, datetime.now(UTC), role="analyst")


@pytest.mark.parametrize("end", [disable, reset])
def test_what_is_done_to_an_account_ends_its_sessions_at_once(
    desk: Console, who: Somebody, browser: Browser, end: Callable[[Console, Somebody], None]
) -> None:
    other = desk.client_as(None)
    desk.log_in(other, who.id)
    assert is_in(browser) and is_in(other)
    end(desk, who)
    assert not is_in(browser) and not is_in(other)


def test_a_cookie_that_was_copied_before_logging_out_is_dead_after(desk: Console, browser: Browser) -> None:
    thief = copied(desk, browser)
    assert browser.submit("/account", {}, to="/logout").headers["Location"] == "/login"
    assert not is_in(thief) and not is_in(browser)


def test_a_new_password_ends_every_session_but_the_one_it_was_set_in(
    desk: Console, who: Somebody, browser: Browser
) -> None:
    thief, other = copied(desk, browser), desk.client_as(None)
    desk.log_in(other, who.id)
    half_way = desk.client_as(None)
    give_password(half_way, who.email)
    changed = browser.submit("/account", {"current": PASSWORD, "new": NEW}, to="/account/password")
    assert changed.status_code == 303
    assert is_in(browser)
    assert "Log out everywhere else" not in text_of(browser.get("/account"))
    assert not is_in(thief) and not is_in(other)
    assert half_way.get("/login/code").headers["Location"].startswith("/login")
    assert give_password(desk.client_as(None), who.email).status_code == 422
    assert give_password(desk.client_as(None), who.email, NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"current": WRONG, "new": NEW}, "This is not your present password"),
        ({"current": PASSWORD, "new": "short"}, "Use 12 characters or more"),
        ({}, "Use 12 characters or more"),
    ],
)
def test_a_password_that_cannot_be_set_changes_nothing_and_says_why(
    who: Somebody, browser: Browser, fields: dict[str, str], told: str
) -> None:
    answer = browser.submit("/account", fields, to="/account/password")
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert is_in(browser)


@pytest.mark.parametrize("role", ["coordinator", "analyst"])
def test_logging_in_leaves_nothing_of_what_somebody_may_have_planted_in_the_browser(
    desk: Console, role: Role
) -> None:
    who, browser = somebody(desk, role), desk.client_as(None)
    if role == "analyst":
        with desk.services.engine.begin() as connection:
            mine = tables.accounts.c.id == who.id
            connection.execute(tables.accounts.update().where(mine).values(totp=None))
    browser.get("/login")
    with browser.session_transaction(base_url=desk.base_url) as session:
        session.update({"planted": "by somebody else", TOKEN: "known to somebody else"})
        before = dict(session)
    if role == "analyst":
        give_password(browser, who.email)
    else:
        log_in(browser, who, datetime.now(UTC))
    assert is_in(browser)
    with browser.session_transaction(base_url=desk.base_url) as session:
        after = dict(session)
    assert "planted" not in after
    assert after[TOKEN] != before[TOKEN]
    assert after.get("csrf_token") != before["csrf_token"]


def test_a_session_ends_after_two_hours_without_a_request_and_not_while_it_is_used(
    desk: Console, browser: Browser
) -> None:
    now = datetime.now(UTC)
    for _ in range(4):
        now += IDLE - timedelta(minutes=1)
        assert is_in(browser, now)
    assert not is_in(browser, now + IDLE + timedelta(seconds=1))


def test_a_session_ends_with_the_night_however_much_it_is_used(desk: Console, browser: Browser) -> None:
    began = datetime.now(UTC)
    now = began
    while now < began + LONGEST - timedelta(hours=1):
        now += timedelta(hours=1)
        assert is_in(browser, now)
    assert not is_in(browser, began + LONGEST + timedelta(minutes=1))


def test_ones_own_sessions_are_listed_with_the_device_and_each_can_be_ended(
    desk: Console, who: Somebody, browser: Browser
) -> None:
    telephone, tablet = desk.client_as(None), desk.client_as(None)
    agent = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    moment = datetime.now(UTC) + timedelta(seconds=30)
    give_password(telephone, who.email, headers=at(moment))
    telephone.submit("/login/code", {"code": who.code(moment)}, headers=at(moment, **{"User-Agent": agent}))
    desk.log_in(tablet, who.id)
    page = browser.get("/account")
    assert "Chrome, Android" in text_of(page)
    assert page.get_data(as_text=True).count("/end") == 3  # two devices, and all others
    with desk.services.engine.connect() as connection:
        sessions = tables.account_sessions
        key = connection.execute(
            select(sessions.c.key).where(sessions.c.browser == "Chrome, Android")
        ).scalar()
    browser.submit("/account", {}, to=f"/account/sessions/{key}/end")
    assert (is_in(browser), is_in(telephone), is_in(tablet)) == (True, False, True)
    browser.submit("/account", {}, to="/account/sessions/end-others")
    assert (is_in(browser), is_in(tablet)) == (True, False)


def test_nobody_ends_anothers_session(desk: Console, who: Somebody, browser: Browser) -> None:
    with desk.services.engine.connect() as connection:
        sessions = tables.account_sessions
        key = connection.execute(select(sessions.c.key).where(sessions.c.account == who.id)).scalar()
    other = desk.client_as("admin")
    other.submit("/account", {}, to=f"/account/sessions/{key}/end")
    other.submit("/account", {}, to="/account/sessions/end-others")
    assert is_in(browser)


GRAVE = ("/account/authenticator", "/account/recovery-codes", "/account/passkeys/1/remove")


@pytest.mark.parametrize("path", GRAVE)
def test_what_decides_who_can_log_in_asks_for_the_password_again_after_a_while(
    browser: Browser, path: str
) -> None:
    moment = datetime.now(UTC) + CONFIRMED + timedelta(seconds=1)
    refused = browser.submit("/account", {}, to=path, headers=at(moment))
    assert refused.headers["Location"].startswith("/account/confirm?next=/account")
    wrong = browser.submit(refused.headers["Location"], {"password": WRONG}, headers=at(moment))
    assert wrong.status_code == 422
    right = browser.submit(refused.headers["Location"], {"password": PASSWORD}, headers=at(moment))
    assert right.headers["Location"] == "/account"
    again = browser.submit("/account", {}, to=path, headers=at(moment))
    assert "confirm" not in again.headers.get("Location", "")


def test_new_recovery_codes_are_shown_once_and_the_old_ones_are_dead(
    desk: Console, who: Somebody, browser: Browser
) -> None:
    shown = text_of(browser.submit("/account", {}, to="/account/recovery-codes"))
    fresh = [word for word in shown.split() if len(word) == 19]
    assert len(fresh) == 10
    assert not set(fresh) & set(who.recovery)
    assert fresh[0] not in text_of(browser.get("/account"))
    for code, status in ((who.recovery[0], 422), (fresh[0], 303)):
        other = desk.client_as(None)
        give_password(other, who.email)
        assert other.submit("/login/code", {"code": code}).status_code == status
    assert "9 recovery codes are left" in text_of(browser.get("/account"))


def test_a_new_app_takes_the_place_of_the_old_one_and_ends_other_sessions(
    desk: Console, who: Somebody, browser: Browser
) -> None:
    other = desk.client_as(None)
    desk.log_in(other, who.id)
    page = text_of(browser.get("/account/authenticator"))
    secret = "".join(page.partition("type in this key:")[2].split()[:8])
    new = Somebody(who.id, who.email, secret, [])
    moment = datetime.now(UTC)
    assert browser.submit("/account/authenticator", {"code": who.code(moment)}).status_code == 422
    assert "recovery codes" in text_of(browser.submit("/account/authenticator", {"code": new.code(moment)}))
    assert is_in(browser) and not is_in(other)
    later = moment + timedelta(seconds=60)
    assert log_in(desk.client_as(None), who, later).status_code == 422
    assert log_in(desk.client_as(None), new, later).status_code == 303


def test_what_is_over_is_forgotten(desk: Console, who: Somebody, browser: Browser) -> None:
    now = datetime.now(UTC)
    forget_old(desk.services.engine, now)
    assert is_in(browser)
    forget_old(desk.services.engine, now + LONGEST + timedelta(seconds=1))
    with desk.services.engine.connect() as connection:
        assert connection.execute(select(tables.account_sessions)).all() == []
        assert connection.execute(select(tables.login_attempts)).all() == []


def test_asking_who_somebody_is_costs_less_than_two_milliseconds(desk: Console, who: Somebody) -> None:
    token = desk.log_in(desk.client_as(None), who.id)
    now = datetime.now(UTC)
    assert find_session(desk.services.engine, token, now) is not None
    spent = []
    for _ in range(50):
        began = time.thread_time()
        find_session(desk.services.engine, token, now)
        spent.append(time.thread_time() - began)
    assert sorted(spent)[25] < 0.002


def test_a_database_that_can_only_be_read_still_shows_pages(tmp_path: Path) -> None:
    with console(tmp_path) as made:
        browser = made.client_as("coordinator")
        with made.services.engine.begin():  # somebody else is writing
            moment = datetime.now(UTC) + timedelta(minutes=5)
            assert browser.get("/account", headers=at(moment)).status_code == 200


def test_to_ask_how_long_a_session_lasts_does_not_prolong_it_and_to_stay_does(
    desk: Console, who: Somebody, browser: Browser
) -> None:
    began = datetime.now(UTC)

    def left(minutes: float, stay: bool = False) -> tuple[int, int]:
        moment = began + timedelta(minutes=minutes)
        told = browser.get(f"/account/session{'?stay=1' if stay else ''}", headers=at(moment)).json
        assert told is not None
        return round(told["idle"] / 60), round(told["longest"] / 60)

    whole, longest = IDLE.total_seconds() / 60, LONGEST.total_seconds() / 60
    assert left(100) == (whole - 100, longest - 100)
    assert left(115) == (whole - 115, longest - 115)
    assert left(115, stay=True) == (whole, longest - 115)
    assert left(116) == (whole - 1, longest - 116)
    page = browser.get("/account", headers=at(began + timedelta(minutes=200))).get_data(as_text=True)
    assert f'data-seconds="{IDLE.total_seconds():.0f}"' in page, "to open a page prolongs it"
    assert browser.get("/account/session", headers=at(began + timedelta(minutes=400))).status_code == 303


def test_a_page_without_a_session_says_nothing_of_its_end(desk: Console) -> None:
    assert 'id="session"' not in desk.client_as(None).get("/login").get_data(as_text=True)
