"""Edits of a roster file: what they write, and what is refused, at which field and in which words."""

from __future__ import annotations

import difflib

import pytest

from hotline.roster.checks import read_moment_field
from hotline.roster.editing import apply_edit, apply_edits
from hotline.roster.edits import (
    AddAway,
    AddOverride,
    AddPerson,
    ChangeAway,
    ChangeOverride,
    Edit,
    Held,
    RemoveAway,
    RemoveOverride,
    RemovePerson,
    SetPerson,
    SwapShifts,
    propose_person_id,
)
from hotline.roster.refusals import _SENTENCES, EditRefused, Refusal, refusal_sentence
from routing.reading import read_roster
from routing.roster import Override, Roster, Span
from tests.hotline.roster_desk import AMSTERDAM, ROSTER, at

NOW = at("2026-12-01T12:00")
FIRST = Override("first", Span(at("2026-12-20T09:00"), at("2026-12-21T09:00")), "bo")


def read(text: str) -> Roster:
    roster = read_roster(text.encode()).roster
    assert roster is not None
    return roster


def changes(text: str, *edits: Edit, now: int = NOW) -> list[str]:
    """The lines that differ, as `- old` and `+ new`."""
    after = apply_edits(text, edits, now).text
    return [line for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line[0] in "-+"]


def refused(edit: Edit, text: str = ROSTER, now: int = NOW) -> dict[str, str]:
    """The codes by field; each has a sentence in both languages."""
    with pytest.raises(EditRefused) as caught:
        apply_edit(text, edit, now)
    for refusal in caught.value.refusals:
        for language in ("nl", "en"):
            sentence = refusal_sentence(refusal, language)
            assert sentence.endswith(".") and "{" not in sentence
    return {refusal.field: refusal.code for refusal in caught.value.refusals}


def override(start: str, end: str, person: str = "bo", **more: str) -> AddOverride:
    return AddOverride("first", at(start), at(end), person, **more)


def test_two_people_swap_by_two_lines() -> None:
    held = Held("first", "ada", at("2026-12-24T17:00"), at("2026-12-25T09:00"))
    mine = Held("second", "bo", at("2026-12-26T17:00"), at("2026-12-27T09:00"))
    assert changes(ROSTER, SwapShifts(held, mine, "a: b")) == [
        f"+   - {{rotation: {rotation}, from: {start}, until: {end}, person: {person}, reason: {reason}}}"
        for rotation, start, end, person, reason in (
            ("first", "2026-12-24T17:00", "2026-12-25T09:00", "bo", '"a: b"'),
            ("second", "2026-12-26T17:00", "2026-12-27T09:00", "ada", '"a: b"'),
        )
    ]


def test_a_shift_that_changed_hands_is_not_swapped_any_more() -> None:
    held = Held("first", "ada", at("2026-12-24T17:00"), at("2026-12-25T09:00"))
    mine = Held("second", "bo", at("2026-12-26T17:00"), at("2026-12-27T09:00"))
    taken = apply_edit(ROSTER, override("2026-12-24T20:00", "2026-12-24T21:00", "chi"), NOW)
    assert refused(SwapShifts(held, mine), taken) == {"first": "shift.changed_hands"}
    assert refused(SwapShifts(mine, held), taken) == {"second": "shift.changed_hands"}
    assert refused(SwapShifts(held, held)) == {"second": "swap.same"}
    over = Held("second", "bo", at("2026-11-26T17:00"), at("2026-11-27T09:00"))
    assert refused(SwapShifts(held, over)) == {"second": "span.past"}
    unknown = Held("third", "bo", at("2026-12-26T17:00"), at("2026-12-27T09:00"))
    assert refused(SwapShifts(held, unknown)) == {"second": "rotation.unknown"}


def test_a_shift_is_taken_over_from_who_has_it_or_not_at_all() -> None:
    taken = apply_edit(ROSTER, override("2026-12-24T17:00", "2026-12-25T09:00", instead_of="ada"), NOW)
    again = override("2026-12-24T17:00", "2026-12-25T09:00", "chi", instead_of="ada")
    assert refused(again, taken) == {"": "override.changed_hands"}


