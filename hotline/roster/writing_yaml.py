"""How a value is written into a roster file: in quotes where it needs them, on one line or in a block."""

from __future__ import annotations

import re
from collections.abc import Mapping


class Quoted(str):
    """A text that other readers would take for something else, as they do a telephone number."""

    __slots__ = ()


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
# Letters first, and nothing inside that means something in YAML, also between brackets.
_PLAIN = re.compile(r"[^\W\d_](?:[\w .@/()'+-]*[\w.@/()'+-])?")
# What some readers take for truth, or for nothing at all.
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ESCAPED = {'"': '\\"', "\\": "\\\\"}


def written(text: str, style: str = "") -> str:
    """A text on one line, in the quotes of `style` where these can hold it."""
    if style not in {'"', "'"} and not isinstance(text, Quoted) and is_plain(text):
        return text
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def is_plain(text: str) -> bool:
    """True for a text that every YAML reader takes for itself without quotes."""
    if _MOMENT.fullmatch(text):
        return True
    return _PLAIN.fullmatch(text) is not None and text.isprintable() and text.casefold() not in _WORDS


def _escaped(letter: str) -> str:
    if letter in _ESCAPED:
        return _ESCAPED[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: object, style: str = "") -> str:
    """A value on one line, in brackets if it is a list or a table; every text in the quotes of `style`."""
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{written(key, style)}: {flow(each, style)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, tuple):
        return "[" + ", ".join(flow(each, style) for each in value) + "]"
    assert isinstance(value, str)
    return written(value, style)


def block(value: Mapping[str, object], indent: str, line_break: str) -> str:
    """A table over several lines, each but the first with `indent`; what is in it on one line each."""
    lines = (f"{written(key)}: {flow(each)}" for key, each in value.items())
    return f"{line_break}{indent}".join(lines)
