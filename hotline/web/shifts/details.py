"""My languages and my e-mail address."""

from __future__ import annotations

import re

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline.roster.edits import SetPerson
from hotline.roster.refusals import EditRefused
from hotline.roster.results import Saved
from hotline.web.shifts.blueprint import shifts
from hotline.web.shifts.here import Here, Page, here
from hotline.web.shifts.saving import faults_of, save, sentence_for

_MOST = 9
_SEPARATORS = re.compile(r"[\s,;]+")


@shifts.get("/details")
def details() -> Page:
    found = here()
    me = found.person()
    return _page(found, me.languages, "", me.email or "", {})


@shifts.post("/details")
def change_details() -> Page | Response:
    found = here()
    me = found.person()
    ticked = tuple(request.form.getlist("language")[: 4 * _MOST])
    others, email = request.form.get("others", "")[:100], request.form.get("email", "")[:320].strip()
    languages = tuple(dict.fromkeys((*ticked, *filter(None, _SEPARATORS.split(others.lower())))))
    if not languages:
        return _page(found, ticked, others, email, {"languages": _("Tick at least one language.")}, 422)
    edit = SetPerson(me.id, languages=_in_order(me.languages, languages), email=email)
    try:
        result = save(found, [edit], "")
    except EditRefused as refused:
        fields = {"languages": "languages", "email": "email"}
        return _page(found, ticked, others, email, faults_of(refused, found, fields), 422)
    message, status = sentence_for(result, found)
    if not isinstance(result, Saved):
        return _page(found, ticked, others, email, {"": message}, status)
    flash(_("Saved."))
    return redirect(url_for("shifts.details"), 303)


def _in_order(before: tuple[str, ...], chosen: tuple[str, ...]) -> tuple[str, ...]:
    """As they were, with new ones behind: the first is the one messages come in."""
    return tuple(sorted(chosen, key=lambda code: before.index(code) if code in before else len(before)))


def _page(
    found: Here,
    ticked: tuple[str, ...],
    others: str,
    email: str,
    faults: dict[str, str],
    status: int = 200,
) -> Page:
    known = [
        *(code for line in found.roster.lines.values() for code in line.languages),
        *(code for person in found.roster.people.values() for code in person.languages),
    ]
    return found.page(
        "details.html",
        status,
        languages=sorted(dict.fromkeys(known), key=found.words.spoken),
        ticked=ticked,
        others=others,
        email=email,
        faults=faults,
    )
