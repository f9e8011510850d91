"""How duty is shared: bars and figures over a chosen period, and the same as CSV. Advisors see themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Response, make_response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from hotline.accounts.current import current_account
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.web.roster.blueprint import roster_pages
from hotline.web.roster.common import instant_now, language, page, roster_in_force, services
from hotline.web.roster.period import read_day
from hotline.web.roster.words import Words
from routing.fairness import Load, Share, share_between
from routing.roster import Instant, Roster
from routing.walltime import day_of, midnight
from routing.wording import sentence

#: No longer period is counted: five years.
_LONGEST = timedelta(days=5 * 366)

#: The columns: the field of `Load`, its name, and its definition.
MEASURES = (
    ("seconds", _l("Hours on call"), _l("Each hour once, however many rotations somebody is on.")),
    ("nights", _l("Nights"), _l("From 23:00 to 07:00, any part of it on call.")),
    ("weekends", _l("Weekends"), _l("Saturday 00:00 to Monday 00:00, any part of it on call.")),
    ("holidays", _l("Holidays"), _l("Public holidays on which a line is closed, any part of it on call.")),
    ("broken_nights", _l("Broken nights"), _l("Nights in which a call was taken between 23:00 and 07:00.")),
    ("night_calls", _l("Calls at night"), _l("Calls taken between 23:00 and 07:00.")),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """From the first date up to and with the last, on the wall; and what is wrong with what was asked."""

    first: date
    last: date
    faults: Mapping[str, str]

    def bounds(self, roster: Roster) -> tuple[Instant, Instant]:
        after = self.last + timedelta(days=1)
        return roster.zone.instant(midnight(self.first)), roster.zone.instant(midnight(after))


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure: its text, the percentages of the longest bar it and the mean have, how far it is off."""

    text: str
    width: float
    mean: float
    off: str


@roster_pages.get("/fairness")
def fairness() -> AnyResponse:
    roster, chosen = roster_in_force(), _chosen()
    words = Words(roster, language())
    share, calls_known = _share(roster, chosen)
    mine = _seen(share)
    text = page(
        "fairness.html",
        roster,
        chosen=chosen,
        faults=chosen.faults,
        measures=MEASURES,
        rows=[(words.name(load.person), _bars(load, share, words)) for load in mine],
        means=[_mean(share, measure, words) for measure, _name, _text in MEASURES],
        warnings=[
            sentence(problem, language())
            for problem in share.warnings
            if any(problem.path == f"people.{load.person}" for load in mine)
        ],
        calls_known=calls_known,
        everybody=len(mine) == len(share.loads),
    )
    return make_response(text, 422 if chosen.faults else 200)


@roster_pages.get("/fairness.csv")
def fairness_table() -> Response:
    roster, chosen = roster_in_force(), _chosen()
    words = Words(roster, language())
    share, calls_known = _share(roster, chosen)
    written = io.StringIO()
    sheet = csv.writer(written, quoting=csv.QUOTE_ALL)
    sheet.writerow([_("Person"), *(str(name) for _field, name, _text in MEASURES)])
    for load in _seen(share):
        figures = [_figure(load, measure, words) for measure, _name, _text in MEASURES]
        if not calls_known:
            figures[-2:] = ["", ""]
        sheet.writerow([as_text(words.name(load.person)), *figures])
    # Spreadsheets take a file without this mark for one of their own older encodings.
    response = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    name = f"fairness-{chosen.first.isoformat()}-{chosen.last.isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def as_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r\n＝＋－＠" and text else text


def _chosen() -> Chosen:
    """The period that was asked for; without one, the two months before this one, up to today."""
    today = day_of(roster_in_force().zone.wall(instant_now()))
    first, last = (today.replace(day=1) - timedelta(days=32)).replace(day=1), today
    faults: dict[str, str] = {}
    asked = {name: request.args.get(name, "") for name in ("from", "until")}
    found = {name: read_day(text) for name, text in asked.items() if text}
    for name, day in found.items():
        if day is None:
            faults[name] = _("This is no date between 2001 and 2098.")
    first, last = found.get("from") or first, found.get("until") or last
    if not faults and last < first:
        faults["until"] = _("This is before the first day. Choose a later date.")
        last = first
    if not faults and last - first > _LONGEST:
        faults["until"] = _("This is more than five years. Choose an earlier date.")
        last = first + _LONGEST
    return Chosen(first, last, faults)


def _share(roster: Roster, chosen: Chosen) -> tuple[Share, bool]:
    """The share, and whether the calls at night are known: not while the logbook is away."""
    start, end = chosen.bounds(roster)
    try:
        return share_between(roster, start, end, _accepted(start, end)), True
    except SQLAlchemyError:
        return share_between(roster, start, end), False


def _accepted(start: Instant, end: Instant) -> dict[str, list[Instant]]:
    """When each person took calls. Raises SQLAlchemyError."""
    legs = tables.legs.c
    first, last = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    query = select(legs.person, legs.accepted_at).where(legs.accepted_at >= first, legs.accepted_at < last)
    found: dict[str, list[Instant]] = {}
    with reading(services().engine) as connection:
        for person, at in connection.execute(query):
            found.setdefault(person, []).append(int(at.timestamp()))
    return found


def _seen(share: Share) -> list[Load]:
    account = current_account()
    if account.role != "advisor":
        return list(share.loads)
    return [load for load in share.loads if load.person == account.person]


def _figure(load: Load, measure: str, words: Words) -> str:
    value: int = getattr(load, measure)
    return words.hours(value) if measure == "seconds" else str(value)


def _mean(share: Share, measure: str, words: Words) -> str:
    mean = share.mean(measure)
    return words.hours(round(mean)) if measure == "seconds" else words.decimal(mean)


def _bars(load: Load, share: Share, words: Words) -> list[Bar]:
    bars = []
    for measure, _name, _text in MEASURES:
        value, mean = getattr(load, measure), share.mean(measure)
        most = max((getattr(each, measure) for each in share.loads), default=0) or 1
        off = f"{(value - mean) / mean:+.0%}".replace("-", "−").replace("+0%", "0%") if mean else ""
        bars.append(Bar(_figure(load, measure, words), 100 * value / most, 100 * mean / most, off))
    return bars
