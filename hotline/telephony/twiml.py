"""TwiML documents from a few frozen verbs.

The types allow only what the provider accepts where it stands, and the text cannot break the XML:
the provider's own builder checks neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

# XML 1.0 section 2.2: everything outside these is refused by any parser, so it is never spoken.
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

_DIAL_LIMIT = 14_400  # seconds; the provider's own most, written out so that nobody wonders


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    language: str
    voice: str


@dataclass(frozen=True, slots=True)
class Play:
    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: int = 1


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


Spoken = Say | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """Speaks and waits `seconds` for keys: `digits` of them, or any number up to `#` when None.

    Silence reaches `action` too: by actionOnEmptyResult, and where that is not honoured by a
    redirect behind it. Both look the same to us: a request without keys.
    """

    spoken: tuple[Spoken, ...]
    action: str
    seconds: int
    digits: int | None = 1


@dataclass(frozen=True, slots=True)
class Dial:
    """Rings one phone for at most `seconds` (the provider adds five) and asks `action` how it went.

    `screening` is what the answering side hears before the two are joined; `progress` gets the
    leg's status callbacks.
    """

    number: str
    caller_id: str
    seconds: int
    action: str
    screening: str
    progress: str


Screening = Spoken | Gather | Hangup
Verb = Screening | Dial


def render(*verbs: Verb) -> str:
    """The document; what stands behind a `Gather` is its redirect for silence, so put it last."""
    return f"{_HEAD}<Response>{_all(verbs)}</Response>"


def render_screening(*verbs: Screening) -> str:
    """A document for the answering side. Silence must hang up: an end of it would join the two."""
    return f"{_HEAD}<Response>{_all(verbs, answers_silence=False)}<Hangup/></Response>"


def render_fallback(
    before: Iterable[Spoken], number: str, caller_id: str, seconds: int, behind: Iterable[Spoken]
) -> str:
    """A document for when our server is away: rings one phone, asks us nothing, screens nobody."""
    dial = (
        f'<Dial answerOnBridge="true" timeout="{seconds}" timeLimit="{_DIAL_LIMIT}"'
        f" callerId={quoteattr(caller_id)}><Number>{_text(number)}</Number></Dial>"
    )
    return f"{_HEAD}<Response>{_all(before)}{dial}{_all(behind)}</Response>"


#: Joins the two legs when it answers a screening request, and does nothing anywhere else.
EMPTY = f"{_HEAD}<Response/>"


def _all(verbs: Iterable[Verb], answers_silence: bool = True) -> str:
    return "".join(_verb(verb, answers_silence) for verb in verbs)


def _verb(verb: Verb, answers_silence: bool) -> str:
    match verb:
        case Say(text, language, voice):
            return f"<Say language={quoteattr(language)} voice={quoteattr(voice)}>{_text(text)}</Say>"
        case Play(url):
            return f"<Play>{_text(url)}</Play>"
        case Pause(seconds):
            return f'<Pause length="{seconds}"/>'
        case Hangup():
            return "<Hangup/>"
        case Gather():
            return _gather(verb, answers_silence)
        case Dial():
            return _dial(verb)


def _gather(gather: Gather, answers_silence: bool) -> str:
    keys = ' finishOnKey="#"' if gather.digits is None else f' numDigits="{gather.digits}" finishOnKey=""'
    on_silence = ' actionOnEmptyResult="true"' if answers_silence else ""
    redirect = f'<Redirect method="POST">{_text(gather.action)}</Redirect>' if answers_silence else ""
    return (
        f'<Gather input="dtmf"{keys} timeout="{gather.seconds}" action={quoteattr(gather.action)}'
        f' method="POST"{on_silence}>{_all(gather.spoken)}</Gather>{redirect}'
    )


def _dial(dial: Dial) -> str:
    return (
        f'<Dial answerOnBridge="true" timeout="{dial.seconds}" timeLimit="{_DIAL_LIMIT}"'
        f' callerId={quoteattr(dial.caller_id)} action={quoteattr(dial.action)} method="POST">'
        f'<Number url={quoteattr(dial.screening)} method="POST" statusCallback={quoteattr(dial.progress)}'
        f' statusCallbackMethod="POST" statusCallbackEvent="initiated ringing answered completed">'
        f"{_text(dial.number)}</Number></Dial>"
    )


def _text(text: str) -> str:
    return escape(_UNSPEAKABLE.sub("", text))
