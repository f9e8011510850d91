"""The secret addresses of my calendar: made, shown once, renewed, revoked."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline.feeds import WHOLE_ROSTER, addresses_of, new_address, revoke
from hotline.web.shifts.blueprint import shifts
from hotline.web.shifts.here import Here, Page, here


@shifts.get("/calendar")
def calendar() -> Page:
    return _page(here())


@shifts.post("/calendar")
def new_calendar() -> Page:
    found = here()
    person = _person(found)
    token = new_address(found.hotline.engine, found.account.id, person, found.now)
    origin = found.hotline.settings.public_url.rstrip("/")
    # In the answer and nowhere else: neither in an address, nor in the session.
    return _page(found, person or "", origin + url_for("feeds.calendar", token=token))


@shifts.post("/calendar/revoke")
def revoke_calendar() -> Response:
    found = here()
    if revoke(found.hotline.engine, found.account.id, _person(found), found.now):
        flash(_("Revoked. Calendars that used the address get nothing any more."))
    else:
        flash(_("There is no address to revoke any more."))
    return redirect(url_for("shifts.calendar"), 303)


def _person(found: Here) -> str | None:
    """Whose calendar is meant: mine, or (None) everybody's, which only some may have."""
    if request.form.get("of") == "all":
        return None if found.account.role in WHOLE_ROSTER else abort(403)
    return found.person().id


def _page(found: Here, made_for: str | None = None, address: str = "") -> Page:
    return found.page(
        "calendar.html",
        addresses=addresses_of(found.hotline.engine, found.account.id),
        whole=found.account.role in WHOLE_ROSTER,
        made_for=made_for,
        address=address,
    )
