"""Calls, alerts and promises as the recorder writes them, for tests of pages that show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, update

from hotline.accounts.models import Role
from hotline.storage import tables
from tests.hotline.console import Browser, Console
from tests.stories.cast import CHRISTMAS_NIGHT


def log_in(desk: Console, role: Role, at: datetime = CHRISTMAS_NIGHT, **values: Any) -> Browser:
    """A browser in which somebody with this role logged in at `at`: sessions end by the story's clock."""
    client = desk.client_as(role, **values)
    with desk.services.engine.begin() as connection:
        connection.execute(update(tables.account_sessions).values(began_at=at, seen_at=at, confirmed_at=at))
    return client


def add_call(engine: Engine, number: int, **values: Any) -> str:
    """A crisis that rings on Christmas night, with a case of this number; its id."""
    sid = f"CA{number:032x}"
    row = {
        "sid": sid,
        "line": "helpdesk",
        "kind": "crisis",
        "language": "nl",
        "stage": "ring",
        "started_at": CHRISTMAS_NIGHT,
        "withheld": True,
        "caller": "",
        **values,
    }
    case = {
        "id": number,
        "year": 2035,
        "sequence": number,
        "number": f"2035-{number:05}",
        "opened_at": CHRISTMAS_NIGHT,
        "status": "open",
    }
    with engine.begin() as connection:
        connection.execute(insert(tables.calls).values(**row))
        connection.execute(insert(tables.cases).values(**case))
        connection.execute(insert(tables.contacts).values(call=sid, case=number, created_at=CHRISTMAS_NIGHT))
    return sid


def add_leg(engine: Engine, call: str, ring: int, person: str, **values: Any) -> None:
    row = {
        "call": call,
        "ring": ring,
        "person": person,
        "sid": "",
        "policy": "crisis",
        "round": 1,
        "step": ring,
        "why": "crisis-first: turn",
        **values,
    }
    with engine.begin() as connection:
        connection.execute(insert(tables.legs).values(**row))


def add_alert(engine: Engine, call: str, reason: str, **values: Any) -> str:
    """Its key."""
    key = f"{call}/{reason}"
    row = {"key": key, "call": call, "reason": reason, "raised_at": CHRISTMAS_NIGHT, **values}
    with engine.begin() as connection:
        connection.execute(insert(tables.alerts).values(**row))
    return key


def add_promise(engine: Engine, call: str, at: datetime) -> str:
    row = {
        "call": call,
        "kind": "crisis",
        "number": "",
        "fingerprint": "",
        "requested_at": at,
        "safe": True,
        "state": "open",
    }
    with engine.begin() as connection:
        connection.execute(insert(tables.callbacks).values(**row))
    return call