@pytest.mark.parametrize(
    ("edit", "field", "code"),
    [
        (override("2026-11-20T10:00", "2026-11-20T12:00"), "end", "span.past"),
        (override("2026-12-24T10:00", "2026-12-24T10:00"), "end", "span.order"),
        (override("2026-12-24T10:00", "2026-12-23T10:00"), "end", "span.order"),
        (override("2026-12-24T10:00", "2026-12-25T10:00", "zed"), "person", "person.unknown"),
        (
            AddOverride("zed", at("2026-12-24T10:00"), at("2026-12-25T10:00"), "bo"),
            "rotation",
            "rotation.unknown",
        ),
        (AddOverride("first", at("2026-12-24T10:00"), 10**11, "bo"), "end", "moment.range"),
        (override("2026-12-24T10:00", "2026-12-25T10:00", reason="a\0b"), "reason", "text.control"),
        (override("2026-12-24T10:00", "2026-12-25T10:00", reason="a\ud800b"), "reason", "text.control"),
        (override("2026-12-24T10:00", "2026-12-25T10:00", reason="x" * 201), "reason", "text.long"),
        (RemoveOverride(Override("first", FIRST.span, "ada")), "", "override.gone"),
        (
            ChangeOverride(FIRST, Override("first", Span(FIRST.span.end, FIRST.span.start), "bo")),
            "end",
            "span.order",
        ),
        (AddAway("zed", at("2026-12-24T10:00"), at("2026-12-25T10:00")), "person", "person.unknown"),
        (AddAway("ada", at("2026-11-24T10:00"), at("2026-11-25T10:00")), "end", "span.past"),
        (RemoveAway("ada", FIRST.span), "", "away.gone"),
        (SetPerson("ada", phone="+46 70 174 06 06"), "phone", "phone.taken"),
        (SetPerson("ada", phone="+44 20 7946 0001"), "phone", "phone.is_line"),
        (SetPerson("ada", phone="112"), "phone", "phone.short"),
        (SetPerson("ada", phone="0900 1234"), "phone", "phone.service"),
        (SetPerson("ada", phone="call me"), "phone", "phone.e164"),
        (SetPerson("ada", phone=""), "phone", "shape.empty"),
        (SetPerson("ada", name="  "), "name", "shape.empty"),
        (SetPerson("ada", name="A\u2028da\x1b"), "name", "text.control"),
        (SetPerson("ada", languages=()), "languages", "list.empty"),
        (SetPerson("ada", languages=("nl", "nl")), "languages", "language.twice"),
        (SetPerson("ada", languages=("Dutch",)), "languages", "language.shape"),
        (SetPerson("ada", email="ada"), "email", "email"),
        (SetPerson("zed", name="Zed"), "person", "person.unknown"),
        (AddPerson("ada", "Ada", "+46701740650", ("nl",)), "id", "id.taken"),
        (AddPerson("first", "Ada", "+46701740650", ("nl",)), "id", "id.taken"),
        (RemovePerson("ada"), "person", "person.needed"),
        (RemovePerson("zed"), "person", "person.unknown"),
    ],
)
def test_what_cannot_be_is_refused_at_the_field_it_belongs_to(edit: Edit, field: str, code: str) -> None:
    assert refused(edit) == {field: code}


def test_all_that_is_wrong_with_a_form_is_told_at_once() -> None:
    edit = AddPerson("eva", "", "+46701740606", ("nl", "?"), "x")
    assert refused(edit) == {
        "name": "shape.empty",
        "phone": "phone.taken",
        "languages": "language.shape",
        "email": "email",
    }


def test_an_id_that_is_none_is_refused_where_it_was_typed() -> None:
    assert "id.shape" in refused(AddPerson("Ada Lovelace!", "Ada", "+46701740650", ("nl",))).values()


