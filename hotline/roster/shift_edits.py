"""Edits of who is on call when: overrides, swaps and absences. The past stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from hotline.roster.changes import (
    Change,
    Step,
    appended,
    dropped,
    override_entry,
    put,
    span_entry,
    span_steps,
    taken_out,
)
from hotline.roster.checks import (
    away_index,
    check_person,
    check_present,
    check_reason,
    check_rotation,
    has_shift,
    name_of,
    override_index,
    span_from_now,
    this_minute,
)
from hotline.roster.edits import (
    AddAway,
    AddOverride,
    ChangeAway,
    ChangeOverride,
    Held,
    RemoveAway,
    RemoveOverride,
    ShiftEdit,
    SwapShifts,
)
from hotline.roster.refusals import refuse
from routing.roster import Instant, Override, Roster, Span


def shift_change(roster: Roster, edit: ShiftEdit, now: Instant) -> Change:
    """What the edit comes down to. Raises EditRefused."""
    match edit:
        case AddOverride():
            return _add_override(roster, edit, now)
        case ChangeOverride():
            return _change_override(roster, edit, now)
        case RemoveOverride():
            return _remove_override(roster, edit, now)
        case SwapShifts():
            return _swap_shifts(roster, edit, now)
        case AddAway():
            return _add_away(roster, edit, now)
        case ChangeAway():
            return _change_away(roster, edit, now)
        case RemoveAway():
            return _remove_away(roster, edit, now)
        case _:
            assert_never(edit)


def _add_override(roster: Roster, edit: AddOverride, now: Instant) -> Change:
    check_rotation(roster, edit.rotation)
    check_person(roster, edit.person)
    span = span_from_now(roster, edit.start, edit.end, now)
    if edit.instead_of is not None and not has_shift(roster, edit.rotation, edit.instead_of, span):
        raise refuse("override.changed_hands", person=name_of(roster, edit.instead_of))
    check_present(roster, edit.person, span)
    return _with_overrides(roster, Override(edit.rotation, span, edit.person, check_reason(edit.reason)))


def _swap_shifts(roster: Roster, edit: SwapShifts, now: Instant) -> Change:
    if edit.first.person == edit.second.person:
        raise refuse("swap.same", "second")
    first = _held_span(roster, edit.first, "first", now)
    second = _held_span(roster, edit.second, "second", now)
    check_present(roster, edit.second.person, first, "first")
    check_present(roster, edit.first.person, second, "second")
    reason = check_reason(edit.reason)
    return _with_overrides(
        roster,
        Override(edit.first.rotation, first, edit.second.person, reason),
        Override(edit.second.rotation, second, edit.first.person, reason),
    )


def _held_span(roster: Roster, held: Held, field: str, now: Instant) -> Span:
    check_rotation(roster, held.rotation, field)
    check_person(roster, held.person, field)
    if held.end <= now:
        raise refuse("span.past", field)
    span = span_from_now(roster, held.start, held.end, now)
    if not has_shift(roster, held.rotation, held.person, span):
        raise refuse("shift.changed_hands", field, person=name_of(roster, held.person))
    return span


def _with_overrides(roster: Roster, *overrides: Override) -> Change:
    """Behind all others, so that they count."""
    steps = (
        appended((), "overrides", override_entry(override, roster.zone), after="rotations")
        for override in overrides
    )
    return Change(tuple(steps), replace(roster, overrides=(*roster.overrides, *overrides)))


def _change_override(roster: Roster, edit: ChangeOverride, now: Instant) -> Change:
    index, old, new = override_index(roster, edit.old, now), edit.old, edit.new
    check_rotation(roster, new.rotation)
    check_person(roster, new.person)
    span = span_from_now(roster, new.span.start, new.span.end, now)
    if old.span.start < this_minute(now):
        if (new.rotation, new.person, new.span.start) != (old.rotation, old.person, old.span.start):
            raise refuse("override.running")
        span = Span(old.span.start, new.span.end)
    if new.person != old.person or span.start < old.span.start or span.end > old.span.end:
        check_present(roster, new.person, Span(max(span.start, this_minute(now)), span.end))
    reason = old.reason if new.reason == old.reason else check_reason(new.reason)
    new = replace(new, span=span, reason=reason)
    path = ("overrides", index)
    steps: list[Step] = list(span_steps(path, old.span, new.span, roster.zone))
    steps += [put(path, "rotation", new.rotation)] if new.rotation != old.rotation else []
    steps += [put(path, "person", new.person)] if new.person != old.person else []
    if new.reason != old.reason:
        steps.append(put(path, "reason", new.reason) if new.reason else dropped(path, "reason"))
    return Change(tuple(steps), _with_override(roster, index, new))


def _remove_override(roster: Roster, edit: RemoveOverride, now: Instant) -> Change:
    index, override = override_index(roster, edit.override, now), edit.override
    ended = Span(override.span.start, this_minute(now))
    if ended.start < ended.end:
        steps = span_steps(("overrides", index), override.span, ended, roster.zone)
        return Change(steps, _with_override(roster, index, replace(override, span=ended)))
    return Change((taken_out((), "overrides", index),), _with_override(roster, index))


def _with_override(roster: Roster, index: int, *new: Override) -> Roster:
    """The roster with this in the place of an override, or without it."""
    return replace(roster, overrides=(*roster.overrides[:index], *new, *roster.overrides[index + 1 :]))


def _add_away(roster: Roster, edit: AddAway, now: Instant) -> Change:
    check_person(roster, edit.person)
    span = span_from_now(roster, edit.start, edit.end, now)
    away = roster.people[edit.person].away
    if span in away:
        raise refuse("away.twice")
    step = appended(("people", edit.person), "away", span_entry(span, roster.zone))
    return Change((step,), _with_away(roster, edit.person, *away, span))


def _change_away(roster: Roster, edit: ChangeAway, now: Instant) -> Change:
    index = away_index(roster, edit.person, edit.old, now)
    away = roster.people[edit.person].away
    span = span_from_now(roster, edit.new.start, edit.new.end, now)
    if edit.old.start < this_minute(now):
        if edit.new.start != edit.old.start:
            raise refuse("away.running", "start")
        span = Span(edit.old.start, edit.new.end)
    if span != edit.old and span in away:
        raise refuse("away.twice")
    steps = span_steps(("people", edit.person, "away", index), edit.old, span, roster.zone)
    return Change(steps, _with_away(roster, edit.person, *away[:index], span, *away[index + 1 :]))


def _remove_away(roster: Roster, edit: RemoveAway, now: Instant) -> Change:
    index = away_index(roster, edit.person, edit.span, now)
    away = roster.people[edit.person].away
    ended = Span(edit.span.start, this_minute(now))
    if ended.start < ended.end:
        steps = span_steps(("people", edit.person, "away", index), edit.span, ended, roster.zone)
        return Change(steps, _with_away(roster, edit.person, *away[:index], ended, *away[index + 1 :]))
    step = taken_out(("people", edit.person), "away", index, or_key=True)
    return Change((step,), _with_away(roster, edit.person, *away[:index], *away[index + 1 :]))


def _with_away(roster: Roster, person: str, *away: Span) -> Roster:
    return replace(roster, people={**roster.people, person: replace(roster.people[person], away=away)})
