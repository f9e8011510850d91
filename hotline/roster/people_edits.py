"""Edits of people: what can be rung, written to and spoken with, and who there is."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from hotline.roster.changes import Change, Step, appended, dropped, put, put_item, taken_out
from hotline.roster.checks import check_fields, check_person, clean, name_of
from hotline.roster.edits import AddPerson, PersonEdit, RemovePerson, SetPerson
from hotline.roster.refusals import refuse
from hotline.roster.writing_yaml import Quoted
from routing.roster import Instant, Person, Roster
from routing.walltime import local_text


def person_change(roster: Roster, edit: PersonEdit, now: Instant) -> Change:
    """What the edit comes down to. Raises EditRefused."""
    match edit:
        case SetPerson():
            return _set_person(roster, edit)
        case AddPerson():
            return _add_person(roster, edit)
        case RemovePerson():
            return _remove_person(roster, edit, now)
        case _:
            assert_never(edit)


def _set_person(roster: Roster, edit: SetPerson) -> Change:
    check_person(roster, edit.person)
    person, path = roster.people[edit.person], ("people", edit.person)
    name = None if edit.name is None else clean(edit.name)
    email = None if edit.email is None else edit.email.strip()
    phone = check_fields(roster, edit.person, name, edit.phone, edit.languages, email)
    new = replace(
        person,
        name=person.name if name is None else name,
        phone=phone or person.phone,
        languages=person.languages if edit.languages is None else edit.languages,
        email=person.email if email is None else email or None,
    )
    steps: list[Step] = []
    if new.name != person.name:
        steps.append(put(path, "name", new.name))
    if new.phone != person.phone:
        steps.append(put(path, "phone", Quoted(new.phone)))
    if new.email != person.email:
        steps.append(put(path, "email", new.email) if new.email else dropped(path, "email"))
    steps += _language_steps(edit.person, person.languages, new.languages)
    return Change(tuple(steps), replace(roster, people={**roster.people, edit.person: new}))


def _language_steps(person: str, old: tuple[str, ...], new: tuple[str, ...]) -> list[Step]:
    """A language that stays keeps its place, and a note behind it, where the order allows."""
    path = ("people", person)
    kept = tuple(each for each in old if each in new)
    if new[: len(kept)] == kept:
        more = [appended(path, "languages", each) for each in new[len(kept) :]]
        return more + [
            taken_out(path, "languages", index)
            for index, each in reversed([*enumerate(old)])
            if each not in new
        ]
    both = enumerate(zip(old, new, strict=False))
    steps = [put_item((*path, "languages", index), each) for index, (was, each) in both if was != each]
    steps += [appended(path, "languages", each) for each in new[len(old) :]]
    return steps + [taken_out(path, "languages", index) for index in range(len(old) - 1, len(new) - 1, -1)]


def _add_person(roster: Roster, edit: AddPerson) -> Change:
    if edit.person in roster.people or edit.person in roster.rotations:
        raise refuse("id.taken", "id")
    name, email = clean(edit.name), edit.email.strip()
    phone = check_fields(roster, edit.person, name, edit.phone, edit.languages, email)
    assert phone is not None
    entry = {"name": name, "phone": Quoted(phone), "languages": edit.languages}
    person = Person(edit.person, name, phone, edit.languages, email or None)
    step = put(("people",), edit.person, {**entry, "email": email} if email else entry)
    return Change((step,), replace(roster, people={**roster.people, edit.person: person}))


def _remove_person(roster: Roster, edit: RemovePerson, now: Instant) -> Change:
    """With the person go the overrides that are over: without the name they could not be read."""
    check_person(roster, edit.person)
    name = name_of(roster, edit.person)
    if places := _places(roster, edit.person, now):
        raise refuse("person.needed", "person", person=name, places=", ".join(places))
    if len(roster.people) == 1:
        raise refuse("person.last", "person")
    theirs = [index for index, each in enumerate(roster.overrides) if each.person == edit.person]
    steps = [taken_out((), "overrides", index) for index in reversed(theirs)]
    people = {key: person for key, person in roster.people.items() if key != edit.person}
    overrides = tuple(each for each in roster.overrides if each.person != edit.person)
    return Change(
        (*steps, dropped(("people",), edit.person)), replace(roster, people=people, overrides=overrides)
    )


def _places(roster: Roster, person: str, now: Instant) -> list[str]:
    """Where the roster still needs the person."""
    rotations = [each.id for each in roster.rotations.values() if person in each.members]
    policies = [
        each.id for each in roster.policies.values() if any(person in step.ring for step in each.steps)
    ]
    overrides = [
        f"{each.rotation} {local_text(each.span.start, roster.zone)}"
        for each in roster.overrides
        if each.person == person and each.span.end > now
    ]
    return [*rotations, *policies, *overrides]
