"""The words of a message that goes out: its template in the reader's language, times as on their wall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.telephony.prompts import Prompts
from routing.roster import Line
from routing.walltime import HOUR, MINUTE, Zone, day_of, weekday_of

#: Spans a text message names; whoever wants to know them all looks at the roster.
_MOST_SPANS = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """`site` is where the pages are, for e-mail."""

    prompts: Prompts
    site: str

    def text(
        self, template: str, details: Mapping[str, Any], languages: Sequence[str], line: Line, zone: Zone
    ) -> str:
        """What a text message says, in the first of the languages that has words for it."""
        return self._write(template, details, languages, line, zone, _MOST_SPANS)

    def letter(
        self, template: str, details: Mapping[str, Any], languages: Sequence[str], line: Line, zone: Zone
    ) -> tuple[str, str]:
        """Subject and body of an e-mail that says the same, and names every span."""
        said = self._write(template, details, languages, line, zone, None)
        subject = self.prompts.write("mail.subject", tuple(languages), line=line.name)
        body = self.prompts.write("mail.body", tuple(languages), line=line.name, text=said, url=self.site)
        return subject, body

    def _write(
        self,
        template: str,
        details: Mapping[str, Any],
        languages: Sequence[str],
        line: Line,
        zone: Zone,
        most: int | None,
    ) -> str:
        name = f"text.{template}"
        language = self.prompts.writes_in(name, tuple(languages))
        gaps = _Gaps(self.prompts, language, zone, most).fill(details)
        return self.prompts.write(name, (language,), line=line.name, **gaps)


@dataclass(frozen=True, slots=True)
class _Gaps:
    prompts: Prompts
    language: str
    zone: Zone
    most: int | None

    def fill(self, details: Mapping[str, Any]) -> dict[str, str]:
        gaps = {"case": str(details.get("case", ""))}
        if "at" in details:
            gaps["time"] = self._time(details["at"])
        for name in ("start", "end"):
            if name in details:
                gaps[name] = self._moment(details[name])
        if "spans" in details:
            gaps["spans"] = self._spans(details["spans"])
        gaps["changes"] = " ".join(self._changes(details))
        return gaps

    def _changes(self, details: Mapping[str, Any]) -> list[str]:
        said = [
            self._word(name).format(spans=self._spans(details[name]))
            for name in ("gained", "lost")
            if details.get(name)
        ]
        return [*said, self._word("moved")] if details.get("moved") else said

    def _spans(self, spans: Sequence[Sequence[str]]) -> str:
        shown = spans if self.most is None else spans[: self.most]
        said = [
            self._word("span").format(start=self._moment(start), end=self._moment(end))
            for start, end in shown
        ]
        if len(spans) > len(shown):
            said.append(self._word("more").format(count=len(spans) - len(shown)))
        return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} {self._word('and')} {said[-1]}"

    def _moment(self, text: str | None) -> str:
        """As in "di 24 december 17:00"; a time that nobody knows is further notice."""
        if text is None:
            return self._word("further_notice")
        wall = self.zone.wall(_instant(text))
        day = day_of(wall)
        return self._word("moment").format(
            weekday=self.prompts.word("short_days", self.language)[weekday_of(wall)],
            day=day.day,
            month=self.prompts.word("months", self.language)[day.month - 1],
            time=self._time(text),
        )

    def _time(self, text: str) -> str:
        wall = self.zone.wall(_instant(text))
        return f"{wall // HOUR % 24:02}:{wall // MINUTE % 60:02}"

    def _word(self, name: str) -> str:
        return str(self.prompts.word(name, self.language))


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
