"""The helpdesk with a practice network beside it that runs with the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from hotline.practice import extend
from hotline.practice.network import PracticeProvider
from hotline.settings import Settings, SettingsRefused
from hotline.web.app import create_app

#: The loopback address at which a server that listens on HOST is reached.
_REACHED_AT = {
    "127.0.0.1": "127.0.0.1",
    "localhost": "127.0.0.1",
    "0.0.0.0": "127.0.0.1",  # noqa: S104 - a name to look up; nothing listens because of it
    "::1": "[::1]",
    "::": "[::1]",
}


@contextmanager
def practised(settings: Settings, speed: float = 1.0) -> Iterator[Flask]:
    """The application, its network running. Raises SettingsRefused."""
    if settings.host not in _REACHED_AT:
        raise SettingsRefused(
            ["HOST must be 127.0.0.1 in practice mode: its telephones stay on this machine."]
        )
    loopback = f"http://{_REACHED_AT[settings.host]}:{settings.port}"
    provider = PracticeProvider(settings, live=True, speed=speed, loopback=loopback)
    try:
        reached = provider.start(settings)
        # Whoever names a provider of their own wants that one.
        yield extend(create_app(settings if settings.api_url else reached), provider)
    finally:
        provider.stop()
