"""The pages on which people log in and look after their account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from hotline.accounts import security
from hotline.accounts.current import known_account, known_session, now
from hotline.web import access
from hotline.web.cookies import Cookies

accounts = Blueprint("accounts", __name__)


def install(app: Flask) -> None:
    """Gives the application its log-ins: the guard at every door, sessions, CSRF protection, the pages."""
    app.session_interface = Cookies()
    access.install(app)
    # The guard asks for the token, after it has looked at where a form comes from; it is good for a session.
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_SSL_STRICT=False, WTF_CSRF_TIME_LIMIT=None)
    CSRFProtect(app)
    security.install(app)
    app.register_blueprint(accounts)
    app.context_processor(_for_templates)
    for error in (OperationalError, InterfaceError, NoConnectionFree):
        app.register_error_handler(error, _database_away)


def _for_templates() -> dict[str, Any]:
    session = known_session()
    return {
        "account": known_account(),
        "session_seconds": min(session.seconds_left(now())) if session is not None else None,
    }


def _database_away(_error: Exception) -> Response:
    response = make_response(render_template("accounts/away.html"), 503)
    response.headers["Retry-After"] = "10"
    return response


# The pages add themselves to the blueprint.
from hotline.web.accounts import enrolment, login, own, passkeys  # noqa: E402, F401
