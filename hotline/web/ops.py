"""Is it alive, is it ready, how much of everything: for load balancers and whoever watches at night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hotline.jobs.heartbeat import STALE_AFTER
from hotline.services import Services
from hotline.storage import schema
from hotline.storage.engine import reading
from hotline.storage.outgoing import oldest_due_at
from routing.hours import opening_at
from routing.ladder import Place, Rung, next_rung

ops = Blueprint("ops", __name__)

#: An event that waits longer than this to be recorded means that nobody records.
BACKLOG_SECONDS = 60

#: Something due for longer than this means that nobody sends: what fails is due again later, or has failed.
OUTBOX_SECONDS = 600

Check = dict[str, Any]


@ops.get("/healthz")
def healthz() -> Response:
    """Calls are answered as long as this process runs, whatever else is away: so does this."""
    return Response("ok\n", mimetype="text/plain")


@ops.get("/readyz")
def readyz() -> tuple[Response, int]:
    hotline: Services = current_app.extensions["hotline"].services
    now = datetime.now(UTC)
    checks = run_checks(hotline, now)
    ok = all(check["ok"] for check in checks.values())
    return jsonify(ok=ok, checks=checks), 200 if ok else 503


@ops.get("/metrics")
def metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def run_checks(hotline: Services, now: datetime) -> dict[str, Check]:
    """Every check by its name; one that cannot be made has failed."""
    return {name: _safely(check, hotline, now) for name, check in _CHECKS.items()}


def _safely(check: Callable[[Services, datetime], Check], hotline: Services, now: datetime) -> Check:
    try:
        return check(hotline, now)
    except (SQLAlchemyError, OSError) as fault:
        return {"ok": False, "why": type(fault).__name__}


def _database(hotline: Services, _now: datetime) -> Check:
    with reading(hotline.engine) as connection:
        connection.execute(text("SELECT 1"))
    return {"ok": True}


def _migrations(hotline: Services, _now: datetime) -> Check:
    return {"ok": schema.is_current(hotline.engine)}


def _journal(hotline: Services, now: datetime) -> Check:
    status = hotline.journal.status()
    seconds = (now - status.oldest).total_seconds() if status.oldest else 0.0
    ok = status.fault is None and seconds < BACKLOG_SECONDS
    return {"ok": ok, "backlog": status.backlog, "oldest_seconds": round(seconds, 1), "fault": status.fault}


def _prompts(hotline: Services, _now: datetime) -> Check:
    return {"ok": not hotline.script.prompts.faults, "faults": list(hotline.script.prompts.faults)}


def _scheduler(hotline: Services, _now: datetime) -> Check:
    seconds = hotline.heartbeat.seconds_since_beat()
    return {"ok": seconds < STALE_AFTER, "seconds_since_beat": round(seconds, 1)}


def _outbox(hotline: Services, now: datetime) -> Check:
    with reading(hotline.engine) as connection:
        oldest = oldest_due_at(connection)
    seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return {"ok": seconds < OUTBOX_SECONDS, "oldest_seconds": round(seconds, 1)}


def _roster(hotline: Services, now: datetime) -> Check:
    force = hotline.roster_file.in_force
    return {
        "ok": force.is_the_files,
        "version": force.roster.version if force.roster else None,
        "age_seconds": round((now - force.since).total_seconds(), 1),
        "errors": len(force.refused),
        "unreadable": force.unreadable or None,
    }


def _on_call(hotline: Services, now: datetime) -> Check:
    roster = hotline.roster_file.roster()
    if roster is None:
        return {"ok": False, "lines": {}}
    at = int(now.timestamp())
    lines = {
        line: isinstance(next_rung(roster, Place(opening_at(roster, line, at).policy), at), Rung)
        for line in roster.lines
    }
    return {"ok": all(lines.values()), "lines": lines}


_CHECKS: dict[str, Callable[[Services, datetime], Check]] = {
    "database": _database,
    "migrations": _migrations,
    "journal": _journal,
    "prompts": _prompts,
    "scheduler": _scheduler,
    "outbox": _outbox,
    "roster": _roster,
    "on_call": _on_call,
}
