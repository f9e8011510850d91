"""The WSGI app and the door for `flask` commands.

.venv/bin/python app.py         serves it; in practice mode with a telephone network beside it
.venv/bin/flask roster check    a command
"""

import sys
from contextlib import AbstractContextManager, nullcontext

from flask import Flask

from hotline import logs
from hotline.serving import listen, serve
from hotline.settings import Settings, SettingsRefused, is_practice, load_settings
from hotline.telephony.prompts import BadPrompts
from hotline.web.app import create_app as _create_app


def create_app() -> Flask:
    """For `flask`, and for another WSGI server as `app:create_app()`. Opens nothing yet."""
    logs.configure()
    if not is_practice():
        return _create_app()
    from hotline.practice import extend  # noqa: PLC0415 - live, nothing of practice mode exists

    return extend(_create_app())


def main() -> int:
    logs.configure()
    try:
        settings = load_settings()
        with _application(settings) as app:
            return _serve(app, settings)
    except BadPrompts as bad:
        return _not_started(f" {bad}. See hotline/prompts.")
    except SettingsRefused as refused:
        return _not_started("\n  - ".join(["", *refused.faults]))


def _serve(app: Flask, settings: Settings) -> int:
    try:
        listening = listen(settings.host, settings.port)
    except OSError as fault:
        return _not_started(f" {settings.host} port {settings.port}: {fault.strerror}. Choose another PORT.")
    hotline = app.extensions["hotline"]
    try:
        hotline.start()
        _say_where(settings)
        serve(app, listening)
    finally:
        hotline.stop()
    return 0


def _application(settings: Settings) -> AbstractContextManager[Flask]:
    if not settings.practice:
        return nullcontext(_create_app(settings))
    from hotline.practice.live import practised  # noqa: PLC0415 - as above

    return practised(settings)


def _say_where(settings: Settings) -> None:
    if settings.practice:
        place = f"http://127.0.0.1:{settings.port}"
        sys.stdout.write(f"Practice mode, no real phone rings. Open {place} in a browser; Ctrl-C ends it.\n")
    else:
        sys.stdout.write(f"Serving {settings.public_url} from {settings.host} port {settings.port}.\n")
    sys.stdout.flush()


def _not_started(why: str) -> int:
    sys.stderr.write(f"Not started:{why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
