"""The commands for people and for machines. With `--json` each prints one JSON document.

Exit status: 0 fine, 1 found problems, 2 used wrongly.
"""

from __future__ import annotations

from flask import Flask

from hotline.commands.accounts import accounts
from hotline.commands.calls import calls
from hotline.commands.journal import journal
from hotline.commands.roster import roster
from hotline.commands.twilio import twilio


def register_commands(app: Flask) -> None:
    for group in (roster, calls, accounts, journal, twilio):
        app.cli.add_command(group)
