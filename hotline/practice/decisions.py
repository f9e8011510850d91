"""The running log of a call: each decision and its reason in plain words, made from its events alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hotline.events import Event
from hotline.practice.whys import name_of, passed_over_sentence, rung_sentence, sentences
from routing.roster import Roster
from routing.walltime import day_of

Tone = Literal["plain", "rings", "good", "bad"]

_QUESTIONS: Mapping[str, Any] = {
    "language": _l("Asks for the language."),
    "need": _l("Asks what is needed: 1 a crisis, 2 advice, 3 information about a perpetrator."),
    "reconnect": _l("Asks whether the conversation was cut off."),
    "unsure": _l("Asks whether the caller has spoken with an advisor."),
    "callback": _l("Says that nobody can be reached, names 112 and the police, and offers to call back."),
    "number": _l("Asks for the number to call back on."),
    "check": _l("Reads the number back."),
}
_CLOSINGS: Mapping[str, Any] = {
    "promised": _l("Promises to call back, and ends the call."),
    "unanswered": _l("Names 112 and the police once more, and ends the call."),
    "advised": _l("Names 112, and ends the call."),
    "tipped": _l("Gives the numbers for information about perpetrators, twice, and ends the call."),
    "goodbye": _l("Says goodbye, and ends the call."),
    "no line": _l("Says that the call cannot be connected on this number, and names 112."),
    "no roster": _l("Says that nobody can be reached now, and names 112."),
}
_UNREACHED: Mapping[str, Any] = {
    "no answer": _l("%(name)s did not answer."),
    "canceled": _l("%(name)s did not answer."),
    "busy": _l("%(name)s is busy, or declined the call."),
    "failed": _l("The phone of %(name)s cannot be reached."),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of the log: what happened or was decided, and why."""

    id: str
    at: datetime
    text: str
    whys: tuple[str, ...] = ()
    tone: Tone = "plain"


def decisions(events: Sequence[Event], roster: Roster | None, language: str) -> list[Decision]:
    """The log of one call, in the language of the page. The order of the events does not matter."""
    told = sorted({event.key: event for event in events}.values(), key=lambda event: (event.at, event.key))
    return list(_Telling(told, roster, language).entries())


@dataclass(frozen=True)
class _Telling:
    told: Sequence[Event]
    roster: Roster | None
    language: str

    def entries(self) -> Iterator[Decision]:
        for event in self.told:
            match event.kind:
                case "arrived":
                    yield from self._arrived(event)
                case "rang":
                    yield self._rang(event)
                case "picked up":
                    yield self._picked_up(event)
                case "screened":
                    yield self._screened(event)
                case "ended" | "closed":
                    yield Decision(event.key, event.at, _("The call is over."))
                case _:
                    pass
            if "move" in event.data:
                yield self._move(event)

    def _arrived(self, event: Event) -> Iterator[Decision]:
        line = self.roster.lines.get(event.data.get("line") or "") if self.roster else None
        name = line.name if line else ""
        if event.data.get("withheld"):
            text = _("A call on %(line)s, the number withheld.", line=name)
        else:
            text = _("A call on %(line)s, the number shown.", line=name)
        yield Decision(f"{event.key}/call", event.at, text)

    def _rang(self, event: Event) -> Decision:
        data, name = event.data, self._rung_person(event)
        key = f"{event.key}/outcome"
        if data["joined"] or (data["joined"] is None and self._pressed(event, "1")):
            return Decision(key, event.at, _("The conversation with %(name)s is over.", name=name))
        if self._pressed(event, "2"):
            text = _("%(name)s passed the call on.", name=name)
        elif data["status"] in _UNREACHED:
            text = str(_UNREACHED[data["status"]]) % {"name": name}
        else:
            text = _("%(name)s's phone was picked up, but nobody pressed 1.", name=name)
        return Decision(key, event.at, text, tone="bad")

    def _picked_up(self, event: Event) -> Decision:
        text = _(
            "The phone of %(name)s is picked up: asks for a 1.", name=self._name(event.data.get("person"))
        )
        return Decision(event.key, event.at, text, (_("A voicemail picks up as well, but presses nothing."),))

    def _screened(self, event: Event) -> Decision:
        name, key = self._name(event.data.get("person")), event.data["keys"]
        if key == "1":
            text = _("%(name)s pressed 1 and takes the call.", name=name)
            return Decision(event.key, event.at, text, tone="good")
        if key == "2":
            return Decision(event.key, event.at, _("%(name)s pressed 2.", name=name))
        if key:
            text = _("%(name)s pressed %(key)s: the call is not taken.", name=name, key=key)
        else:
            text = _("%(name)s pressed nothing: the call is not taken.", name=name)
        return Decision(event.key, event.at, text)

    def _move(self, event: Event) -> Decision:
        data = event.data
        whys = sentences(data["why"], self._day(event.at), self._country(event), self.language)
        match data["move"]:
            case "ring":
                return self._ring(event, whys)
            case "close":
                return Decision(event.key, event.at, str(_CLOSINGS[data["closing"]]), tuple(whys))
            case _:
                return self._question(event, whys)

    def _ring(self, event: Event, whys: list[str]) -> Decision:
        data = event.data
        text = ngettext(
            "Rings %(name)s, for one second.",
            "Rings %(name)s, for %(num)s seconds.",
            data["seconds"],
            name=self._name(data["person"]),
        )
        place = _(
            "Policy %(policy)s, round %(round)s, step %(step)s.",
            policy=data["policy"],
            round=data["round"],
            step=data["step"],
        )
        if data["because"] == "again":
            reasons = [*whys, rung_sentence(data["by"], "again")]
        else:
            reasons = [*whys, rung_sentence(data["by"], data["because"]), place]
        return Decision(event.key, event.at, text, self._with_passed_over(reasons, data), "rings")

    def _question(self, event: Event, whys: list[str]) -> Decision:
        data = event.data
        stage = data["stage_next"]
        again = stage == data["stage"]
        if again:
            text = _("Asks once more.")
        elif stage == "callback" and data.get("kind") == "advice":
            text = _("Tells when the desk is open, and offers to call back then.")
        else:
            text = str(_QUESTIONS[stage])
        tone: Tone = "bad" if stage == "callback" and data.get("kind") != "advice" and not again else "plain"
        return Decision(event.key, event.at, text, self._with_passed_over(whys, data), tone)

    @staticmethod
    def _with_passed_over(whys: list[str], data: Mapping[str, Any]) -> tuple[str, ...]:
        passed_over = passed_over_sentence((ring, why) for ring, why in data.get("passed_over", ()))
        return tuple([*whys, passed_over] if passed_over else whys)

    def _rung_person(self, event: Event) -> str:
        rings = (told for told in self.told if told.data.get("move") == "ring")
        return self._name(
            next((ring.data["person"] for ring in rings if ring.data["ring_next"] == event.data["ring"]), "")
        )

    def _pressed(self, event: Event, key: str) -> bool:
        return any(
            told.kind == "screened"
            and told.data.get("ring") == event.data["ring"]
            and told.data["keys"] == key
            for told in self.told
        )

    def _name(self, person: str | None) -> str:
        return name_of(self.roster, person or "") or _("somebody")

    def _day(self, at: datetime) -> Any:
        instant = int(at.timestamp())
        return day_of(self.roster.zone.wall(instant)) if self.roster else at.astimezone(UTC).date()

    def _country(self, event: Event) -> str | None:
        line = self.roster.lines.get(event.data.get("line") or "") if self.roster else None
        return line.holidays.country if line else None
