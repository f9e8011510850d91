"""How every form of the roster goes: filled in, previewed, saved. What an edit does is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from flask import make_response, request
from werkzeug.wrappers import Response as AnyResponse

from hotline.roster.edits import Edit
from hotline.roster.refusals import EditRefused, Refusal, refusal_sentence
from hotline.roster.results import Conflict, Preview
from hotline.web.roster.calendar import Week, make_calendar
from hotline.web.roster.choices import choices
from hotline.web.roster.common import author, instant_now, language, now, page, roster_in_force, store
from hotline.web.roster.filling import Fields, still_best
from hotline.web.roster.period import Period
from hotline.web.roster.reading import Faults, FormRefused, faults_of, read_span
from hotline.web.roster.results import conflict_page, faults_of_result, saved_page
from hotline.web.roster.told import gaps_told, tell
from hotline.web.roster.words import Words
from routing.roster import Instant, Roster
from routing.walltime import DAY, day_of

#: No form shows more weeks than this beside it.
_MOST_WEEKS = 5
#: What a change does is reckoned at least this far, and this far beyond its end.
_RECKONED = timedelta(days=60)
_BEYOND = 7 * DAY


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of change: its form's name, title and address, and how the fields become edits.

    `edits` raises FormRefused.
    """

    name: str
    title: str
    action: str
    edits: Callable[[Fields, Roster], Sequence[Edit]]
    removable: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it stands: what was typed into it, on which version, what is wrong, and what it would do."""

    fields: Fields
    base: str
    faults: Faults = field(default_factory=dict)
    preview: Preview | None = None
    status: int = 200


def removing() -> bool:
    """True when the form asks for what it is about to be taken away."""
    return request.form.get("act", "").endswith("-removal")


def gone(refusal: Refusal) -> AnyResponse:
    """What was to be changed is not there any more."""
    return make_response(
        page("gone.html", roster_in_force(), text=refusal_sentence(refusal, language())), 404
    )


def answer(act: Act, fill: Callable[[Roster], Fields]) -> AnyResponse:
    """The form, filled in; or what becomes of what was typed into it."""
    roster = roster_in_force()
    if request.method == "GET":
        return _form(act, roster, Typed(fill(roster), roster.version))
    fields = {name: text for name, text in request.form.items() if name not in ("csrf_token", "act", "base")}
    typed = Typed(fields, request.form.get("base", ""))
    wish = request.form.get("act", "preview")
    if wish == "who":
        return _form(act, roster, replace(typed, fields={**fields, "person": still_best(fields, roster)}))
    try:
        edits = act.edits(fields, roster)
        return (_save if wish.startswith("save") else _preview)(act, roster, typed, edits)
    except FormRefused as refused:
        faults = refused.faults
    except EditRefused as refused:
        faults = faults_of(refused)
    return _form(act, roster, replace(typed, faults=faults, status=422))


def _preview(act: Act, roster: Roster, typed: Typed, edits: Sequence[Edit]) -> AnyResponse:
    found = store().preview(edits, base_version=typed.base, now=now(), until=_until(typed.fields, roster))
    if isinstance(found, Conflict):
        return conflict_page(act.action, typed.fields, found)
    return _form(act, roster, replace(typed, preview=found))


def _until(fields: Fields, roster: Roster) -> Instant:
    """How far the effect is reckoned: beyond the end of the change, however far ahead that is."""
    usual = int((now() + _RECKONED).timestamp())
    spans = [
        int(part)
        for name in ("first", "second")
        for part in fields.get(name, "").split("|")[3:]
        if part.isdigit()
    ]
    with suppress(FormRefused):
        spans.append(read_span(fields, roster.zone).end)
    return max([usual, *(end + _BEYOND for end in spans)])


def _save(act: Act, roster: Roster, typed: Typed, edits: Sequence[Edit]) -> AnyResponse:
    why = typed.fields.get("why", "").strip()
    result = store().edit(edits, base_version=typed.base, author=author(), why=why, now=now())
    if isinstance(result, Conflict):
        return conflict_page(act.action, typed.fields, result)
    faults = faults_of_result(result, Words(roster, language()))
    if not faults:
        return saved_page(result, _first_day(typed.fields, roster))
    preview = store().preview(edits, base_version=typed.base, now=now(), until=_until(typed.fields, roster))
    shown = preview if isinstance(preview, Preview) else None
    return _form(act, roster, replace(typed, faults=faults, preview=shown, status=422))


def _form(act: Act, roster: Roster, typed: Typed) -> AnyResponse:
    words = Words(roster, language())
    preview = typed.preview
    text = page(
        "form.html",
        roster,
        act=act,
        typed=typed,
        fields=typed.fields,
        faults=typed.faults,
        removal=removing(),
        told=tell(preview.effects, words, language()) if preview else None,
        needs=gaps_told(preview.needs_reason, words) if preview else (),
        weeks=_weeks(roster, typed),
        **choices(act.name, typed.fields, roster, words, instant_now(), previewed=preview is not None),
    )
    return make_response(text, typed.status)


def _weeks(roster: Roster, typed: Typed) -> list[Week]:
    """The weeks the change falls in; as they would be, where it is previewed."""
    first = _first_day(typed.fields, roster)
    today = day_of(roster.zone.wall(instant_now()))
    period = Period("week", "rotation", first, today, length=_length(typed.fields, roster, first))
    shown, before = (typed.preview.roster, roster) if typed.preview else (roster, None)
    return make_calendar(shown, period, instant_now(), before)


def _first_day(fields: Fields, roster: Roster) -> date:
    days = _days(fields, roster)
    return days[0] if days else day_of(roster.zone.wall(instant_now()))


def _length(fields: Fields, roster: Roster, first: date) -> int:
    """How many weeks have to be shown, from the one of `first`."""
    days = _days(fields, roster)
    monday = first - timedelta(days=first.weekday())
    return min(_MOST_WEEKS, (days[-1] - monday).days // 7 + 1) if days else 1


def _days(fields: Fields, roster: Roster) -> list[date]:
    """The dates on which the change begins and ends, in order; none where that cannot be read."""
    parts = [fields.get(name, "").split("|") for name in ("first", "second")]
    moments = [int(part) for each in parts for part in each[2:4] if part.isascii() and part.isdigit()]
    if not moments:
        try:
            span = read_span(fields, roster.zone)
        except FormRefused:
            return []
        moments = [span.start, span.end]
    try:
        return sorted(day_of(roster.zone.wall(at)) for at in moments)
    except (ValueError, OverflowError):
        return []
