"""The dial form: which number the caller shows, which line, and what time it is supposed to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hotline.practice.moments import NoSuchMoment, chosen_moment
from hotline.practice.network import PracticeProvider
from routing.numbers import Refusal, subscriber_number
from routing.roster import Instant, Roster

#: Kept free for fiction: no phone has it.
CALLER = "+46701740699"


@dataclass(frozen=True, slots=True)
class DialForm:
    """What was filled in: `shows` is default, withheld or other; `when` a key of `moments`, or other."""

    shows: str = "default"
    number: str = ""
    line: str = ""
    when: str = "now"
    moment: str = ""


@dataclass(frozen=True, slots=True)
class DialFaults:
    number: bool = False
    moment: bool = False


def read_form(form: Mapping[str, str]) -> DialForm:
    return DialForm(
        shows=form.get("shows", "default"),
        number=form.get("number", "")[:60].strip(),
        line=form.get("line", ""),
        when=form.get("when", "now"),
        moment=form.get("moment", "")[:40].strip(),
    )


def dial(provider: PracticeProvider, roster: Roster, filled: DialForm, now: Instant) -> str | DialFaults:
    """The sid of the call that has begun, or what is wrong with the form."""
    line = roster.lines.get(filled.line) or next(iter(roster.lines.values()))
    number = _number(filled)
    at: Instant | None = None
    wrong_moment = False
    try:
        at = chosen_moment(roster, line, now, filled.when, filled.moment)
    except NoSuchMoment:
        wrong_moment = True
    if isinstance(number, Refusal) or wrong_moment:
        return DialFaults(number=isinstance(number, Refusal), moment=wrong_moment)
    moment = None if at is None else datetime.fromtimestamp(at, UTC)
    return provider.network.dial(number, line.number, moment).sid


def _number(filled: DialForm) -> str | Refusal | None:
    if filled.shows == "withheld":
        return None
    return subscriber_number(filled.number) if filled.shows == "other" else CALLER
