"""One edit in each of the ways a roster file can be written: what it looks like before and after."""

from __future__ import annotations

import pytest

from hotline.roster.editing import apply_edit
from hotline.roster.edits import AddAway, AddOverride, Edit, RemoveOverride, RemovePerson, SetPerson
from hotline.roster.refusals import EditRefused
from routing.reading import read_roster
from routing.roster import Override, Span
from tests.hotline.roster_desk import at

NOW = at("2026-12-01T12:00")
SPAN = Span(at("2026-12-24T17:00"), at("2026-12-25T09:00"))
ADD = AddOverride("first", SPAN.start, SPAN.end, "bo")
REMOVE = RemoveOverride(Override("first", SPAN, "bo"))
NEW = "{rotation: first, from: 2026-12-24T17:00, until: 2026-12-25T09:00, person: bo}"
OLD = "{rotation: first, from: 2026-12-20T09:00, until: 2026-12-21T09:00, person: bo}"
BLOCK = """\
  - rotation: first
    # when
    from: 2026-12-20T09:00
    until: 2026-12-21T09:00
    person: bo   # he said so
"""
NEW_BLOCK = """\
  - rotation: first
    from: 2026-12-24T17:00
    until: 2026-12-25T09:00
    person: bo
"""
CHI = """\
  chi:
    name: Chi
    # her own
    phone: "+46701740607"
    languages: [nl]
"""
REST = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada: {name: Ada, phone: "+46701740605", languages: [nl]}
  bo: {name: Bo, phone: "+46701740606", languages: [nl]}
rotations: {first: {members: [ada], starts: 2026-11-02T09:00, turn: 7 days}}
policies: {crisis: {steps: [{ring: first, seconds: 20}]}}
lines:
  desk: {number: "+442079460001", name: Desk, languages: [nl], hours: {}, open: crisis, closed: crisis}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("overrides:\n", f"overrides:\n  - {NEW}\n"),
        ("overrides: []\n", f"overrides:\n  - {NEW}\n"),
        ("overrides: []  # none yet\n", f"overrides:  # none yet\n  - {NEW}\n"),
        ("overrides: ~\n# later\n", f"overrides:\n  - {NEW}\n# later\n"),
        ("overrides: [  # none\n]\n", f"overrides: [{NEW}  # none\n]\n"),
        ("? overrides\n: []\n", f"? overrides\n: [{NEW}]\n"),
        (f"overrides:\n- {OLD}  # a\n# b\n", f"overrides:\n- {OLD}  # a\n- {NEW}\n# b\n"),
        (f"overrides:\n    -   {OLD}\n\n", f"overrides:\n    -   {OLD}\n    -   {NEW}\n\n"),
        (f"? overrides\n: - {OLD}\n", f"? overrides\n: - {OLD}\n  - {NEW}\n"),
        (f"overrides: [{OLD}]  # a\n", f"overrides: [{OLD}, {NEW}]  # a\n"),
        (f"overrides: [ {OLD}, ]\n", f"overrides: [ {OLD}, {NEW}, ]\n"),
        (f"overrides: [\n  {OLD}\n]\n", f"overrides: [\n  {OLD},\n  {NEW}\n]\n"),
        (f"overrides: [\n  {OLD}  # a\n]\n", f"overrides: [\n  {OLD},  # a\n  {NEW}\n]\n"),
        (f"overrides: [\n  {OLD},  # a\n]\n", f"overrides: [\n  {OLD},  # a\n  {NEW},\n]\n"),
        (f"overrides: [{OLD}\n  ,  # a\n]\n", f"overrides: [{OLD}\n  ,  # a\n{' ' * 12}{NEW},\n]\n"),
        (f"overrides:\n{BLOCK}# b\n", f"overrides:\n{BLOCK}{NEW_BLOCK}# b\n"),
        ("overrides:   # a\n  # b\n", f"overrides:   # a\n  - {NEW}\n  # b\n"),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_an_override_is_added_in_the_style_that_is_there(before: str, after: str, line_break: str) -> None:
    before, after = ((each + REST).replace("\n", line_break) for each in (before, after))
    assert apply_edit(before, ADD, NOW) == after
    removed = apply_edit(after, REMOVE, NOW)
    if OLD in before or "# when" in before or "[]" in before:
        assert removed == before


