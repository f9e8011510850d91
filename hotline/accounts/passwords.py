"""Passwords: what is accepted as one, and hashing that leaves the processor to the calls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from flask import current_app
from flask_security.utils import hash_password, verify_password

SHORTEST = 12
LONGEST = 200

Fault = Literal["too short", "too long", "too plain"]

# One hash takes a tenth of a second and 64 MiB. One at a time: the other processors answer calls meanwhile;
# and few wait for it, so that the threads that answer calls are not all taken by log-ins.
_one = threading.BoundedSemaphore(1)
_places = threading.BoundedSemaphore(3)

#: Takes the place of the hash of an account that does not exist.
_nobodys: list[str] = []


class TooBusy(Exception):
    """Too many passwords are being checked just now: to be tried again in a second."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place among the few that may wait for a hash."""


@contextmanager
def place_to_hash() -> Iterator[Place]:
    """Raises TooBusy at once when there is no place."""
    if not _places.acquire(blocking=False):
        raise TooBusy
    try:
        yield Place()
    finally:
        _places.release()


def password_fault(password: str, *known: str) -> Fault | None:
    """Why it cannot be a password; `known` is what an attacker would try first: name and address."""
    normal = _normal(password)
    if len(normal) < SHORTEST:
        return "too short"
    if len(normal) > LONGEST:
        return "too long"
    plain = normal.casefold()
    if len(set(plain)) < 5 or plain in {_normal(word).casefold() for word in known}:
        return "too plain"
    return None


def hashed(_place: Place, password: str) -> str:
    """What is stored of a password."""
    with _one:
        found: str = hash_password(_normal(password))
        return found


def is_password(_place: Place, password: str, stored: str | None) -> bool:
    """Whether it is the password of the stored hash. Takes as long when there is none."""
    with _one:
        if not _nobodys:
            _nobodys.append(hash_password("of nobody"))
        matches = verify_password(_normal(password[:LONGEST]), stored or _nobodys[0])
        return bool(matches) and stored is not None


def _normal(password: str) -> str:
    normal: str = current_app.extensions["security"].password_util.normalize(password)
    return normal
