"""Names, dates, times and spans as the roster pages write them, in the language of the page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import holidays
from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import gettext as _

from hotline.web.roster.calendar import Day
from routing.roster import Instant, Roster
from routing.walltime import DAY, HOUR, MINUTE, day_of


@lru_cache(maxsize=4096)
def _date(on: dt.date, pattern: str, language: str) -> str:
    text: str = format_date(on, pattern, locale=language)
    return text


@dataclass(frozen=True)
class Words:
    roster: Roster
    language: str

    def name(self, person: str | None) -> str:
        """What colleagues call them; the id of somebody who has left the roster."""
        if person is None:
            return _("nobody")
        found = self.roster.people.get(person)
        return found.name if found else person

    @cached_property
    def _first_names(self) -> dict[str, str]:
        people = self.roster.people.values()
        first = {person.id: (person.name.split() or [person.id])[0] for person in people}
        seen = Counter(first.values())
        return {person: name if seen[name] == 1 else self.name(person) for person, name in first.items()}

    def short(self, person: str | None) -> str:
        """The first name, where nobody shares it."""
        return _("nobody") if person is None else self._first_names.get(person, person)

    def names(self, people: Iterable[str]) -> str:
        return ", ".join(self.name(person) for person in people)

    def line(self, line: str) -> str:
        found = self.roster.lines.get(line)
        return found.name if found else line

    def date(self, on: dt.date, pattern: str = "EEE d MMM") -> str:
        return _date(on, pattern, self.language).replace(".", "")

    def time(self, at: Instant) -> str:
        """What the clock on the wall shows; where it shows that twice, which of the two."""
        wall = self.roster.zone.wall(at)
        text = f"{wall // HOUR % 24:02}:{wall // MINUTE % 60:02}"
        return text if self.roster.zone.instant(wall) == at else _("%(time)s (second time)", time=text)

    def moment(self, at: Instant) -> str:
        return f"{self.date(self.day(at))} {self.time(at)}"

    def moment_of(self, at: dt.datetime) -> str:
        return self.moment(int(at.timestamp()))

    def day(self, at: Instant) -> dt.date:
        return day_of(self.roster.zone.wall(at))

    def span(self, start: Instant, end: Instant) -> str:
        """From and until with their dates; the second date only where it is another."""
        same = self.day(start) == self.day(end)
        return _(
            "%(start)s to %(end)s", start=self.moment(start), end=self.time(end) if same else self.moment(end)
        )

    def part(self, start: Instant, end: Instant, day: Day) -> str:
        """Which part of a day: "" for all of it."""
        if start <= day.start and end >= day.end:
            return ""
        if start <= day.start:
            return _("to %(time)s", time=self.time(end))
        if end >= day.end:
            return _("from %(time)s", time=self.time(start))
        return f"{self.time(start)}–{self.time(end)}"

    def clock_change(self, day: Day) -> str:
        """How long a day on which the clock is changed really lasts; "" for all others."""
        if day.end - day.start == DAY:
            return ""
        return _("%(hours)s hours", hours=f"{day.hours:g}")

    def hours(self, seconds: int) -> str:
        """A length in hours and minutes: 8:30."""
        return f"{seconds // HOUR}:{seconds // MINUTE % 60:02}"

    def decimal(self, figure: float) -> str:
        """A figure with one decimal."""
        text: str = format_decimal(figure, "0.0", locale=self.language)
        return text

    def holiday(self, on: dt.date) -> str:
        """The name of the holiday on which a line is closed; "" on other days."""
        countries = dict.fromkeys(
            line.holidays.country for line in self.roster.lines.values() if line.holidays.country
        )
        return next((name for country in countries if (name := holiday_name(on, country, self.language))), "")


@lru_cache(maxsize=4096)
def holiday_name(on: dt.date, country: str, language: str) -> str:
    spoken = {"en": "en_US"}.get(language, language)
    name: str = holidays.country_holidays(country, years=on.year, language=spoken).get(on) or ""
    return name