def test_a_file_without_a_last_line_break_gets_none() -> None:
    text = f"{REST}overrides:\n  - {OLD}"
    assert apply_edit(text, ADD, NOW) == f"{text}\n  - {NEW}"
    assert apply_edit(f"{text}\n  - {NEW}", REMOVE, NOW) == text


def test_a_file_without_overrides_gets_them_behind_the_rotations() -> None:
    rotations, policies = REST.split("policies:")
    assert apply_edit(REST, ADD, NOW) == f"{rotations}overrides:\n  - {NEW}\npolicies:{policies}"


def test_a_file_written_as_json_stays_json() -> None:
    text = (
        '{"version": 1, "timezone": "UTC", "people": {"bo": {"name": "Bo", "phone": "+46701740606",'
        ' "languages": ["nl"]}}, "rotations": {"first": {"members": ["bo"], "starts": "2026-11-02T09:00",'
        ' "turn": "7 days"}}, "policies": {"c": {"steps": [{"ring": "first", "seconds": 20}]}}, "lines":'
        ' {"d": {"number": "+442079460001", "name": "D", "languages": ["nl"], "hours": {}, "open": "c",'
        ' "closed": "c"}}}'
    )
    end = "2026-12-24T18:00"
    edits: list[Edit] = [
        AddOverride("first", at(end) - 3600, at(end) + 3600, "bo"),
        SetPerson("bo", languages=("nl", "en"), email="bo@example.org"),
    ]
    for edit in edits:
        text = apply_edit(text, edit, NOW)
    assert text.endswith(
        ', "overrides": [{"rotation": "first", "from": "2026-12-24T16:00", "until": "2026-12-24T18:00",'
        ' "person": "bo"}]}'
    )
    assert '"languages": ["nl", "en"], "email": "bo@example.org"}' in text


def test_languages_below_each_other_keep_their_notes() -> None:
    text = REST.replace(
        '  ada: {name: Ada, phone: "+46701740605", languages: [nl]}\n',
        "  ada:\n    name: Ada\n    phone: '+46701740605'   # work\n"
        '    languages:\n      - nl   # from home\n      - "en"\n',
    )
    more = apply_edit(text, SetPerson("ada", languages=("nl", "en", "pl"), phone="+46701740650"), NOW)
    assert "phone: '+46701740650'   # work\n" in more
    assert '      - nl   # from home\n      - "en"\n      - "pl"\n' in more
    fewer = apply_edit(more, SetPerson("ada", languages=("nl",)), NOW)
    assert "      - nl   # from home\n  bo:" in fewer
    turned = apply_edit(text, SetPerson("ada", languages=("en", "nl")), NOW)
    assert '      - en   # from home\n      - "nl"\n' in turned


def test_an_absence_that_was_the_only_one_takes_its_key_along_but_no_note() -> None:
    span = Span(at("2026-12-10T00:00"), at("2026-12-11T00:00"))
    added = apply_edit(REST, AddAway("ada", span.start, span.end), NOW)
    assert "languages: [nl], away: [{from: 2026-12-10T00:00, until: 2026-12-11T00:00}]}\n" in added


def test_a_person_in_the_middle_goes_with_all_their_lines() -> None:
    text = REST.replace("  bo:", f"  # the new one\n{CHI}  bo:")
    assert apply_edit(text, RemovePerson("chi"), NOW) == REST.replace("  bo:", "  # the new one\n  bo:")


def test_what_would_say_something_else_than_was_meant_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (lambda source, *_: source.text, lambda source, *_: source.text + "\n}"):
        with monkeypatch.context() as patch:
            patch.setattr("hotline.roster.surgery.append_item", wrong)
            with pytest.raises(EditRefused) as caught:
                apply_edit(REST, ADD, NOW)
        assert [refusal.code for refusal in caught.value.refusals] == ["file.layout"]
    assert read_roster(apply_edit(REST, ADD, NOW).encode()).roster is not None
