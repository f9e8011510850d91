"""Reads one place of the outline as what it should be: a text, a name, a number, a telephone.

Each reader gives the value, or reports what is wrong at that place and gives None, so that the
rest is still read and every problem is told at once. Times are read in `timefields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from routing import numbers
from routing.outline import Listing, Node, Table, Text, Void
from routing.problems import Problem, shown

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}")
_WHOLE = re.compile(r"[0-9]{1,6}")

_LONGEST_TEXT = 200

_PHONE_CODES = {
    numbers.Refusal.UNREADABLE: "phone.e164",
    numbers.Refusal.SHORT: "phone.short",
    numbers.Refusal.INVALID: "phone.invalid",
    numbers.Refusal.SERVICE: "phone.service",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the file: its node, its path, and where to report what is wrong with it."""

    node: Node
    path: str
    problems: list[Problem]

    def report(self, code: str, **details: str) -> None:
        self.problems.append(Problem(self.node.line, self.path, code, details))

    def _at(self, node: Node, suffix: str) -> Spot:
        return Spot(node, f"{self.path}{suffix}" if self.path else suffix.lstrip("."), self.problems)

    def is_nothing(self) -> bool:
        """A key with nothing behind it: what is left when all its entries are commented out."""
        return isinstance(self.node, Text) and self.node.plain and self.node.text in _NOTHING

    def table(self) -> dict[str, Spot]:
        """The values by key; empty, and reported, when this is no table."""
        if isinstance(self.node, Table):
            entries = self.node.entries.items()
            return {key: self._at(value, f".{shown(key)}") for key, (_, value) in entries}
        if not isinstance(self.node, Void):
            self.report("shape.table")
        return {}

    def named(self) -> dict[str, Spot]:
        """Like `table`, with keys that are names (ids) chosen by the coordinator."""
        if self.is_nothing():
            return {}
        found = self.table()
        for key, spot in found.items():
            if not _ID.fullmatch(key):
                self._report_key(key, spot, "id.shape", key=shown(key))
        return found

    def keys(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Spot]:
        """Like `table`, reporting keys that are not known and keys that are missing."""
        found = self.table()
        allowed = (*required, *optional)
        for key, spot in found.items():
            if key not in allowed:
                self._report_key(key, spot, "key.unknown", key=shown(key), allowed=", ".join(allowed))
        if isinstance(self.node, Table):
            for key in required:
                if key not in found:
                    self.report("key.missing", key=key)
        return found

    def _report_key(self, name: str, spot: Spot, code: str, **details: str) -> None:
        assert isinstance(self.node, Table)
        line, _ = self.node.entries[name]
        self.problems.append(Problem(line, spot.path, code, details))

    def items(self) -> tuple[Spot, ...]:
        """The places of a list; none for a key with nothing behind it; reported when this is no list."""
        if isinstance(self.node, Listing):
            return tuple(self._at(item, f"[{index}]") for index, item in enumerate(self.node.items))
        if not isinstance(self.node, Void) and not self.is_nothing():
            self.report("shape.list")
        return ()

    def several(self) -> tuple[Spot, ...]:
        """Like `items`, or this place alone when it is a single text."""
        alone = isinstance(self.node, Text) and not self.is_nothing()
        return (self,) if alone else self.items()

    def some(self, *, or_one: bool = False) -> tuple[Spot, ...]:
        """Like `items` (with `or_one`: `several`), reporting a list that is empty."""
        found = self.several() if or_one else self.items()
        if self.is_nothing() or (isinstance(self.node, Listing) and not found):
            self.report("list.empty")
        return found

    def text(self) -> str | None:
        if isinstance(self.node, Text):
            text = self.node.text.strip()
            if self.is_nothing() or not text:
                self.report("shape.empty")
            elif len(text) > _LONGEST_TEXT:
                self.report("text.long", most=str(_LONGEST_TEXT))
            else:
                return text
        elif not isinstance(self.node, Void):
            self.report("shape.text")
        return None

    def matching(self, pattern: re.Pattern[str], code: str) -> re.Match[str] | None:
        text = self.text()
        if text is None:
            return None
        found = pattern.fullmatch(text)
        if found is None:
            self.report(code, text=shown(text))
        return found

    def chosen(self, *choices: str) -> str | None:
        text = self.text()
        if text is not None and text not in choices:
            self.report("choice", text=shown(text), choices=", ".join(choices))
            return None
        return text

    def known(self, names: Mapping[str, object], code: str) -> str | None:
        """A name that must be one of `names`."""
        text = self.text()
        if text is not None and text not in names:
            self.report(code, name=shown(text))
            return None
        return text

    def email(self) -> str | None:
        found = self.matching(_EMAIL, "email")
        return found and found[0]

    def languages(self) -> tuple[str, ...]:
        """Codes such as nl, en, pt-BR, each once."""
        read: list[str] = []
        for spot in self.some():
            if found := spot.matching(_LANGUAGE, "language.shape"):
                if found[0] in read:
                    spot.report("language.twice", text=found[0])
                else:
                    read.append(found[0])
        return tuple(read)

    def whole(self, low: int, high: int) -> int | None:
        """A whole number without quotes, from `low` to `high`."""
        text = self.text()
        if text is None:
            return None
        plain = isinstance(self.node, Text) and self.node.plain
        if plain and _WHOLE.fullmatch(text) and low <= int(text) <= high:
            return int(text)
        self.report("number", text=shown(text), low=str(low), high=str(high))
        return None

    def phone(self) -> str | None:
        """An ordinary subscriber's number, in E.164 and in quotes."""
        text = self.text()
        if text is None:
            return None
        if isinstance(self.node, Text) and self.node.plain:
            self.report("phone.unquoted")
            return None
        number = numbers.subscriber_number(text)
        if isinstance(number, numbers.Refusal):
            self.report(_PHONE_CODES[number])
        elif number != text:
            self.report("phone.e164")
        else:
            return number
        return None
