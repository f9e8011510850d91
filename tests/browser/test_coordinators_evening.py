"""A coordinator's evening, in Dutch and by keyboard alone: see the hole, mend it, think again, restore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from sqlalchemy import Engine

from hotline.roster import versions
from hotline.serving import listen
from hotline.storage.engine import reading
from hotline.web.app import create_app
from tests.browser.conftest import hurry
from tests.conftest import Eventually
from tests.hotline.console import Console
from tests.hotline.people import PASSWORD, Somebody, somebody
from tests.stories.cast import AMSTERDAM, ROSTER
from tests.stories.world import serving, settings_for

pytestmark = pytest.mark.browser

#: Longer than the page waits between two looks at the roster.
PATIENCE = 15_000


@dataclass(frozen=True)
class Evening:
    origin: str
    file: Path
    coordinator: Somebody
    engine: Engine

    def is_published(self) -> bool:
        """Whether the newest version is what the file says."""
        with reading(self.engine) as connection:
            newest = versions.head(connection)
        return newest is not None and newest.version == versions.version_of(self.file.read_bytes())


def roster_with_a_hole() -> str:
    """Tomorrow evening both who are on call are away."""
    tomorrow = (datetime.now(AMSTERDAM) + timedelta(days=1)).date()
    away = f'away: [{{from: "{tomorrow}T20:00", until: "{tomorrow}T22:00"}}]'.replace('"', "")
    text = "# Our roster. This note stays where it is.\n" + ROSTER
    for number in ("05", "06"):
        text = text.replace(
            f'6017406{number}", languages: [nl, en]', f'6017406{number}", languages: [nl, en], {away}'
        )
        text = text.replace(
            f'017406{number}", languages: [nl, en]}}', f'017406{number}", languages: [nl, en], {away}}}'
        )
    return text


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    (tmp_path / "roster.yaml").write_text(roster_with_a_hole(), encoding="utf-8")
    listening = listen("127.0.0.1", 0)
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create_app(settings_for(tmp_path, {"PUBLIC_URL": origin}))
    with serving(app, listening) as services:
        who = somebody(Console(app, services), "coordinator", language="nl")
        yield Evening(origin, tmp_path / "roster.yaml", who, services.engine)


@pytest.fixture
def page(browser: Browser, evening: Evening) -> Iterator[Page]:
    context = browser.new_context(locale="nl", base_url=evening.origin)
    context.set_default_timeout(PATIENCE)
    hurry(context)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.extend(loud(message)))
    yield page
    context.close()
    assert complaints == []


def loud(message: ConsoleMessage) -> list[str]:
    # A form that lacks a reason is answered with 422, and the browser writes that down.
    return [message.text] if message.type == "error" and "422" not in message.text else []


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what is wanted has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def choose(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def give_reason(page: Page, why: str) -> None:
    tab_to(page, "#why")
    page.keyboard.type(why)
    page.keyboard.press("Enter")


def log_in(page: Page, who: Somebody) -> None:
    page.goto("/login")
    tab_to(page, "input[name=email]")
    page.keyboard.type(who.email)
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("input[name=code]")).to_be_visible()
    if not page.evaluate("document.activeElement.matches('input[name=code]')"):
        tab_to(page, "input[name=code]")
    page.keyboard.type(who.code(datetime.now(UTC)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nu", exact=True)).to_be_visible()


def to_the_week_of_the_hole(page: Page) -> None:
    """Tomorrow may be a Monday."""
    expect(page.locator("table.grid")).to_be_visible()
    today = datetime.now(AMSTERDAM).date()
    if today.weekday() == 6:
        choose(page, "#after")
        expect(page.locator("#on")).to_have_value((today + timedelta(days=7)).isoformat())


def test_a_hole_is_seen_mended_undone_mended_by_hand_and_restored(
    page: Page, evening: Evening, eventually: Eventually
) -> None:
    hole = page.locator("table.grid a.hole.gap")
    before = evening.file.read_text(encoding="utf-8")
    log_in(page, evening.coordinator)

    # The hole stands on the board and in the calendar.
    expect(page.locator("#counts")).to_contain_text("1 gat")
    choose(page, "nav.ways a[href='/roster']")
    to_the_week_of_the_hole(page)
    expect(hole).to_contain_text("Geen dekking")

    # Mended in three steps: the form is filled in already, the effect stands there before anything is saved.
    choose(page, "table.grid a.hole.gap")
    tab_to(page, "input[name=person]")
    page.keyboard.press("Space")
    choose(page, "#preview")
    expect(page.locator(".effect")).to_contain_text("Dit gat gaat dicht")
    assert evening.file.read_text(encoding="utf-8") == before
    choose(page, "#save")
    expect(page.locator("#said")).to_be_visible()
    expect(hole).to_have_count(0)
    mended = evening.file.read_text(encoding="utf-8")
    added = set(mended.splitlines()) - set(before.splitlines())
    assert added
    assert all("rotation: crisis-first" in line or line == "overrides:" for line in added)
    assert set(before.splitlines()) <= set(mended.splitlines())

    # Thought again: undone to the letter. It tears the hole open again, so it needs a reason.
    choose(page, "#undo")
    choose(page, "main button.primary")
    expect(page.locator("#faults")).to_contain_text("binnen 72 uur niemand")
    give_reason(page, "Ada kan toch zelf")
    expect(page.locator("#said")).to_be_visible()
    expect(hole).to_have_count(1)
    assert evening.file.read_text(encoding="utf-8") == before

    # Somebody mends it in the file, and the page that is open shows it by itself.
    evening.file.write_text(mended.replace("# Our roster.", "# Our own roster."), encoding="utf-8")
    expect(hole).to_have_count(0, timeout=PATIENCE)

    # The version before that is put back. A change by hand takes effect before it is noted.
    eventually(evening.is_published)
    choose(page, "a[href='/roster/history']")
    first = page.locator(".versions-list li").first
    expect(first).to_contain_text("met de hand")
    choose(page, ".versions-list li:nth-child(2) .when a")
    choose(page, "#restore")
    give_reason(page, "terug naar het begin")
    expect(page.locator("#said")).to_be_visible()
    assert evening.file.read_text(encoding="utf-8") == before
