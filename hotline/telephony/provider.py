"""The provider's REST interface: texts and calls to people, what it knows of a call, how a number is set up.

Every request has a time limit, and every failure is one `ProviderError`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

_SECONDS = 5
#: One page of a list, and more than ever goes to one phone in a quarter of an hour.
_MOST = 1000
_NOT_FOUND = 404
_TOO_MANY = 429
_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

T = TypeVar("T")


class ProviderError(Exception):
    """A request that failed. `permanent`: it would again. `done` is None when nobody knows whether it was."""

    def __init__(self, code: str, *, permanent: bool, done: bool | None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.done = done


@dataclass(frozen=True, slots=True)
class CallState:
    """What the provider says of a call. `seconds` is its duration once it is over."""

    is_over: bool
    ended_at: datetime | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class NumberSetup:
    """The webhooks a number is set up with; empty where there is none."""

    voice_url: str
    voice_method: str
    fallback_url: str
    status_callback: str


class Provider:
    """One account. With an API key the token is used for signatures only."""

    def __init__(
        self, account: str, token: str, key: tuple[str, str] | None = None, url: str | None = None
    ) -> None:
        user, secret = key or (account, token)
        self._client = Client(user, secret, account, http_client=TwilioHttpClient(timeout=_SECONDS))
        if url:
            self._client.api.base_url = url

    def call_state(self, sid: str) -> CallState | None:
        """None when the provider knows no such call. Raises ProviderError."""
        try:
            call = _request(lambda: self._client.calls(sid).fetch())
        except ProviderError as error:
            if error.code == str(_NOT_FOUND):
                return None
            raise
        seconds = str(call.duration or "")
        return CallState(
            call.status in _OVER, _utc(call.end_time), int(seconds) if seconds.isdigit() else None
        )

    def send_text(self, to: str, from_: str, body: str) -> str:
        """The message's id at the provider. Raises ProviderError."""
        return str(_request(lambda: self._client.messages.create(to=to, from_=from_, body=body)).sid)

    def texts_sent(self, to: str, body: str, since: datetime) -> list[str]:
        """The ids of such messages sent since then: asked when nobody knows whether a request was done."""
        found = _request(lambda: self._client.messages.list(to=to, date_sent_after=since, limit=_MOST))
        return [str(message.sid) for message in found if message.body == body]

    def place_call(self, to: str, from_: str, url: str, seconds: int) -> str:
        """Rings a phone for at most so many seconds; what is said when it is answered, `url` tells.

        The call's id at the provider, which may ring later than asked. Raises ProviderError.
        """
        return str(
            _request(lambda: self._client.calls.create(to=to, from_=from_, url=url, timeout=seconds)).sid
        )

    def calls_placed(self, to: str, from_: str, since: datetime) -> list[str]:
        """The ids of calls `place_call` made since then; one that still waits to ring is among them."""
        # No filter by time: a call that still waits has no start yet.
        found = _request(lambda: self._client.calls.list(to=to, from_=from_, limit=_MOST))
        return [
            str(call.sid)
            for call in found
            if call.direction == "outbound-api" and (made := _utc(call.date_created)) and made >= since
        ]

    def number_setup(self, number: str) -> NumberSetup | None:
        """How the number is set up; None when the account does not have it. Raises ProviderError."""
        found = _request(lambda: self._client.incoming_phone_numbers.list(phone_number=number, limit=1))
        if not found:
            return None
        return NumberSetup(
            found[0].voice_url or "",
            found[0].voice_method or "",
            found[0].voice_fallback_url or "",
            found[0].status_callback or "",
        )


def _request(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except TwilioRestException as error:
        # 429 was never processed, other refusals below 500 were turned down, 5xx may have been done.
        refused = error.status < 500
        raise ProviderError(
            str(error.code or error.status) if error.status != _NOT_FOUND else str(_NOT_FOUND),
            permanent=refused and error.status != _TOO_MANY,
            done=False if refused else None,
        ) from None
    except requests.exceptions.ConnectTimeout:
        raise ProviderError("connect", permanent=False, done=False) from None
    except requests.exceptions.ConnectionError as error:
        never_left = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
        raise ProviderError("connect", permanent=False, done=False if never_left else None) from None
    except (requests.exceptions.RequestException, TwilioException, ValueError, KeyError):
        raise ProviderError("unclear", permanent=False, done=None) from None


def _utc(at: Any) -> datetime | None:
    return at.astimezone(UTC) if isinstance(at, datetime) else None
