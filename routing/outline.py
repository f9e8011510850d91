"""The bytes of a roster file as a tree of tables, lists and texts that remember their lines.

What a roster never needs and an attacker does (aliases, tags, depth) is refused here, while the text
is read piece by piece: nothing is ever expanded. What the texts mean is left to `fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from routing.problems import Problem, shown

MAX_BYTES = 256 * 1024
# A roster is at most 7 deep (policies, crisis, steps, [1], ring, [0]) and the largest that is useful
# has some thousand texts.
MOST_DEPTH = 12
MOST_NODES = 40_000

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Text:
    """One value as it is written; `plain` without quotes."""

    line: int
    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Listing:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Values by key, in the order of the file, each with the line of its key."""

    line: int
    entries: dict[str, tuple[int, Node]]


@dataclass(frozen=True, slots=True)
class Void:
    """Something that was reported already and cannot be read."""

    line: int


Node = Text | Listing | Table | Void


@dataclass(frozen=True, slots=True)
class Outline:
    """`root` is None when the file could not be read to its end; then there are problems."""

    root: Node | None
    problems: tuple[Problem, ...]
    places: dict[str, int]


def read_outline(data: bytes) -> Outline:
    """The tree of a file, or what keeps it from being one. Never raises."""
    found = _decode(data)
    if isinstance(found, Problem):
        return Outline(None, (found,), {})
    builder = _Builder()
    try:
        root = builder.build(_events(found))
    except _Stopped as stop:
        return Outline(None, (*builder.problems, stop.problem), {})
    except MarkedYAMLError as error:
        return Outline(None, (*builder.problems, _broken(error)), {})
    except Exception:  # noqa: BLE001  a parser of hostile text is an edge: what it stumbles on is refused
        return Outline(None, (*builder.problems, Problem(builder.line, "", "yaml.broken")), {})
    if root is None:
        return Outline(None, (Problem(1, "", "file.empty"),), {})
    return Outline(root, tuple(builder.problems), builder.places)


def _decode(data: bytes) -> str | Problem:
    if len(data) > MAX_BYTES:
        return Problem(1, "", "file.large", {"most": str(MAX_BYTES // 1024)})
    if data.startswith(_UTF16_MARKS):
        return Problem(1, "", "file.encoding")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Problem(data.count(b"\n", 0, error.start) + 1, "", "file.encoding")
    if found := _CONTROL.search(text):
        return Problem(
            text.count("\n", 0, found.start()) + 1, "", "file.control", {"code": f"U+{ord(found[0]):04X}"}
        )
    return text


def _events(text: str) -> Iterator[Event]:
    # Without comments and without values: only the parser of the library is used.
    yield from YAML(typ="safe", pure=True).parse(text)


def _broken(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    began = error.context_mark.line + 1 if error.context_mark else line
    if "'\\t'" in str(error.problem):
        return Problem(line, "", "yaml.tab")
    if began < line:
        return Problem(line, "", "yaml.unfinished", {"began": str(began)})
    return Problem(line, "", "yaml.broken")


class _Stopped(Exception):
    """Reading on would be unsafe or pointless."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A table or list that is still being read; `key` waits for its value."""

    line: int
    path: str
    is_table: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[int, Node]] = field(default_factory=dict)
    key: Text | Void | None = None

    def path_of_next(self) -> str:
        if not self.is_table:
            return f"{self.path}[{len(self.items)}]"
        name = shown(self.key.text) if isinstance(self.key, Text) else "?"
        return f"{self.path}.{name}" if self.path else name

    def awaits_key(self) -> bool:
        return self.is_table and self.key is None

    def closed(self) -> Node:
        return Table(self.line, self.entries) if self.is_table else Listing(self.line, tuple(self.items))


class _Builder:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.places: dict[str, int] = {}
        self.line = 1
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._nodes = 0
        self._documents = 0

    def build(self, events: Iterator[Event]) -> Node | None:
        for event in events:
            self.line = event.start_mark.line + 1
            match event:
                case DocumentStartEvent():
                    self._documents += 1
                    if self._documents > 1:
                        raise self._stop("yaml.documents")
                case MappingStartEvent() | SequenceStartEvent():
                    self._count()
                    self._refuse_marks(event)
                    self._open_one(is_table=isinstance(event, MappingStartEvent))
                case MappingEndEvent() | SequenceEndEvent():
                    self._place(self._open.pop().closed())
                case AliasEvent():
                    self._count()
                    self._report("yaml.alias", name=shown(str(event.anchor)))
                    self._place(Void(self.line))
                case ScalarEvent():
                    self._count()
                    self._refuse_marks(event)
                    self._place(Text(self.line, event.value, event.style is None))
                case _:
                    pass
        return self._root

    def _path(self) -> str:
        if not self._open:
            return ""
        top = self._open[-1]
        return top.path if top.awaits_key() else top.path_of_next()

    def _report(self, code: str, **details: str) -> None:
        self.problems.append(Problem(self.line, self._path(), code, details))

    def _stop(self, code: str, **details: str) -> _Stopped:
        return _Stopped(Problem(self.line, self._path(), code, details))

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise self._stop("yaml.many")

    def _refuse_marks(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.anchor is not None:
            self._report("yaml.anchor", name=shown(str(event.anchor)))
        if event.ctag is not None:
            self._report("yaml.tag", tag=shown(str(event.ctag)))

    def _open_one(self, *, is_table: bool) -> None:
        line, path = self.line, ""
        if self._open:
            top = self._open[-1]
            if top.awaits_key():
                raise self._stop("yaml.key")
            path = top.path_of_next()
            if isinstance(top.key, Text):
                # What is wrong with a whole block is said at the line of its name.
                line = top.key.line
        if len(self._open) >= MOST_DEPTH:
            raise self._stop("yaml.deep")
        self.places[path] = line
        self._open.append(_Open(line, path, is_table))

    def _place(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        if not top.is_table:
            self.places.setdefault(top.path_of_next(), node.line)
            top.items.append(node)
        elif top.key is None:
            top.key = node if isinstance(node, Text) else Void(node.line)
        else:
            self._enter(top, top.key, node)
            top.key = None

    def _enter(self, top: _Open, key: Text | Void, node: Node) -> None:
        if isinstance(key, Void):
            return
        path = top.path_of_next()
        if key.plain and key.text == "<<":
            self.problems.append(Problem(key.line, top.path, "yaml.merge"))
        elif key.text in top.entries:
            first = str(top.entries[key.text][0])
            details = {"key": shown(key.text), "first": first}
            self.problems.append(Problem(key.line, path, "yaml.duplicate", details))
        else:
            self.places.setdefault(path, node.line)
            top.entries[key.text] = (key.line, node)
