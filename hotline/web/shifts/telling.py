"""Tells coordinators what advisors change among themselves."""

from __future__ import annotations

from typing import Literal

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs
from hotline.jobs.notices import Message, coordinators_at, line_of
from hotline.services import Services
from hotline.storage.outgoing import queue
from hotline.web.shifts.here import Here
from routing.reminding import is_civil
from routing.roster import Instant, Roster
from routing.walltime import HOUR, iso_z

log = logs.get_logger(__name__)

What = Literal["shift_taken", "advisor_away"]


def tell_coordinators(found: Here, what: What, rotation: str | None, start: Instant, end: Instant) -> None:
    """Puts the messages into the outbox. What is no emergency comes by day.

    The roster is saved already: where the database went away meanwhile, only the message is lost.
    """
    hotline: Services = current_app.extensions["hotline"].services
    roster = hotline.roster_file.roster()
    if roster is None or not roster.lines:
        return
    urgent = what == "advisor_away"
    line, me = line_of(roster, rotation), found.person().id
    message = Message(
        f"{what}/{me}/{iso_z(start)}/{roster.version}",
        line,
        what,
        {"start": iso_z(start), "end": iso_z(end)},
        found.now if urgent else found.moment(_by_day(roster, found.at)),
        urgent=urgent,
    )
    try:
        with hotline.engine.begin() as connection:
            whom = coordinators_at(connection, roster, line, found.at, besides={me})
            queue(connection, hotline.notices.to_coordinators(message, whom))
    except SQLAlchemyError as fault:
        log.error("coordinators not told", fault=type(fault).__name__)


def _by_day(roster: Roster, at: Instant) -> Instant:
    """The first moment from `at` on at which a telephone may buzz."""
    if is_civil(roster.zone, at):
        return at
    hours = (at // HOUR * HOUR + later * HOUR for later in range(1, 25))
    return next((hour for hour in hours if is_civil(roster.zone, hour)), at)
