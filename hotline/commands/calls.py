"""`flask calls`: what became of every call. Numbers are never shown in full."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import RowMapping, select
from sqlalchemy.exc import SQLAlchemyError

from hotline.calls.logbook import Logbook
from hotline.calls.overview import call_overview, call_row, recent_calls, suggested_case
from hotline.calls.recorder import Recorder
from hotline.commands.common import fail, json_option, print_json, settings
from hotline.journal import Journal
from hotline.privacy import Unreadable, Vault
from hotline.roster.file import RosterFile
from hotline.storage import tables
from hotline.storage.engine import make_engine, reading
from routing.numbers import mask

calls = AppGroup("calls", help="The calls, and what became of them.")

_CATCH_UP_SECONDS = 3


@calls.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_(limit: int, as_json: bool) -> None:
    """List the latest calls, the newest first."""
    with _up_to_date() as book, reading(book.logbook.engine) as connection:
        found = recent_calls(connection, limit)
    if as_json:
        print_json(found)
        return
    for call in found:
        click.echo(f"{call['started']}  {call['sid']}  case {call['case'] or '-'}  {_in_a_word(call)}")


@calls.command("show")
@click.argument("sid")
@json_option
def show(sid: str, as_json: bool) -> None:
    """Show one call: every ring, and the reason for it."""
    with _up_to_date() as book, reading(book.logbook.engine) as connection:
        call = call_overview(connection, sid)
        row = call_row(connection, sid)
        if call is None or row is None:
            fail(f"There is no call {sid}.")
        caller, suggested = _caller(book.vault, row), suggested_case(connection, sid)
    if as_json:
        print_json(call)
        return
    print_call(call, caller, suggested)


@calls.command("rebuild")
@click.argument("sids", nargs=-1)
def rebuild(sids: tuple[str, ...]) -> None:
    """Build the records of SIDS (of all calls) anew from what was journalled."""
    with _up_to_date() as book:
        with reading(book.logbook.engine) as connection:
            known = connection.execute(select(tables.events.c.call).distinct()).scalars().all()
        book.logbook.rebuild(sids or known)
    click.echo(f"{len(sids or known)} call(s) rebuilt.")


@dataclass(frozen=True)
class _Book:
    logbook: Logbook
    vault: Vault


@contextmanager
def _up_to_date() -> Iterator[_Book]:
    """The logbook, once everything in the journal is in it."""
    found = settings()
    vault = Vault(found.data_keys)
    roster_file = RosterFile(found.roster_file, found.instance_dir)
    roster_file.start()
    logbook = Logbook(make_engine(found.database_url), vault, roster_file.roster)
    journal = Journal(found.instance_dir / "journal.db")
    try:
        _catch_up(Recorder(journal, logbook.engine, logbook, found.instance_dir), journal)
        yield _Book(logbook, vault)
    except SQLAlchemyError as fault:
        fail(f"The database cannot be used now ({type(fault).__name__}). Calls go on, and nothing is lost.")
    finally:
        journal.close()


def _catch_up(recorder: Recorder, journal: Journal) -> None:
    """The server may be recording at this moment: then it is waited for, a little."""
    until = time.monotonic() + _CATCH_UP_SECONDS
    recorder.drain()
    while journal.status().backlog and time.monotonic() < until:
        time.sleep(0.05)
        recorder.drain()


def _caller(vault: Vault, row: RowMapping) -> str:
    if row["withheld"]:
        return "withheld"
    try:
        return mask(vault.unseal(row["caller"], f"calls.caller.{row['sid']}"))
    except Unreadable:
        return "sealed with a key that is not here"


def _in_a_word(call: dict[str, Any]) -> str:
    kind = call["kind"] or "nothing chosen"
    return f"{kind}: {'in progress' if call['open'] else call['outcome']}"


def print_call(call: dict[str, Any], caller: str, suggested: str | None) -> None:
    """A call in sentences."""
    click.echo(f"Call {call['sid']}, case {call['case']}")
    if suggested:
        click.echo(f"  this number called before: see case {suggested}")
    click.echo(f"  line {call['line'] or 'none'}, language {call['language'] or 'none'}, caller {caller}")
    click.echo(f"  from {call['started']} to {call['ended'] or 'now'}; {_in_a_word(call)}")
    for name in ("waited", "talked"):
        if call[f"{name}_seconds"] is not None:
            click.echo(f"  {name} {call[f'{name}_seconds']} s")
    for leg in call["legs"]:
        click.echo(f"  {leg['rang_at']}  rang {leg['person']} ({leg['why']}): {leg['outcome'] or 'ringing'}")
    click.echo(f"  roster {call['roster_version']}")
