"""Practice mode: a telephone network beside the helpdesk, phones to try it on. Nothing rings for real.

The only part of `hotline` that knows the simulator. With provider credentials none of it is there.
"""

from pathlib import Path

from flask import Flask

from hotline.practice.command import practice
from hotline.practice.demo import demo
from hotline.practice.network import PracticeProvider
from hotline.practice.pages import pages


def extend(app: Flask, provider: PracticeProvider | None = None) -> Flask:
    """Adds the practice commands to the application, and the pages where a network runs beside it."""
    app.cli.add_command(practice)
    app.register_blueprint(demo)
    if provider is not None:
        app.extensions["practice"] = provider
        app.extensions["assets"].add(Path(__file__).resolve().parent / "static")
        app.register_blueprint(pages)
        hotline = app.extensions["hotline"]
        # Before any answer may name somebody new, the network knows their telephone.
        app.before_request(lambda: provider.follow(hotline.services.roster_file.roster()))
    return app
