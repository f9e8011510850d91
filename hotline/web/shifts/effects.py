"""What a change to the roster does, in sentences: what it tears open, who is behind, who gains and loses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.web.shifts.here import ShiftWords
from routing.coverage import Gap, Thin
from routing.effects import Effects, LadderChange, Stretch
from routing.wording import Language, sentence

#: Of each kind no more than somebody reads on a phone.
_MOST = 6

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """`kind` is gap, thin, ladder, lost, gained, better or warning."""

    kind: str
    text: str


def tell(effects: Effects, words: ShiftWords, language: Language) -> list[Told]:
    """The worst first; nothing when nobody would notice."""

    def span(each: Gap | Thin | Stretch | LadderChange) -> str:
        return words.span(each.start, each.end)

    return [
        *_told(
            "gap",
            effects.gaps_opened,
            lambda gap: _("%(line)s: nobody, %(span)s", line=words.line(gap.line), span=span(gap)),
        ),
        *_told(
            "thin",
            effects.thin_opened,
            lambda thin: _(
                "%(line)s: only %(name)s, %(span)s",
                line=words.line(thin.line),
                name=words.name(thin.person),
                span=span(thin),
            ),
        ),
        *_told(
            "ladder",
            [change for change in effects.ladders if change.after],
            lambda change: _(
                "%(line)s, %(span)s: calls go to %(names)s",
                line=words.line(change.line),
                span=span(change),
                names=words.in_turn(change.after),
            ),
        ),
        *_told(
            "lost",
            [(person, each) for person, lost in effects.lost.items() for each in lost],
            lambda lost: _(
                "%(name)s loses %(rotation)s, %(span)s",
                name=words.name(lost[0]),
                rotation=lost[1].rotation,
                span=span(lost[1]),
            ),
        ),
        *_told(
            "gained",
            [(person, each) for person, gained in effects.gained.items() for each in gained],
            lambda gained: _(
                "%(name)s gains %(rotation)s, %(span)s",
                name=words.name(gained[0]),
                rotation=gained[1].rotation,
                span=span(gained[1]),
            ),
        ),
        *_told(
            "better",
            effects.gaps_closed,
            lambda gap: _("%(line)s: no gap any more, %(span)s", line=words.line(gap.line), span=span(gap)),
        ),
        *_told("warning", effects.warnings_new, lambda problem: sentence(problem, language)),
    ]


def _told(kind: str, found: Iterable[T], write: Callable[[T], str]) -> Iterator[Told]:
    items = list(found)
    for each in items[:_MOST]:
        yield Told(kind, write(each))
    if (more := len(items) - _MOST) > 0:
        yield Told(kind, ngettext("and %(num)s more like it", "and %(num)s more like it", more))