def test_a_number_of_ones_own_may_be_given_again_in_any_spelling() -> None:
    assert changes(ROSTER, SetPerson("ada", phone="0046 70-174 06 05")) == []


def test_somebody_who_is_away_then_is_not_put_on_call() -> None:
    away = apply_edit(ROSTER, AddAway("chi", at("2026-12-24T00:00"), at("2026-12-25T00:00")), NOW)
    assert refused(override("2026-12-24T20:00", "2026-12-25T09:00", "chi"), away) == {"person": "person.away"}
    assert changes(away, override("2026-12-25T00:00", "2026-12-25T09:00", "chi"))
    twice = AddAway("chi", at("2026-12-24T00:00"), at("2026-12-25T00:00"))
    assert refused(twice, away) == {"": "away.twice"}


def test_an_override_of_somebody_who_is_away_by_now_can_still_be_shortened() -> None:
    away = apply_edit(ROSTER, AddAway("bo", at("2026-12-20T12:00"), at("2026-12-23T00:00")), NOW)
    shorter = Override("first", Span(FIRST.span.start, at("2026-12-20T12:00")), "bo")
    assert len(changes(away, ChangeOverride(FIRST, shorter))) == 2
    longer = Override("first", Span(FIRST.span.start, at("2026-12-22T09:00")), "bo")
    assert refused(ChangeOverride(FIRST, longer), away) == {"person": "person.away"}


def test_what_begins_before_now_begins_now() -> None:
    now = at("2026-12-24T18:03") + 40
    (line,) = changes(ROSTER, override("2026-12-24T17:00", "2026-12-25T09:00"), now=now)
    assert "from: 2026-12-24T18:03," in line
    (_, away) = changes(ROSTER, AddAway("ada", at("2026-12-20T00:00"), at("2026-12-26T00:00")), now=now)
    assert "from: 2026-12-24T18:03," in away


def test_of_an_override_that_has_begun_only_the_end_moves_and_the_past_stays() -> None:
    now = at("2026-12-20T15:00")
    gone, new = (line for line in changes(ROSTER, RemoveOverride(FIRST), now=now) if line[0] in "-+")
    assert new == gone.replace("- ", "+ ", 1).replace("until: 2026-12-21T09:00", "until: 2026-12-20T15:00")
    other = Override("first", FIRST.span, "chi")
    assert refused(ChangeOverride(FIRST, other), now=now) == {"": "override.running"}
    longer = Override("first", Span(FIRST.span.start, at("2026-12-22T09:00")), "bo", "longer")
    assert changes(ROSTER, ChangeOverride(FIRST, longer), now=now)[1].endswith(
        "09:00, until: 2026-12-22T09:00, person: bo, reason: longer}   # agreed by phone"
    )
    over = at("2026-12-22T09:00")
    assert refused(RemoveOverride(FIRST), now=over) == {"": "override.over"}
    assert refused(ChangeOverride(FIRST, longer), now=over) == {"": "override.over"}


def test_of_an_absence_that_has_begun_only_the_end_moves() -> None:
    span = Span(at("2026-12-24T00:00"), at("2026-12-26T00:00"))
    text, now = apply_edit(ROSTER, AddAway("ada", span.start, span.end), NOW), at("2026-12-25T08:30")
    later = Span(at("2026-12-25T00:00"), span.end)
    assert refused(ChangeAway("ada", span, later), text, now) == {"start": "away.running"}
    ended = read(apply_edit(text, RemoveAway("ada", span), now))
    assert ended.people["ada"].away == (Span(span.start, now),)
    assert refused(RemoveAway("ada", span), text, at("2026-12-27T00:00")) == {"": "away.over"}


