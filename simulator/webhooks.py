"""Posts signed requests over real HTTP, with the provider's retries, redirects and limits.

Only this machine is ever contacted: a URL elsewhere must be mapped to a loopback origin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from simulator.signing import sign, signed_url

FETCH_FAILED, CONNECTION_FAILED, BAD_URL = 11200, 11205, 11100
TOO_MANY_REDIRECTS, WRONG_CONTENT_TYPE, TOO_LARGE = 11215, 12300, 11750
MAXIMUM_BYTES = 64 * 1024
TOTAL_SECONDS = 15.0
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
            if not (location and response.is_redirect):
                return _answer(response)
            method = current.method if response.status_code in (307, 308) else "GET"
            current = replace(current, url=urljoin(current.url, location), method=method)
        return Answer(error="redirects")

    def _exchange(self, webhook: Webhook, at: datetime) -> requests.Response | Answer:
        url, form = webhook.url, webhook.parameters
        if webhook.method == "GET":
            url += ("&" if "?" in url else "?") + urlencode(form)
            form = ()
        target = self._target(url)
        if target is None:
            return Answer(error="url")
        headers = {
            "X-Twilio-Signature": sign(self.tokens[0], signed_url(url), form),
            "I-Twilio-Idempotency-Token": webhook.token,
            "X-Simulated-Time": simulated_time(at),
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if webhook.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return self._send(webhook.method, target, headers, urlencode(form))

    def _send(self, method: str, url: str, headers: dict[str, str], body: str) -> requests.Response | Answer:
        prepared = requests.Request(method, url, headers=headers, data=body or None).prepare()
        prepared.url = url  # byte for byte: the library would normalise what was signed
        with requests.Session() as session:
            session.trust_env = False
            try:
                return session.send(prepared, timeout=(5, self.timeout), allow_redirects=False)
            except requests.Timeout:
                return Answer(error="read")
            except requests.RequestException as error:
                return Answer(error="connect" if "refused" in str(error) else "reset")

    def _target(self, url: str) -> str | None:
        if not _URL.fullmatch(url):
            return None
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self.reach:
            return self.reach[origin] + url[len(origin) :]
        return url if parts.hostname in _LOOPBACK else None

    def fetch_audio(self, url: str) -> bytes | int:
        """The sound of a Play, or the provider's error code."""
        target = self._target(url)
        if target is None:
            return BAD_URL
        headers = {"X-Twilio-Signature": sign(self.tokens[0], signed_url(url))}
        response = self._send("GET", target, headers, "")
        if isinstance(response, Answer):
            return CONNECTION_FAILED
        if response.status_code != 200:
            return FETCH_FAILED
        audio = response.headers.get("Content-Type", "").startswith("audio/")
        return response.content if audio else WRONG_CONTENT_TYPE


def _answer(response: requests.Response) -> Answer:
    return Answer(response.status_code, response.headers.get("Content-Type", ""), response.content)


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
