"""What each of an advisor's pages starts from: who asks, the roster in force, and the moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from flask import abort, current_app, render_template
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from hotline.accounts.current import current_account
from hotline.accounts.current import now as now_of_request
from hotline.accounts.models import Account
from hotline.services import Services
from hotline.swaps import Swaps
from hotline.web.board_words import BoardWords
from routing.roster import Instant, Person, Roster
from routing.walltime import DAY, HOUR, MINUTE, day_of
from routing.wording import Language

Page = tuple[str, int]


@dataclass(frozen=True)
class Here:
    """`me` is None for an account that is nobody on the roster."""

    account: Account
    hotline: Services
    roster: Roster
    me: Person | None
    now: datetime
    language: Language

    @property
    def at(self) -> Instant:
        return int(self.now.timestamp())

    @property
    def words(self) -> ShiftWords:
        return ShiftWords(self.roster, self.language, self.at)

    @property
    def swaps(self) -> Swaps:
        return Swaps(self.hotline.engine, self.hotline.vault)

    def moment(self, at: Instant) -> datetime:
        return datetime.fromtimestamp(at, UTC)

    def person(self) -> Person:
        """Who asks, on the roster; an account that is not on it gets 404."""
        return self.me if self.me is not None else abort(404)

    def page(self, template: str, status: int = 200, **more: Any) -> Page:
        written = render_template(
            f"shifts/{template}", here=self, words=self.words, me=self.me, roster=self.roster, **more
        )
        return written, status


def here() -> Here:
    """Without any roster there is nothing to show: 503."""
    account = current_account()
    hotline: Services = current_app.extensions["hotline"].services
    roster = hotline.roster_file.roster() or abort(503)
    me = roster.people.get(account.person or "")
    return Here(account, hotline, roster, me, now_of_request(), cast(Language, str(get_locale())))


@dataclass(frozen=True)
class ShiftWords(BoardWords):
    """Spans and lengths of shifts, in words."""

    def length(self, start: Instant, end: Instant) -> str:
        """How long it really lasts; told in hours where the clock changes meanwhile."""
        seconds = end - start
        changed = self.roster.zone.wall(end) - self.roster.zone.wall(start) != seconds
        if seconds >= 2 * DAY and not changed and seconds % DAY == 0:
            return self.days(seconds // DAY)
        hours, minutes = divmod(seconds // MINUTE, HOUR // MINUTE)
        text: str = ngettext("%(num)s hour", "%(num)s hours", hours)
        if minutes:
            text = _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
        return _("%(hours)s: the clock is changed", hours=text) if changed else text

    def days(self, count: int) -> str:
        text: str = ngettext("%(num)s day", "%(num)s days", count)
        return text

    def in_turn(self, people: Iterable[str]) -> str:
        """In the order in which they are rung."""
        return _(", then ").join(self.name(person) for person in people)

    def field(self, at: Instant) -> str:
        """As an input of type datetime-local takes it."""
        wall = self.roster.zone.wall(at)
        return f"{day_of(wall).isoformat()}T{wall // HOUR % 24:02}:{wall // MINUTE % 60:02}"
