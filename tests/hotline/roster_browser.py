"""A roster of twelve with all that happens to rosters, and a browser that fills in the forms for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from hotline.accounts.models import Role
from tests.hotline.board_facts import log_in
from tests.hotline.console import Browser, Console, console

#: Saturday 21 November 2026, 18:00 in Amsterdam.
NOW = datetime(2026, 11, 21, 17, tzinfo=UTC)

_PEOPLE = ("ada", "bo", "chi", "dee", "eva", "fay", "gus", "hal", "isa", "jip", "kim", "lou")
_AWAY = {
    "chi": ["{from: 2026-11-26T00:00, until: 2026-11-29T00:00}"],
    "bo": ["{from: 2026-11-28T10:00, until: 2026-11-28T18:00}"],
    "kim": [
        "{from: 2026-11-28T13:00, until: 2026-11-28T17:00}",
        "{from: 2026-10-24T21:00, until: 2026-10-25T09:00}",
    ],
}


def _person(number: int, person: str) -> str:
    languages = "[nl]" if person == "dee" else "[nl, en]"
    lines = [
        f"  {person}:",
        f"    name: {person.title()} Voorbeeld",
        f'    phone: "+467017406{number:02}"',
        f"    languages: {languages}",
    ]
    if person in _AWAY:
        lines += ["    away:", *(f"      - {span}" for span in _AWAY[person])]
    return "\n".join(lines)


ROSTER = f"""\
version: 1
timezone: Europe/Amsterdam
# Twelve people; the notes in this file stay where they are.
people:
{chr(10).join(_person(number, person) for number, person in enumerate(_PEOPLE, 5))}

rotations:
  crisis-first:
    members: [ada, bo, chi, dee]   # in turn
    starts: 2026-10-19T09:00
    turn: 7 days
  crisis-backup:
    members: [kim, lou, isa, jip]
    starts: 2026-10-19T09:00
    turn: 12 hours
    hours:
      - {{days: mon-fri, from: "17:00", until: "09:00"}}
      - {{days: sat-sun, from: "00:00", until: "24:00"}}
  coordinator:
    members: [eva, fay]
    starts: 2026-10-19T09:00
    turn: 7 days
    hours:
      - {{days: mon-fri, from: "07:00", until: "23:00"}}
  desk-duty:
    members: [gus, hal]
    starts: 2026-10-19T09:00
    turn: 7 days
    hours:
      - {{days: mon-fri, from: "09:00", until: "17:00"}}

overrides:
  # Agreed by telephone.
  - {{rotation: crisis-first, from: 2026-11-24T17:00, until: 2026-11-25T09:00, person: ada, reason: wedding}}

policies:
  desk:
    steps:
      - {{ring: desk-duty, seconds: 20}}
    rounds: 1
    otherwise: crisis
  crisis:
    steps:
      - {{ring: crisis-first, seconds: 20}}
      - {{ring: crisis-backup, seconds: 20}}
    rounds: 2
    otherwise: callback

lines:
  helpdesk:
    number: "+31334481186"
    name: Helpdesk
    languages: [nl, en]
    hours:
      mon-fri: "09:00-17:00"
    holidays: {{country: NL, good_friday: open, liberation_day: lustrum, closed: [], open: []}}
    open: desk
    closed: crisis
"""


class _Form(HTMLParser):
    """What a browser would send of the form for a change, but for the button that was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self._inside, self._select = False, ""
        self.fields: dict[str, str] = {}
        self.action = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._inside = found.get("id") == "change"
            if self._inside:
                self.action = found.get("action") or ""
        if not self._inside:
            return
        name, value = found.get("name") or "", found.get("value")
        if tag == "input" and name and (found.get("type") != "radio" or "checked" in found):
            self.fields[name] = value or ""
        elif tag == "select":
            self._select = name
            self.fields.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in found:
            self.fields[self._select] = value or ""


def _form(page: TestResponse) -> _Form:
    form = _Form()
    form.feed(page.get_data(as_text=True))
    assert form.action, "there is no form for a change on this page"
    return form


class Desk:
    """A coordinator, or somebody else, at the roster pages."""

    def __init__(self, desk: Console, folder: Path, role: Role = "coordinator", **values: Any) -> None:
        self.console = desk
        self.folder = folder
        self.file = folder / "roster.yaml"
        self.browser: Browser = log_in(desk, role, NOW, **values)

    def open(self, path: str, at: datetime = NOW) -> TestResponse:
        return self.browser.get(path, headers={"X-Simulated-Time": at.isoformat()})

    def text(self, path: str) -> str:
        answer = self.open(path)
        assert answer.status_code == 200, answer.status_code
        return words(answer)

    def fill(self, page: TestResponse | str, /, press: str, **fields: str) -> TestResponse:
        """Fills in the form for a change on a page, or at an address, and presses one of its buttons."""
        form = _form(self.open(page) if isinstance(page, str) else page)
        return self.send(form.action, {**form.fields, **fields, "act": press})

    def fields(self, page: TestResponse) -> dict[str, str]:
        """What the form for a change on this page has in it."""
        return _form(page).fields

    def send(self, path: str, fields: Mapping[str, str]) -> TestResponse:
        """Posts, with the CSRF token of this session where the fields have none."""
        if "csrf_token" not in fields:
            fields = {"csrf_token": self.fields(self.open("/roster/cover"))["csrf_token"], **fields}
        return self.browser.post(path, data=fields, headers={"X-Simulated-Time": NOW.isoformat()})

    def follow(self, answer: TestResponse) -> str:
        """Where a save leads, in words."""
        assert answer.status_code == 303, words(answer)
        return self.text(answer.headers["Location"])


@contextmanager
def roster_desk(folder: Path, roster: str = ROSTER) -> Iterator[Desk]:
    """A coordinator at the pages of a helpdesk whose first version of the roster is published."""
    with console(folder, roster=roster) as found:
        found.services.rosters.share()
        yield Desk(found, folder)


def words(answer: TestResponse) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", text)
