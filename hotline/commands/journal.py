"""`flask journal`: how much of what happened still waits to be recorded."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from hotline.commands.common import instant, json_option, print_json, settings
from hotline.journal import Journal

journal = AppGroup("journal", help="The journal: what calls have told us, before it is in the database.")


@journal.command("status")
@json_option
def status(as_json: bool) -> None:
    """Say how many events wait to be recorded, and since when."""
    opened = Journal(settings().instance_dir / "journal.db")
    try:
        found = opened.status()
    finally:
        opened.close()
    if as_json:
        print_json({"backlog": found.backlog, "oldest": instant(found.oldest)})
        return
    since = f", the oldest since {instant(found.oldest)}" if found.oldest else ""
    click.echo(f"{found.backlog} event(s) wait to be recorded{since}.")