def test_a_person_nobody_needs_goes_with_the_overrides_that_are_over() -> None:
    text = ROSTER.replace("members: [bo]", "members: [chi]").replace("person: bo", "person: chi")
    text = apply_edit(text, override("2026-12-02T10:00", "2026-12-02T12:00", "bo"), NOW)
    with pytest.raises(EditRefused) as caught:
        apply_edit(text, RemovePerson("bo"), NOW)
    assert caught.value.refusals[0].details == {"person": "Bo", "places": "first 2026-12-02 10:00"}
    later = at("2026-12-03T00:00")
    assert changes(text, RemovePerson("bo"), now=later) == [
        '-   bo: {name: Bo, phone: "+46701740606", languages: [nl]}',
        "-   - {rotation: first, from: 2026-12-02T10:00, until: 2026-12-02T12:00, person: bo}",
    ]


def test_the_second_of_two_equal_hours_is_written_so_that_it_is_not_taken_for_the_first() -> None:
    second = at("2027-10-31T02:30") + 3600
    text = apply_edit(ROSTER, AddOverride("first", second, second + 3600, "bo"), NOW)
    assert "from: 2027-10-31T01:30:00Z, until: 2027-10-31T03:30" in text
    assert read(text).overrides[-1].span == Span(second, second + 3600)


def test_a_moment_of_a_form_is_read_or_refused_at_its_field() -> None:
    assert read_moment_field(" 2026-12-24T17:00 ", AMSTERDAM, "start") == at("2026-12-24T17:00")
    for text, code in (
        ("", "moment.empty"),
        ("24 dec", "moment.shape"),
        ("3026-12-24T17:00", "moment.range"),
    ):
        with pytest.raises(EditRefused) as caught:
            read_moment_field(text, AMSTERDAM, "start")
        (refusal,) = caught.value.refusals
        assert (refusal.field, refusal.code) == ("start", code)
        assert refusal_sentence(refusal, "nl") != refusal_sentence(refusal, "en")


def test_edits_come_together_or_not_at_all() -> None:
    with pytest.raises(EditRefused):
        apply_edits(
            ROSTER, [override("2026-12-24T17:00", "2026-12-25T09:00"), SetPerson("ada", phone="112")], NOW
        )


def test_only_a_legal_roster_is_edited() -> None:
    with pytest.raises(ValueError, match="legal"):
        apply_edit("version: 1", SetPerson("ada", name="Ada"), NOW)


def test_a_short_name_is_proposed_that_is_free() -> None:
    roster = read(ROSTER)
    assert propose_person_id("Adèle Voorbeeld", roster) == "adele"
    assert propose_person_id("Ada Voorbeeld", roster) == "ada-voorbeeld"
    assert propose_person_id("Ada", roster) == "ada-2"
    assert propose_person_id("漢", roster) == "person"
    assert propose_person_id("First", roster) == "first-2"


def test_a_note_between_the_lines_of_an_override_survives_a_reason_that_goes() -> None:
    (line,) = (line for line in ROSTER.splitlines(keepends=True) if "agreed by phone" in line)
    block = ROSTER.replace(
        line,
        "  - reason: ill   # said Bo\n"
        "    # ask again\n"
        "    rotation: first\n    from: 2026-12-20T09:00\n    until: 2026-12-21T09:00\n    person: bo\n",
    )
    old = read(block).overrides[0]
    after = apply_edit(block, ChangeOverride(old, FIRST), NOW)
    assert "  -\n    # ask again\n    rotation: first\n" in after and "ill" not in after
    assert read(after).overrides == (FIRST,)
    # Without one between, the next line moves up behind the dash.
    plain = block.replace("    # ask again\n", "")
    assert "  - rotation: first\n    from:" in apply_edit(plain, ChangeOverride(old, FIRST), NOW)


def test_every_sentence_of_a_refusal_is_there_in_both_languages_with_the_same_gaps() -> None:
    for code, (dutch, english) in _SENTENCES.items():
        assert dutch != english, code
        gaps = [{part.split("}")[0] for part in text.split("{")[1:]} for text in (dutch, english)]
        assert gaps[0] == gaps[1], code
    assert refusal_sentence(Refusal("phone.short", "phone"), "en").startswith("An emergency or short number")
