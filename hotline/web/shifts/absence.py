"""My absence: planned, or from this minute on. What it tears open is shown before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline.roster.edits import AddAway, RemoveAway, find_away, span_key
from hotline.roster.refusals import EditRefused
from hotline.roster.results import NeedsReason, Preview, Saved
from hotline.web.shifts.blueprint import shifts
from hotline.web.shifts.effects import Told, tell
from hotline.web.shifts.here import Here, Page, here
from hotline.web.shifts.saving import faults_of, save, sentence_for
from hotline.web.shifts.telling import tell_coordinators
from routing.coverage import Gap
from routing.duty import duty_at
from routing.roster import Instant, Span
from routing.standby import behind, standing_at
from routing.walltime import DAY, HOUR, MINUTE, parse_moment

_FIELDS = {"start": "from", "end": "until"}
_LONGEST_WHY = 200
_MORNING = 9 * HOUR


@dataclass(frozen=True, slots=True)
class Effect:
    """What an absence does. `needs_reason` when a line is left without anybody soon."""

    span: Span
    told: list[Told]
    needs_reason: tuple[Gap, ...]


@shifts.get("/absence")
def absence() -> Page:
    return _absence(here(), {}, {})


@shifts.post("/absence")
def plan_absence() -> Page | Response:
    found = here()
    filled = _filled(("from", "until", "why"))
    faults: dict[str, str] = {}
    start = _moment(found, filled, "from", faults)
    end = _moment(found, filled, "until", faults)
    if start is None or end is None:
        return _absence(found, filled, faults, 422)
    return _away(found, Span(start, end), filled, "absence.html")


@shifts.post("/absence/end")
def end_absence() -> Response:
    """Ends an absence that has begun, or takes back one that has not."""
    found = here()
    me = found.person()
    span = find_away(found.roster, me.id, request.form.get("absence", ""))
    if span is None:
        flash(_("This absence is not there any more. Here is what there is now."))
    else:
        try:
            result = save(found, [RemoveAway(me.id, span)], "")
        except EditRefused as refused:
            flash(" ".join(faults_of(refused, found, {}).values()))
        else:
            message, _status = sentence_for(result, found)
            flash(message or _("Done. You are rung again from now on when it is your turn."))
    return redirect(url_for("shifts.mine" if request.form.get("back") == "mine" else "shifts.absence"), 303)


@shifts.get("/unreachable")
def unreachable() -> Page:
    found = here()
    return _unreachable(found, {"choice": _choices(found)[0][0]}, {})


@shifts.post("/unreachable")
def go_away() -> Page | Response:
    found = here()
    filled = _filled(("choice", "until", "why"))
    chosen = {key: end for key, end, _text in _choices(found)}
    faults: dict[str, str] = {}
    end = chosen.get(filled["choice"])
    if end is None:
        end = _moment(found, filled, "until", faults)
    if end is None:
        return _unreachable(found, filled, faults, 422)
    return _away(found, Span(found.at - found.at % MINUTE, end), filled, "unreachable.html")


def _away(found: Here, span: Span, filled: Mapping[str, str], template: str) -> Page | Response:
    """Shows what the absence does, and saves it once that was seen."""
    show = _absence if template == "absence.html" else _unreachable
    edit = AddAway(found.person().id, span.start, span.end)
    try:
        preview = found.hotline.rosters.preview([edit], base_version=found.roster.version, now=found.now)
        if not isinstance(preview, Preview):
            message, status = sentence_for(preview, found)
            return show(found, filled, {"": message}, status)
        effect = Effect(span, tell(preview.effects, found.words, found.language), preview.needs_reason)
        if request.form.get("base") != found.roster.version:
            changed = bool(request.form.get("base"))
            faults = {"": _("The roster has changed since: this is what it does now.")} if changed else {}
            return show(found, filled, faults, 409 if changed else 200, effect)
        if effect.needs_reason and not filled["why"].strip():
            fault = _("This leaves a line without anybody soon. Say why, so that others can act.")
            return show(found, filled, {"why": fault}, 422, effect)
        result = save(found, [edit], filled["why"].strip(), found.roster.version)
    except EditRefused as refused:
        return show(found, filled, faults_of(refused, found, _FIELDS), 422)
    if isinstance(result, Saved):
        on = _rotations(found)
        if on and span.start <= found.at:
            tell_coordinators(found, "advisor_away", on[0], span.start, span.end)
        flash(_("Saved. You are not rung until %(at)s.", at=found.words.at(span.end)))
        return redirect(url_for("shifts.mine"), 303)
    message, status = sentence_for(result, found)
    return show(found, filled, {"why" if isinstance(result, NeedsReason) else "": message}, status, effect)


def _absence(
    found: Here,
    filled: Mapping[str, str],
    faults: Mapping[str, str],
    status: int = 200,
    effect: Effect | None = None,
) -> Page:
    away = [(span_key(span), span) for span in found.person().away if span.end > found.at]
    return found.page("absence.html", status, away=away, filled=filled, faults=faults, effect=effect)


def _unreachable(
    found: Here,
    filled: Mapping[str, str],
    faults: Mapping[str, str],
    status: int = 200,
    effect: Effect | None = None,
) -> Page:
    return found.page(
        "unreachable.html",
        status,
        choices=_choices(found),
        behind=behind(found.roster, found.person().id, found.at),
        filled=filled,
        faults=faults,
        effect=effect,
    )


def _choices(found: Here) -> list[tuple[str, Instant, str]]:
    """Until when somebody is away who goes away now: a key, the moment, and words for it."""
    roster, at, words = found.roster, found.at, found.words
    minute = at - at % MINUTE
    wall = roster.zone.wall(at) // DAY * DAY
    morning = next(
        end for day in (0, 1) if (end := roster.zone.instant(wall + day * DAY + _MORNING)) > minute + HOUR
    )
    choices = [("hours", minute + 2 * HOUR, _("2 hours, until %(at)s", at=words.at(minute + 2 * HOUR)))]
    choices.append(("morning", morning, _("Until %(at)s", at=words.at(morning))))
    relieved = [
        until for name in _rotations(found) if (until := standing_at(roster, name, at).until) is not None
    ]
    if relieved and min(relieved) not in {end for _key, end, _text in choices}:
        until = min(relieved)
        choices.append(("shift", until, _("The rest of my shift, until %(at)s", at=words.at(until))))
    return choices


def _rotations(found: Here) -> list[str]:
    """The rotations I am on call for, by the roster as it was when I asked."""
    me = found.person().id
    return [name for name in found.roster.rotations if duty_at(found.roster, name, found.at).person == me]


def _filled(names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.form.get(name, "")[:_LONGEST_WHY] for name in names}


def _moment(found: Here, filled: Mapping[str, str], name: str, faults: dict[str, str]) -> Instant | None:
    try:
        return parse_moment(filled[name], found.roster.zone)
    except ValueError:
        faults[name] = _("Fill in a date and a time.")
        return None
