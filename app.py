"""The WSGI app and the door for `flask` commands.

.venv/bin/python app.py         serves it; in practice mode with a telephone network beside it
.venv/bin/flask roster check    a command
"""

import sys

from flask import Flask

from hotline import logs
from hotline.serving import listen, serve
from hotline.settings import SettingsRefused, is_practice
from hotline.web.app import create_app as _create_app


def create_app() -> Flask:
    """For `flask`, and for another WSGI server as `app:create_app()`. Opens nothing yet."""
    logs.configure()
    if not is_practice():
        return _create_app()
    from hotline.practice import extend  # noqa: PLC0415 - live, nothing of practice mode exists

    return extend(_create_app())


def main() -> int:
    app = create_app()
    hotline = app.extensions["hotline"]
    try:
        settings = hotline.settings
    except SettingsRefused as refused:
        sys.stderr.write("\n  - ".join(["Not started:", *refused.faults]) + "\n")
        return 2
    try:
        listening = listen(settings.host, settings.port)
    except OSError as fault:
        sys.stderr.write(
            f"Not started: {settings.host} port {settings.port}: {fault.strerror}. Choose another PORT.\n"
        )
        return 2
    try:
        hotline.start()
        serve(app, listening)
    finally:
        hotline.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
