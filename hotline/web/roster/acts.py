"""The changes that can be made on a page, each with its address."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from hotline.roster.edits import find_away, find_override
from hotline.roster.refusals import Refusal
from hotline.web.roster import filling, reading
from hotline.web.roster.blueprint import roster_pages
from hotline.web.roster.common import instant_now, roster_in_force
from hotline.web.roster.editing import Act, answer, gone, removing


@roster_pages.route("/cover", methods=["GET", "POST"])
def cover() -> AnyResponse:
    act = Act("cover", _("Somebody takes over"), url_for("roster.cover"), reading.read_cover)
    return answer(act, lambda roster: filling.fill_cover(request.args, roster, instant_now()))


@roster_pages.route("/swap", methods=["GET", "POST"])
def swap() -> AnyResponse:
    act = Act("swap", _("Two people swap shifts"), url_for("roster.swap"), reading.read_swap)
    return answer(act, lambda roster: filling.fill_swap(request.args, roster, instant_now()))


@roster_pages.route("/away", methods=["GET", "POST"])
def away() -> AnyResponse:
    act = Act("away", _("Somebody is away"), url_for("roster.away"), reading.read_away)
    return answer(act, lambda roster: filling.fill_away(request.args, roster, instant_now()))


@roster_pages.route("/overrides/<key>", methods=["GET", "POST"])
def override(key: str) -> AnyResponse:
    old = find_override(roster_in_force(), key)
    if old is None:
        return gone(Refusal("override.gone", ""))
    act = Act(
        "override",
        _("Change an override"),
        url_for("roster.override", key=key),
        lambda fields, roster: reading.read_override(fields, roster, old, remove=removing()),
        removable=True,
    )
    return answer(act, lambda roster: filling.fill_override(old, roster))


@roster_pages.route("/absences/<person>/<key>", methods=["GET", "POST"])
def absence(person: str, key: str) -> AnyResponse:
    old = find_away(roster_in_force(), person, key)
    if old is None:
        return gone(Refusal("away.gone", ""))
    act = Act(
        "absence",
        _("Change an absence"),
        url_for("roster.absence", person=person, key=key),
        lambda fields, roster: reading.read_absence(fields, roster, person, old, remove=removing()),
        removable=True,
    )
    return answer(act, lambda roster: filling.fill_absence(person, old, roster))
