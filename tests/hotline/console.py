"""Browsers on the pages: logged in as anybody, against the real application and a real database."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from hotline.accounts.current import TOKEN
from hotline.accounts.models import Role
from hotline.accounts.sessions import begin_session
from hotline.services import Services, build_services
from hotline.storage import schema, tables
from hotline.web.app import create_app
from tests.stories.cast import ROSTER
from tests.stories.world import settings_for


class Browser(FlaskClient):
    """A browser: what it sends comes from our own pages, and `submit` fills in a form of a page."""

    def open(self, *where: Any, **more: Any) -> TestResponse:
        if where and isinstance(where[0], str):
            more.setdefault("base_url", self.application.extensions["hotline"].settings.public_url)
        return super().open(*where, **more)

    def submit(
        self, page: str, fields: Mapping[str, Any], to: str | None = None, **more: Any
    ) -> TestResponse:
        """Opens `page`, takes its CSRF token, and posts the fields `to` an address (or the page's own)."""
        body = self.get(page).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', body)
        assert found, f"{page} has no form with a csrf_token"
        return self.post(to or page, data={**fields, "csrf_token": html.unescape(found[1])}, **more)


@dataclass
class Console:
    """The application, not serving and without its background jobs. Its database has all tables."""

    app: Flask
    services: Services

    def browser(self) -> Browser:
        """A browser in which nobody is logged in."""
        client = self.app.test_client()
        assert isinstance(client, Browser)
        return client

    def make_account(self, role: Role, **values: Any) -> int:
        """The id of a new account without a password; `values` are columns of `accounts`."""
        row = {
            "email": f"{uuid.uuid4().hex[:8]}@example.org",
            "name": f"Test {role.title()}",
            "language": "en",
            "role": role,
            "active": True,
            "created_at": datetime.now(UTC),
            "fs_uniquifier": uuid.uuid4().hex,
            "fs_webauthn_user_handle": uuid.uuid4().hex,
            **values,
        }
        with self.services.engine.begin() as connection:
            made = insert(tables.accounts).values(**row).returning(tables.accounts.c.id)
            account: int = connection.execute(made).scalar_one()
        return account

    def client_as(self, role: Role | None, person: str | None = None, **values: Any) -> Browser:
        """A browser in which somebody with this role has a session; with None, nobody.

        An advisor is the roster's first person unless `person` says otherwise. Pages are in English.
        """
        client = self.browser()
        client.set_cookie("language", "en", domain=urlsplit(self.base_url).hostname or "")
        if role is None:
            return client
        if role == "advisor" and person is None:
            roster = self.services.roster_file.roster()
            person = next(iter(roster.people), None) if roster is not None else None
        self.log_in(client, self.make_account(role, person=person, **values))
        return client

    def log_in(self, client: Browser, account: int) -> str:
        """Puts a session of the account into the browser; its token."""
        with self.services.engine.begin() as connection:
            token = begin_session(connection, account, "Test", datetime.now(UTC))
            table = tables.accounts
            uniquifier = connection.execute(
                select(table.c.fs_uniquifier).where(table.c.id == account)
            ).scalar()
        with client.session_transaction(base_url=self.base_url) as session:
            session[TOKEN] = token
            session["_user_id"] = uniquifier
        return token

    @property
    def base_url(self) -> str:
        return self.services.settings.public_url


@contextmanager
def console(
    folder: Path,
    environ: Mapping[str, str] | None = None,
    roster: str = ROSTER,
    extend: Any = None,
    costly_passwords: bool = False,
) -> Iterator[Console]:
    """The pages of a helpdesk in this folder, in practice mode unless `environ` says otherwise.

    Hashing a password costs next to nothing, unless it is to be as costly as it is for everybody.
    """
    settings = settings_for(folder, environ, roster)
    app = create_app(settings, extend)
    if not costly_passwords:
        app.extensions["security"].pwd_context.update(argon2__memory_cost=64, argon2__time_cost=1)
    app.test_client_class = Browser
    services = build_services(settings)
    schema.upgrade(services.engine)
    app.extensions["hotline"]._services = services
    try:
        yield Console(app, services)
    finally:
        services.journal.close()
        services.engine.dispose()
