"""What speaks against an edit before the file is touched: who, when, whose shift, whose number.

What a value may look like is asked of the readers of the file, so that both agree.
"""

from __future__ import annotations

import unicodedata

from hotline.roster.refusals import EditRefused, Refusal, refusals_of, refuse
from routing.duty import duties_between
from routing.fields import Spot
from routing.numbers import subscriber_number
from routing.outline import Listing, Text
from routing.problems import Problem, shown
from routing.roster import Instant, Override, Roster, Span
from routing.walltime import FIRST_YEAR, LAST_YEAR, MINUTE, Zone, local_text, parse_moment, wall_time


def read_moment_field(text: str, zone: Zone, field: str) -> Instant:
    """The instant of a form's date and time, wall clock in `zone`. Raises EditRefused."""
    if not text.strip():
        raise refuse("moment.empty", field)
    try:
        at = parse_moment(text.strip(), zone)
    except ValueError:
        raise refuse("moment.shape", field, text=shown(text)) from None
    check_years(zone, at, field)
    return at


def check_years(zone: Zone, at: Instant, field: str) -> None:
    if not wall_time(FIRST_YEAR, 1, 1) <= zone.wall(at) < wall_time(LAST_YEAR + 1, 1, 1):
        raise refuse("moment.range", field, first=str(FIRST_YEAR), last=str(LAST_YEAR))


def this_minute(now: Instant) -> Instant:
    return now - now % MINUTE


def span_from_now(roster: Roster, start: Instant, end: Instant, now: Instant) -> Span:
    """The part of a span that is not over. Raises EditRefused when there is none."""
    check_years(roster.zone, start, "start")
    check_years(roster.zone, end, "end")
    if end <= start:
        raise refuse("span.order", "end")
    if end <= now:
        raise refuse("span.past", "end")
    return Span(max(start, this_minute(now)), end)


def check_rotation(roster: Roster, rotation: str, field: str = "rotation") -> None:
    if rotation not in roster.rotations:
        raise refuse("rotation.unknown", field)


def check_person(roster: Roster, person: str, field: str = "person") -> None:
    if person not in roster.people:
        raise refuse("person.unknown", field)


def check_present(roster: Roster, person: str, span: Span, field: str = "person") -> None:
    """Raises EditRefused when the person is away in a part of the span: nobody would be on call then."""
    for away in roster.people[person].away:
        if away.start < span.end and span.start < away.end:
            start, end = (local_text(at, roster.zone) for at in (away.start, away.end))
            raise refuse("person.away", field, person=name_of(roster, person), start=start, end=end)


def has_shift(roster: Roster, rotation: str, person: str, span: Span) -> bool:
    """True when the person is on call for the rotation throughout the span."""
    pieces = duties_between(roster, rotation, span.start, span.end)
    return all(duty.person == person for _, _, duty in pieces)


def override_index(roster: Roster, override: Override, now: Instant) -> int:
    """Where the override stands in the file. Raises EditRefused when it is gone, or over."""
    if override not in roster.overrides:
        raise refuse("override.gone")
    if override.span.end <= now:
        raise refuse("override.over")
    return len(roster.overrides) - 1 - roster.overrides[::-1].index(override)


def away_index(roster: Roster, person: str, span: Span, now: Instant) -> int:
    """Where the absence stands in the person's list. Raises EditRefused when it is gone, or over."""
    check_person(roster, person)
    if span not in roster.people[person].away:
        raise refuse("away.gone")
    if span.end <= now:
        raise refuse("away.over")
    return roster.people[person].away.index(span)


def name_of(roster: Roster, person: str) -> str:
    return shown(roster.people[person].name if person in roster.people else person)


def clean(text: str) -> str:
    """A form's text on one line, without blanks around it or in a row."""
    return " ".join(text.split())


def check_reason(reason: str) -> str:
    """The reason as it is written. Raises EditRefused."""
    problems: list[Problem] = []
    reason = clean(reason)
    if reason:
        _spot(reason, "reason", problems).text()
    refused = [*_invisible(reason, "reason"), *refusals_of(problems)]
    if refused:
        raise EditRefused(refused)
    return reason


def check_fields(
    roster: Roster,
    person: str,
    name: str | None,
    phone: str | None,
    languages: tuple[str, ...] | None,
    email: str | None,
) -> str | None:
    """The phone in E.164 (None: not given). Raises EditRefused with all that is wrong with the fields."""
    problems: list[Problem] = []
    refused: list[Refusal] = []
    number = None
    if name is not None:
        _spot(name, "name", problems).text()
        refused += _invisible(name, "name")
    if phone is not None:
        number = _number(roster, person, phone, problems, refused)
    if languages is not None:
        Spot(
            Listing(0, tuple(Text(0, each, plain=False) for each in languages)), "languages", problems
        ).languages()
    if email:
        _spot(email, "email", problems).email()
        refused += _invisible(email, "email")
    refused += refusals_of(problems)
    if refused:
        raise EditRefused(refused)
    return number


def _number(
    roster: Roster, person: str, phone: str, problems: list[Problem], refused: list[Refusal]
) -> str | None:
    number = subscriber_number(phone)
    if not isinstance(number, str):
        # The reader knows the word for each way in which it can be wrong.
        _spot(phone, "phone", problems).phone()
        return None
    others = (other for other in roster.people.values() if other.id != person and other.phone == number)
    refused += [Refusal("phone.taken", "phone", {"other": shown(other.name)}) for other in others]
    lines = (line for line in roster.lines.values() if line.number == number)
    refused += [Refusal("phone.is_line", "phone", {"line": shown(line.name)}) for line in lines]
    return number


def _spot(text: str, field: str, problems: list[Problem]) -> Spot:
    return Spot(Text(0, text, plain=False), field, problems)


def _invisible(text: str, field: str) -> list[Refusal]:
    """Control characters, halves of characters and the like; joiners and marks of direction are letters."""
    found = next(
        (letter for letter in text if unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}),
        None,
    )
    return [] if found is None else [Refusal("text.control", field, {"code": f"U+{ord(found):04X}"})]
