"""Cuts and puts single entries in the text of a roster file, so that not a character beside them changes.

What an entry is made of, and whether the change is right, is left to `editing`. Notes keep their lines,
except one behind an entry that is removed: that goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hotline.roster import brackets
from hotline.roster.brackets import Cut
from hotline.roster.positions import ListPlace, Place, Source, TablePlace, TextPlace
from hotline.roster.writing_yaml import block, flow, written

_BLANKS = " \t"


def append_item(source: Source, table: TablePlace, key: str, value: object, after: str = "") -> str:
    """Adds an item at the end of the list behind `key`, which may be empty or not there yet.

    `after`: behind which key a list that is not there yet is put; without it, behind the last.
    """
    entry = table.entry(key)
    if entry is None:
        return put_entry(source, table, key, (value,), after)
    place = entry[1]
    if not isinstance(place, ListPlace):
        return _made(source, _first_item(source, table, *entry, value))
    if place.items and place.flow:
        return _made(source, brackets.added(source, place, flow(value, _quotes(place.items[-1]))))
    if place.items:
        return _made(source, [_added_below(source, place, value)])
    if source.text[place.start + 1 : place.end - 1].strip():
        return _made(source, [Cut(place.start + 1, place.start + 1, flow(value))])
    return _made(source, _first_item(source, table, *entry, value))


def remove_item(source: Source, table: TablePlace, key: str, index: int, *, or_key: bool = False) -> str:
    """Removes an item of the list behind `key`. A list that becomes empty stays as `[]`.

    `or_key`: then the key goes too, if nothing but the item stands behind it.
    """
    name, place = table.entry(key) or (None, None)
    if name is None or not isinstance(place, ListPlace):
        raise KeyError(key)
    alone = len(place.items) == 1
    colon = source.next_mark(name.end)
    if alone and or_key and "#" not in source.text[colon : place.start]:
        return remove_entry(source, table, key)
    if place.flow:
        return _made(source, brackets.removed(source, place, index))
    dash = place.start if index == 0 else source.next_mark(place.items[index - 1].end)
    if not source.is_first_on_line(dash):
        following = place.end if alone else source.next_mark(place.items[index].end)
        return _made(source, [Cut(dash, following, "[]" if alone else "")])
    cuts = [_whole_lines(source, dash, place.items[index].end)]
    return _made(source, [Cut(colon + 1, colon + 1, " []"), *cuts] if alone else cuts)


def put_entry(source: Source, table: TablePlace, key: str, value: object, after: str = "") -> str:
    """Sets what stands behind `key`, in the quotes it has; a key that is not there is added.

    `after`: behind which key a new one is put; without it, behind the last.
    """
    entry = table.entry(key)
    if entry is not None:
        return put_value(source, entry[1], value)
    if table.flow:
        quotes = _quotes(table)
        return _made(source, brackets.added(source, table, f"{written(key, quotes)}: {flow(value, quotes)}"))
    _, last = table.entry(after) or table.entries[-1]
    at = source.line_end(last.end)
    return _made(source, [Cut(at, at, source.line_break() + _new_entry(source, table, key, value))])


def put_value(source: Source, place: Place, value: object) -> str:
    """Sets what stands at a place, in the quotes it has."""
    new = flow(value, place.style if isinstance(place, TextPlace) else _quotes(place))
    return _made(source, [Cut(place.start, place.end, _gap(source, place) + new)])


def remove_entry(source: Source, table: TablePlace, key: str) -> str:
    """Removes a key and what stands behind it."""
    index = next(index for index, (name, _) in enumerate(table.entries) if name.text == key)
    name, value = table.entries[index]
    if table.flow:
        return _made(source, brackets.removed(source, table, index))
    start = _entry_start(source, name)
    if source.is_first_on_line(start) or index == len(table.entries) - 1:
        return _made(source, [_whole_lines(source, start, value.end)])
    # Before it stands the dash of the item that the table is.
    following, line_end = _entry_start(source, table.entries[index + 1][0]), source.line_end(value.end)
    if "#" in source.text[line_end:following]:
        before = source.line_start(start) + len(source.text[source.line_start(start) : start].rstrip(_BLANKS))
        return _made(source, [Cut(before, line_end)])
    return _made(source, [Cut(start, following)])


def _made(source: Source, cuts: Sequence[Cut]) -> str:
    """The text with the cuts made, which do not overlap; of two at one place the first comes first."""
    text, in_order = source.text, sorted(cuts, key=lambda cut: (cut.start, cut.end))
    for cut in reversed(in_order):
        text = text[: cut.start] + cut.new + text[cut.end :]
    return text


def _added_below(source: Source, place: ListPlace, value: object) -> Cut:
    """A line behind that of the last item, written as that is."""
    last = place.items[-1]
    column, line_break = source.column(place.start), source.line_break()
    gap = source.text[source.text.rfind("-", 0, last.start) + 1 : last.start]
    gap = gap if gap and not gap.strip(" ") else " "
    if isinstance(last, TablePlace) and not last.flow and isinstance(value, Mapping):
        new = block(value, " " * (column + 1 + len(gap)), line_break)
    else:
        new = flow(value, _quotes(last))
    at = source.line_end(place.end)
    return Cut(at, at, f"{line_break}{' ' * column}-{gap}{new}")


def _first_item(source: Source, table: TablePlace, key: TextPlace, place: Place, value: object) -> list[Cut]:
    """The first item of a list: on a line of its own, or in brackets where no line can be."""
    colon = source.next_mark(key.end)
    if table.flow or not _begins_line(source, key) or source.has_break(key.start, max(colon, place.end)):
        return [Cut(place.start, place.end, _gap(source, place) + flow((value,), key.style))]
    indent = " " * (source.column(key.start) + _dash_offset(source))
    at = source.line_end(place.end)
    item = Cut(at, at, f"{source.line_break()}{indent}- {flow(value)}")
    return [item] if place.start == place.end else [Cut(colon + 1, place.end), item]


def _new_entry(source: Source, table: TablePlace, key: str, value: object) -> str:
    """A new entry of a block, written as the last one is; a list of tables over several lines."""
    column, line_break = source.column(table.entries[0][0].start), source.line_break()
    name = " " * column + written(key)
    neighbour = table.entries[-1][1]
    if isinstance(value, Mapping) and isinstance(neighbour, TablePlace) and not neighbour.flow:
        inner = " " * source.column(neighbour.start)
        return f"{name}:{line_break}{inner}{block(value, inner, line_break)}"
    if isinstance(value, tuple) and isinstance(value[0], Mapping):
        inner = " " * (column + _dash_offset(source))
        return f"{name}:" + "".join(f"{line_break}{inner}- {flow(each)}" for each in value)
    return f"{name}: {flow(value)}"


def _whole_lines(source: Source, start: int, end: int) -> Cut:
    """The whole lines from `start` to `end`; at the end of a text without a last break, the break before."""
    first, last = source.line_start(start), source.line_end(end)
    if last < len(source.text):
        return Cut(first, last + len(source.break_at(last)))
    return Cut(first - (2 if source.text[:first].endswith("\r\n") else min(first, 1)), last)


def _entry_start(source: Source, name: TextPlace) -> int:
    """Where an entry begins: at its key, or at a question mark before it."""
    before = source.text[source.line_start(name.start) : name.start].rstrip(_BLANKS)
    return source.line_start(name.start) + len(before) - 1 if before.endswith("?") else name.start


def _begins_line(source: Source, key: TextPlace) -> bool:
    """True for a key that is the first on its line, but for the dash of the item it belongs to."""
    return source.text[source.line_start(key.start) : key.start].strip(_BLANKS) in {"", "-"}


def _gap(source: Source, place: Place) -> str:
    """What has to come between a key and a value where nothing stood yet."""
    if place.start < place.end:
        return ""
    return " " if source.text[place.start - 1] == ":" else ": "


def _quotes(place: Place) -> str:
    """The quotes of texts: a quotation mark where keys and values have them, as in JSON."""
    if isinstance(place, TablePlace):
        return '"' if place.entries and place.entries[0][0].style == '"' else ""
    if isinstance(place, ListPlace):
        return _quotes(place.items[-1]) if place.items else ""
    return place.style if place.style in {'"', "'"} else ""


def _dash_offset(source: Source) -> int:
    """How far this file puts the dashes of a list behind the key they belong to; 2 where it has none."""
    return next(_dash_offsets(source, source.root), 2)


def _dash_offsets(source: Source, table: TablePlace) -> Iterator[int]:
    for key, value in table.entries:
        if isinstance(value, ListPlace) and not value.flow:
            yield max(source.column(value.start) - source.column(key.start), 0)
        elif isinstance(value, TablePlace):
            yield from _dash_offsets(source, value)
