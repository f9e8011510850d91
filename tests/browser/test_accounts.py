"""Taking an account and logging in, in a real browser: by keyboard, in both themes, with a passkey too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page

from hotline.accounts.invitations import invite
from hotline.services import Services
from hotline.serving import listen
from hotline.web.app import create_app
from tests.browser.conftest import barriers
from tests.hotline.people import PASSWORD
from tests.stories.world import serving, settings_for

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


@dataclass(frozen=True)
class Desk:
    origin: str
    app: Flask
    services: Services

    def link(self, email: str) -> str:
        """An invitation for an advisor."""
        with self.services.engine.begin() as connection:
            made = invite(connection, email, "advisor", datetime.now(UTC), name="Ada Voorbeeld")
        return made.link(self.origin)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    listening = listen("127.0.0.1", 0)
    # Passkeys belong to a name.
    origin = f"http://localhost:{listening.getsockname()[1]}"
    app = create_app(settings_for(tmp_path_factory.mktemp("accounts"), {"PUBLIC_URL": origin}))
    with serving(app, listening) as services:
        yield Desk(origin, app, services)


@pytest.fixture
def open_page(browser: Browser, desk: Desk) -> Iterator[Open]:
    """A page in a browser of its own, in which nothing may be asked of others, blocked or raised."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def open_(address: str, language: str = "nl", **options: Any) -> Page:
        contexts.append(browser.new_context(locale=language, **options))
        page: Page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda request: _note(complaints, request.url, desk.origin))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(_loud(message.type, message.text)))
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def _note(complaints: list[str], url: str, origin: str) -> None:
    if not url.startswith(f"{origin}/"):
        complaints.append(f"asked {url}")


def _loud(kind: str, text: str) -> list[str]:
    # A form with a mistake is answered with 422, and the browser writes that down.
    return [text] if kind in ("error", "warning") and "422" not in text else []


def faults(page: Page) -> list[str]:
    """What axe finds on the page, on a telephone and in the dark; and where it is wider than its window."""
    found = []
    for theme, width in (("light", 320), ("dark", 1280)):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{theme}: {barrier}" for barrier in barriers(page, colours_only=theme == "dark")]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"wider than {width}")
    return found


def take_account(page: Page, faults: Callable[[Page], list[str]]) -> str:
    """From the invitation to the front of the account; the app's secret."""
    assert faults(page) == []
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/enrol*")
    assert faults(page) == []
    secret = "".join((page.locator(".secret").text_content() or "").split())
    page.locator("#code").fill(code(secret, datetime.now(UTC)))
    page.keyboard.press("Enter")
    page.locator(".codes").wait_for()
    assert faults(page) == []
    return secret


def code(secret: str, moment: datetime) -> str:
    return str(TOTP(key=secret, format="base32").generate(moment).token)


def test_somebody_invited_takes_the_account_by_keyboard_and_finds_every_page_in_order(
    desk: Desk, open_page: Open
) -> None:
    email = "ada@example.org"
    page = open_page(desk.link(email))
    secret = take_account(page, faults)
    page.goto(f"{desk.origin}/account")
    assert faults(page) == []
    for path in ("/account/authenticator", "/account/passkey", "/account/confirm"):
        page.goto(f"{desk.origin}{path}")
        assert faults(page) == []
    page.goto(f"{desk.origin}/account")
    page.get_by_role("button", name="Uitloggen", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    assert faults(page) == []
    page.get_by_label("E-mailadres").fill(email)
    page.keyboard.press("Tab")
    page.keyboard.type("a wrong password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").first.wait_for()
    assert faults(page) == []
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code")
    assert faults(page) == []
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.type(code(secret, datetime.now(UTC) + timedelta(seconds=30)))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    assert page.goto(f"{desk.origin}/account").status == 200  # type: ignore[union-attr]


def test_a_passkey_is_made_and_opens_the_door(desk: Desk, open_page: Open) -> None:
    page = open_page(desk.link("bo@example.org"))
    take_account(page, lambda _: [])
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{desk.origin}/account/passkey")
    page.get_by_label("naam").fill("Mijn telefoon")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")
    page.get_by_text("Mijn telefoon").first.wait_for()
    assert faults(page) == []
    page.get_by_role("button", name="Uitloggen", exact=True).click()
    page.wait_for_url("**/login")
    page.get_by_role("button", name="passkey").click()
    page.wait_for_url(lambda url: "/login" not in url)
    assert page.goto(f"{desk.origin}/account").status == 200  # type: ignore[union-attr]


def test_without_a_script_everything_but_passkeys_works(desk: Desk, open_page: Open) -> None:
    page = open_page(desk.link("chi@example.org"), java_script_enabled=False)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/enrol*")
    secret = "".join((page.locator(".secret").text_content() or "").split())
    page.locator("#code").fill(code(secret, datetime.now(UTC)))
    page.keyboard.press("Enter")
    page.locator(".codes").wait_for()
    page.goto(f"{desk.origin}/account")
    page.get_by_role("button", name="Uitloggen", exact=True).click()
    page.wait_for_url("**/login")
    assert page.get_by_role("button").count() == 1, "no passkey is offered that cannot be used"
