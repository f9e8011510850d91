"""What was typed into a form of the roster, as edits; every fault at once, at its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask_babel import gettext as _

from hotline.roster.checks import read_moment_field
from hotline.roster.edits import (
    AddAway,
    AddOverride,
    ChangeAway,
    ChangeOverride,
    Edit,
    Held,
    RemoveAway,
    RemoveOverride,
    SwapShifts,
)
from hotline.roster.refusals import EditRefused, refusal_sentence
from hotline.web.roster.common import instant_now, language
from hotline.web.roster.filling import read_held
from routing.roster import Instant, Override, Roster, Span
from routing.walltime import DAY, Zone

Faults = dict[str, str]

_FURTHEST = 5 * 366 * DAY


class FormRefused(Exception):
    """The form cannot be read: a sentence for each field that is wrong."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def faults_of(refused: EditRefused) -> Faults:
    found: Faults = {}
    for refusal in refused.refusals:
        found.setdefault(refusal.field, refusal_sentence(refusal, language()))
    return found


def read_span(form: Mapping[str, str], zone: Zone) -> Span:
    """The fields `start` and `end`. Raises FormRefused."""
    moments: dict[str, Instant] = {}
    faults: Faults = {}
    for field in ("start", "end"):
        try:
            moments[field] = read_moment_field(form.get(field, ""), zone, field)
        except EditRefused as refused:
            faults |= faults_of(refused)
    if not faults and moments["end"] <= moments["start"]:
        faults["end"] = _("This is not after the beginning. Choose a later moment.")
    elif not faults and moments["end"] > instant_now() + _FURTHEST:
        faults["end"] = _("This is more than five years ahead. Choose an earlier moment.")
    if faults:
        raise FormRefused(faults)
    return Span(moments["start"], moments["end"])


def read_cover(form: Mapping[str, str], roster: Roster) -> list[Edit]:
    """Raises FormRefused."""
    faults: Faults = {}
    span = None
    try:
        span = read_span(form, roster.zone)
    except FormRefused as refused:
        faults |= refused.faults
    if form.get("rotation", "") not in roster.rotations:
        faults["rotation"] = _("Choose a rotation from the list.")
    if form.get("person", "") not in roster.people:
        faults["person"] = _("Choose who takes over.")
    if faults or span is None:
        raise FormRefused(faults)
    why = form.get("why", "").strip()
    return [
        AddOverride(form["rotation"], span.start, span.end, form["person"], why, instead_of=_instead_of(form))
    ]


def _instead_of(form: Mapping[str, str]) -> str | None:
    """Whose shift it was that was clicked, while the form still speaks of that shift."""
    rotation, _bar, rest = form.get("shift", "").partition("|")
    person, _bar, span = rest.partition("|")
    return person if (rotation, span) == (form["rotation"], f"{form['start']}|{form['end']}") else None


def read_swap(form: Mapping[str, str], roster: Roster) -> list[Edit]:
    """Raises FormRefused."""
    first, second = read_held(form.get("first", "")), read_held(form.get("second", ""))
    faults: Faults = {}
    if first is None:
        faults["first"] = _("Choose the first of the two shifts.")
    if second is None:
        faults["second"] = _("Choose the shift it is swapped with.")
    if first is not None and second is not None and first.person == second.person:
        faults["second"] = _("Both shifts are of the same person. Choose one of somebody else.")
    if faults or first is None or second is None:
        raise FormRefused(faults)
    sides = [Held(shift.rotation, shift.person, shift.start, shift.end) for shift in (first, second)]
    return [SwapShifts(sides[0], sides[1], form.get("why", "").strip())]


def read_away(form: Mapping[str, str], roster: Roster) -> list[Edit]:
    """The absence, and whoever was chosen for the shifts it tears open. Raises FormRefused."""
    faults: Faults = {}
    span = None
    try:
        span = read_span(form, roster.zone)
    except FormRefused as refused:
        faults |= refused.faults
    person = form.get("person", "")
    if person not in roster.people:
        faults["person"] = _("Choose who is away.")
    if faults or span is None:
        raise FormRefused(faults)
    why = form.get("why", "").strip()
    covers: list[Edit] = []
    for name, chosen in form.items():
        if name.startswith("cover:") and chosen:
            shift = read_held(name.removeprefix("cover:"))
            # A shift of another span or person was asked for before the form was changed.
            if shift and shift.person == person and span.start <= shift.start and shift.end <= span.end:
                covers.append(AddOverride(shift.rotation, shift.start, shift.end, chosen, why))
    return [AddAway(person, span.start, span.end), *covers]


def read_override(form: Mapping[str, str], roster: Roster, old: Override, *, remove: bool) -> list[Edit]:
    """Raises FormRefused."""
    if remove:
        return [RemoveOverride(old)]
    faults: Faults = {}
    span = old.span
    try:
        span = read_span(form, roster.zone)
    except FormRefused as refused:
        faults |= refused.faults
    if form.get("person", "") not in roster.people:
        faults["person"] = _("Choose who takes over.")
    if faults:
        raise FormRefused(faults)
    return [
        ChangeOverride(
            old, replace(old, span=span, person=form["person"], reason=form.get("why", "").strip())
        )
    ]


def read_absence(
    form: Mapping[str, str], roster: Roster, person: str, old: Span, *, remove: bool
) -> list[Edit]:
    """Raises FormRefused."""
    if remove:
        return [RemoveAway(person, old)]
    return [ChangeAway(person, old, read_span(form, roster.zone))]
