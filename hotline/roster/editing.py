"""Applies edits to the text of a roster file: only the lines of the change change.

Each edit becomes small steps on the text, and beside it the roster that is meant. The changed text is
read again, and counts only if it says exactly that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ruamel.yaml.error import YAMLError

from hotline.roster.changes import Change
from hotline.roster.edits import Edit, PersonEdit
from hotline.roster.people_edits import person_change
from hotline.roster.positions import read_source
from hotline.roster.refusals import EditRefused, refusals_of, refuse
from hotline.roster.shift_edits import shift_change
from routing.reading import read_roster
from routing.roster import Instant, Roster

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Edited:
    """The text of the file after an edit, and the roster it holds."""

    text: str
    roster: Roster


def apply_edit(text: str, edit: Edit, now: Instant) -> str:
    """The text after the edit. Raises EditRefused, and ValueError when the text is no legal roster."""
    return apply_edits(text, [edit], now).text


def apply_edits(text: str, edits: Sequence[Edit], now: Instant, roster: Roster | None = None) -> Edited:
    """The text after the edits, one after the other; all of them or none.

    `roster` is that of the text where it is at hand. Raises EditRefused with what speaks against an edit,
    and ValueError when the text is no legal roster.
    """
    if roster is None:
        roster = read_roster(text.encode()).roster
    if roster is None:
        raise ValueError("only a legal roster can be edited")
    edited = Edited(text, roster)
    for edit in edits:
        edited = _carried_out(edited.text, _change(edited.roster, edit, now))
    return edited


def _carried_out(text: str, change: Change) -> Edited:
    mark = _MARK if text.startswith(_MARK) else ""
    text = text[len(mark) :]
    try:
        for step in change.steps:
            text = step(read_source(text))
    except (LookupError, ValueError, YAMLError) as fault:
        raise refuse("file.layout") from fault
    reading = read_roster((mark + text).encode())
    if any(problem.code.startswith("yaml.") for problem in reading.problems):
        raise refuse("file.layout")
    if reading.roster is None:
        raise EditRefused(refusals_of(reading.problems))
    if replace(reading.roster, version="") != replace(change.roster, version=""):
        raise refuse("file.layout")
    return Edited(mark + text, reading.roster)


def _change(roster: Roster, edit: Edit, now: Instant) -> Change:
    if isinstance(edit, PersonEdit):
        return person_change(roster, edit, now)
    return shift_change(roster, edit, now)
