"""What cannot be: each gets a sentence at its field, with nothing typed lost. And names that are markup."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hotline.roster_browser import ROSTER, Desk, roster_desk, words

COVER = "/roster/cover?rotation=desk-duty&at=2026-11-30T10:00"
STATIC = Path("hotline/web/static")

MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; alert(1)//",
    "{{ 7 * 191 }}",
    "<svg/onload=alert(1)>",
    "&lt;b&gt;",
    "javascript:alert(1)",
)


@pytest.fixture(scope="module")
def one_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with roster_desk(tmp_path_factory.mktemp("desk")) as found:
        yield found


@pytest.fixture
def desk(one_desk: Desk) -> Iterator[Desk]:
    """Nothing that is refused here changes its roster."""
    yield one_desk
    assert one_desk.file.read_text() == ROSTER
    assert len(one_desk.console.services.rosters.history()) == 1


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"start": "2026-01-01T09:00", "end": "2026-01-01T17:00"}, "end", "This is over already"),
        ({"start": "2026-11-30T17:00", "end": "2026-11-30T09:00"}, "end", "not after the beginning"),
        ({"start": "", "end": "2026-11-30T17:00"}, "start", "Fill in a date and a time"),
        ({"start": "half past", "end": "2026-11-30T17:00"}, "start", "half past"),
        ({"start": "2026-11-30T09:00", "end": "99999-01-01T00:00"}, "end", ""),
        ({"start": "2026-11-30T09:00", "end": "2090-01-01T00:00"}, "end", "more than five years ahead"),
        ({"person": "nobody"}, "person", "Choose who takes over"),
        ({"person": ""}, "person", "Choose who takes over"),
        ({"rotation": "night-watch"}, "rotation", "Choose a rotation from the list"),
        ({"person": "chi", "start": "2026-11-27T09:00", "end": "2026-11-27T17:00"}, "person", "is away from"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_with_nothing_typed_lost(
    desk: Desk, typed: dict[str, str], field: str, sentence: str
) -> None:
    answer = desk.fill(COVER, "save", **{"person": "hal", **typed, "why": "kept & kept"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    fault = re.search(rf'id="{field}-fault">([^<]+)<', page)
    assert fault and sentence in fault[1]
    assert 'value="kept &amp; kept"' in page
    for name in ("start", "end"):
        if name in typed:
            assert f'name="{name}" value="{typed[name]}"' in page
    assert desk.file.read_text() == ROSTER


def test_every_fault_of_a_form_is_said_at_once(desk: Desk) -> None:
    answer = desk.fill(COVER, "preview", rotation="x", person="y", start="", end="z")
    found = set(re.findall(r'id="(\w+)-fault"', answer.get_data(as_text=True)))
    assert found == {"rotation", "person", "start", "end"}


@pytest.mark.parametrize("token", ["", "x", "a|b|c|d", "desk-duty|gus|1|2", "desk-duty|gus|9|8", "|" * 500])
def test_a_shift_that_is_none_cannot_be_swapped(desk: Desk, token: str) -> None:
    answer = desk.fill("/roster/swap", "save", first=token, second=token)
    assert answer.status_code == 422
    assert desk.file.read_text() == ROSTER


def test_a_swap_of_a_shift_that_has_changed_hands_says_so(desk: Desk) -> None:
    page = desk.open("/roster/swap?rotation=crisis-first&at=2026-12-01T12:00")
    other = re.search(
        r'value="(crisis-first\|ada\|[^"]+)"', page.get_data(as_text=True).partition('"second"')[2]
    )
    assert other
    stale = other[1].replace("|ada|", "|bo|")
    answer = desk.fill(page, "save", second=stale)
    assert answer.status_code == 422
    assert "does not have this shift any more" in words(answer)


@pytest.mark.parametrize(
    "path", ["/roster/overrides/0123456789abcdef", "/roster/absences/bo/0123456789abcdef"]
)
def test_an_exception_that_is_not_there_any_more_says_so(desk: Desk, path: str) -> None:
    answer = desk.open(path)
    assert answer.status_code == 404
    assert "changed or removed it" in words(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/roster/cover?rotation=x&at=y",
        "/roster/cover?line=helpdesk&at=0001-01-01T00:00",
        "/roster/cover?line=helpdesk&at=9999-12-31T23:59",
        "/roster/swap?rotation=%00&at=2026-11-30T10:00",
        "/roster/away?person=%3Cb%3E",
        "/roster?saved=999999999999999999999",
        "/roster?on=2098-12-31&view=month",
        "/roster/history?before=-1",
        "/roster/history?before=99999999999999999999",
        "/roster/what-if?line=x&at=y&crisis=z",
        "/roster/what-if?at=9999-99-99T00:00",
        "/roster/fairness?from=2026-12-01&until=2026-01-01",
        "/roster/fairness?from=2001-01-01&until=2098-12-31",
    ],
)
def test_no_address_breaks_a_page(desk: Desk, path: str) -> None:
    assert desk.open(path).status_code in (200, 422)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_names_and_reasons_is_only_ever_text(tmp_path: Path, text: str) -> None:
    quoted = json.dumps(text)
    roster = ROSTER.replace("name: Bo Voorbeeld", f"name: {quoted}").replace(
        "name: Helpdesk", f"name: {quoted}"
    )
    with roster_desk(tmp_path, roster) as desk:
        saved = desk.fill(
            "/roster/cover?rotation=crisis-first&at=2026-12-01T12:00", "save", person="bo", why=text
        )
        assert saved.status_code == 303, words(saved)
        for path in (
            "/roster?on=2026-12-01",
            "/roster?on=2026-12-01&by=person",
            saved.headers["Location"],
            "/roster/cover?line=helpdesk&at=2026-11-28T13:00",
            "/roster/swap",
            "/roster/away?person=bo",
            "/roster/history",
            "/roster/history/2",
            "/roster/what-if?at=2026-12-01T23:00",
            "/roster/fairness",
        ):
            page = desk.open(path).get_data(as_text=True)
            assert "alert(1)</script>" not in page and "<img src=x" not in page and "<svg/onload" not in page
            assert "1337" not in page
        refused = desk.fill("/roster/cover", "save", person=text, why=text, rotation=text)
        assert "<img src=x" not in refused.get_data(as_text=True)


def test_a_form_from_another_site_changes_nothing(desk: Desk) -> None:
    fields = {**desk.fields(desk.open(COVER)), "act": "save", "person": "hal"}
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://example.org"}
    assert desk.browser.post("/roster/cover", data=fields, headers=headers).status_code == 403
    assert desk.send("/roster/cover", {**fields, "csrf_token": "x"}).status_code == 400
    assert desk.file.read_text() == ROSTER


def test_vendored_files_are_those_that_were_published() -> None:
    locked = json.loads((STATIC / "vendor.lock.json").read_text())
    assert set(locked) == {"htmx.min.js"}
    for name, entry in locked.items():
        found = b64encode(hashlib.sha384((STATIC / name).read_bytes()).digest()).decode()
        assert found == entry["sha384"]
        assert entry["licence"] == "0BSD"
