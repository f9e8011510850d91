"""`flask roster history` and `flask roster restore`: every version of the roster, and putting one back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import assert_never

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from hotline.commands.common import (
    fail,
    gap_line,
    instant,
    json_option,
    language_option,
    print_json,
    settings,
)
from hotline.privacy import Unreadable
from hotline.roster.publishing import (
    Author,
    Conflict,
    NeedsReason,
    NotSaved,
    Refused,
    RosterStore,
    Saved,
    Version,
    not_saved_sentence,
)
from hotline.services import build_services
from hotline.storage import schema
from routing.coverage import Gap
from routing.problems import Problem
from routing.roster import Roster
from routing.walltime import local_text
from routing.wording import Language, sentence

_AUTHOR = Author("command line")


@click.command("history")
@with_appcontext
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--before", type=click.IntRange(1), metavar="VERSION", help="Only what came before this one.")
@click.option("--diff", "with_diff", is_flag=True, help="Also line by line.")
@language_option
@json_option
def history(limit: int, before: int | None, with_diff: bool, language: Language, as_json: bool) -> None:
    """List the versions of the roster, the newest first: when, by whom, why, and what changed."""
    with _store() as store:
        versions = store.history(limit, before)
        found = store.roster()
    if as_json:
        print_json([_document(version, language) for version in versions])
        return
    for version in versions:
        click.echo(f"{version.sequence}  {_when(version, found)}  {version.version}  {version.author.name}")
        for line in (*version.words[language], *([f"why: {version.why}"] if version.why else ())):
            click.echo(f"    {line}")
        if with_diff and version.diff:
            click.echo(version.diff)


def _when(version: Version, found: Roster | None) -> str:
    at = int(version.at.timestamp())
    return local_text(at, found.zone) if found else str(instant(version.at))


def _document(version: Version, language: Language) -> dict[str, object]:
    return {
        "sequence": version.sequence,
        "version": version.version,
        "at": instant(version.at),
        "by": version.author.name,
        "why": version.why,
        "changed": list(version.words[language]),
        "diff": version.diff,
    }


@click.command("restore")
@with_appcontext
@click.argument("version", type=click.IntRange(1))
@click.option("--why", default="", help="Needed where it leaves a gap within 72 hours.")
@language_option
def restore(version: int, why: str, language: Language) -> None:
    """Make VERSION, a number of `flask roster history`, the newest: in the file and on every replica."""
    with _store() as store:
        result = store.restore(
            version, base_version=store.in_force.version, author=_AUTHOR, why=why, now=datetime.now(UTC)
        )
        if not isinstance(result, Saved):
            fail("\n".join(_why_not(result, store.roster(), language)))
        click.echo(f"Version {version} is in force again, as version {result.version.sequence}.")


def _why_not(
    result: Refused | NeedsReason | Conflict | NotSaved, found: Roster | None, language: Language
) -> list[str]:
    match result:
        case NeedsReason(gaps):
            return [*(_gap(gap, found) for gap in gaps), "Say why it has to be so: --why"]
        case Conflict(problems=problems):
            return ["The file changed meanwhile; nothing was restored.", *_errors(problems, language)]
        case Refused(problems):
            return _errors(problems, language)
        case NotSaved(obstacle):
            return [not_saved_sentence(obstacle, language)]
        case _:
            assert_never(result)


def _errors(problems: tuple[Problem, ...], language: Language) -> list[str]:
    return [f"{problem.line}: error: {sentence(problem, language)}" for problem in problems]


def _gap(gap: Gap, found: Roster | None) -> str:
    assert found is not None
    return gap_line(gap, found.zone)


@contextmanager
def _store() -> Iterator[RosterStore]:
    """The store with all that listens to it, so that whoever gets other shifts is told."""
    services = build_services(settings())
    try:
        schema.upgrade(services.engine)
        services.rosters.share()
        yield services.rosters
    except (SQLAlchemyError, schema.SchemaUnknown, Unreadable) as fault:
        fail(f"The versions cannot be read now ({type(fault).__name__}). The file works all the same.")
    finally:
        services.stop()
