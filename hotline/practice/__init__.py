"""Practice mode: a telephone network beside the helpdesk, phones to try it on. Nothing rings for real.

The only part of `hotline` that knows the simulator. With provider credentials none of it is there.
"""

from flask import Flask

from hotline.practice.command import practice


def extend(app: Flask) -> Flask:
    """Adds the practice pages and commands to the application."""
    app.cli.add_command(practice)
    return app
