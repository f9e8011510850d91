"""How often passwords and codes may be guessed: counted together, with a wait that grows and passes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.accounts.passwords import TooBusy, place_to_hash
from hotline.accounts.throttle import FREE, LONGEST_DELAY, QUIET, Subject, Throttle
from hotline.storage import tables
from tests.hotline.console import Console, console
from tests.hotline.people import WRONG, Somebody, at, give_password, log_in, somebody, text_of

NOON = datetime(2026, 12, 24, 12, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("login")) as made:
        yield made


@pytest.fixture
def costly(tmp_path: Path) -> Iterator[Console]:
    """Where a password costs what it costs everybody."""
    with console(tmp_path, costly_passwords=True) as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_tried_before(desk: Console) -> None:
    with desk.services.engine.begin() as connection:
        connection.execute(tables.login_attempts.delete())


@pytest.fixture
def who(desk: Console) -> Somebody:
    return somebody(desk)


def test_after_five_wrong_passwords_even_the_right_one_waits_a_minute(costly: Console) -> None:
    desk, who = costly, somebody(costly)
    browser = desk.client_as(None)
    statuses = [
        give_password(browser, who.email, WRONG, headers=at(NOON)).status_code for _ in range(FREE["account"])
    ]
    assert statuses == [422] * 5
    began = time.thread_time()
    refused = give_password(browser, who.email, headers=at(NOON))
    assert time.thread_time() - began < 0.05, "it must be refused before anything costly is done"
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "61")
    assert "Try again in 61 seconds" in text_of(refused)
    later = NOON + timedelta(minutes=1, seconds=1)
    assert give_password(browser, who.email, headers=at(later)).status_code == 303


def test_somebody_who_guesses_does_not_keep_the_owner_out_of_a_browser_used_before(
    desk: Console, who: Somebody
) -> None:
    own = desk.client_as(None)
    log_in(own, who, NOON)
    own.submit("/account", {}, to="/logout", headers=at(NOON))
    stranger = desk.client_as(None)
    for _ in range(8):
        give_password(stranger, who.email, WRONG, headers=at(NOON))
    assert give_password(stranger, who.email, headers=at(NOON)).status_code == 429
    assert give_password(own, who.email, headers=at(NOON)).status_code == 303


def test_a_browser_that_is_known_for_one_account_is_not_for_another(desk: Console, who: Somebody) -> None:
    own, other = desk.client_as(None), somebody(desk)
    log_in(own, who, NOON)
    own.submit("/account", {}, to="/logout", headers=at(NOON))
    for _ in range(5):
        give_password(desk.client_as(None), other.email, WRONG, headers=at(NOON))
    assert give_password(own, other.email, headers=at(NOON)).status_code == 429


def test_codes_may_not_be_guessed_either_and_giving_the_password_again_does_not_help(
    desk: Console, who: Somebody
) -> None:
    browser = desk.client_as(None)
    statuses = []
    for _ in range(7):
        give_password(browser, who.email, headers=at(NOON))
        statuses.append(browser.submit("/login/code", {"code": "000000"}, headers=at(NOON)).status_code)
    assert statuses == [422] * 5 + [429] * 2


def test_guesses_are_counted_whatever_source_they_come_from(tmp_path: Path) -> None:
    with console(tmp_path, {"PROXIES": "1"}) as made:
        who = somebody(made)
        statuses = [
            give_password(
                made.client_as(None),
                who.email,
                WRONG,
                headers=at(NOON, **{"X-Forwarded-For": f"203.0.113.{n}"}),
            ).status_code
            for n in range(7)
        ]
        assert statuses == [422] * 5 + [429] * 2


def test_one_source_may_not_try_account_after_account(tmp_path: Path) -> None:
    with console(tmp_path, {"PROXIES": "1"}) as made:
        throttle = Throttle(made.services.engine, made.services.settings.secret_key)
        for _ in range(FREE["source"] - 1):
            assert throttle.claim([Subject("source", "2001:db8:1:2::/64")], NOON) == 0
        forged = {"X-Forwarded-For": "198.51.100.7, 2001:db8:1:2:3:4:5:6"}
        elsewhere = {"X-Forwarded-For": "2001:db8:1:2:3:4:5:6, 198.51.100.7"}
        browser = made.client_as(None)
        assert give_password(browser, "a@example.org", headers=at(NOON, **forged)).status_code == 422
        assert give_password(browser, "b@example.org", headers=at(NOON, **forged)).status_code == 429
        assert give_password(browser, "b@example.org", headers=at(NOON, **elsewhere)).status_code == 422


def test_the_wait_grows_and_passes_and_nobody_is_locked_out_for_good(engine: Engine) -> None:
    throttle, who, now = Throttle(engine, "secret"), [Subject("account", "a@example.org")], NOON
    waits = []
    for _ in range(40):
        wait = throttle.claim(who, now)
        waits += [wait] if wait else []
        now += timedelta(seconds=wait)
    longest = int(LONGEST_DELAY.total_seconds()) + 1
    assert waits[:6] == [61, 121, 241, 481, longest, longest]
    assert waits[-1] == longest
    now += QUIET + timedelta(seconds=1)
    assert [throttle.claim(who, now) for _ in range(5)] == [0] * 5


def test_processes_that_try_at_once_get_no_more_attempts_together(engine: Engine) -> None:
    together = threading.Barrier(12)

    def try_it(_: int) -> bool:
        throttle = Throttle(engine, "secret")
        together.wait()
        return (
            throttle.claim([Subject("account", "a@example.org"), Subject("source", "192.0.2.1")], NOON) == 0
        )

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(try_it, range(12))) == FREE["account"]


def test_an_attempt_that_may_not_be_made_counts_for_nothing(engine: Engine) -> None:
    throttle = Throttle(engine, "secret")
    account, source = Subject("account", "a@example.org"), Subject("source", "192.0.2.1")
    for _ in range(FREE["account"]):
        throttle.claim([account], NOON)
    for _ in range(3 * FREE["source"]):
        assert throttle.claim([account, source], NOON) > 0
    assert throttle.claim([source], NOON) == 0


def test_logging_in_gives_back_the_attempts_of_the_account_but_not_those_of_the_source(
    engine: Engine,
) -> None:
    throttle = Throttle(engine, "secret")
    account, source = Subject("account", "a@example.org"), Subject("source", "192.0.2.1")
    for _ in range(FREE["source"] + 5):
        if throttle.claim([account, source], NOON):
            break
        throttle.forgive([account])
    else:
        pytest.fail("the source was never told to wait")
    throttle.forgive([source])
    assert throttle.claim([source], NOON) == 0
    assert throttle.claim([source], NOON) > 0


def test_few_passwords_are_hashed_at_once_and_whoever_comes_too_many_is_told_to_come_back(
    desk: Console, who: Somebody
) -> None:
    with place_to_hash(), place_to_hash(), place_to_hash():
        with pytest.raises(TooBusy), place_to_hash():
            pass
        answer = give_password(desk.client_as(None), who.email)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert give_password(desk.client_as(None), who.email).status_code == 303
