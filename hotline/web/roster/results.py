"""What became of a change that was to be saved: the calendar with a word of it, faults, or a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from hotline.roster.results import (
    Conflict,
    NeedsReason,
    NotSaved,
    Refused,
    Result,
    Saved,
    not_saved_sentence,
)
from hotline.web.roster.common import language, now, page, roster_in_force, store
from hotline.web.roster.told import gaps_told
from hotline.web.roster.words import Words
from routing.differences import differences
from routing.reading import read_roster
from routing.roster import Roster
from routing.wording import sentence
from routing.wording_differences import difference_words

Faults = dict[str, str]


def saved_page(result: Result, day: date | None = None) -> AnyResponse:
    """The calendar, which says what was changed."""
    assert isinstance(result, Saved)
    on = day.isoformat() if day else None
    return redirect(url_for("roster.calendar", on=on, saved=result.version.sequence), 303)


def faults_of_result(result: Result, words: Words) -> Faults:
    """The sentences for what was not saved, at their fields; none for what was saved."""
    match result:
        case NeedsReason(gaps):
            spans = "; ".join(gaps_told(gaps, words))
            return {
                "why": _(
                    "This leaves nobody within 72 hours (%(gaps)s). Say why it has to be so.", gaps=spans
                )
            }
        case Refused(problems):
            return {"": " ".join(sentence(problem, language()) for problem in problems)}
        case NotSaved(why):
            return {"": not_saved_sentence(why, language())}
        case _:
            return {}


def conflict_page(on_top: str, fields: Mapping[str, str], conflict: Conflict) -> AnyResponse:
    """Both versions and their difference. `on_top`: where what was typed can be put on top of theirs."""
    they_did, base = _since(request.form.get("base", ""))
    before, ours = (read_roster(each.encode()).roster for each in (base or conflict.theirs, conflict.ours))
    text = page(
        "conflict.html",
        roster_in_force(),
        on_top=on_top,
        fields=fields,
        conflict=conflict,
        wish="preview-removal" if request.form.get("act", "").endswith("-removal") else "preview",
        they_did=they_did,
        we_want=_difference(before, ours),
        wrong=[(problem.line, sentence(problem, language())) for problem in conflict.problems],
    )
    return make_response(text, 409)


def _difference(before: Roster | None, after: Roster | None) -> list[str]:
    if before is None or after is None:
        return []
    at = int(now().timestamp())
    return [difference_words(each, before.zone, language(), at) for each in differences(before, after)]


def _since(base: str) -> tuple[list[str], str]:
    """What the versions after `base` changed, oldest first, and its text; "" where it is not found."""
    told: list[str] = []
    try:
        for version in store().history(limit=20):
            if version.version == base:
                return told, version.text
            told = [*version.words[language()], *told]
    except SQLAlchemyError:
        return [], ""
    return told[-5:], ""
