"""Writes a legal roster file in any of the ways YAML lets one be written, with notes everywhere.

From one number each: a file that fails is told by it, and there is no use in shrinking a layout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

NOTES = ("# a note", "# a: {b: [c", "#", "# - {rotation: first}", "# é 漢 \u200d")
PHONES = [f"+467017406{number:02}" for number in range(5, 20)]
DAYS = [f"2026-12-{day:02}T{hour:02}:00" for day in range(10, 28) for hour in (0, 9, 17)]
REASONS = ["swapped", "it's: 'so' # no", "ziek, [thuis]"]


class Layout:
    """Writes values as the draws have it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.step = random.choice([1, 2, 4])
        self.dash = random.choice([0, 2, 4])
        self.noted = random.random() < 0.7

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def quoted(self, text: str, *, always: bool = False) -> str:
        """A text in one of the quotes that can hold it."""
        single, double = "'" + text.replace("'", "''") + "'", json.dumps(text, ensure_ascii=False)
        return self.random.choice(
            [single, double] if always or set(text) & set(":#,[]{}'") else [text, single, double]
        )

    def note(self) -> str:
        """Behind a value on its line."""
        if not self.noted or not self.maybe():
            return ""
        return self.random.choice(["  ", " "]) + self.random.choice(NOTES)

    def notes(self, indent: int) -> list[str]:
        """Lines of their own."""
        if not self.noted:
            return []
        drawn = self.random.choices(["", "   ", *NOTES], k=self.random.choice([0, 0, 1, 2]))
        return [" " * self.random.randint(0, indent) + each if each.strip() else each for each in drawn]

    def scalar(self, key: str, text: str) -> str:
        return self.quoted(text, always=key in {"phone", "number"})

    def flow(self, key: str, value: Any, indent: int) -> str:
        """In brackets; sometimes over several lines, sometimes with a last comma."""
        if value is None:
            return "[]"
        if isinstance(value, str):
            return self.scalar(key, value) if key not in {"version", "seconds"} else value
        if isinstance(value, Mapping):
            parts = [f"{self.quoted(name)}: {self.flow(name, each, indent)}" for name, each in value.items()]
            opening, closing = "{}"
        else:
            parts = [self.flow(key, each, indent) for each in value]
            opening, closing = "[]"
        last = "," if parts and self.maybe() else ""
        if not self.maybe():
            space = " " if self.maybe() else ""
            return opening + space + ", ".join(parts) + space + last + closing
        pad = "\n" + " " * (indent + self.random.randint(1, 5))
        lines = [
            pad + part + ("," if index < len(parts) - 1 else last) + self.note()
            for index, part in enumerate(parts)
        ]
        return opening + self.note() + "".join(lines) + "\n" + " " * (indent + 1) + closing

    def entry(self, key: str, value: Any, indent: int) -> list[str]:
        """A key of a block and what stands behind it."""
        head = " " * indent + self.quoted(key) + self.random.choice([":", ":", " :"])
        if value is None:
            return [head + self.random.choice(["", " ~", " []", " [ ]", " null"]) + self.note()]
        if isinstance(value, str):
            if key == "reason" and self.maybe():
                style = self.random.choice(["|", ">", "|-", ">+"])
                return [head + " " + style + self.note(), " " * (indent + self.step) + value]
            text = value if key in {"version", "seconds"} else self.scalar(key, value)
            return [head + " " + text + self.note()]
        if not value or not self.maybe():
            return [head + " " + self.flow(key, value, indent) + self.note()]
        if isinstance(value, Mapping):
            return [head + self.note(), *self.table(value, indent + self.step)]
        return [head + self.note(), *self.listing(key, value, indent + self.dash)]

    def table(self, value: Mapping[str, Any], indent: int) -> list[str]:
        lines = []
        for key, each in value.items():
            lines += [*self.notes(indent), *self.entry(key, each, indent)]
        return lines

    def listing(self, key: str, value: Sequence[Any], indent: int) -> list[str]:
        lines = []
        gap = " " * self.random.randint(1, 3)
        for each in value:
            lines += self.notes(indent)
            if isinstance(each, Mapping) and self.maybe():
                inner = self.table(each, indent + 1 + len(gap))
                first = next(
                    index
                    for index, line in enumerate(inner)
                    if line.strip() and not line.strip().startswith("#")
                )
                before = [*inner[:first]]
                lines += [*before, " " * indent + "-" + gap + inner[first].lstrip(), *inner[first + 1 :]]
            else:
                lines.append(" " * indent + "-" + gap + self.flow(key, each, indent + 1) + self.note())
        return lines


def span(random: Random) -> dict[str, str]:
    first = random.randrange(len(DAYS) - 1)
    return {"from": DAYS[first], "until": DAYS[random.randrange(first + 1, len(DAYS))]}


def shuffled(random: Random, table: dict[str, Any]) -> dict[str, Any]:
    return {key: table[key] for key in random.sample(list(table), len(table))}


def roster_values(random: Random) -> dict[str, Any]:
    """A small roster as tables, lists and texts; None where a list may be empty."""
    names = random.sample(["ada", "bo", "chi", "7up", "x-1"], random.choice([2, 3]))
    people: dict[str, Any] = {}
    for index, name in enumerate(names):
        person: dict[str, Any] = {"name": f"{name} V", "phone": PHONES[index], "languages": ["nl", "en"]}
        if random.random() < 0.5:
            person["email"] = f"{name}@example.org"
        away = list(
            {
                tuple(each.items()): each for each in (span(random) for _ in range(random.randrange(3)))
            }.values()
        )
        if away or random.random() < 0.3:
            person["away"] = away or None
        people[name] = shuffled(random, person)
    overrides = []
    for _ in range(random.choice([0, 0, 1, 2, 3])):
        override = {"rotation": "first", **span(random), "person": random.choice(names)}
        if random.random() < 0.5:
            override["reason"] = random.choice(REASONS)
        overrides.append(shuffled(random, override))
    roster: dict[str, Any] = {
        "version": "1",
        "timezone": "Europe/Amsterdam",
        "people": people,
        "rotations": {"first": {"members": names, "starts": "2026-11-02T09:00", "turn": "7 days"}},
        "policies": {"crisis": {"steps": [{"ring": "first", "seconds": "20"}]}},
        "lines": {
            "desk": {
                "number": "+442079460001",
                "name": "Desk",
                "languages": ["nl"],
                "hours": {"mon-fri": "09:00-17:00"},
                "open": "crisis",
                "closed": "crisis",
            }
        },
    }
    if overrides or random.random() < 0.7:
        roster["overrides"] = overrides or None
    return shuffled(random, roster)


def roster_file(seed: int) -> str:
    """The text of a legal roster."""
    random = Random(seed)
    layout, value = Layout(random), roster_values(random)
    lines = [layout.flow("", value, 0)] if random.random() < 0.15 else layout.table(value, 0)
    text = "\n".join([*lines, *layout.notes(0)])
    text = random.choice(["", "", "", "---\n", "\ufeff", "# first\n\n", "%YAML 1.2\n---\n"]) + text
    text += random.choice(["\n", "\n", "", "\n\n", "\n...\n"])
    return text.replace("\n", random.choice(["\n", "\n", "\r\n"]))


def roster_files() -> st.SearchStrategy[str]:
    return st.builds(roster_file, st.integers(0, 2**40))
