"""A server to be measured, in a process of its own: `python -m bench.served ours|bare FOLDER`.

`ours` is the helpdesk as it runs, with its journal and recorder, in practice mode for the sake of its clock.
`bare` checks the provider's signature and gives a fixed answer, served alike. The port is told on stdout.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator

from hotline import logs
from hotline.serving import listen, serve
from hotline.settings import Settings, load_settings

ROSTER = Path(__file__).with_name("roster.yaml")
ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="nl-NL">Een ogenblik.</Say></Response>'
)


def settings_for(folder: Path, origin: str) -> Settings:
    """The settings of a helpdesk whose instance is in the folder; its secrets are made the first time."""
    environ = {"INSTANCE_DIR": str(folder), "PUBLIC_URL": origin, "ROSTER_FILE": str(ROSTER)}
    return load_settings(environ, dotenv=None)


def bare_app(settings: Settings) -> Flask:
    app = Flask("bare", static_folder=None)
    validator = RequestValidator(settings.auth_tokens[0])

    @app.post("/<path:_path>")
    def answer(_path: str) -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(request.url, request.form, signature):
            abort(403)
        return Response(ANSWER, mimetype="text/xml")

    return app


def main(which: str, folder: Path) -> None:
    logs.configure()
    listening: socket.socket = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    settings = settings_for(folder, f"http://127.0.0.1:{port}")
    if which == "bare":
        print(port, flush=True)
        serve(bare_app(settings), listening)
        return
    from hotline.web.app import create_app  # noqa: PLC0415 - the bare one carries nothing of ours

    app = create_app(settings)
    hotline = app.extensions["hotline"]
    hotline.start()
    print(port, flush=True)
    try:
        serve(app, listening)
    finally:
        hotline.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
