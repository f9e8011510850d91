"""The account, its roles and its invitation as Flask-Security and the pages see them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy.orm import registry

from hotline.storage import tables

Role = Literal["advisor", "coordinator", "analyst", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

#: Whoever can see a case proves with a second factor who it is.
NEEDS_CODE: frozenset[Role] = frozenset({"advisor", "coordinator", "admin"})

#: Where the addresses of practice mode's accounts end: a name nobody can have (RFC 2606). Live they are dead.
DEMO_DOMAIN = "@practice.invalid"


class AccountRole(RoleMixin):
    """An account's one role, in the shape Flask-Security asks for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions = None


class Account(UserMixin):
    """A log-in. `person` is the id in the roster of whoever it belongs to; `totp` is sealed."""

    id: int
    email: str
    name: str
    language: str
    role: Role
    person: str | None
    active: bool
    password: str | None
    totp: str | None
    totp_step: int | None
    created_at: datetime
    logged_in_at: datetime | None
    fs_uniquifier: str
    fs_webauthn_user_handle: str

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override] # it follows from the one role
        return [AccountRole(self.role)]

    @property
    def needs_code(self) -> bool:
        """True when a password alone does not let it in."""
        return self.totp is not None or self.role in NEEDS_CODE


registry(metadata=tables.metadata).map_imperatively(Account, tables.accounts)
