"""What the commands share: the roster, moments in time, and printing."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import current_app

from hotline.settings import Settings, SettingsRefused, setting
from routing.coverage import Gap
from routing.reading import Reading, read_roster
from routing.roster import Instant, Roster
from routing.walltime import Zone, iso_z, local_text, parse_moment

language_option = click.option(
    "--language", type=click.Choice(["nl", "en"]), default="en", help="Of the sentences."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def fail(message: str, status: int = 1) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(status)


def now() -> Instant:
    return int(datetime.now(UTC).timestamp())


def instant(at: datetime | None) -> str | None:
    """An instant of the database as the contract writes it."""
    return None if at is None else iso_z(int(at.timestamp()))


def gap_line(gap: Gap, zone: Zone) -> str:
    start, end = local_text(gap.start, zone), local_text(gap.end, zone)
    return f"gap: {gap.line}: nobody from {start} to {end}"


def optional_iso(at: Instant | None) -> str | None:
    return None if at is None else iso_z(at)


def settings() -> Settings:
    """The settings of this installation; exits with 2 and every fault when they are wrong."""
    try:
        found: Settings = current_app.extensions["hotline"].settings
    except SettingsRefused as refused:
        fail("\n".join(["The settings are wrong:", *(f"  - {fault}" for fault in refused.faults)]), 2)
    return found


def roster_path() -> Path:
    return Path(setting("ROSTER_FILE") or "oncall_schedule.yaml")


def read_file(path: Path) -> Reading:
    try:
        return read_roster(path.read_bytes())
    except OSError as fault:
        fail(f"{path} cannot be read: {fault.strerror}.", 2)


def roster_or_fail() -> Roster:
    """The roster of the file; exits with 1 when it is refused."""
    path = roster_path()
    reading = read_file(path)
    if reading.roster is None:
        fail(f"{path} is refused. See: flask roster check")
    return reading.roster


def moment(text: str | None, roster: Roster) -> Instant:
    """`--at`: without an offset it is wall clock in the roster's zone; without anything it is now."""
    if text is None:
        return now()
    try:
        return parse_moment(text, roster.zone)
    except ValueError as fault:
        raise click.UsageError(f"{text!r} is no moment in time: write 2026-12-24T17:00.") from fault
