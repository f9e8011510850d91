"""The board in a real browser: it follows what happens, and says so when it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import barriers, enter_as_coordinator, hurry
from tests.practising import PracticeDesk

pytestmark = pytest.mark.browser

BOARD = "**/now/board"


@pytest.fixture(scope="module")
def logged_in(browser: Browser, desk: PracticeDesk) -> StorageState:
    """What the browser of a coordinator keeps."""
    with browser.new_context(locale="nl", base_url=desk.origin) as context:
        enter_as_coordinator(context.new_page())
        return context.storage_state()


@pytest.fixture
def board(browser: Browser, desk: PracticeDesk, logged_in: StorageState) -> Iterator[Page]:
    """The board, as a coordinator sees it, in Dutch."""
    with browser.new_context(locale="nl", base_url=desk.origin, storage_state=logged_in) as context:
        context.set_default_timeout(15_000)
        hurry(context)
        page = context.new_page()
        page.goto("/now")
        yield page


def test_a_call_appears_on_the_board_by_itself_and_goes_again(board: Page, desk: PracticeDesk) -> None:
    before = board.locator("#calls tbody tr").count()
    call = desk.dial()
    row = board.locator("#calls tbody tr", has_text=call.sid[-6:].upper())
    expect(row).to_be_visible(timeout=15_000)
    expect(board.locator("#counts")).to_contain_text(f"{before + 1} lopende")
    desk.provider.network.hang_up(call)
    expect(row).to_have_count(0, timeout=15_000)


def test_a_board_that_cannot_refresh_says_since_when_and_recovers(board: Page) -> None:
    expect(board.locator("#stale")).to_be_hidden()
    board.route(BOARD, lambda route: route.abort())
    expect(board.locator("#stale")).to_contain_text("Verouderd sinds", timeout=15_000)
    expect(board.locator("#as-of")).to_be_hidden()
    board.unroute(BOARD)
    expect(board.locator("#stale")).to_be_hidden(timeout=15_000)
    expect(board.locator("#as-of")).to_contain_text("Zoals het was om")


def test_a_board_whose_session_ended_says_so_and_stops_asking(board: Page) -> None:
    board.context.clear_cookies()
    expect(board.locator("#logged-out")).to_be_visible(timeout=15_000)


def test_board_and_shifts_have_no_barriers_and_fit_a_narrow_phone(board: Page) -> None:
    board.set_viewport_size({"width": 320, "height": 640})
    for path in ("/now", "/shifts", "/shifts/calendar"):
        board.emulate_media(color_scheme="light")
        board.goto(path)
        assert board.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert barriers(board) == []
        board.emulate_media(color_scheme="dark")
        assert board.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert barriers(board, colours_only=True) == []
