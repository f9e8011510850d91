"""Who may enter where: every route against the table, and what no page accepts from anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.routing import Rule

from hotline.accounts.models import ROLES
from hotline.practice import extend
from hotline.practice.network import PracticeProvider
from hotline.storage import tables
from hotline.web.access import ACCESS, Door, local_path
from tests.hotline.console import Browser, Console, console
from tests.stories.world import settings_for

LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-for-a-test",
    "PUBLIC_URL": "https://hotline.example.org",
    "SECRET_KEY": "a secret for a test",
}

#: Whoever may stand before a door.
VISITORS = ("nobody", "advisor", "other advisor", "coordinator", "analyst", "admin", "disabled")

#: What fits in an address's gaps: words that lead nowhere.
VALUES = {"path": "nowhere", "default": "nowhere", "int": "999999"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """With everything that practice mode adds: so with every route there is."""
    folder = tmp_path_factory.mktemp("access")
    provider = PracticeProvider(settings_for(folder), live=False)
    provider.start(settings_for(folder))
    with console(folder, extend=lambda app: extend(app, provider)) as made:
        yield made
    provider.stop()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Behind https, with a provider: so without practice mode."""
    with console(tmp_path_factory.mktemp("live"), LIVE) as made:
        yield made


@pytest.fixture(scope="module")
def visitors(desk: Console) -> dict[str, Browser]:
    people = list(desk.services.roster_file.roster().people)  # type: ignore[union-attr]
    found: dict[str, Browser] = {role: desk.client_as(role) for role in ROLES}
    disabled = desk.make_account("coordinator", active=True)
    browser = desk.browser()
    desk.log_in(browser, disabled)
    with desk.services.engine.begin() as connection:
        mine = tables.accounts.c.id == disabled
        connection.execute(update(tables.accounts).where(mine).values(active=False))
    return {
        "nobody": desk.client_as(None),
        **found,
        "other advisor": desk.client_as("advisor", person=people[1]),
        "disabled": browser,
    }


def test_every_route_declares_who_may_enter(desk: Console) -> None:
    endpoints = {rule.endpoint for rule in desk.app.url_map.iter_rules()}
    assert endpoints - set(ACCESS) == set()


def test_the_table_names_no_route_that_does_not_exist(desk: Console) -> None:
    endpoints = {rule.endpoint for rule in desk.app.url_map.iter_rules()}
    assert set(ACCESS) - endpoints == set()


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_door_opens_to_whom_the_table_says_and_to_nobody_else(
    desk: Console, visitors: dict[str, Browser], visitor: str
) -> None:
    role = visitor.removeprefix("other ")
    wrong = []
    for rule in desk.app.url_map.iter_rules():
        who = ACCESS[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint == "accounts.logout" and role in ROLES:
                continue  # a test of its own: nobody would be left
            answer = visitors[visitor].open(_address(desk, rule), method=method)
            # The text Python makes of an object may hold anything.
            if not _fits(who, role, method, answer) or re.search(rb"object.{1,3}at.{1,3}0x", answer.data):
                wrong.append(f"{method} {rule}: {answer.status} for {visitor}")
    assert wrong == []


def _address(desk: Console, rule: Rule) -> str:
    values: dict[str, Any] = {}
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        values[name] = 999999 if kind == "IntegerConverter" else "nowhere"
    if "stage" in values:
        values["stage"] = "language"
    with desk.app.test_request_context():
        return str(rule.build(values, append_unknown=False)[1])  # type: ignore[index]


def _fits(who: object, role: str, method: str, answer: Any) -> bool:
    """Whether this is how a door that `who` may enter answers somebody of this role."""
    to_login = answer.status_code == 303 and answer.headers["Location"].startswith("/login")
    if isinstance(who, Door):
        # A signature is missing; a form without a token; otherwise the page, or that it is not there.
        refused = (
            {Door.SIGNED: 403, Door.PUBLIC: 400, Door.PRACTICE: 403}.get(who) if method == "POST" else None
        )
        return bool(answer.status_code == refused) if refused else answer.status_code in (200, 302, 303, 404)
    assert isinstance(who, frozenset)
    if role not in ROLES:
        return bool(to_login)
    if role not in who:
        return bool(answer.status_code == 403)
    if method == "POST":
        return bool(answer.status_code == 400)
    return answer.status_code in (200, 302, 303, 304, 404) and not to_login


def test_a_route_that_was_forgotten_in_the_table_is_closed_to_everybody(tmp_path: Path) -> None:
    def add(app: Any) -> None:
        app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    with console(tmp_path, extend=add) as made:
        for role in (None, *ROLES):
            assert made.client_as(role).get("/forgotten").status_code == 403


def test_nothing_of_practice_mode_exists_live(live: Console) -> None:
    endpoints = {rule.endpoint.partition(".")[0] for rule in live.app.url_map.iter_rules()}
    assert not {"demo", "practice"} & endpoints
    demo = live.make_account("admin", email="admin@practice.invalid")
    browser = live.browser()
    live.log_in(browser, demo)
    assert browser.get("/account").status_code == 303
    assert "demo" not in live.browser().get("/login").get_data(as_text=True).lower()


@pytest.mark.parametrize(
    "host", ["evil.example", "hotline.example.org.evil.example", "127.0.0.1", "", "[::1", "a b"]
)
def test_a_page_is_refused_by_any_other_name_of_the_host(live: Console, host: str) -> None:
    answer = live.browser().get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert host == "" or host not in answer.get_data(as_text=True)


def test_health_and_webhooks_do_not_care_by_what_name_they_are_asked(live: Console) -> None:
    assert live.browser().get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert live.browser().post("/voice/incoming", headers={"Host": "10.0.0.7"}).status_code == 403


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://hotline.example.org"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none", "Origin": "https://evil.example"},
)


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_from_another_site_changes_nothing_even_with_a_valid_token(
    live: Console, headers: dict[str, str]
) -> None:
    browser = live.client_as("coordinator")
    live.log_in(live.browser(), live.make_account("coordinator"))
    answer = browser.submit("/account", {}, to="/logout", headers=headers)
    assert answer.status_code == 403
    assert browser.get("/account").status_code == 200


