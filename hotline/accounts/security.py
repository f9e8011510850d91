"""Flask-Security, set up for our accounts: hashing, codes and who is logged in. Its pages are not used."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemySessionUserDatastore
from sqlalchemy import Engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from hotline.accounts.codes import Authenticator
from hotline.accounts.current import load_account, services
from hotline.accounts.models import Account, AccountRole
from hotline.accounts.passwords import SHORTEST
from hotline.accounts.throttle import Throttle

_CONFIG = {
    # 64 MiB and two passes (OWASP's least is 19 MiB): about a tenth of a second.
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 65_536,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST,
    "SECURITY_CSRF_HEADER": None,
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_JOIN_USER_ROLES": False,
    # Telephones change their address often; a stolen cookie is ended by its row.
    "SESSION_PROTECTION": None,
}


class _LateSession(Session):
    """A database session that asks for the engine when it is used: building the application opens nothing."""

    def get_bind(self, *_args: object, **_kwargs: object) -> Engine:
        return services().engine


def install(app: Flask) -> None:
    """Gives the application its log-ins. Flask-WTF's CSRF protection must be there already."""
    app.config.update(_CONFIG)
    database = scoped_session(sessionmaker(class_=_LateSession))
    app.teardown_appcontext(lambda _error: database.remove())
    datastore = SQLAlchemySessionUserDatastore(database, Account, AccountRole)
    hooks: tuple[dict[str | None, list[Any]], ...] = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.template_context_processors,
    )
    before, json = [list(hook[None]) for hook in hooks], app.json
    security = Security(app, datastore, register_blueprint=False)
    # Its hooks look up the account for every request and every page: webhooks, files, and the page that says
    # the database is away. We ask when we want to know.
    for hook, functions in zip(hooks, before, strict=True):
        hook[None] = functions
    app.json = json
    security.login_manager.user_loader(load_account)
    # No tokens in headers or addresses: a session's cookie is the only way in.
    security.login_manager.request_loader(lambda _request: None)


def authenticator() -> Authenticator:
    return Authenticator(services().engine, services().vault)


def throttle() -> Throttle:
    return Throttle(services().engine, services().settings.secret_key)
