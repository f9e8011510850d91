"""What the provider's webhooks say, in our words. Its own words stop here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from routing.numbers import caller_number

#: How the ring of an advisor's phone ended, or how far it got.
LegStatus = Literal[
    "initiated", "ringing", "answered", "completed", "busy", "failed", "no answer", "canceled"
]

_LEG_STATUSES: Mapping[str, LegStatus] = {
    "queued": "initiated",
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "answered",
    "answered": "completed",  # only of a <Dial>: it was picked up, and is over
    "completed": "completed",
    "busy": "busy",
    "failed": "failed",
    "no-answer": "no answer",
    "canceled": "canceled",
}
_OVER = frozenset({"completed", "busy", "failed", "no answer", "canceled"})

_CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class CallerRequest:
    """What every request about the caller's own leg says. `caller` is None when the number is withheld.

    `has_left`: the provider asks although the call is over, so nobody hears the answer.
    """

    call: str
    caller: str | None
    dialled: str | None
    keys: str
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class RingResult:
    """How a ring ended. `joined` is None where the provider does not say; `seconds` may be unknown."""

    status: LegStatus
    joined: bool | None
    seconds: int | None
    leg: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A status callback. `at` is the provider's own time of it, where it gives one."""

    leg: str
    status: LegStatus
    at: datetime | None
    seconds: int | None

    @property
    def is_over(self) -> bool:
        return self.status in _OVER


def caller_request(form: Mapping[str, str]) -> CallerRequest:
    return CallerRequest(
        call=call_id(form.get("CallSid", ""), form),
        caller=caller_number(form.get("From")),
        dialled=caller_number(form.get("To")),
        keys=form.get("Digits", "").strip()[:40],
        has_left=_LEG_STATUSES.get(form.get("CallStatus", "")) in _OVER,
    )


def ring_result(form: Mapping[str, str]) -> RingResult:
    """A `<Dial>` result. Its status alone never says that anybody spoke: only `joined` does."""
    bridged = form.get("DialBridged", "").strip().lower()
    return RingResult(
        status=_LEG_STATUSES.get(form.get("DialCallStatus", ""), "failed"),
        joined={"true": True, "false": False}.get(bridged),
        seconds=_seconds(form.get("DialCallDuration")),
        leg=call_id(form.get("DialCallSid", ""), form),
    )


def progress(form: Mapping[str, str]) -> Progress:
    return Progress(
        leg=call_id(form.get("CallSid", ""), form),
        status=_LEG_STATUSES.get(form.get("CallStatus", ""), "failed"),
        at=_instant(form.get("Timestamp")),
        seconds=_seconds(form.get("CallDuration")),
    )


def call_id(text: str, form: Mapping[str, str]) -> str:
    """The provider's name for a call; without one, a name made of the request: a repeat has the same."""
    if _CALL_ID.fullmatch(text):
        return text
    body = "\x00".join(f"{name}\x01{value}" for name, value in sorted(form.items()))
    return "unnamed-" + hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()[:32]


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
