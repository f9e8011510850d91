"""Telephone numbers: the one module that makes, masks and hashes them.

Which numbers a line can be rung on is decided here; keys and full numbers belong to the callers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import Enum

import phonenumbers
from phonenumbers import PhoneNumberType


class Refusal(Enum):
    """Why a text is not the number of an ordinary subscriber."""

    UNREADABLE = "unreadable"
    SHORT = "short"
    INVALID = "invalid"
    SERVICE = "service"


E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_WRITTEN = re.compile(r"\+?[0-9 ()./-]{1,40}")
_SHORT_DIGITS = 6

# `PERSONAL_NUMBER` forwards to anywhere at the caller's cost; `UNKNOWN`, free and paid numbers
# cannot be reached from every network.
_ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.UAN,
    }
)

# Words spelled on a keypad by networks that could only pass on digits:
# ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE.
_SPELLED = ("266696687", "7378742833", "2562533", "8656696", "86282452253")
_WITHHELD = frozenset(f"+{country}{word}" for word in _SPELLED for country in ("", "1"))

_FINGERPRINT_DOMAIN = b"nachtwacht telephone number 1\x00"
_SHORTEST_KEY = 16

# Kept free for drama by the Swedish and the British regulator.
_FICTIONAL = (range(46701740605, 46701740700), range(442079460000, 442079461000))


def subscriber_number(text: str, region: str = "NL") -> str | Refusal:
    """The E.164 form of an ordinary subscriber's number, written in any usual way, or why it is none.

    Refuses emergency, short, free and paid numbers, and those only a national network can dial
    (14-xx). `region` is the country of a number written without one.
    """
    text = text.strip(" ")
    if not _WRITTEN.fullmatch(text):
        return Refusal.UNREADABLE
    digits = re.sub("[^0-9]", "", text)
    if not text.startswith("+") and len(digits) <= _SHORT_DIGITS:
        return Refusal.SHORT if digits else Refusal.UNREADABLE
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return Refusal.UNREADABLE
    if not phonenumbers.is_valid_number(number):
        return Refusal.SHORT if phonenumbers.is_valid_short_number(number) else Refusal.INVALID
    if (
        phonenumbers.number_type(number) not in _ORDINARY
        or not phonenumbers.can_be_internationally_dialled(number)
        or phonenumbers.region_code_for_number(number) == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
    ):
        return Refusal.SERVICE
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def caller_number(raw: str | None) -> str | None:
    """The caller's number in E.164, or None when it is withheld, absent or anything but a number."""
    if raw is None or not E164.fullmatch(raw) or raw in _WITHHELD:
        return None
    return raw


def mask(number: str | None) -> str:
    """Country and last two digits, as in `+46 ... 05`; "" for no number."""
    if number is None:
        return ""
    if not E164.fullmatch(number):
        return "..."
    try:
        country = f"+{phonenumbers.parse(number).country_code} "
    except phonenumbers.NumberParseException:
        country = ""
    return f"{country}... {number[-2:]}"


def fingerprint(number: str, key: bytes) -> str:
    """HMAC-SHA256 in hex: equal for equal numbers, worthless without the key.

    Raises ValueError for a key of under 16 bytes: all numbers can be tried, so the key is what protects.
    """
    if len(key) < _SHORTEST_KEY:
        raise ValueError("a key of at least 16 bytes is needed")
    return hmac.new(key, _FINGERPRINT_DOMAIN + number.encode(), hashlib.sha256).hexdigest()


def is_fictional(number: str) -> bool:
    """True for a number of the ranges that are kept for examples: no telephone has it."""
    return E164.fullmatch(number) is not None and any(int(number[1:]) in span for span in _FICTIONAL)
