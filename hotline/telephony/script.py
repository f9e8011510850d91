"""What is said: a move of the call as a TwiML document, for the caller and for the advisor's leg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from hotline.telephony.positions import PeopleTokens, webhook_url
from hotline.telephony.prompts import Prompts, spoken_digits
from hotline.telephony.twiml import Dial, Gather, Hangup, Pause, Spoken, Verb, render, render_screening
from routing.call import Ask, Close, Closing, Move, Position, Ring, Stage
from routing.ladder import Rung
from routing.roster import Person, Roster

#: Seconds to wait for a key behind the last word. The first choice is made by people who may have to
#: look for a light; a wait at the language menu is dead air for everybody who is content with the first.
_PATIENCE: dict[Stage, int] = {"language": 4, "need": 6, "callback": 8, "number": 15}
_USUAL_PATIENCE = 6
_SCREENING_PATIENCE = 5

_CLOSING_WORDS: dict[Closing, str] = {
    "promised": "promised",
    "unanswered": "unanswered",
    "advised": "advised",
    "tipped": "tip",
    "goodbye": "goodbye",
    "no line": "no_line",
    "no roster": "no_roster",
}


@dataclass(frozen=True)
class Script:
    """Turns moves into documents. Holds the words, and how people are named in URLs."""

    prompts: Prompts
    people: PeopleTokens

    def document(
        self, move: Move, *, call: str, arrived: bool, caller_known: bool, roster: Roster | None
    ) -> str:
        """The TwiML for the caller. `arrived` puts the greeting first."""
        languages = _languages(move.position, roster, self.prompts)
        greeting = self._greeting(move, roster, languages) if arrived and not _is_orphan(move) else ()
        match move:
            case Ask():
                return render(self._question(move, call, caller_known, roster, languages, greeting))
            case Ring():
                assert roster is not None
                return render(*greeting, *self._ring(move, call, roster, languages))
            case Close():
                return render(*greeting, *self._last_words(move, languages), Hangup())
        assert_never(move)

    def screening(self, position: Position, call: str, person: Person | None, roster: Roster | None) -> str:
        """What the advisor hears before the two are joined. Silence hangs up: it is not an answer."""
        languages = _own_languages(person, roster, self.prompts)
        line = roster.lines.get(position.line) if roster else None
        what = self.prompts.speak(
            "advisor.crisis" if position.kind == "crisis" else "advisor.desk",
            languages,
            line=line.name if line else "",
            language=self.prompts.language_name(position.language, languages[0]),
        )
        ring = self.prompts.speak("advisor.ring", languages, ring=str(position.rings))
        keys = self.prompts.speak("advisor.keys", languages)
        # Said twice: who is woken has the phone at the ear only after the first words.
        spoken = (what, ring, keys, Pause(2), what, keys)
        action = webhook_url("screen/key", call, position, self.people)
        return render_screening(Gather(spoken, action, _SCREENING_PATIENCE))

    def screened(self, words: str, person: Person | None, roster: Roster | None) -> str:
        """The confirmation for the advisor: `accepted` joins the two, everything else hangs up."""
        said = self.prompts.speak(f"advisor.{words}", _own_languages(person, roster, self.prompts))
        return render(said) if words == "accepted" else render_screening(said)

    def _greeting(self, move: Move, roster: Roster | None, languages: tuple[str, ...]) -> tuple[Spoken, ...]:
        line = roster.lines.get(move.position.line) if roster else None
        return (self.prompts.speak("greeting", languages, line=line.name if line else ""),)

    def _question(
        self,
        ask: Ask,
        call: str,
        caller_known: bool,
        roster: Roster | None,
        languages: tuple[str, ...],
        greeting: tuple[Spoken, ...],
    ) -> Gather:
        """The greeting is part of the question, so that a key pressed in the middle of it is not lost."""
        stage = ask.position.stage
        return Gather(
            (*greeting, *self._question_words(ask, caller_known, roster, languages)),
            webhook_url(stage, call, ask.position, self.people),
            _PATIENCE.get(stage, _USUAL_PATIENCE),
            None if stage == "number" else 1,
        )

    def _question_words(
        self, ask: Ask, caller_known: bool, roster: Roster | None, languages: tuple[str, ...]
    ) -> list[Spoken]:
        position = ask.position
        match position.stage:
            case "language":
                offered = roster.lines[position.line].languages if roster else ()
                # A language without words of its own cannot be offered; the keys of the others stay theirs.
                return [
                    self.prompts.speak("language", (language,), key=str(key))
                    for key, language in enumerate(offered, 1)
                    if language in self.prompts.tongues
                ]
            case "callback":
                return self._callback_offer(position, caller_known, roster, languages)
            case "number":
                return [self.prompts.speak("number" if position.tries == 1 else "number_again", languages)]
            case "check":
                digits = spoken_digits(
                    ask.number, str(self.prompts.tongue(self._heard(languages)).words["plus"])
                )
                return [self.prompts.speak("check", languages, digits=digits)]
            case "need" | "reconnect" | "unsure":
                return [self.prompts.speak(position.stage, languages)]
            case "arrival" | "ring":
                raise ValueError(f"nothing is asked at {position.stage}")
        assert_never(position.stage)

    def _heard(self, languages: tuple[str, ...]) -> str:
        """The first of the languages that has words: the one a prompt is spoken in."""
        return next((language for language in languages if language in self.prompts.tongues), languages[0])

    def _callback_offer(
        self, position: Position, caller_known: bool, roster: Roster | None, languages: tuple[str, ...]
    ) -> list[Spoken]:
        offer = self.prompts.speak("callback" if caller_known else "callback_withheld", languages)
        if position.tries > 1:
            return [offer]
        if position.kind == "advice":
            line = roster.lines.get(position.line) if roster else None
            hours = self.prompts.opening_hours(line, self._heard(languages)) if line else ""
            return [self.prompts.speak("hours", languages, hours=hours), offer]
        return [self.prompts.speak("unreached", languages), offer]

    def _ring(self, ring: Ring, call: str, roster: Roster, languages: tuple[str, ...]) -> list[Verb]:
        position = ring.position
        line = roster.lines[position.line]
        return [
            self.prompts.speak(_ring_words(position, ring.rung), languages),
            Dial(
                number=roster.people[ring.rung.person].phone,
                caller_id=line.number,
                seconds=ring.rung.seconds,
                action=webhook_url("ring", call, position, self.people),
                screening=webhook_url("screen", call, position, self.people),
                progress=webhook_url("leg", call, position, self.people),
            ),
        ]

    def _last_words(self, close: Close, languages: tuple[str, ...]) -> list[Spoken]:
        if _is_orphan(close):
            # Nothing is known of the caller, the language least of all.
            return [
                self.prompts.speak(_CLOSING_WORDS[close.closing], (code,)) for code in self.prompts.tongues
            ]
        words = _CLOSING_WORDS[close.closing]
        if close.closing == "promised" and close.position.kind == "advice":
            words = "promised_advice"
        said = self.prompts.speak(words, languages)
        return [said, Pause(1), said] if close.closing == "tipped" else [said]


def _is_orphan(move: Move) -> bool:
    return isinstance(move, Close) and move.closing in ("no line", "no roster")


def _ring_words(position: Position, rung: Rung) -> str:
    if rung.why == "again":
        return "again"
    return "connecting" if position.rings == 1 else "still_trying"


def _languages(position: Position, roster: Roster | None, prompts: Prompts) -> tuple[str, ...]:
    """The chosen language, then the line's: never empty."""
    line = roster.lines.get(position.line) if roster else None
    chosen = (position.language,) if position.language else ()
    spoken = dict.fromkeys((*chosen, *(line.languages if line else ())))
    return tuple(spoken) or tuple(prompts.tongues)


def _own_languages(person: Person | None, roster: Roster | None, prompts: Prompts) -> tuple[str, ...]:
    """The advisor's languages, those first that we have words in."""
    spoken = person.languages if person else ()
    return tuple(sorted(spoken, key=lambda code: code not in prompts.tongues)) or tuple(prompts.tongues)
