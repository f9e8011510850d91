"""The Flask application: which doors there are. Building it opens nothing; `start` or a request does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask

from hotline.commands import register_commands
from hotline.services import Services, build_services
from hotline.settings import Settings, load_settings
from hotline.web import accounts, feeds, navigation, now, shell
from hotline.web.bulkhead import Bulkhead
from hotline.web.duty import duty
from hotline.web.ops import ops
from hotline.web.roster.pages import roster_pages
from hotline.web.shifts.pages import shifts
from hotline.web.voice import voice


class Hotline:
    """The application's services, built and started when they are first needed."""

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings
        self._services: Services | None = None
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """Raises SettingsRefused."""
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    @property
    def services(self) -> Services:
        if self._services is None:
            with self._lock:
                if self._services is None:
                    services = build_services(self.settings)
                    services.start()
                    self._services = services
        return self._services

    def start(self) -> None:
        """Builds and starts the services now, not at the first request."""
        _ = self.services

    def stop(self) -> None:
        if self._services is not None:
            self._services.stop()


def create_app(settings: Settings | None = None, extend: Callable[[Flask], None] | None = None) -> Flask:
    """The application. Without `settings` they are read from the environment when they are needed.

    `extend` adds what only practice mode has.
    """
    app = Flask("hotline", static_folder=None)
    app.extensions["hotline"] = Hotline(settings)
    # The most any request may be; webhooks allow less.
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    shell.install(app)
    accounts.install(app)
    navigation.install(app)
    now.install(app)
    app.register_blueprint(shifts)
    feeds.install(app)
    app.register_blueprint(voice)
    app.register_blueprint(duty)
    app.register_blueprint(ops)
    app.register_blueprint(roster_pages)
    register_commands(app)
    if extend is not None:
        extend(app)
    app.wsgi_app = Bulkhead(app.wsgi_app)  # type: ignore[method-assign] # Flask's own way to wrap it
    return app
