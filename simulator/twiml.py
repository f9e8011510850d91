"""Reads a TwiML document into verbs, strictly: what the provider would reject or warn of is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from simulator.grammar import ATTRIBUTES, CHILDREN, NOT_EXECUTED, SCREENING, SPEECH_MARKUP
from simulator.voices import voice_problem

MAXIMUM_BYTES = 64 * 1024
NOT_XML, WRONG_SCHEMA, DIAL_IN_SCREENING, WRONG_VOICE, WRONG_TEXT = 12100, 12200, 13201, 13511, 13520
_LONGEST_TEXT = 4096
_CHARACTERS_A_SECOND = 14
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class BadDocument(Exception):
    """`code` is the provider's error; the message names what is wrong."""

    def __init__(self, code: int, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.code = code


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    language: str
    voice: str
    loop: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Play:
    url: str
    digits: str
    loop: int


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: int


@dataclass(frozen=True, slots=True)
class Gather:
    prompts: tuple[Say | Play | Pause, ...]
    num_digits: int | None
    finish_on_key: str
    timeout: int
    action: str
    method: str
    action_on_empty_result: bool


@dataclass(frozen=True, slots=True)
class Number:
    number: str
    url: str
    method: str
    status_callback: str
    status_callback_events: frozenset[str]
    status_callback_method: str


@dataclass(frozen=True, slots=True)
class Dial:
    """`action` is None where absent: the next verb follows."""

    number: Number
    action: str | None
    method: str
    timeout: int
    time_limit: int
    caller_id: str | None
    answer_on_bridge: bool
    hangup_on_star: bool


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    busy: bool


Prompt = Say | Play | Pause
Verb = Say | Play | Pause | Gather | Dial | Redirect | Hangup | Reject


def speech_seconds(text: str) -> float:
    """How long it takes to say `text`."""
    return max(0.5, len(text) / _CHARACTERS_A_SECOND)


def read_document(body: bytes, *, screening: bool = False) -> tuple[Verb, ...]:
    """The verbs in order. `screening`: the document runs on a dialled leg. Raises BadDocument."""
    if b"<!DOCTYPE" in body:
        raise BadDocument(NOT_XML, "a document type declaration")
    try:
        root = ET.fromstring(body)  # noqa: S314 - no document type declaration, so no entities
    except (ET.ParseError, ValueError, LookupError) as error:
        raise BadDocument(NOT_XML, f"not XML: {error}") from None
    if root.tag != "Response":
        raise BadDocument(WRONG_SCHEMA, f"the root is {root.tag}, not Response")
    problems = _nesting_problems(root)
    if problems:
        raise BadDocument(WRONG_SCHEMA, *problems)
    if screening:
        _refuse_beyond_screening(root)
    return tuple(_verb(element) for element in root)


def _nesting_problems(element: ET.Element) -> list[str]:
    markup = element.tag in SPEECH_MARKUP
    known = SPEECH_MARKUP[element.tag] if markup else ATTRIBUTES[element.tag]
    names = ["xml:lang" if name == _XML_LANG else name for name in element.attrib]
    problems = [_attribute_problem(element.tag, name) for name in names if name not in known]
    allowed = CHILDREN["Say"] if markup else CHILDREN.get(element.tag, frozenset())
    for child in element:
        problems += _nesting_problems(child) if child.tag in allowed else [f"{child.tag} in {element.tag}"]
    if element.tag in ("Response", "Gather", "Dial") and _loose_text(element):
        problems.append(f"text in {element.tag}")
    return problems


def _attribute_problem(tag: str, name: str) -> str:
    if name in NOT_EXECUTED.get(tag, ()):
        return f"attribute {name} of {tag} is not executed here"
    return f"attribute {name} of {tag}"


def _loose_text(element: ET.Element) -> bool:
    return any(text and text.strip() for text in [element.text, *(child.tail for child in element)])


def _refuse_beyond_screening(root: ET.Element) -> None:
    for element in root:
        if element.tag == "Dial":
            raise BadDocument(DIAL_IN_SCREENING, "Dial on a dialled leg")
        if element.tag not in SCREENING:
            raise BadDocument(WRONG_SCHEMA, f"{element.tag} on a dialled leg")


def _verb(element: ET.Element) -> Verb:
    return _READERS[element.tag](element)


def _prompt(element: ET.Element) -> Prompt:
    verb = _verb(element)
    assert isinstance(verb, Say | Play | Pause)
    return verb


def _say(element: ET.Element) -> Say:
    text = " ".join("".join(element.itertext()).split())
    if not text:
        raise BadDocument(WRONG_TEXT, "Say without text")
    if len(text) > _LONGEST_TEXT:
        raise BadDocument(WRONG_TEXT, f"Say with {len(text)} characters")
    voice, language = element.get("voice", ""), element.get("language", "")
    if problem := voice_problem(voice, language):
        raise BadDocument(WRONG_VOICE, problem)
    breaks = sum(_break_seconds(mark.get("time", "")) for mark in element.iter("break"))
    loop = _integer(element, "loop", 1, 0, 1000) or 1000
    return Say(text, language or "en-US", voice, loop, (speech_seconds(text) + breaks) * loop)


def _break_seconds(time: str) -> float:
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", time)
    return float(parts[1]) / (1000 if parts[2] == "ms" else 1) if parts else 0.5


def _play(element: ET.Element) -> Play:
    url, digits = (element.text or "").strip(), element.get("digits", "")
    if not url and not digits:
        raise BadDocument(WRONG_SCHEMA, "Play without a URL")
    if not re.fullmatch(r"[0-9*#wW]*", digits):
        raise BadDocument(WRONG_SCHEMA, f"Play digits={digits!r}")
    return Play(url, digits, _integer(element, "loop", 1, 0, 1000) or 1000)


def _pause(element: ET.Element) -> Pause:
    return Pause(_integer(element, "length", 1, 1, 14400))


def _gather(element: ET.Element) -> Gather:
    finish = element.get("finishOnKey", "#")
    if not re.fullmatch(r"[0-9*#]?", finish):
        raise BadDocument(WRONG_SCHEMA, f"Gather finishOnKey={finish!r}")
    _choice(element, "input", "dtmf", ("dtmf",))
    return Gather(
        prompts=tuple(_prompt(child) for child in element),
        num_digits=_integer(element, "numDigits", 1, 1, 1000) if "numDigits" in element.attrib else None,
        finish_on_key=finish,
        timeout=_integer(element, "timeout", 5, 1, 600),
        action=element.get("action", ""),
        method=_method(element, "method"),
        action_on_empty_result=_boolean(element, "actionOnEmptyResult"),
    )


def _dial(element: ET.Element) -> Dial:
    if len(element) != 1:
        raise BadDocument(WRONG_SCHEMA, f"Dial with {len(element)} Numbers; only one is executed here")
    if not re.fullmatch(r"[a-z]{2}(-old)?|", element.get("ringTone", "")):
        raise BadDocument(WRONG_SCHEMA, f"Dial ringTone={element.get('ringTone')!r}")
    return Dial(
        number=_number(element[0]),
        action=element.get("action"),
        method=_method(element, "method"),
        timeout=_integer(element, "timeout", 30, 5, 600),
        time_limit=_integer(element, "timeLimit", 14400, 1, 14400),
        caller_id=element.get("callerId"),
        answer_on_bridge=_boolean(element, "answerOnBridge"),
        hangup_on_star=_boolean(element, "hangupOnStar"),
    )


def _number(element: ET.Element) -> Number:
    events = frozenset(element.get("statusCallbackEvent", "completed").split())
    if unknown := events - {"initiated", "ringing", "answered", "completed"}:
        raise BadDocument(WRONG_SCHEMA, f"Number statusCallbackEvent={' '.join(sorted(unknown))!r}")
    return Number(
        number=(element.text or "").strip(),
        url=element.get("url", ""),
        method=_method(element, "method"),
        status_callback=element.get("statusCallback", ""),
        status_callback_events=events,
        status_callback_method=_method(element, "statusCallbackMethod"),
    )


def _redirect(element: ET.Element) -> Redirect:
    return Redirect((element.text or "").strip(), _method(element, "method"))


def _hangup(_: ET.Element) -> Hangup:
    return Hangup()


def _reject(element: ET.Element) -> Reject:
    return Reject(busy=_choice(element, "reason", "rejected", ("rejected", "busy")) == "busy")


_READERS: Mapping[str, Callable[[ET.Element], Verb]] = {
    "Say": _say, "Play": _play, "Pause": _pause, "Gather": _gather, "Dial": _dial,
    "Redirect": _redirect, "Hangup": _hangup, "Reject": _reject,
}  # fmt: skip


def _choice(element: ET.Element, name: str, default: str, choices: tuple[str, ...]) -> str:
    value = element.get(name, default)
    if value not in choices:
        raise BadDocument(WRONG_SCHEMA, f"{element.tag} {name}={value!r}")
    return value


def _method(element: ET.Element, name: str) -> str:
    return _choice(element, name, "POST", ("POST", "GET"))


def _boolean(element: ET.Element, name: str) -> bool:
    return _choice(element, name, "false", ("true", "false")) == "true"


def _integer(element: ET.Element, name: str, default: int, low: int, high: int) -> int:
    text = element.get(name, str(default))
    if not re.fullmatch(r"\d{1,6}", text) or not low <= int(text) <= high:
        raise BadDocument(WRONG_SCHEMA, f"{element.tag} {name}={text!r}: not {low} to {high}")
    return int(text)
