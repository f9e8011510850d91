"""What a change does, as lines for people: the values of `routing.effects` in the order they are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from hotline.web.roster.words import Words
from routing.coverage import Gap
from routing.effects import Effects, Stretch
from routing.wording import Language, sentence


@dataclass(frozen=True, slots=True)
class PersonTold:
    """One person, and a line for each shift they gain and lose."""

    name: str
    gains: tuple[str, ...]
    loses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The gaps and thin cover that open come first: they are what a coordinator must not miss."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    thinner: tuple[str, ...]
    thicker: tuple[str, ...]
    people: tuple[PersonTold, ...]
    warnings: tuple[str, ...]
    settled: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return not (self.opened or self.closed or self.thinner or self.thicker or self.people)


def tell(effects: Effects, words: Words, language: Language) -> Told:
    people = dict.fromkeys((*effects.gained, *effects.lost))
    return Told(
        opened=gaps_told(effects.gaps_opened, words),
        closed=gaps_told(effects.gaps_closed, words),
        thinner=tuple(
            _(
                "%(line)s: only %(name)s, %(span)s",
                line=words.line(thin.line),
                name=words.name(thin.person),
                span=words.span(thin.start, thin.end),
            )
            for thin in effects.thin_opened
        ),
        thicker=tuple(
            _(
                "%(line)s: no longer %(name)s alone, %(span)s",
                line=words.line(thin.line),
                name=words.name(thin.person),
                span=words.span(thin.start, thin.end),
            )
            for thin in effects.thin_closed
        ),
        people=tuple(
            PersonTold(
                words.name(person),
                tuple(_gained(effects.gained.get(person, ()), words)),
                tuple(_lost(effects.lost.get(person, ()), words)),
            )
            for person in people
        ),
        warnings=tuple(sentence(problem, language) for problem in effects.warnings_new),
        settled=tuple(sentence(problem, language) for problem in effects.warnings_gone),
    )


def gaps_told(gaps: Iterable[Gap], words: Words) -> tuple[str, ...]:
    return tuple(
        _("%(line)s: nobody, %(span)s", line=words.line(gap.line), span=words.span(gap.start, gap.end))
        for gap in gaps
    )


def _gained(stretches: Iterable[Stretch], words: Words) -> Iterable[str]:
    for each in stretches:
        span = words.span(each.start, each.end)
        if each.other:
            yield _(
                "%(rotation)s, %(span)s, from %(name)s",
                rotation=each.rotation,
                span=span,
                name=words.name(each.other),
            )
        else:
            yield _("%(rotation)s, %(span)s, where there was nobody", rotation=each.rotation, span=span)


def _lost(stretches: Iterable[Stretch], words: Words) -> Iterable[str]:
    for each in stretches:
        span = words.span(each.start, each.end)
        if each.other:
            yield _(
                "%(rotation)s, %(span)s, to %(name)s",
                rotation=each.rotation,
                span=span,
                name=words.name(each.other),
            )
        else:
            yield _("%(rotation)s, %(span)s, to nobody", rotation=each.rotation, span=span)
