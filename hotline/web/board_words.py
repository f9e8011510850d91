"""What the board says, in the language of the page: where a call is, what became of it, what is not well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hotline.calls.board import CheckIn, OpenCall, short_id
from hotline.web.oncall import Hole, OnCall
from hotline.web.roster.words import Words, holiday_name
from routing.hours import Opening
from routing.standby import LineNow, Standing
from routing.walltime import DAY, HOUR, MINUTE, Instant, day_of, iso_z

_STAGES: Mapping[str, Any] = {
    "arrival": _l("Has just been answered"),
    "language": _l("Chooses a language"),
    "need": _l("Chooses what the call is about"),
    "ring": _l("Waits for the next ring"),
    "reconnect": _l("Is asked whether the call was cut off"),
    "unsure": _l("Is asked whether there was an advisor"),
    "callback": _l("Is offered a call back"),
    "number": _l("Keys in the number to call back"),
    "check": _l("Hears the number read back"),
    "promised": _l("Hears that we call back"),
    "unanswered": _l("Hears that nobody answered, and 112"),
    "advised": _l("Hears the advice"),
    "tipped": _l("Hears where to report"),
    "goodbye": _l("Hears the goodbye"),
    "no line": _l("Dialled a number no line has"),
    "no roster": _l("Hears 112: there is no roster"),
}

_KINDS: Mapping[str, Any] = {
    "desk": _l("Desk"),
    "crisis": _l("Crisis"),
    "advice": _l("Advice"),
    "tip": _l("Perpetrator information"),
}

_REASONS: Mapping[str, Any] = {
    "unanswered": _l("Nobody took this call"),
    "abandoned": _l("The caller left while we rang"),
    "not checked in": _l("Somebody did not check in for a shift"),
}

_NOBODY: Mapping[str, Any] = {
    "away": _l("away"),
    "off hours": _l("outside its hours"),
    "not started": _l("not begun yet"),
}

_HOWS: Mapping[str, Any] = {
    "turn": _l("their turn"),
    "override": _l("takes over"),
    "named": _l("named in the policy"),
}

_ILL: Mapping[str, Any] = {
    "database": _l(
        "The logbook is away. Calls are answered; what happened in them is kept and written later."
    ),
    "migrations": _l("The logbook is of another version than this software. Run the upgrade."),
    "journal": _l("What happened in calls is not being written into the logbook."),
    "scheduler": _l("The clockwork has stopped: reminders and messages do not go out. Restart the service."),
    "on_call": _l("On at least one line nobody would be reached now."),
}


@dataclass(frozen=True)
class BoardWords(Words):
    """`now` is the moment of the page: a time of the same day is written without its date."""

    now: Instant

    def at(self, at: Instant | None) -> str:
        """A time of today, or date and time; "" for never."""
        if at is None:
            return ""
        return self.time(at) if self._same_day(at, self.now) else self.moment(at)

    def _same_day(self, one: Instant, other: Instant) -> bool:
        zone = self.roster.zone
        return zone.wall(one) // DAY == zone.wall(other) // DAY

    def when(self, at: datetime | None) -> str:
        return self.at(None if at is None else int(at.timestamp()))

    def iso(self, at: datetime | Instant) -> str:
        return iso_z(at if isinstance(at, int) else int(at.timestamp()))

    def opening(self, line: LineNow) -> str:
        """Open or closed, and why."""
        opening = line.opening
        if opening.open:
            return _("Open: office hours")
        if opening.why == "holiday":
            country = self.roster.lines[line.line].holidays.country or ""
            name = holiday_name(day_of(self.roster.zone.wall(self.now)), country, self.language)
            return _("Closed: %(holiday)s", holiday=name) if name else _("Closed: a public holiday")
        return (
            _("Closed: this date is marked as closed")
            if opening.why == "closed"
            else _("Closed: outside hours")
        )

    def opening_until(self, opening: Opening) -> str:
        if opening.until is None:
            return _("No change in the next year")
        at = self.at(opening.until)
        return _("until %(at)s", at=at) if opening.open else _("opens %(at)s", at=at)

    def how(self, standing: Standing) -> str:
        """The rotation, and why it leads to this person or to nobody."""
        words = _NOBODY if standing.person is None else _HOWS
        why = str(words.get(standing.why, standing.why))
        return why if standing.why == "named" else f"{standing.ring}: {why}"

    def then(self, standing: Standing) -> str:
        """Who follows."""
        if standing.until is None:
            return ""
        if standing.next is None:
            why = str(_NOBODY.get(standing.next_why or "", ""))
            return _("then nobody (%(why)s)", why=why)
        return _("then %(name)s", name=self.name(standing.next))

    def until(self, standing: Standing) -> str:
        return _("without end") if standing.until is None else self.at(standing.until)

    def stage(self, call: OpenCall) -> str:
        """Where a call is: who is rung, who talks, or what the caller hears."""
        if call.person is not None and call.accepted_at is not None:
            return _("Talks with %(name)s", name=self.name(call.person))
        if call.person is not None:
            return _("Rings %(name)s (ring %(number)s)", name=self.name(call.person), number=call.ring)
        return str(_STAGES.get(call.stage, call.stage))

    def kind(self, kind: str | None) -> str:
        return str(_KINDS.get(kind or "", "")) or _("Not known yet")

    def check_in(self, each: CheckIn) -> str:
        if each.state == "confirmed":
            return _("yes, %(at)s", at=self.when(each.confirmed_at))
        if each.state == "unconfirmed":
            return _("no: did not press 1 when called")
        return ngettext("being called", "being called, try %(num)s", max(1, each.tries))

    def reason(self, reason: str) -> str:
        return str(_REASONS.get(reason, reason))

    def line_or_none(self, line: str | None) -> str:
        return self.line(line) if line else _("no line")

    def spoken(self, code: str) -> str:
        """The name of a language; its code where nobody knows one."""
        try:
            return Locale.parse(code).get_display_name(self.language) or code
        except (UnknownLocaleError, ValueError):
            return code

    def call(self, sid: str) -> str:
        return short_id(sid)

    def age(self, since: datetime) -> str:
        """How long ago, coarsely: the page's script writes the same in the same words."""
        return age(self.now - int(since.timestamp()))

    def clock(self, since: datetime) -> str:
        """Minutes and seconds of a call in progress."""
        seconds = max(0, self.now - int(since.timestamp()))
        return f"{seconds // MINUTE}:{seconds % MINUTE:02}"

    def hole(self, hole: Hole) -> str:
        who = _("nobody") if hole.person is None else _("only %(name)s", name=self.name(hole.person))
        start = _("now") if hole.start is None else self.at(hole.start)
        if hole.end is None:
            return _("%(line)s: %(who)s from %(start)s", line=self.line(hole.line), who=who, start=start)
        end = self.at(hole.end)
        if hole.start is not None and self._same_day(hole.start, hole.end):
            end = self.time(hole.end)
        return _(
            "%(line)s: %(who)s, %(start)s to %(end)s",
            line=self.line(hole.line),
            who=who,
            start=start,
            end=end,
        )

    def nobody(self, on_call: OnCall) -> str:
        """The warning that is spoken at once; "" while every line reaches somebody."""
        if not on_call.nobody:
            return ""
        lines = ", ".join(self.line(line) for line in on_call.nobody)
        return _("Nobody is on call: %(lines)s. Put somebody on now.", lines=lines)


def script_words() -> dict[str, str]:
    """The words of an age, with gaps, for the script that lets ages run on."""
    return {
        "ago": _("%(age)s ago", age="{}"),
        "minutes": _("%(minutes)s min", minutes="{m}"),
        "hours": _("%(hours)s h %(minutes)s min", hours="{h}", minutes="{m}"),
        "day": _days(1).replace("1", "{d}"),
        "days": _days(2).replace("2", "{d}"),
    }


def ill(name: str) -> str:
    """What a check that fails means to a coordinator."""
    return str(_ILL.get(name, "")) or _("The check “%(name)s” fails.", name=name)


def age(seconds: int) -> str:
    if seconds < HOUR:
        return _("%(minutes)s min", minutes=max(0, seconds) // MINUTE)
    if seconds < DAY:
        return _("%(hours)s h %(minutes)s min", hours=seconds // HOUR, minutes=seconds % HOUR // MINUTE)
    return _days(seconds // DAY)


def _days(count: int) -> str:
    text: str = ngettext("%(num)s day", "%(num)s days", count)
    return text