def test_a_form_without_a_token_changes_nothing(desk: Console) -> None:
    browser = desk.client_as("coordinator")
    for data in ({}, {"csrf_token": "made up"}):
        assert browser.post("/logout", data=data).status_code == 400
    other = desk.client_as("coordinator")
    foreign = (
        other.get("/account").get_data(as_text=True).partition('csrf_token" value="')[2].partition('"')[0]
    )
    assert browser.post("/logout", data={"csrf_token": foreign}).status_code == 400
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/xml", ""])
def test_a_body_that_is_no_form_is_refused(desk: Console, kind: str) -> None:
    browser = desk.client_as("coordinator")
    assert browser.post("/logout", data="csrf_token=x", content_type=kind).status_code == 415


@pytest.mark.parametrize("headers", [{"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "DELETE"}])
def test_a_method_cannot_be_overridden(desk: Console, headers: dict[str, str]) -> None:
    browser = desk.client_as("coordinator")
    assert browser.get("/logout?_method=POST", headers=headers).status_code == 405
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "//[",
        "",
    ],
)
def test_nobody_is_sent_on_to_another_site(text: str) -> None:
    assert local_path(text) == "/"


@pytest.mark.parametrize("text", ["/", "/roster?week=2026-W52#gap", "/account", "/a//b", "/?q=https://x"])
def test_whoever_logs_in_gets_to_the_page_that_was_asked_for(text: str) -> None:
    assert local_path(text) == text


def test_a_session_cookie_belongs_to_this_host_and_this_scheme_alone(live: Console) -> None:
    cookie = live.browser().get("/login").headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "__Host-session"
    assert {part.strip() for part in rest.split(";")[1:]} == {
        "Secure",
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
    }


def test_webhooks_files_and_health_neither_set_a_cookie_nor_ask_the_database(tmp_path: Path) -> None:
    with console(tmp_path) as made:
        browser = made.client_as("coordinator")
        made.services.engine.dispose()
        asked = []
        made.services.engine.pool.connect = lambda: asked.append(1)  # type: ignore[assignment, return-value]
        for path in ("/healthz", "/metrics", "/static/0/shell.css", "/voice/audio/nl/greeting.mp3"):
            answer = browser.get(path)
            assert "Set-Cookie" not in answer.headers
        assert browser.post("/voice/incoming").status_code == 403
        assert asked == []


def test_when_the_database_is_away_pages_say_so_and_come_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'away' / 'hotline.db'}"
    with console(tmp_path, {"DATABASE_URL": url}) as made:
        browser = made.client_as("coordinator")
        made.services.engine.dispose()
        (tmp_path / "away").rename(tmp_path / "gone")
        answer = browser.get("/account")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert "Calls go on" in answer.get_data(as_text=True)
        (tmp_path / "gone").rename(tmp_path / "away")
        assert browser.get("/account").status_code == 200


def test_a_part_of_a_page_that_refreshes_after_the_session_ended_takes_the_whole_page_to_the_log_in(
    desk: Console,
) -> None:
    answer = desk.client_as(None).get("/account", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
