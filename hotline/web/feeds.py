"""`/feed/<token>.ics`: the calendar behind a secret address. The address stands in no log and on no page."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from datetime import datetime
from threading import Lock
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from hotline.accounts.current import now as now_of_request
from hotline.feeds import Feed, find_feed
from hotline.ical import Edition, calendar_file
from hotline.services import Services
from routing.roster import Instant, Roster
from routing.walltime import DAY

feeds = Blueprint("feeds", __name__)

_KEPT = 64

Key = tuple[str, int, str | None, str, Instant]


class Files:
    """The files written last: every program of every advisor asks again and again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> bytes | None:
        return self._kept.get(key)

    def put(self, key: Key, content: bytes) -> None:
        with self._lock:
            self._kept[key] = content
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def install(app: Flask) -> None:
    app.extensions["calendar files"] = Files()
    app.register_blueprint(feeds)


@feeds.get("/feed/<token>.ics")
def calendar(token: str) -> Response:
    hotline: Services = current_app.extensions["hotline"].services
    now = now_of_request()
    try:
        feed = find_feed(hotline.engine, token, now)
        edition = edition_of(hotline)
    except SQLAlchemyError:
        return _nothing(503)
    roster = hotline.roster_file.roster()
    if feed is None:
        return _nothing(404)
    if roster is None:
        return _nothing(503)
    today = _midnight(roster, now)
    key = roster.version, edition.sequence, feed.person, feed.language, today
    etag = hashlib.sha256(repr(key).encode()).hexdigest()[:20]
    if request.if_none_match.contains(etag):
        response = Response(status=304)
    else:
        response = Response(
            _file(hotline, roster, feed, edition, key), content_type="text/calendar; charset=utf-8"
        )
        response.headers["Content-Disposition"] = 'inline; filename="nachtwacht.ics"'
    response.set_etag(etag)
    response.last_modified = edition.since
    # To be asked about every time, so that a revoked address ends at once.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def edition_of(hotline: Services) -> Edition:
    """Which version of the roster is in force, and since when."""
    force = hotline.rosters.in_force
    latest = next(iter(hotline.rosters.history(1)), None)
    if latest is None or force.roster is None or latest.version != force.roster.version:
        return Edition(latest.sequence if latest else 0, force.since)
    return Edition(latest.sequence, latest.at)


def _file(hotline: Services, roster: Roster, feed: Feed, edition: Edition, key: Key) -> bytes:
    files: Files = current_app.extensions["calendar files"]
    found = files.get(key)
    if found is None:
        host = urlsplit(hotline.settings.public_url).hostname or "nachtwacht"
        with force_locale(feed.language):
            found = calendar_file(roster, feed.person, key[-1], edition, host)
        files.put(key, found)
    return found


def _midnight(roster: Roster, now: datetime) -> Instant:
    wall = roster.zone.wall(int(now.timestamp()))
    return roster.zone.instant(wall // DAY * DAY)


def _nothing(status: int) -> Response:
    """Not one of our pages: these hold links to themselves."""
    response = Response("", status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = "300"
    return response
