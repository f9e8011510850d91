"""`flask roster`: is the file right, who is on call, which shifts there are, who would be rung.

Its versions are the business of `roster_versions`.
"""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from hotline.commands.common import (
    gap_line,
    json_option,
    language_option,
    moment,
    now,
    optional_iso,
    print_json,
    read_file,
    roster_or_fail,
    roster_path,
)
from hotline.commands.roster_versions import history, restore
from hotline.telephony.prompts import read_prompts
from routing.cautions import language_warnings
from routing.coverage import Gap, examine
from routing.duty import duty_span_at, shifts_between
from routing.hours import opening_at
from routing.ladder import Rung, ladder
from routing.problems import Problem
from routing.roster import Instant, Roster
from routing.walltime import iso_z, local_text
from routing.wording import Language, sentence

roster = AppGroup("roster", help="The duty roster: check it, ask it who is on call, put a version back.")
roster.add_command(history)
roster.add_command(restore)

_at = click.option("--at", metavar="T", help="A moment; without an offset, wall clock in the roster's zone.")

#: The most days `shifts` lists.
_MOST_DAYS = 3660


@roster.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@language_option
@json_option
def check(file: Path | None, language: Language, as_json: bool) -> None:
    """Say what is wrong with FILE (the roster in use), and where it has gaps in the next 60 days."""
    path = file or roster_path()
    reading = read_file(path)
    examination = examine(reading.roster, now()) if reading.roster else None
    warnings = examination.warnings if examination else ()
    if reading.roster:
        unspoken = language_warnings(reading.roster, read_prompts().tongues)
        warnings = tuple(sorted((*warnings, *unspoken), key=attrgetter("line")))
    gaps = examination.gaps if examination else ()
    if as_json:
        print_json(
            {
                "ok": reading.roster is not None,
                "errors": [_problem(problem, language) for problem in reading.problems],
                "warnings": [_problem(problem, language) for problem in warnings],
                "gaps": [
                    {"line": gap.line, "start": iso_z(gap.start), "end": iso_z(gap.end)} for gap in gaps
                ],
            }
        )
    else:
        _print_check(path, reading.roster, reading.problems, warnings, gaps, language)
    if reading.roster is None:
        raise SystemExit(1)


def _problem(problem: Problem, language: Language) -> dict[str, Any]:
    return {"line": problem.line, "path": problem.path, "message": sentence(problem, language)}


def _print_check(
    path: Path,
    found: Roster | None,
    errors: tuple[Problem, ...],
    warnings: tuple[Problem, ...],
    gaps: tuple[Gap, ...],
    language: Language,
) -> None:
    for word, problems in (("error", errors), ("warning", warnings)):
        for problem in problems:
            where = f"{problem.path}: " if problem.path else ""
            click.echo(f"{path}:{problem.line}: {word}: {where}{sentence(problem, language)}")
    if found is None:
        click.echo(f"{path} is refused: {len(errors)} error(s).")
        return
    for gap in gaps:
        click.echo(gap_line(gap, found.zone))
    click.echo(
        f"{path} is accepted (version {found.version}), with {len(warnings)} warning(s), {len(gaps)} gap(s)."
    )


@roster.command("who")
@_at
@json_option
def who(at: str | None, as_json: bool) -> None:
    """Say who is on call, and whether the lines are open."""
    found = roster_or_fail()
    then = moment(at, found)
    openings = {line: opening_at(found, line, then) for line in found.lines}
    spans = {rotation: duty_span_at(found, rotation, then) for rotation in found.rotations}
    if as_json:
        lines = {
            line: {
                "open": opening.open,
                "why": opening.why,
                "until": optional_iso(opening.until),
                "policy": opening.policy,
            }
            for line, opening in openings.items()
        }
        rotations = {
            rotation: {
                "person": span.person,
                "why": span.why,
                "since": optional_iso(span.since),
                "until": optional_iso(span.until),
            }
            for rotation, span in spans.items()
        }
        print_json({"at": iso_z(then), "lines": lines, "rotations": rotations})
        return
    click.echo(local_text(then, found.zone))
    for line, opening in openings.items():
        state = "open" if opening.open else "closed"
        click.echo(
            f"  {line}: {state} ({opening.why}), {_until(found, opening.until)}; policy {opening.policy}"
        )
    for rotation, span in spans.items():
        click.echo(f"  {rotation}: {span.person or 'nobody'} ({span.why}), {_until(found, span.until)}")


def _until(found: Roster, until: Instant | None) -> str:
    return "without end" if until is None else f"until {local_text(until, found.zone)}"


@roster.command("shifts")
@click.option("--from", "start", metavar="T", required=True)
@click.option("--until", "end", metavar="T", required=True)
@click.option("--rotation", metavar="ID", help="Only this rotation.")
@json_option
def shifts(start: str, end: str, rotation: str | None, as_json: bool) -> None:
    """List the shifts between two moments, clipped to them."""
    found = roster_or_fail()
    first, last = moment(start, found), moment(end, found)
    if last <= first:
        raise click.UsageError("--until must be after --from.")
    if last - first > _MOST_DAYS * 86_400:
        raise click.UsageError("That is more than ten years: choose a shorter range.")
    if rotation is not None and rotation not in found.rotations:
        raise click.UsageError(f"There is no rotation {rotation!r}; there are: {', '.join(found.rotations)}.")
    chosen = [rotation] if rotation else list(found.rotations)
    listed = [shift for name in chosen for shift in shifts_between(found, name, first, last)]
    if as_json:
        print_json(
            [
                {
                    "rotation": shift.rotation,
                    "person": shift.person,
                    "start": iso_z(shift.start),
                    "end": iso_z(shift.end),
                    "why": shift.why,
                }
                for shift in listed
            ]
        )
        return
    for shift in listed:
        span = f"{local_text(shift.start, found.zone)} to {local_text(shift.end, found.zone)}"
        click.echo(f"{span}  {shift.rotation}: {shift.person} ({shift.why})")


@roster.command("explain")
@click.option("--line", "line", metavar="ID", required=True)
@_at
@click.option(
    "--crisis/--no-crisis", default=None, help="As if the caller had, or had not, chosen the crisis."
)
@json_option
def explain(line: str, at: str | None, crisis: bool | None, as_json: bool) -> None:
    """Say whom a call would ring, one after the other, why they, and what ends it."""
    found = roster_or_fail()
    if line not in found.lines:
        raise click.UsageError(f"There is no line {line!r}; there are: {', '.join(found.lines)}.")
    then = moment(at, found)
    opening = opening_at(found, line, then)
    if not opening.open and crisis is False:
        rungs: list[Rung] = []
    else:
        policy = found.lines[line].closed if crisis else opening.policy
        rungs = ladder(found, policy, then)
    if as_json:
        document = [_rung(rung) for rung in rungs]
        if document:
            document[-1]["ends"] = "callback"
        print_json(document)
        return
    state = "open" if opening.open else "closed"
    click.echo(f"{local_text(then, found.zone)}: {line} is {state} ({opening.why})")
    for rung in rungs:
        place = f"round {rung.place.round}, step {rung.place.step}"
        click.echo(
            f"  {rung.place.policy}, {place}: {rung.person} for {rung.seconds} s ({rung.ring}: {rung.why})"
        )
    click.echo("  then the call-back offer" if rungs else "  nobody is rung: the call-back offer at once")


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "round": rung.place.round,
        "step": rung.place.step,
        "person": rung.person,
        "why": f"{rung.ring}: {rung.why}",
        "seconds": rung.seconds,
    }
