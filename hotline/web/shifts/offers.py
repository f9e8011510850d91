"""Offering a shift to colleagues, and taking one over. Whose it is, the roster decides when it is saved."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline.roster.edits import AddOverride
from hotline.roster.refusals import EditRefused
from hotline.roster.results import Saved
from hotline.swaps import LONGEST_NOTE, Offer
from hotline.web.shifts.blueprint import shifts
from hotline.web.shifts.here import Here, Page, here
from hotline.web.shifts.mine import fit, my_page, why_not
from hotline.web.shifts.saving import save, sentence_for, told_before
from hotline.web.shifts.telling import tell_coordinators
from routing.duty import Shift
from routing.roster import Instant
from routing.standby import shifts_of
from routing.walltime import parse_moment


def _fault(code: str) -> str:
    return {
        "past": _("That is over already. Choose an end after now."),
        "empty": _("This end does not come after the beginning. Choose a later end."),
        "not yours": _("You are not on call throughout this time. Choose times within your shift."),
        "offered already": _("You have offered this already, or a part of it. Withdraw that offer first."),
        "note too long": _("Use %(count)s characters at most.", count=LONGEST_NOTE),
    }[code]


@shifts.get("/offer")
def offer_form() -> Page | Response:
    found = here()
    shift = _shift(found, request.args)
    if shift is None:
        return _gone()
    start = max(shift.start, found.at - found.at % 60)
    filled = {"from": found.words.field(start), "until": found.words.field(shift.end), "note": ""}
    return _form(found, shift, filled, {})


@shifts.post("/offer")
def offer() -> Page | Response:
    found = here()
    shift = _shift(found, request.form)
    if shift is None:
        return _gone()
    filled = {name: request.form.get(name, "")[: 4 * LONGEST_NOTE] for name in ("from", "until", "note")}
    faults: dict[str, str] = {}
    start, end = (_moment(found, shift, name, filled[name], faults) for name in ("from", "until"))
    if start is None or end is None:
        return _form(found, shift, filled, faults, 422)
    note = filled["note"].strip()
    wanted = Offer("", shift.rotation, found.person().id, start, end, note, found.now)
    fields = {"start": "from", "end": "until", "note": "note"}
    faults = {
        fields[field]: _fault(code)
        for field, code in found.swaps.faults(found.roster, wanted, found.at).items()
    }
    if faults:
        return _form(found, shift, filled, faults, 422)
    found.swaps.offer(wanted, found.account.id)
    flash(_("Offered. It stays yours until somebody takes it over."))
    return redirect(url_for("shifts.mine"), 303)


def _form(
    found: Here, shift: Shift, filled: Mapping[str, str], faults: Mapping[str, str], status: int = 200
) -> Page:
    return found.page("offer.html", status, shift=shift, filled=filled, faults=faults)


def _shift(found: Here, asked: Mapping[str, str]) -> Shift | None:
    """The shift of mine that is asked for, by rotation and beginning; None when it is not mine any more."""
    try:
        start = parse_moment(asked.get("start", ""), found.roster.zone)
    except ValueError:
        return None
    mine = shifts_of(found.roster, found.person().id, start, start + 1)
    return next(
        (each for each in mine if each.rotation == asked.get("rotation") and each.end > found.at), None
    )


def _moment(found: Here, shift: Shift, name: str, text: str, faults: dict[str, str]) -> Instant | None:
    """A time that was left as it was is the shift's own: on the wall it may occur twice."""
    own = shift.start if name == "from" else shift.end
    if text == found.words.field(own):
        return own
    try:
        return parse_moment(text, found.roster.zone)
    except ValueError:
        faults[name] = _("Fill in a date and a time.")
        return None


def _gone() -> Response:
    flash(_("This shift is not yours any more, or is over. Here are your shifts as they are now."))
    return redirect(url_for("shifts.mine"), 303)


@shifts.post("/offers/<id_>/withdraw")
def withdraw(id_: str) -> Response:
    found = here()
    if found.swaps.withdraw(id_, found.person().id, found.account.id, found.now):
        flash(_("Withdrawn. The shift stays yours."))
    else:
        flash(_("This offer is not open any more. Here are your shifts as they are now."))
    return redirect(url_for("shifts.mine"), 303)


@shifts.get("/offers/<id_>")
def offered(id_: str) -> Page:
    return _offered(here(), id_)


def _offered(found: Here, id_: str, status: int = 200, message: str = "") -> Page:
    """What taking it over would do; or why it cannot be taken."""
    offer = found.swaps.find(id_)
    reason = _why_closed(found, offer)
    if offer is None or reason:
        return my_page(found, 404 if offer is None else 409, reason)
    message = message or why_not(fit(found, offer), found.words)
    try:
        told = [] if message else told_before(found, [_edit(found, offer)])
    except EditRefused:
        return my_page(found, 409, _changed_hands(found.words.name(offer.person)))
    return found.page("take.html", status, offer=offer, told=told, message=message)


@shifts.post("/offers/<id_>")
def take(id_: str) -> Page | Response:
    found = here()
    me, offer = found.person(), found.swaps.find(id_)
    reason = _why_closed(found, offer)
    if offer is None or reason:
        return my_page(found, 404 if offer is None else 409, reason)
    if why_not(fit(found, offer), found.words):
        return _offered(found, id_, 422)
    giver = found.words.name(offer.person)
    try:
        result = save(
            found, [_edit(found, offer)], _("%(taker)s takes over from %(giver)s", taker=me.name, giver=giver)
        )
    except EditRefused:
        return my_page(found, 409, _changed_hands(giver))
    message, status = sentence_for(result, found)
    if not isinstance(result, Saved):
        return _offered(found, id_, status, message)
    found.swaps.taken(id_, me.id, found.account.id, found.now)
    tell_coordinators(found, "shift_taken", offer.rotation, max(offer.start, found.at), offer.end)
    flash(_("The shift is yours now. %(name)s and the coordinator are told.", name=giver))
    return redirect(url_for("shifts.mine"), 303)


def _edit(found: Here, offer: Offer) -> AddOverride:
    giver = found.words.name(offer.person)
    return AddOverride(
        offer.rotation,
        max(offer.start, found.at),
        offer.end,
        found.person().id,
        _("swapped with %(name)s", name=giver),
        instead_of=offer.person,
    )


def _why_closed(found: Here, offer: Offer | None) -> str:
    """Why an offer cannot be taken by anybody, or by me; "" when it can."""
    if offer is None:
        return _("There is no such offer. Here is what is offered now.")
    giver = found.words.name(offer.person)
    if offer.state == "withdrawn":
        return _("%(name)s has withdrawn this offer. Here is what is offered now.", name=giver)
    if offer.state == "taken":
        return _(
            "%(name)s took this shift before you. Here is what is offered now.",
            name=found.words.name(offer.taken_by),
        )
    if offer.end <= found.at:
        return _("This shift is over. Here is what is offered now.")
    if not offer.stands(found.roster, found.at):
        return _changed_hands(giver)
    if offer.person == found.person().id:
        return _("This is your own shift.")
    return ""


def _changed_hands(giver: str) -> str:
    return _(
        "The shift changed hands meanwhile: %(name)s does not have it any more. Here is what is offered now.",
        name=giver,
    )
