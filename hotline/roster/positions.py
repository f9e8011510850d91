"""Where everything stands in the text of a roster file: tables, lists, texts, and from where to where.

Only for legal files: what a place means, and whether it may be there, `routing.reading` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

BREAKS = "\n\r\x85"
_BLANKS = " \t"
# Blanks and breaks, or a note, which has one of these before it.
_PASSED_OVER = re.compile(r"[ \t\n\r\x85]+|(?:(?<=[ \t\n\r\x85])|^)#[^\n\r\x85]*")


@dataclass(frozen=True, slots=True)
class TextPlace:
    """`style` is the character that opens it: a quote, | or >; "" for a plain text."""

    start: int
    end: int
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class ListPlace:
    """`start` is the bracket (`flow`) or the first dash; `end` comes after the last character that counts."""

    start: int
    end: int
    flow: bool
    items: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class TablePlace:
    """As a list; each entry is the place of its key and that of its value."""

    start: int
    end: int
    flow: bool
    entries: tuple[tuple[TextPlace, Place], ...]

    def entry(self, key: str) -> tuple[TextPlace, Place] | None:
        return next((entry for entry in self.entries if entry[0].text == key), None)


Place = TextPlace | ListPlace | TablePlace


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, and where everything stands in it."""

    text: str
    root: TablePlace

    def at(self, *path: str | int) -> Place:
        """The place of a path such as "overrides", 0, "person". KeyError where there is none."""
        place: Place = self.root
        for step in path:
            if isinstance(place, ListPlace) and isinstance(step, int):
                place = place.items[step]
            elif isinstance(place, TablePlace) and (found := place.entry(str(step))):
                place = found[1]
            else:
                raise KeyError(step)
        return place

    def table(self, *path: str | int) -> TablePlace:
        """The table at a path. KeyError where there is none."""
        place = self.at(*path)
        if not isinstance(place, TablePlace):
            raise KeyError(path)
        return place

    def line_start(self, at: int) -> int:
        """Where the line begins that `at` is on."""
        return max(self.text.rfind(letter, 0, at) for letter in BREAKS) + 1

    def line_end(self, at: int) -> int:
        """Where the line's break stands, or the end of the text."""
        found = (self.text.find(letter, at) for letter in BREAKS)
        return min((index for index in found if index >= 0), default=len(self.text))

    def line_break(self) -> str:
        """How this file ends its lines."""
        return self.break_at(self.line_end(0)) or "\n"

    def break_at(self, at: int) -> str:
        return "\r\n" if self.text.startswith("\r\n", at) else self.text[at : at + 1]

    def column(self, at: int) -> int:
        return at - self.line_start(at)

    def is_first_on_line(self, at: int) -> bool:
        return not self.text[self.line_start(at) : at].strip(_BLANKS)

    def next_mark(self, at: int) -> int:
        return next_mark(self.text, at)

    def has_break(self, start: int, end: int) -> bool:
        return any(letter in self.text[start:end] for letter in BREAKS)


def next_mark(text: str, at: int) -> int:
    """The next character from `at` on that is no blank, no break and in no note; or the text's end."""
    while found := _PASSED_OVER.match(text, at):
        at = found.end()
    return at


def read_source(text: str) -> Source:
    """The places of a legal roster's text, which begins with no byte order mark."""
    events = YAML(typ="safe", pure=True).parse(text)
    for event in events:
        if isinstance(event, MappingStartEvent):
            root = _table(text, event, events)
            # What follows is the end of the document.
            for _ in events:
                pass
            return Source(text, root)
    raise ValueError("not a roster")


def _place(text: str, event: Event, events: Iterator[Event]) -> Place:
    if isinstance(event, MappingStartEvent):
        return _table(text, event, events)
    if isinstance(event, SequenceStartEvent):
        return _list(event, events, text)
    assert isinstance(event, ScalarEvent)
    start, end = event.start_mark.index, event.end_mark.index
    # The end of a block text is where the next thing begins.
    written = text[start:end].rstrip() if event.style in {"|", ">"} else text[start:end]
    return TextPlace(start, start + len(written), event.value, event.style or "")


def _table(text: str, opening: MappingStartEvent, events: Iterator[Event]) -> TablePlace:
    entries: list[tuple[TextPlace, Place]] = []
    for event in events:
        if isinstance(event, MappingEndEvent):
            break
        key = _place(text, event, events)
        assert isinstance(key, TextPlace)
        value = _place(text, next(events), events)
        entries.append((key, _nothing_behind(text, key) if value.start == value.end else value))
    flow = bool(opening.flow_style)
    end = event.end_mark.index if flow else entries[-1][1].end
    return TablePlace(opening.start_mark.index, end, flow, tuple(entries))


def _nothing_behind(text: str, key: TextPlace) -> TextPlace:
    """A value that is not there, right behind the colon; the parser has it where the next thing begins."""
    colon = next_mark(text, key.end)
    at = colon + 1 if text[colon : colon + 1] == ":" else key.end
    return TextPlace(at, at, "", "")


def _list(opening: SequenceStartEvent, events: Iterator[Event], text: str) -> ListPlace:
    items: list[Place] = []
    for event in events:
        if isinstance(event, SequenceEndEvent):
            break
        items.append(_place(text, event, events))
    flow = bool(opening.flow_style)
    end = event.end_mark.index if flow else items[-1].end
    return ListPlace(opening.start_mark.index, end, flow, tuple(items))
