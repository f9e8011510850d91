"""One line of JSON on stderr for each event, with listed fields only: no number, name or note can get out.

Libraries speak through the same door: their message's template without its arguments, at WARNING and above.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
import unicodedata
import warnings
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from hotline import metrics

_LISTED = """
    account alert attempt backlog call case code count errors fault file host job key kind language leg line
    method milliseconds outcome path policy port practice reason revision ring roster round seconds
    source stage status step version why
"""
FIELDS = frozenset(_LISTED.split())
_LIBRARIES = ("twilio.http_client", "urllib3", "waitress", "apscheduler", "alembic", "sqlalchemy", "werkzeug")
_LONGEST = 200
_ROOT = Path(__file__).resolve().parent.parent
_OURS = ("hotline", "routing", "simulator", "app.py")

# What may hold many digits: the provider's ids, and instants that stand alone.
_HARMLESS = (
    r"\b[A-Z]{2}[0-9a-f]{32}\b"
    r"|20\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|\+00:00)?)?"
    r"(?![^A-Za-z]{0,3}\d)(?!\w)"
)
# Seven digits or more, however they are spaced or punctuated: no subscriber's number is shorter.
_NUMBER = r"\+?\d(?:[^0-9A-Za-z]{0,3}\d){6,}"
_DIGITS = re.compile(f"({_HARMLESS})|{_NUMBER}")

Fields = MutableMapping[str, Any]


def get_logger(source: str) -> Any:
    """A logger whose methods take what happened, in words that are always the same, and fields of FIELDS.

    `info`, `warning`, `error`, `critical`, and `exception` inside an except clause.
    """
    # Complete in itself: a command that forgets `configure` tells no more than the server does.
    return structlog.wrap_logger(
        _Lines(),
        processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        source=source,
    )


def configure() -> None:
    """Makes libraries, warnings and exceptions nobody caught speak through our loggers too."""
    logging.raiseExceptions = False
    warnings.showwarning = _warned  # type: ignore[assignment] # shorter than what it replaces
    root = logging.getLogger()
    root.handlers[:] = [_FromLibraries()]
    root.setLevel(logging.WARNING)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True
        library.setLevel(logging.WARNING)
    sys.excepthook = _uncaught
    threading.excepthook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, None)


def render(_logger: object, _method: str, fields: Fields) -> str:
    """The line: time, level, event, then the listed fields in order of name."""
    line: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": fields.pop("level", "info"),
        "event": clean(fields.pop("event", "")),
    }
    failure = fields.pop("exc_info", None)
    for name in sorted(fields):
        if name in FIELDS:
            line[name] = clean(fields[name])
    dropped = sum(name not in FIELDS for name in fields)
    if dropped:
        metrics.log_fields_dropped.inc(dropped)
        line["dropped"] = dropped
    if failure:
        line |= _failure(sys.exc_info()[1] if failure is True else failure)
    return json.dumps(line)


def clean(value: object) -> str | int | float | bool | None:
    """The value as it may be logged: short, without control characters, longer runs of digits masked."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        value = round(value, 3)
    if isinstance(value, int | float):
        text = str(value)
        return value if _masked(text) == text else _masked(text)
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, list | tuple) and all(isinstance(item, str | int) for item in value):
        value = ", ".join(map(str, value))
    if not isinstance(value, str | Path):
        # What an object says of itself could be anything.
        return type(value).__name__
    # Twice the length is enough to see a number that the cut goes through; NFKC makes digits of look-alikes.
    text = unicodedata.normalize("NFKC", str(value)[: 2 * _LONGEST])
    text = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    text = _masked(text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _masked(text: str) -> str:
    return _DIGITS.sub(lambda found: found[1] or "[number]", text)


def _failure(error: object) -> Fields:
    """Types and places only: a message may quote what was said, and a frame's locals hold it."""
    if isinstance(error, tuple):
        error = error[1]
    if not isinstance(error, BaseException):
        return {}
    types: list[str] = []
    where: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(types) < 5:
        types.append(f"{type(cause).__module__}.{type(cause).__qualname__}".removeprefix("builtins."))
        where += _frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
    return {"error": " < ".join(types), "where": where[-12:]}


def _frames(trace: TracebackType | None) -> list[str]:
    frames = []
    for frame, number in traceback.walk_tb(trace):
        code = frame.f_code
        try:
            file = Path(code.co_filename).resolve().relative_to(_ROOT)
        except ValueError:
            continue
        if file.parts[0] in _OURS:
            frames.append(f"{file}:{number}:{code.co_name}")
    return frames


def _uncaught(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    get_logger(__name__).critical("nobody caught an exception", exc_info=error)


def _warned(_message: object, category: type[Warning], filename: str, *_: object) -> None:
    get_logger("warnings").warning("a library warns", kind=category.__name__, file=Path(filename).name)


class _Lines:
    """Writes lines to stderr. A log that cannot be written is counted; it stops no call."""

    def msg(self, line: str) -> None:
        try:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            metrics.log_lines_lost.inc()

    debug = info = warning = warn = error = critical = exception = fatal = log = msg


class _FromLibraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level = min(record.levelno // 10 * 10, logging.CRITICAL)
        get_logger(record.name).log(level, str(record.msg), exc_info=record.exc_info)
