"""Four accounts to try the pages with, one per role, entered with one click. They have no password."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import Blueprint, abort
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from hotline.accounts.current import now, services
from hotline.accounts.logins import find_account
from hotline.accounts.models import DEMO_DOMAIN, ROLES, Account, Role
from hotline.practice.guard import refuse_strangers
from hotline.storage import tables
from hotline.storage.writing import insert_once
from hotline.web.accounts.steps import enter
from routing.roster import Roster

demo = Blueprint("demo", __name__)
demo.before_request(refuse_strangers)

_NAMES: dict[Role, str] = {
    "advisor": "Demo Advisor",
    "coordinator": "Demo Coordinator",
    "analyst": "Demo Analyst",
    "admin": "Demo Administrator",
}


def make_demo_accounts(engine: Engine, roster: Roster | None, at: datetime) -> None:
    """Makes those that are not there yet. The advisor is the first person of the roster."""
    first = next(iter(roster.people.values()), None) if roster is not None else None
    with engine.begin() as connection:
        for role, name in _NAMES.items():
            person = first if role == "advisor" else None
            row = {
                "email": f"{role}{DEMO_DOMAIN}",
                "name": person.name if person is not None else name,
                "language": "nl",
                "role": role,
                "person": person.id if person is not None else None,
                "active": True,
                "created_at": at,
                "fs_uniquifier": uuid.uuid4().hex,
                "fs_webauthn_user_handle": uuid.uuid4().hex,
            }
            insert_once(connection, tables.accounts, [row])


def demo_account(role: Role) -> Account:
    hotline, email = services(), f"{role}{DEMO_DOMAIN}"
    found = find_account(hotline.engine, email)
    if found is None:
        make_demo_accounts(hotline.engine, hotline.roster_file.roster(), now())
        found = find_account(hotline.engine, email)
    assert found is not None
    return found


@demo.post("/practice/accounts/<role>")
def enter_as(role: str) -> Response:
    chosen = next((known for known in ROLES if known == role), None)
    if chosen is None:
        abort(404)
    return enter(demo_account(chosen))
