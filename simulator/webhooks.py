"""Posts signed requests over real HTTP, with the provider's retries, redirects and limits.

Only this machine is ever contacted, over plain HTTP: a URL elsewhere must be mapped to a loopback origin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPMessage
from urllib.parse import urlencode, urljoin, urlsplit

from simulator.signing import sign, signed_url

FETCH_FAILED, CONNECTION_FAILED, BAD_URL = 11200, 11205, 11100
TOO_MANY_REDIRECTS, WRONG_CONTENT_TYPE, TOO_LARGE = 11215, 12300, 11750
MAXIMUM_BYTES = 64 * 1024
TOTAL_SECONDS, CONNECT_SECONDS = 15.0, 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OVERRIDE = re.compile(r"(?:^|&)(rc|rt|rp)=([0-9a-z,]+)")
_URL = re.compile(r"https?://[!-~]+")

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `error` is empty, "connect", "read" (no answer in time), "reset", "redirects" or "url";
    `seconds` is the virtual time that was lost in waiting."""

    status: int = 0
    content_type: str = ""
    body: bytes = b""
    error: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.error and 200 <= self.status < 300


@dataclass(slots=True, eq=False)
class Webhook:
    """One request to our side. `answers` are all that were received, repeats included; `url` holds the
    fragment with the connection overrides, which is neither sent nor signed."""

    kind: str
    method: str
    url: str
    parameters: Parameters
    call_sid: str
    token: str
    at: datetime
    answers: list[Answer] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.url.partition("#")[0]

    def __getitem__(self, name: str) -> str:
        return dict(self.parameters)[name]

    def get(self, name: str, default: str = "") -> str:
        return dict(self.parameters).get(name, default)


@dataclass(frozen=True, slots=True)
class Overrides:
    """How often and on what a request is tried again: the provider's defaults, or the URL's fragment."""

    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    read_seconds: float = TOTAL_SECONDS

    @classmethod
    def of(cls, url: str) -> Overrides:
        values = dict(_OVERRIDE.findall(url.partition("#")[2]))
        return cls(
            retries=min(5, int(values.get("rc", "1"))),
            policy=frozenset(values.get("rp", "ct").split(",")),
            read_seconds=min(TOTAL_SECONDS, int(values.get("rt", "15000")) / 1000),
        )

    def retries_after(self, answer: Answer) -> bool:
        kinds = {"connect": "ct", "read": "rt", "reset": "rt"}
        kind = kinds.get(answer.error) or {4: "4xx", 5: "5xx"}.get(answer.status // 100, "")
        return bool(self.policy & {kind, "all"}) and not answer.ok


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it came over the wire."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(slots=True)
class Sender:
    """`reach` maps origins as the webhooks name them to the loopback origins that serve them."""

    tokens: list[str]
    reach: Mapping[str, str] = field(default_factory=dict)
    timeout: float = TOTAL_SECONDS

    def request(self, webhook: Webhook, at: datetime) -> Answer:
        """One attempt, redirects followed."""
        current = replace(webhook, url=webhook.address)
        for _ in range(11):
            response = self._exchange(current, at)
            if isinstance(response, Answer):
                return response
            location = response.headers.get("Location")
            if location is None or response.status not in (301, 302, 303, 307, 308):
                return Answer(response.status, response.headers.get("Content-Type", ""), response.body)
            method = current.method if response.status in (307, 308) else "GET"
            current = replace(current, url=urljoin(current.url, location), method=method)
        return Answer(error="redirects")

    def _exchange(self, webhook: Webhook, at: datetime) -> Response | Answer:
        url, form = webhook.url, webhook.parameters
        if webhook.method == "GET":
            url += ("&" if "?" in url else "?") + urlencode(form)
            form = ()
        headers = {"I-Twilio-Idempotency-Token": webhook.token, "X-Simulated-Time": simulated_time(at)}
        if webhook.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return self._send(webhook.method, url, form, headers)

    def _send(self, method: str, url: str, form: Parameters, headers: Mapping[str, str]) -> Response | Answer:
        target = self._target(url)
        if target is None:
            return Answer(error="url")
        signature = sign(self.tokens[0], signed_url(url), form)
        sent = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*", "X-Twilio-Signature": signature, **headers}
        host, path = target
        # Not a web library: they normalise percent-encoding, and what arrives must be what was signed.
        connection = HTTPConnection(host, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
        except OSError:
            return Answer(error="connect")
        with closing(connection):
            return self._converse(connection, method, path, urlencode(form), sent)

    def _converse(
        self, connection: HTTPConnection, method: str, path: str, body: str, headers: Mapping[str, str]
    ) -> Response | Answer:
        try:
            connection.sock.settimeout(self.timeout)
            connection.request(method, path, body if method == "POST" else None, dict(headers))
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read())
        except TimeoutError:
            return Answer(error="read")
        except (OSError, HTTPException):
            return Answer(error="reset")

    def _target(self, url: str) -> tuple[str, str] | None:
        """The host to connect to and the path to ask for; None where it is not on this machine."""
        if not _URL.fullmatch(url):
            return None
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        host = urlsplit(self.reach.get(origin, origin))
        if host.scheme != "http" or host.hostname not in _LOOPBACK:
            return None
        return f"{host.hostname}:{host.port or 80}", url[len(origin) :] or "/"

    def fetch_audio(self, url: str) -> bytes | int:
        """The sound of a Play, or the provider's error code."""
        response = self._send("GET", url, (), {})
        if isinstance(response, Answer):
            return BAD_URL if response.error == "url" else CONNECTION_FAILED
        if response.status != 200:
            return FETCH_FAILED
        audio = response.headers.get("Content-Type", "").startswith("audio/")
        return response.body if audio else WRONG_CONTENT_TYPE


def simulated_time(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: 2026-12-25T03:00:00.000Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def failure(answer: Answer) -> tuple[int, str] | None:
    """The provider's error for an answer that holds no document; None for one that may."""
    if answer.error:
        codes = {"redirects": TOO_MANY_REDIRECTS, "url": BAD_URL, "connect": CONNECTION_FAILED}
        return codes.get(answer.error, FETCH_FAILED), f"no answer ({answer.error})"
    if not answer.ok:
        return FETCH_FAILED, f"status {answer.status}"
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind not in ("text/xml", "application/xml"):
        return WRONG_CONTENT_TYPE, f"content type {answer.content_type or 'missing'}"
    if len(answer.body) > MAXIMUM_BYTES:
        return TOO_LARGE, f"{len(answer.body)} bytes"
    return None


def later(at: datetime, seconds: float) -> datetime:
    return at + timedelta(seconds=seconds)
