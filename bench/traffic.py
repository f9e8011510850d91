"""The requests of any number of calls, each with its own ids and caller, made of calls once rehearsed."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any
from urllib.parse import urlsplit

#: A thousand numbers that are kept free for drama: the caller's last three digits vary.
_CALLER = "+442079460"
REHEARSED_CALLER = _CALLER + "555"
_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Step:
    """One webhook of a rehearsed call: target, form as it is signed and as it is sent, and time."""

    target: str
    signed: str
    body: str
    at: str


@dataclass(frozen=True, slots=True)
class Script:
    """A rehearsed call. `sids` are the ids that are other ones in every call that is made of it."""

    steps: tuple[Step, ...]
    sids: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"sids": self.sids, "steps": [[s.target, s.signed, s.body, s.at] for s in self.steps]}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Script:
        return cls(tuple(Step(*step) for step in told["steps"]), tuple(told["sids"]))


def requests_of(
    scripts: Sequence[Script], first: int, count: int, origin: str, token: str
) -> Iterator[bytes]:
    """The signed requests of `count` calls, numbered from `first`, the scripts in turn.

    Many calls go on at the same time: each call's next step comes when all the others have had theirs.
    """
    host = urlsplit(origin).netloc
    for start in range(first, first + count, _TOGETHER):
        numbers = range(start, min(start + _TOGETHER, first + count))
        calls = [_call(scripts[number % len(scripts)], number, origin, host, token) for number in numbers]
        while calls:
            going_on = []
            for call in calls:
                request = next(call, None)
                if request is not None:
                    yield request
                    going_on.append(call)
            calls = going_on


def _call(script: Script, number: int, origin: str, host: str, token: str) -> Iterator[bytes]:
    fresh = [f"CA{number:024x}{leg:08x}" for leg in range(len(script.sids))]
    caller = f"{_CALLER}{number % 1000:03}"

    def renew(text: str) -> str:
        for old, new in zip(script.sids, fresh, strict=True):
            text = text.replace(old, new)
        return text.replace(REHEARSED_CALLER[1:], caller[1:])

    for step in script.steps:
        target, body = renew(step.target), renew(step.body)
        message = f"{origin}{target}{renew(step.signed)}".encode()
        signature = base64.b64encode(hmac.digest(token.encode(), message, sha1)).decode()
        yield (
            f"POST {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
            f"X-Twilio-Signature: {signature}\r\nX-Simulated-Time: {step.at}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
