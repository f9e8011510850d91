"""The webhooks of calls: rehearsed on the practice telephone network, then made anew as often as wanted."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.served import ROSTER
from bench.servers import Server
from routing.duty import duty_at
from routing.reading import read_roster
from simulator.callers import Caller
from simulator.network import Network
from simulator.phones import Human, NoAnswer
from simulator.webhooks import Webhook, simulated_time

#: A thousand numbers that are kept free for drama: the caller's last three digits vary.
_CALLER = "+442079460"
_REHEARSED = _CALLER + "555"
_TOGETHER = 64

# Far enough off that no job ever finds these calls forgotten.
AT_NIGHT = datetime(2049, 12, 25, 2, 0, tzinfo=UTC)
AT_THE_DESK = datetime(2049, 12, 1, 9, 30, tzinfo=UTC)


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


def rehearse_night(server: Server) -> Script:
    """A crisis at night: the first advisor does not answer, the one behind takes the call."""
    return _rehearse(server, "helpdesk", AT_NIGHT, ["1", "1"])


def rehearse_desk(server: Server) -> Script:
    """A call in office hours: the desk takes it."""
    return _rehearse(server, "helpdesk", AT_THE_DESK, ["1"])


def rehearse_short(server: Server) -> Script:
    """The least there is to a call the desk takes, on a line of one language: five webhooks."""
    whole = _rehearse(server, "direct", AT_THE_DESK, [])
    short = tuple(
        step for step in whole.steps if not step.target.startswith(("/voice/leg", "/voice/reconnect"))
    )
    return replace(whole, steps=short)


def _rehearse(server: Server, line_id: str, at: datetime, keys: Sequence[str]) -> Script:
    settings = server.settings
    roster = read_roster(ROSTER.read_bytes()).roster
    assert roster is not None
    line = roster.lines[line_id]
    sleeper = duty_at(roster, "first", int(at.timestamp())).person
    network = Network(settings.account_sid, list(settings.auth_tokens))
    network.add_number(
        line.number, f"{server.origin}/voice/incoming", status_callback=f"{server.origin}/voice/status"
    )
    for person in roster.people.values():
        network.add_phone(person.phone, NoAnswer() if person.id == sleeper else Human(talks_for=60))
    network.dial(from_=_REHEARSED, to=line.number, at=at, caller=Caller(keys=list(keys)))
    network.run()
    if network.errors:
        raise SystemExit(f"The rehearsal went wrong: {network.errors}")
    webhooks = list(network.webhooks)
    sids = dict.fromkeys(webhook["CallSid"] for webhook in webhooks)
    return Script(tuple(_step(webhook) for webhook in webhooks), tuple(sids))


def _step(webhook: Webhook) -> Step:
    parts = urlsplit(webhook.address)
    fields = dict(webhook.parameters)
    return Step(
        target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
        signed="".join(name + fields[name] for name in sorted(fields)),
        body=urlencode(fields),
        at=simulated_time(webhook.at),
    )


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
        return text.replace(_REHEARSED[1:], caller[1:])

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
