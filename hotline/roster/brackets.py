"""Adds and removes what stands between brackets, with its comma, on the line or lines it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.roster.positions import ListPlace, Source, TablePlace

_BLANKS = " \t"


@dataclass(frozen=True, slots=True)
class Cut:
    """The text from `start` to `end` makes place for `new`."""

    start: int
    end: int
    new: str = ""


def added(source: Source, whole: ListPlace | TablePlace, new: str) -> list[Cut]:
    """Behind the last one; on a line of its own if the bracket closes on another line than that."""
    start, end = _spans(whole)[-1]
    comma = _comma(source, end)
    behind = end if comma is None else comma + 1
    line_end = source.line_end(behind)
    if line_end >= whole.end:
        return [Cut(end, end, f", {new}")]
    first = source.line_start(start)
    before = source.text[first:start]
    indent = " " * (start - first) if before.strip(_BLANKS) else before
    line = Cut(line_end, line_end, source.line_break() + indent + new + ("," if comma else ""))
    return [line] if comma else [Cut(end, end, ","), line]


def removed(source: Source, whole: ListPlace | TablePlace, index: int) -> list[Cut]:
    """One with its comma: the whole of its lines, and a note behind it, if it has these to itself."""
    spans = _spans(whole)
    start, end = spans[index]
    comma = _comma(source, end)
    behind = end if comma is None else comma + 1
    before = _comma(source, spans[index - 1][1]) if index else None
    line_end = source.line_end(behind)
    # Without a comma behind it, it was the last, and the one before it becomes the last.
    last = [Cut(before, before + 1)] if comma is None and before is not None else []
    if source.is_first_on_line(start) and source.next_mark(behind) > line_end:
        return [*last, Cut(source.line_start(start), line_end + len(source.break_at(line_end)))]
    if index < len(spans) - 1 and not source.has_break(start, spans[index + 1][0]):
        return [Cut(start, spans[index + 1][0])]
    if index == len(spans) - 1 and index and not source.has_break(spans[index - 1][1], end):
        return [Cut(spans[index - 1][1], end)]
    return [*last, Cut(start, behind)]


def _spans(whole: ListPlace | TablePlace) -> Sequence[tuple[int, int]]:
    if isinstance(whole, ListPlace):
        return [(item.start, item.end) for item in whole.items]
    return [(key.start, value.end) for key, value in whole.entries]


def _comma(source: Source, end: int) -> int | None:
    """Where the comma stands behind something that ends at `end`."""
    mark = source.next_mark(end)
    return mark if source.text[mark] == "," else None
