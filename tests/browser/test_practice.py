"""The practice phones in a real browser: the call this product exists for, by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, barriers
from tests.practising import PracticeDesk

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[int, Scheme], ...] = ((1400, "light"), (1400, "dark"), (320, "light"), (320, "dark"))
TOO_SMALL_TO_TAP = """() => [
    ...document.querySelectorAll(
      "main :is(button, select, summary, a.button, label.choice, input[name=number])",
   ),
  ]
    .filter((element) => element.checkVisibility())
    .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44)
    .map(([html]) => html)"""

WORDS = {
    "nl": {
        "key": "1",
        "dial": "Bel de helpdesk",
        "asked": "De helpdesk wacht op een toets.",
        "closed": "Gesloten: Eerste kerstdag.",
        "rings": "De telefoon van Ada Voorbeeld gaat over.",
        "pick_up": "Opnemen als Bo Voorbeeld",
        "hang_up": "Ophangen als Bo Voorbeeld",
        "caller_hangs_up": "Ophangen als beller",
        "talks": "U spreekt met Bo Voorbeeld.",
        "no_answer": ("Ada Voorbeeld", "Aan de beurt in crisis-first.", "nam niet op"),
        "accepted": ("Bo Voorbeeld", "Aan de beurt in crisis-backup.", "nam aan"),
        "case": "Zaak 20",
        "outcome": "Verbonden met een adviseur",
        "said": "Bent u in direct gevaar? Hang op en bel 1 1 2.",
        "need": "nl-NL",
    },
    "en": {
        "key": "2",
        "dial": "Dial the helpdesk",
        "asked": "The helpdesk waits for a key.",
        "closed": "Closed: Christmas Day.",
        "rings": "The phone of Ada Voorbeeld rings.",
        "pick_up": "Pick up as Bo Voorbeeld",
        "hang_up": "Hang up as Bo Voorbeeld",
        "caller_hangs_up": "Hang up as the caller",
        "talks": "You are talking with Bo Voorbeeld.",
        "no_answer": ("Ada Voorbeeld", "Their turn in crisis-first.", "no answer"),
        "accepted": ("Bo Voorbeeld", "Their turn in crisis-backup.", "took the call"),
        "case": "Case 20",
        "outcome": "Connected with an advisor",
        "said": "Bent u in direct gevaar? Hang op en bel 1 1 2.",
        "need": "en-GB",
    },
}


@pytest.fixture(autouse=True)
def _everybody_hangs_up(desk: PracticeDesk) -> Iterator[None]:
    yield
    for call in desk.provider.network.calls:
        desk.provider.network.hang_up(call)
    for person in ("ada", "bo"):
        desk.post(f"/practice/phones/{person}/behaviour", behaviour="practised")


def dial_at_christmas(page: Page) -> None:
    page.select_option("#when", "christmas")
    page.click("#dial button")


def press_when_asked(page: Page, key: str, after: str) -> None:
    """Presses a key of the caller once it is asked for, behind what the log says already."""
    expect(page.locator("#log")).to_contain_text(after)
    page.locator("#caller form .hint[data-asked]").wait_for()
    page.click(f'#caller button[value="{key}"]')


def examine(page: Page, looks: Sequence[tuple[int, Scheme]]) -> None:
    """By the rules of axe, by the width of the window and by the size of what is tapped."""
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        # The width changes what is there, the theme only its colours.
        light_was_seen = scheme == "dark" and (width, "light") in looks
        assert barriers(page, colours_only=light_was_seen) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            "it scrolls sideways"
        )
        assert page.evaluate(TOO_SMALL_TO_TAP) == []


def pass_over(page: Page, looks: Sequence[tuple[int, Scheme]]) -> None:
    """Does not look."""


@pytest.mark.parametrize("language", ["nl", "en"])
def test_on_christmas_night_the_first_does_not_answer_and_the_second_takes_the_call(
    open_page: OpenPage, language: str
) -> None:
    words = WORDS[language]
    page = open_page(language)
    # What it looks like does not depend on the language, and takes long to look at.
    look = examine if language == "nl" else pass_over
    assert page.url.endswith("/practice")
    page.get_by_role("button", name=str(words["dial"])).wait_for()
    look(page, LOOKS)
    page.check("#sound input")
    dial_at_christmas(page)
    expect(page.locator("#caller .says").first).to_contain_text(str(words["said"]))
    expect(page.locator("#caller .hint")).to_have_text(str(words["asked"]))
    page.click(f'#caller button[value="{words["key"]}"]')
    expect(page.locator("#log")).to_contain_text(str(words["closed"]))
    expect(page.locator(f'#caller .says[lang="{words["need"]}"]').last).to_contain_text("1")
    press_when_asked(page, "1", str(words["closed"]))
    expect(page.get_by_role("alert")).to_have_text(str(words["rings"]))
    look(page, LOOKS[2:])
    page.get_by_role("button", name=str(words["pick_up"])).click(timeout=15_000)
    page.locator("#phone-bo .hint[data-asked]").wait_for()
    page.click('#phone-bo button[value="1"]')
    expect(page.locator("#caller .screen")).to_contain_text(str(words["talks"]))
    look(page, LOOKS)
    page.get_by_role("button", name=str(words["hang_up"])).click()
    expect(page.locator("#phone-bo")).to_have_attribute("data-state", "idle")
    page.get_by_role("button", name=str(words["caller_hangs_up"])).click()
    record = page.locator("#record")
    expect(record).to_contain_text(str(words["outcome"]))
    expect(record.locator("h2")).to_contain_text(str(words["case"]))
    rows = record.locator("tbody tr")
    expect(rows).to_have_count(2)
    for number, told in enumerate(("no_answer", "accepted")):
        for text in words[told]:
            expect(rows.nth(number)).to_contain_text(text)
    look(page, LOOKS[:1] + LOOKS[-1:])


def test_a_call_can_be_made_and_taken_by_keyboard_alone(open_page: OpenPage, desk: PracticeDesk) -> None:
    # The telephone of the second rings long enough for whoever has to find the way to it.
    desk.post("/practice/phones/ada/behaviour", behaviour="busy")
    page = open_page("nl")
    tab_to(page, "#when")
    page.keyboard.type("Kerst")
    tab_to(page, "#dial button")
    page.keyboard.press("Enter")
    page.locator("#caller form .hint[data-asked]").wait_for()
    expect(page.locator("#caller")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#log")).to_contain_text("Gesloten: Eerste kerstdag.")
    page.locator("#caller form .hint[data-asked]").wait_for()
    page.keyboard.press("1")
    page.locator('#phone-bo[data-state="ringing"]').wait_for()
    tab_to(page, "#phone-bo .answers button")
    page.keyboard.press("Enter")
    page.locator("#phone-bo .hint[data-asked]").wait_for()
    expect(page.locator("#phone-bo")).to_be_focused()
    page.keyboard.press("1")
    page.locator('#phone-bo[data-state="talking"]').wait_for()
    expect(page.locator("#phone-bo")).to_be_focused()
    tab_to(page, "#phone-bo .stop")
    page.keyboard.press("Enter")
    page.locator('#phone-bo[data-state="idle"]').wait_for()
    tab_to(page, "#caller .stop")
    page.keyboard.press("Enter")
    expect(page.locator("#record")).to_contain_text("nam aan")
    expect(page.locator("#caller")).to_be_focused()
    page.keyboard.press("Tab")


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Tabs on until the element has the focus."""
    wanted = page.locator(selector).first
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_a_moment_that_cannot_be_is_said_at_its_field(open_page: OpenPage) -> None:
    page = open_page("nl")
    page.select_option("#when", "other")
    page.click("#dial button")
    expect(page.locator("#moment-fault")).to_be_visible()
    examine(page, LOOKS[-1:])


