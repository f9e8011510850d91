"""The session cookie: signed, of this site and this scheme only. What it may open is a row elsewhere."""

from __future__ import annotations

from typing import cast

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from hotline.settings import Settings

#: What is fetched by machines, by any name of this host, often while the database is away: no session there.
WITHOUT_SESSION = ("/voice/", "/static/", "/healthz", "/readyz", "/metrics")


class Cookies(SecureCookieSessionInterface):
    """Reads secret and scheme from the settings, which are there at the first request and not before."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(WITHOUT_SESSION):
            # Reads as empty, and refuses to be written to.
            return cast(SecureCookieSession, self.make_null_session(app))
        if app.secret_key is None:
            app.secret_key = settings(app).secret_key
        return super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-session" if self.get_cookie_secure(app) else "session"

    def get_cookie_secure(self, app: Flask) -> bool:
        return is_https(app)

    def get_cookie_samesite(self, app: Flask) -> str:
        return "Lax"

    def get_cookie_httponly(self, app: Flask) -> bool:
        return True

    def get_cookie_domain(self, app: Flask) -> str | None:
        return None

    def get_cookie_path(self, app: Flask) -> str:
        return "/"

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return session.modified


def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["hotline"].settings
    return found


def is_https(app: Flask) -> bool:
    return settings(app).public_url.startswith("https:")
