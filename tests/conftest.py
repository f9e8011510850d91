"""What tests of several folders need: a disk that fills up, databases of both kinds, patience."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline.storage.engine import make_engine
from tests import remembered
from tests.databases import make_sqlite
from tests.postgresql import PostgresqlServer, find_programs

Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def eventually() -> Eventually:
    """Waits until the claim is true; fails the test when it is not within ten seconds."""

    def wait_until(claim: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + 10
        pause = threading.Event()
        while not claim():
            assert time.monotonic() < give_up_at, "it never came true"
            pause.wait(0.01)

    return wait_until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a small file system with the options given; skips the test where that is not allowed."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        place = tmp_path / f"disk{len(mounted)}"
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("mounting a small disk needs root's rights")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine")
    server = PostgresqlServer(programs)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The address of a database of this test's own, with all tables."""
    name = postgresql_server.make_database()
    yield postgresql_server.url(name)
    postgresql_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of either kind, with all tables; the test runs once for each."""
    if request.param == "sqlite":
        return make_sqlite(tmp_path / "hotline.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database of either kind."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """Where the kind of the database makes no difference."""
    engine = make_engine(make_sqlite(tmp_path / "hotline.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def opened() -> Iterator[Callable[[str], Engine]]:
    """Opens databases, and closes them in the end."""
    engines: list[Engine] = []

    def open_one(url: str) -> Engine:
        engines.append(make_engine(url))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.dispose()


@pytest.fixture(autouse=True)
def nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings change no test."""
    for name in list(os.environ):
        if name.startswith(
            (
                "TWILIO_",
                "DATA_KEYS",
                "SECRET_KEY",
                "DATABASE_URL",
                "PUBLIC_URL",
                "INSTANCE_DIR",
                "SMTP_URL",
                "MAIL_FROM",
            )
        ):
            monkeypatch.delenv(name)


def pytest_collection_finish() -> None:
    remembered.keep()
