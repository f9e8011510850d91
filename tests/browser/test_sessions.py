"""Before a session ends the page says so, and lets whoever sits there go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from hotline.accounts.sessions import IDLE
from hotline.storage import tables
from tests.browser.conftest import enter_as_coordinator
from tests.practising import PracticeDesk

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, desk: PracticeDesk) -> Iterator[Page]:
    """A coordinator's page that asks for nothing by itself, with a clock that can be turned."""
    context = browser.new_context(locale="nl", base_url=desk.origin, viewport={"width": 320, "height": 640})
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.clock.install()
    enter_as_coordinator(page)
    page.goto("/shifts")
    yield page
    context.close()


def nothing_happened_for(desk: PracticeDesk, idle: timedelta) -> None:
    with desk.services.engine.begin() as connection:
        connection.execute(update(tables.account_sessions).values(seen_at=datetime.now(UTC) - idle))


def test_somebody_is_warned_by_keyboard_and_without_losing_the_page(page: Page, desk: PracticeDesk) -> None:
    bar = page.locator("#session")
    page.clock.fast_forward("01:00:00")
    expect(bar).to_be_hidden()
    nothing_happened_for(desk, IDLE - timedelta(minutes=8))
    page.clock.fast_forward("51:00")
    expect(bar).to_contain_text("uitgelogd, omdat er op deze pagina niets gebeurt")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    bar.get_by_role("button", name="Ingelogd blijven").press("Enter")
    expect(bar).to_be_hidden()
    nothing_happened_for(desk, IDLE + timedelta(minutes=1))
    page.clock.fast_forward("01:51:00")
    expect(bar).to_contain_text("U bent uitgelogd")
    expect(bar.get_by_role("link", name="Inloggen")).to_have_attribute("href", "/login?next=/shifts")
