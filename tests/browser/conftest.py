"""A real browser, and the practice telephones to use in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.practising import PracticeDesk, practice_desk

#: The shell is the same engine without windows of its own, which nobody sees here and which cost much.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: What a page does again after seconds it does four times as soon.
_HURRY = """(() => {
  const { setTimeout: later, setInterval: again } = window;
  window.setTimeout = (work, pause = 0, ...more) => later(work, pause / 4, ...more);
  window.setInterval = (work, pause = 0, ...more) => again(work, pause / 4, ...more);
})()"""
#: The only rules whose answer another theme can change: a theme is nothing but colours.
_COLOURS = {"type": "tag", "values": ["cat.color"]}

OpenPage = Callable[..., Page]


def hurry(context: BrowserContext) -> None:
    """Nobody waits as long for a page to look again as people do."""
    context.add_init_script(_HURRY)


def enter_as_coordinator(page: Page) -> None:
    page.goto("/login")
    page.locator("form[action$='/practice/accounts/coordinator'] button").click()
    # To go elsewhere at once would take back what was just sent.
    page.wait_for_url(lambda url: "/login" not in url)


def barriers(page: Page, colours_only: bool = False) -> list[str]:
    """What axe finds on the page by all its rules, or by those about colours."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], **({"runOnly": _COLOURS} if colours_only else {})}
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [f"{fault['id']}: {node['html'][:150]}" for fault in found for node in fault["nodes"]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no chromium on this machine: sudo apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeDesk]:
    """Speech and rings pass eight times as fast as in life."""
    with practice_desk(tmp_path_factory.mktemp("browser"), speed=8) as desk:
        yield desk


@pytest.fixture
def open_page(browser: Browser, desk: PracticeDesk) -> Iterator[OpenPage]:
    """Opens the front page in a browser of its own. What it may not do fails the test at the end: ask another
    origin, break the security policy, raise an error in a script."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_(language: str = "nl", **options: Any) -> Page:
        context = browser.new_context(locale=language, base_url=desk.origin, **options)
        context.set_default_timeout(10_000)
        hurry(context)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: complaints.extend(_strange(request, desk.origin)))
        page.on("console", lambda message: complaints.extend(_loud(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


def _strange(request: Request, origin: str) -> list[str]:
    return [] if request.url.startswith(f"{origin}/") else [f"asked {request.url}"]


def _loud(message: ConsoleMessage) -> list[str]:
    # A form with a mistake is answered with 422, and the browser writes that down.
    return [message.text] if message.type in ("error", "warning") and "422" not in message.text else []
