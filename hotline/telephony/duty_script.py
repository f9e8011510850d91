"""What advisors hear on calls we make to them: the check-in at the start of a shift, and the phone check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from hotline.telephony.positions import RETRIES, PeopleTokens
from hotline.telephony.prompts import Prompts
from hotline.telephony.twiml import Gather, Hangup, Pause, render
from routing.numbers import caller_number
from routing.roster import Person, Roster

CHECKIN = "/voice/checkin"
PHONE_CHECK = "/voice/phone-check"

CODE_DIGITS = 6
_PATIENCE = 6
#: Looking six digits up and keying them in takes its time.
_PATIENCE_FOR_CODE = 15


@dataclass(frozen=True, slots=True)
class DutyCall:
    """What the URL of a call to an advisor says. `what` is the instant of a shift, or a phone check's token.

    `person` is empty when the roster has no such person any more.
    """

    line: str
    person: str
    what: str
    tries: int = 1


@dataclass(frozen=True)
class DutyScript:
    """The documents. Every URL in them says all that is needed to continue, and nothing personal."""

    prompts: Prompts
    people: PeopleTokens

    def query(self, call: DutyCall) -> dict[str, str]:
        """The query of every URL about this call; `read` reads it."""
        return {
            "line": call.line,
            "with": self.people.token(call.person),
            "what": call.what,
            "try": str(call.tries),
        }

    def read(self, query: Mapping[str, str], roster: Roster | None) -> DutyCall:
        tries = query.get("try", "")
        return DutyCall(
            line=query.get("line", ""),
            person=self.people.person(query.get("with", ""), roster),
            what=query.get("what", "")[:40],
            tries=int(tries) if tries in {"1", "2", "3"} else 3,
        )

    def ask_checkin(self, call: DutyCall, roster: Roster | None) -> str:
        languages, line = self._reader(call, roster)
        said = self.prompts.speak("advisor.checkin", languages, line=line)
        # Said twice: who picks up has the phone at the ear only after the first words.
        return render(Gather((said, Pause(2), said), self._action(CHECKIN, call), _PATIENCE))

    def ask_code(self, call: DutyCall, roster: Roster | None) -> str:
        languages, line = self._reader(call, roster)
        name = "advisor.phone_check" if call.tries == 1 else "advisor.phone_again"
        said = self.prompts.speak(name, languages, line=line)
        action = self._action(PHONE_CHECK, call)
        return render(Gather((said, Pause(2), said), action, _PATIENCE_FOR_CODE, CODE_DIGITS))

    def last_words(self, name: str, call: DutyCall, roster: Roster | None) -> str:
        languages, line = self._reader(call, roster)
        return render(self.prompts.speak(f"advisor.{name}", languages, line=line), Hangup())

    def _action(self, path: str, call: DutyCall) -> str:
        return duty_url(f"{path}/key", self.query(call))

    def _reader(self, call: DutyCall, roster: Roster | None) -> tuple[tuple[str, ...], str]:
        """The languages of who is called, those first that we have words in; and the line's name."""
        person: Person | None = roster.people.get(call.person) if roster else None
        line = roster.lines.get(call.line) if roster else None
        spoken = person.languages if person else ()
        languages = tuple(sorted(spoken, key=lambda code: code not in self.prompts.tongues))
        return languages or tuple(self.prompts.tongues), line.name if line else ""


def duty_url(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}{RETRIES}"


def dialled_number(form: Mapping[str, str]) -> str:
    """The number of the phone we rang; empty when the request does not say."""
    return caller_number(form.get("To")) or ""