def test_without_a_script_the_page_renews_itself_while_something_happens(
    open_page: OpenPage, desk: PracticeDesk
) -> None:
    page = open_page("en", java_script_enabled=False)
    assert page.locator('meta[http-equiv="refresh"]').count() == 0
    dial_at_christmas(page)
    expect(page.locator("#caller h2")).to_have_text("The caller")
    assert page.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count() == 1
    expect(page.locator("#caller .hint[data-asked]")).to_be_visible()
    page.click('#caller button[value="2"]')
    expect(page.locator("#log")).to_contain_text("Closed: Christmas Day.")
    page.click("#caller .stop")
    page.get_by_role("link", name="New call").wait_for()


def test_what_is_being_typed_and_where_one_is_stays_while_the_page_renews_itself(
    open_page: OpenPage, desk: PracticeDesk
) -> None:
    page = open_page("en")
    page.select_option("#when", "christmas")
    page.check('input[value="other"]')
    page.fill("#number", "+44 20 79")
    page.focus("#behaviour-bo")
    call = desk.dial(when="christmas")
    page.locator(f"#call-{call.sid}").wait_for()
    assert page.input_value("#number") == "+44 20 79"
    assert page.input_value("#when") == "christmas"
    expect(page.locator("#behaviour-bo")).to_be_focused()
