"""Names, times, numbers and behaviours as the practice page writes them, in its language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hotline.practice.dialling import CALLER
from hotline.practice.moments import Moment
from hotline.practice.whys import holiday_name, name_of, rung_sentence
from routing.numbers import mask
from routing.roster import Instant, Line, Roster
from routing.walltime import day_of

#: How a phone can behave, in the order of the list it is chosen from.
BEHAVIOUR_WORDS: Mapping[str, Any] = {
    "practised": _l("You answer it"),
    "human": _l("Answers and takes the call"),
    "passes-on": _l("Answers and passes it on"),
    "no-answer": _l("Does not answer"),
    "voicemail": _l("Voicemail"),
    "busy": _l("Busy"),
    "declines": _l("Declines"),
    "silent": _l("Answers, presses nothing"),
    "wrong-key": _l("Answers, presses a wrong key"),
    "hangs-up": _l("Answers and hangs up"),
    "drops": _l("Takes the call, is cut off"),
    "invalid": _l("Number does not exist"),
}
_OUTCOMES: Mapping[str, Any] = {
    "connected": _l("Connected with an advisor"),
    "callback": _l("A call back is promised"),
    "message": _l("Nobody was reached; 112 and the police were named"),
    "informed": _l("Informed"),
    "abandoned": _l("The caller hung up before an advisor took the call"),
}
_KINDS: Mapping[str, Any] = {
    "crisis": _l("Crisis"),
    "desk": _l("Desk"),
    "advice": _l("Advice or registration"),
    "tip": _l("Information about a perpetrator"),
}
_LEG_OUTCOMES: Mapping[str, Any] = {
    "accepted": _l("took the call"),
    "passed on": _l("passed it on"),
    "no answer": _l("no answer"),
    "busy": _l("busy or declined"),
    "failed": _l("not reachable"),
    "not confirmed": _l("picked up, pressed no 1"),
}


@dataclass(frozen=True, slots=True)
class Words:
    roster: Roster
    language: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.roster.zone.name)

    @property
    def behaviours(self) -> Mapping[str, Any]:
        return BEHAVIOUR_WORDS

    def name(self, person: str) -> str:
        return name_of(self.roster, person)

    def line(self, number: str) -> str:
        """The name of the line that has the number."""
        return next((line.name for line in self.roster.lines.values() if line.number == number), "")

    @property
    def shown_by_default(self) -> str:
        return self.number(CALLER)

    def number(self, number: str) -> str:
        """A line's number, grouped as people read it."""
        try:
            parsed = phonenumbers.parse(number)
        except phonenumbers.NumberParseException:
            return number
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    def shown(self, number: str | None) -> str:
        """What the caller shows: never in full, unless it is the fictional one."""
        if not number:
            return str(_("withheld"))
        return self.number(number) if number == CALLER else mask(number)

    def time(self, at: datetime | str) -> str:
        return self._at(datetime.fromisoformat(at) if isinstance(at, str) else at, "HH:mm:ss")

    def day(self, at: Instant) -> str:
        return self._at(datetime.fromtimestamp(at, UTC), "EEEE d MMMM y")

    def hour(self, at: Instant) -> str:
        return self._at(datetime.fromtimestamp(at, UTC), "HH:mm")

    def short(self, at: Instant) -> str:
        return self._at(datetime.fromtimestamp(at, UTC), "EEE d MMM HH:mm")

    def seconds(self, seconds: int | None) -> str:
        if seconds is None:
            return ""
        if seconds < 60:
            return str(_("%(seconds)s s", seconds=seconds))
        return str(_("%(minutes)s min %(seconds)s s", minutes=seconds // 60, seconds=seconds % 60))

    def moment(self, moment: Moment, line: Line) -> str:
        """One choice of the list of moments."""
        match moment.key:
            case "now":
                return str(_("Now (open)") if moment.opening.open else _("Now (closed)"))
            case "christmas":
                name = _("Christmas night")
            case "weekday":
                name = _("Working day")
            case _:
                day = day_of(self.roster.zone.wall(moment.at))
                name = holiday_name(day, line.holidays.country, self.language) or _("Holiday")
        return f"{name}, {self.short(moment.at)}"

    def reason(self, ring: str, why: str) -> str:
        return rung_sentence(ring, why)

    def leg_reason(self, why: str) -> str:
        """The reason as it is stored with a ring: "crisis-first: turn"."""
        ring, _colon, word = why.rpartition(": ")
        return rung_sentence(ring, word)

    def outcome(self, outcome: str | None) -> str:
        return str(_OUTCOMES.get(outcome or "", "")) or _("Still going on")

    def kind(self, kind: str | None) -> str:
        return str(_KINDS.get(kind or "", "")) or _("Nothing was chosen")

    def leg_outcome(self, outcome: str | None) -> str:
        return str(_LEG_OUTCOMES.get(outcome or "", "")) or _("ringing")

    def _at(self, at: datetime, pattern: str) -> str:
        text: str = format_datetime(at, pattern, tzinfo=self.zone, locale=self.language)
        return text
