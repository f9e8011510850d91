"""What the roster pages share: the services, who asks, in which language, and the roster in force."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from flask import abort, current_app, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from hotline.accounts.current import current_account
from hotline.accounts.models import Account
from hotline.roster.edits import override_key, span_key
from hotline.roster.publishing import RosterStore
from hotline.roster.results import HAND, Author
from hotline.services import Services
from hotline.web.roster.words import Words
from routing.roster import Instant, Roster
from routing.walltime import FIRST_YEAR, HOUR, LAST_YEAR, MINUTE, Zone, day_of, iso_z, parse_moment
from routing.wording import Language, sentence

#: No database has a greater one.
MOST_NUMBER = 2**31 - 1
#: In a path.
NUMBER = f"int(min=1, max={MOST_NUMBER})"


def services() -> Services:
    found: Services = current_app.extensions["hotline"].services
    return found


def store() -> RosterStore:
    return services().rosters


def now() -> datetime:
    return services().clock.now(request.headers)


def instant_now() -> Instant:
    return int(now().timestamp())


def language() -> Language:
    return cast(Language, str(get_locale()))


def roster_in_force() -> Roster:
    """Aborts with 503 where no roster was ever read."""
    found = store().roster()
    if found is None:
        abort(503)
    return found


def may_edit(account: Account | None = None) -> bool:
    return (account or current_account()).role in ("coordinator", "admin")


def open_pages(account: Account) -> frozenset[str]:
    """The pages of the roster that somebody may open."""
    if account.role == "analyst":
        return frozenset({"fairness"})
    reads = {"calendar", "fairness", "what_if"}
    return frozenset(reads | {"history"} if may_edit(account) else reads)


def author_told(found: Author) -> str:
    return _("by hand") if found == HAND else found.name


def author() -> Author:
    account = current_account()
    return Author(account.name, account.id)


def stamp(at: Instant, zone: Zone) -> str:
    """An instant in an address or a form: wall clock, or in UTC where the clock shows that twice."""
    wall = zone.wall(at)
    if zone.instant(wall) != at:
        return iso_z(at)
    return f"{day_of(wall).isoformat()}T{wall // HOUR % 24:02}:{wall // MINUTE % 60:02}"


def state_of(found: RosterStore) -> str:
    """A short name for the roster in force, its history and what is wrong with its file."""
    force = found.in_force
    told = repr((force.version, force.refused_text, force.unreadable, found.newest))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _trouble() -> str:
    """Why versions cannot be saved or shown just now; "" when they can."""
    if not store().trouble:
        return ""
    return _("Versions cannot be saved or shown just now. A change of the file by hand still takes effect.")


def moment_asked(text: str, zone: Zone) -> Instant | None:
    """The moment an address names; None for what is none, or lies where no clock changes are known."""
    try:
        at = parse_moment(text[:40], zone)
        known = FIRST_YEAR < day_of(zone.wall(at)).year < LAST_YEAR
    except (ValueError, OverflowError):
        return None
    return at if known else None


def number_asked(name: str) -> int | None:
    """A number in the address, such as a database has; None without one, or for what is none."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number <= MOST_NUMBER else None


def page(template: str, roster: Roster, **values: Any) -> str:
    """A page of the roster with what all of them need."""
    account, force = current_account(), store().in_force
    shared: Mapping[str, Any] = {
        "words": Words(roster, language()),
        "stamp": lambda at: stamp(at, roster.zone),
        "may_edit": may_edit(account),
        "account": account,
        "base": roster.version,
        "in_force": force,
        "state": state_of(store()),
        "since": int(force.since.timestamp()),
        "refused": [(problem.line, sentence(problem, language())) for problem in force.refused],
        "trouble": _trouble(),
        "now": instant_now(),
        "open_pages": open_pages(account),
        "author_told": author_told,
        # Made once: a month has some hundred links.
        "addresses": {
            "cover": url_for("roster.cover"),
            "override": url_for("roster.override", key=""),
            "absence": url_for("roster.absence", person="", key="")[:-1],
        },
        "span_key": span_key,
        "override_key": override_key,
    }
    return render_template(f"roster/{template}", **shared, **values)
