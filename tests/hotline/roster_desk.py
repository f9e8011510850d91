"""A roster that is changed: a file with notes, its store, and a database of its own or shared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from hotline.privacy import DataKey, Vault
from hotline.roster.edits import AddOverride, Edit
from hotline.roster.file import RosterFile
from hotline.roster.publishing import Author, Conflict, Result, RosterStore, Saved
from routing.roster import Roster
from routing.walltime import Zone, parse_moment

AMSTERDAM = Zone("Europe/Amsterdam")
NOW = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
EVA = Author("Eva", 7)
ROSTER = """\
# Who answers.
version: 1
timezone: Europe/Amsterdam
people:
  ada:   # works mornings
    name: Ada
    phone: "+46701740605"
    languages: [nl, en]
  bo: {name: Bo, phone: "+46701740606", languages: [nl]}
  chi: {name: Chi, phone: '+46701740607', languages: [nl]}
rotations:
  first: {members: [ada], starts: 2026-11-02T09:00, turn: 7 days}
  second: {members: [bo], starts: 2026-11-02T09:00, turn: 7 days}
overrides:
  # the holidays
  - {rotation: first, from: 2026-12-20T09:00, until: 2026-12-21T09:00, person: bo}   # agreed by phone

policies:
  crisis: {steps: [{ring: first, seconds: 20}, {ring: second, seconds: 20}]}
lines:
  desk:
    {number: "+442079460001", name: Desk, languages: [nl], hours: {}, open: crisis, closed: crisis}
# The end.
"""


def at(text: str) -> int:
    return parse_moment(text, AMSTERDAM)


#: What `christmas()` becomes in the file.
CHRISTMAS_LINE = (
    "  - {rotation: first, from: 2026-12-24T17:00, until: 2026-12-25T09:00, person: bo,"
    " reason: swapped with Ada}\n"
)


def christmas(person: str = "bo", rotation: str = "first") -> AddOverride:
    return AddOverride(rotation, at("2026-12-24T17:00"), at("2026-12-25T09:00"), person, "swapped with Ada")


def vault() -> Vault:
    return Vault([DataKey("a", bytes(range(32)))])


@dataclass
class Desk:
    """One replica."""

    path: Path
    file: RosterFile
    store: RosterStore

    @property
    def text(self) -> str:
        with self.path.open(encoding="utf-8", newline="") as file:
            return file.read()

    @property
    def roster(self) -> Roster:
        found = self.store.roster()
        assert found is not None
        return found

    @property
    def version(self) -> str:
        return self.roster.version

    def by_hand(self, text: str) -> None:
        """Somebody changes the file, as an editor does it; then it is noticed."""
        self.path.write_text(text, encoding="utf-8", newline="")
        self.notice()

    def notice(self) -> None:
        self.file.look()
        self.store.share(NOW)

    def edit(self, *edits: Edit, base: str | None = None, why: str = "", now: datetime = NOW) -> Result:
        return self.store.edit(edits, base_version=base or self.version, author=EVA, why=why, now=now)

    def saves(self, *edits: Edit, why: str = "") -> None:
        result = self.edit(*edits, why=why)
        assert isinstance(result, Saved), result

    def words(self, language: str = "en") -> list[str]:
        """What changed, newest first."""
        return [
            "; ".join(words)
            for version in self.store.history()
            for name, words in version.words.items()
            if name == language
        ]


def desk(folder: Path, engine: Engine, text: str | None = ROSTER) -> Desk:
    """A replica with a folder of its own that has started beside its file."""
    folder.mkdir(exist_ok=True)
    path = folder / "oncall_schedule.yaml"
    if text is not None and not path.exists():
        path.write_text(text, encoding="utf-8", newline="")
    (folder / "instance").mkdir(exist_ok=True)
    file = RosterFile(path, folder / "instance")
    file.start()
    store = RosterStore(file, engine, vault())
    store.share(NOW)
    return Desk(path, file, store)


def conflict(result: Result) -> Conflict:
    assert isinstance(result, Conflict), result
    return result


#: The least a roster can be, for thousands of saves.
TINY = """\
version: 1   # the first
timezone: Europe/Amsterdam
people:
  ada: {name: Ada 0, phone: "+46701740605", languages: [nl]}   # hers
  bo: {name: Bo 0, phone: "+46701740606", languages: [nl]}
  # nobody else
policies:
  crisis: {steps: [{ring: [ada, bo], seconds: 20}]}
lines:
  desk: {number: "+442079460001", name: Desk, languages: [nl], hours: {}, open: crisis, closed: crisis}
"""


def counted_up(text: str, person: str) -> str:
    """The text with the number behind the person's name one higher."""
    return re.sub(rf"name: {person} (\d+)", lambda found: f"name: {person} {int(found[1]) + 1}", text)


def count_in(text: str, person: str) -> int:
    found = re.search(rf"name: {person} (\d+)", text)
    assert found is not None
    return int(found[1])
