"""Reads the requests of the REST API: numbers, URLs, filters; what it cannot take it refuses."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import request
from werkzeug.datastructures import MultiDict

from simulator.account import OwnedNumber
from simulator.channels import Channel
from simulator.execution import Ask

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_URL = re.compile(r"https?://[!-~]+")
LONGEST_DOCUMENT = 4000


class Refused(Exception):
    """`status` is HTTP's, `code` the provider's."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def number_in(form: MultiDict[str, str], name: str, code: int) -> str:
    number = form.get(name, "")
    if not _E164.fullmatch(number):
        raise Refused(400, code, f"{name} is no E.164 number")
    return number


def url_in(form: MultiDict[str, str], name: str, code: int) -> str:
    url = form.get(name, "")
    if url and not _URL.fullmatch(url):
        raise Refused(400, code, f"{name} is no absolute URL")
    return url


def first_document(form: MultiDict[str, str]) -> Ask:
    url, twiml = url_in(form, "Url", 21205), form.get("Twiml", "")
    if not url and not twiml:
        raise Refused(400, 21205, "Url or Twiml is missing")
    if len(twiml) > LONGEST_DOCUMENT:
        raise Refused(400, 32018, "Twiml is too long")
    return Ask("outgoing", url, form.get("Method", "POST"), twiml="" if url else twiml)


_SETTINGS = {
    "FriendlyName": "friendly_name",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "fallback",
    "VoiceFallbackMethod": "fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}


def configure(owned: OwnedNumber, form: MultiDict[str, str]) -> None:
    for name in ("VoiceUrl", "VoiceFallbackUrl", "StatusCallback"):
        url_in(form, name, 21502)
    if form.get("VoiceFallbackUrl") and not (owned.voice_url or form.get("VoiceUrl")):
        raise Refused(400, 21405, "VoiceFallbackUrl without VoiceUrl")
    for name, attribute in _SETTINGS.items():
        kept = name == "VoiceFallbackUrl" and form.get(name) == owned.fallback_url
        if name in form and not kept:
            setattr(owned, attribute, form[name])


def fits(channel: Channel) -> bool:
    query = request.args
    started, ended = channel.answered_at or channel.created_at, channel.ended_at
    return (
        query.get("Status") in (None, channel.status)
        and query.get("To") in (None, channel.to)
        and query.get("From") in (None, channel.from_)
        and query.get("ParentCallSid") in (None, channel.parent.sid if channel.parent else "")
        and _within("StartTime", started)
        and _within("EndTime", ended)
    )


def _within(name: str, at: datetime | None) -> bool:
    query = request.args
    limits = {sign: _instant(query[name + sign]) for sign in ("", "<", ">") if name + sign in query}
    if not limits or at is None:
        return not limits
    return (
        ("" not in limits or at.date() == limits[""].date())
        and ("<" not in limits or at < limits["<"])
        and (">" not in limits or at >= limits[">"])
    )


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, 20001, f"no date: {text}") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
