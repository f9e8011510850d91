"""The way from page to page: on every page, the doors that are open to whoever is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from flask_babel import lazy_gettext

from hotline.accounts.current import known_account
from hotline.web.access import ACCESS, Door

#: The rooms in the order of how often people go there: a name, and the doors to it, the first that is open.
_ROOMS = (
    (lazy_gettext("Now"), ("now.board",)),
    (lazy_gettext("Roster"), ("roster.calendar", "roster.fairness")),
    (lazy_gettext("My shifts"), ("shifts.mine",)),
    (lazy_gettext("Practice"), ("practice.idle",)),
    (lazy_gettext("Account"), ("accounts.account",)),
)


@dataclass(frozen=True, slots=True)
class Way:
    endpoint: str
    name: Any
    is_here: bool


def install(app: Flask) -> None:
    app.context_processor(lambda: {"ways": ways})


def ways() -> list[Way]:
    """The rooms this account may enter; none for who is not logged in."""
    account = known_account()
    if account is None:
        return []
    here = _blueprint(request.endpoint or "")
    open_doors = [
        (name, next((door for door in doors if _is_open(door, account.role)), None)) for name, doors in _ROOMS
    ]
    return [Way(door, name, _blueprint(door) == here) for name, door in open_doors if door is not None]


def _is_open(endpoint: str, role: str) -> bool:
    who = ACCESS.get(endpoint) if endpoint in current_app.view_functions else None
    return who is Door.PRACTICE or (who is not None and not isinstance(who, Door) and role in who)


def _blueprint(endpoint: str) -> str:
    return endpoint.partition(".")[0]
