"""Reading the roster's file: what it becomes, and that every mistake is told with its place."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.problems import Problem
from routing.reading import MAX_BYTES, MOST_PROBLEMS, read_roster
from routing.roster import Holidays, Line, Override, Person, Policy, Roster, Rotation, Span, Step, Window
from routing.walltime import DAY, HOUR, Zone, parse_moment, wall_time
from routing.wording import sentence
from tests.forks import forked
from tests.routing.reading_child import tell_the_memory_for

AMSTERDAM = Zone("Europe/Amsterdam")

GOOD = """\
version: 1
timezone: Europe/Amsterdam

people:
  ada:
    name: Ada
    phone: "+46701740605"
    languages: [nl, en]
    email: ada@example.org
    away:
      - {from: 2026-12-20T00:00, until: 2027-01-03T00:00}
  bo:
    name: Bo
    phone: "+46701740606"
    languages: [nl]

rotations:
  first:
    members: [ada, bo]
    starts: 2026-11-02T09:00
    turn: 7 days
    hours:
      - {days: mon-fri, from: "17:00", until: "09:00"}
      - {days: [sat, sun], from: "00:00", until: "24:00"}

overrides:
  - {rotation: first, from: 2026-12-24T17:00, until: 2026-12-25T09:00Z, person: bo, reason: swapped with Ada}

policies:
  desk:
    steps:
      - {ring: [ada, bo], seconds: 20}
    otherwise: crisis
  crisis:
    steps:
      - ring: first
        seconds: 25
    rounds: 2
    otherwise: callback

lines:
  helpdesk:
    number: "+31334481186"
    name: Helpdesk
    languages: [nl, en]
    hours:
      mon-thu: "09:00-17:00"
      fri: ["13:00-17:00", "09:00-12:30"]
    holidays: {country: NL, good_friday: open, liberation_day: lustrum, closed: [2026-12-24], open: []}
    open: desk
    closed: crisis
"""


def at(text: str) -> int:
    return parse_moment(text, AMSTERDAM)


def found(text: str | bytes) -> list[tuple[int, str, str]]:
    reading = read_roster(text if isinstance(text, bytes) else text.encode())
    assert (reading.roster is None) == bool(reading.problems)
    for problem in reading.problems:
        check_sentences(problem)
    return [(problem.line, problem.path, problem.code) for problem in reading.problems]


def check_sentences(problem: Problem) -> None:
    dutch, english = sentence(problem, "nl"), sentence(problem, "en")
    assert dutch != english
    for text in (dutch, english):
        assert text[-1] in ".1"
        assert len(text) < 400
        assert text.isprintable()


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


# -- what a good file becomes -----------------------------------------------------------------


def test_a_good_file_is_read_whole() -> None:
    reading = read_roster(GOOD.encode())
    assert reading.problems == ()
    office = (9 * HOUR, 17 * HOUR)
    assert reading.roster == Roster(
        version=reading.roster.version if reading.roster else "",
        zone=AMSTERDAM,
        people={
            "ada": Person(
                "ada",
                "Ada",
                "+46701740605",
                ("nl", "en"),
                "ada@example.org",
                (Span(at("2026-12-20T00:00"), at("2027-01-03T00:00")),),
            ),
            "bo": Person("bo", "Bo", "+46701740606", ("nl",)),
        },
        rotations={
            "first": Rotation(
                "first",
                ("ada", "bo"),
                wall_time(2026, 11, 2, 9),
                7 * DAY,
                (Window(frozenset(range(5)), 17 * HOUR, 33 * HOUR), Window(frozenset({5, 6}), 0, 24 * HOUR)),
            )
        },
        overrides=(
            Override("first", Span(at("2026-12-24T17:00"), at("2026-12-25T10:00")), "bo", "swapped with Ada"),
        ),
        policies={
            "desk": Policy("desk", (Step(("ada", "bo"), 20),), 1, "crisis"),
            "crisis": Policy("crisis", (Step(("first",), 25),), 2, None),
        },
        lines={
            "helpdesk": Line(
                "helpdesk",
                "+31334481186",
                "Helpdesk",
                ("nl", "en"),
                {
                    0: (office,),
                    1: (office,),
                    2: (office,),
                    3: (office,),
                    4: ((9 * HOUR, 12 * HOUR + 1800), (13 * HOUR, 17 * HOUR)),
                    5: (),
                    6: (),
                },
                "desk",
                "crisis",
                Holidays("NL", "open", "lustrum", frozenset({date(2026, 12, 24)}), frozenset()),
            )
        },
    )


def test_the_version_names_these_bytes() -> None:
    first, second = read_roster(GOOD.encode()).roster, read_roster((GOOD + "# note\n").encode()).roster
    assert first is not None
    assert second is not None
    assert re.fullmatch(r"[0-9a-f]{12}", first.version)
    assert first.version != second.version


def test_places_in_the_file_are_remembered() -> None:
    roster = read_roster(GOOD.encode()).roster
    assert roster is not None
    for path, part in (
        ("people.bo", "  bo:"),
        ("people.bo.phone", '"+46701740606"'),
        ("overrides[0]", "  - {rotation"),
        ("policies.crisis.steps[0].ring", "ring: first"),
        ("lines.helpdesk.closed", "closed: crisis"),
    ):
        assert roster.places[path] == line_of(GOOD, part), path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\npeople:", "\n# a note\npeople:"),
        ("    email: ada@example.org\n", ""),
        ("reason: swapped with Ada", "reason: 'ruil'"),
        ("turn: 7 days", "turn: 1 week"),
        ("turn: 7 days", "turn: 12 hours"),
        ("turn: 7 days", "turn: 1 day"),
        ("    rounds: 2\n    otherwise: callback\n", ""),
        ("starts: 2026-11-02T09:00", "starts: 2026-11-02 09:00:00"),
        ("days: [sat, sun]", "days: sat-sun"),
        ("days: [sat, sun]", "days: daily"),
        ('mon-thu: "09:00-17:00"', "mon-thu: 09:00-17:00"),
        ('mon-thu: "09:00-17:00"', "mon-thu: []"),
        ("country: NL, good_friday: open, liberation_day: lustrum, closed: [2026-12-24], open: []", ""),
        ("ring: first", "ring: [first, ada]"),
        ("ring: first", "ring: bo"),
    ],
)
def test_what_is_allowed_is_read(old: str, new: str) -> None:
    assert found(changed(old, new)) == []


def test_what_is_all_commented_out_is_empty() -> None:
    text = re.sub(r"(?m)^  - \{rotation.*$", "  # nobody", GOOD)
    text = re.sub(r"(?m)^      - \{from.*$", "      # nothing", text)
    roster = read_roster(text.encode()).roster
    assert roster is not None
    assert roster.overrides == ()
    assert roster.people["ada"].away == ()


def test_windows_line_ends_and_a_mark_at_the_beginning_do_no_harm() -> None:
    assert found(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == []


def test_times_are_read_by_the_rule_of_calendars() -> None:
    text = changed(
        "from: 2026-12-20T00:00, until: 2027-01-03T00:00", "from: 2026-10-25T02:30, until: 2027-03-28T02:30"
    )
    roster = read_roster(text.encode()).roster
    assert roster is not None
    assert roster.people["ada"].away == (Span(at("2026-10-25T00:30Z"), at("2027-03-28T01:30Z")),)


# -- one place, one mistake -------------------------------------------------------------------

MISTAKES = [
    # (what stood there, what stands there now, path, code)
    ("version: 1", "version: 2", "version", "version"),
    ("version: 1", 'version: "1"', "version", "version"),
    ("version: 1\n", "", "", "key.missing"),
    ("timezone: Europe/Amsterdam", "timezone: Europe/Amsterdm", "timezone", "zone"),
    ("timezone: Europe/Amsterdam", "timezone: ../../etc/passwd", "timezone", "zone"),
    ("timezone: Europe/Amsterdam\n", "", "", "key.missing"),
    ("rotations:", "rotation:", "rotation", "key.unknown"),
    ("    name: Ada\n", "", "people.ada", "key.missing"),
    ("    name: Ada", "    name:", "people.ada.name", "shape.empty"),
    ("    name: Ada", "    name: ''", "people.ada.name", "shape.empty"),
    ("    name: Ada", "    name: [Ada]", "people.ada.name", "shape.text"),
    ("    name: Ada", "    name: " + "A" * 201, "people.ada.name", "text.long"),
    ("    name: Ada", "    name: Ada\n    nmae: Ada", "people.ada.nmae", "key.unknown"),
    ("email: ada@example.org", "email: ada", "people.ada.email", "email"),
    ("languages: [nl]", "languages: [dutch]", "people.bo.languages[0]", "language.shape"),
    ("languages: [nl]", "languages: [nl, nl]", "people.bo.languages[1]", "language.twice"),
    ("languages: [nl]", "languages: []", "people.bo.languages", "list.empty"),
    ("languages: [nl]", "languages: nl", "people.bo.languages", "shape.list"),
    ("languages: [nl]", "languages: {nl: en}", "people.bo.languages", "shape.list"),
    ('"+46701740606"', "+46701740606", "people.bo.phone", "phone.unquoted"),
    ('"+46701740606"', "0612345678", "people.bo.phone", "phone.unquoted"),
    ('"+46701740606"', "46701740606", "people.bo.phone", "phone.unquoted"),
    ('"+46701740606"', '"0612345678"', "people.bo.phone", "phone.e164"),
    ('"+46701740606"', '"+46 70 174 06 06"', "people.bo.phone", "phone.e164"),
    ('"+46701740606"', '"+31 (0)612345678"', "people.bo.phone", "phone.e164"),
    ('"+46701740606"', '"anonymous"', "people.bo.phone", "phone.e164"),
    ('"+46701740606"', '"+46701"', "people.bo.phone", "phone.invalid"),
    ('"+46701740606"', '"+467017406060605"', "people.bo.phone", "phone.invalid"),
    ('"+46701740606"', '"112"', "people.bo.phone", "phone.short"),
    ('"+46701740606"', '"116006"', "people.bo.phone", "phone.short"),
    ('"+46701740606"', '"14020"', "people.bo.phone", "phone.short"),
    ('"+46701740606"', '"08007000"', "people.bo.phone", "phone.service"),
    ('"+46701740606"', '"+318007000"', "people.bo.phone", "phone.service"),
    ('"+46701740606"', '"+319008844"', "people.bo.phone", "phone.service"),
    ('"+46701740606"', '"+3114020"', "people.bo.phone", "phone.service"),
    ('"+31334481186"', '"+318007000"', "lines.helpdesk.number", "phone.service"),
    ('"+31334481186"', "+31334481186", "lines.helpdesk.number", "phone.unquoted"),
    ("from: 2026-12-20T00:00", "from: 2026-12-20", "people.ada.away[0].from", "moment.shape"),
    ("from: 2026-12-20T00:00", "from: Christmas", "people.ada.away[0].from", "moment.shape"),
    ("from: 2026-12-20T00:00", "from: 2026-02-30T00:00", "people.ada.away[0].from", "moment.shape"),
    ("from: 2026-12-20T00:00", "from: 1999-12-20T00:00", "people.ada.away[0].from", "moment.range"),
    ("until: 2027-01-03T00:00", "until: 2100-01-03T00:00", "people.ada.away[0].until", "moment.range"),
    ("until: 2027-01-03T00:00", "until: 2026-12-20T00:00", "people.ada.away[0].until", "span.order"),
    ("until: 2027-01-03T00:00", "until: 2026-12-01T00:00", "people.ada.away[0].until", "span.order"),
    (", until: 2027-01-03T00:00", "", "people.ada.away[0]", "key.missing"),
    ("members: [ada, bo]", "members: []", "rotations.first.members", "list.empty"),
    ("members: [ada, bo]", "members:", "rotations.first.members", "list.empty"),
    ("members: [ada, bo]", "members: [ada, eva]", "rotations.first.members[1]", "person.unknown"),
    ("members: [ada, bo]", "members: [ada, first]", "rotations.first.members[1]", "person.unknown"),
    ("starts: 2026-11-02T09:00", "starts: 2026-11-02T09:00Z", "rotations.first.starts", "moment.wall"),
    ("starts: 2026-11-02T09:00", "starts: 2026-11-02", "rotations.first.starts", "moment.wall"),
    ("starts: 2026-11-02T09:00", "starts: 2026-11-31T09:00", "rotations.first.starts", "moment.shape"),
    ("starts: 2026-11-02T09:00", "starts: 1999-11-02T09:00", "rotations.first.starts", "moment.range"),
    ("turn: 7 days", "turn: 0 days", "rotations.first.turn", "turn.zero"),
    ("turn: 7 days", "turn: 7", "rotations.first.turn", "turn"),
    ("turn: 7 days", "turn: -7 days", "rotations.first.turn", "turn"),
    ("turn: 7 days", "turn: 1.5 days", "rotations.first.turn", "turn"),
    ("turn: 7 days", "turn: 90 minutes", "rotations.first.turn", "turn"),
    ("turn: 7 days", "turn: 999999 weeks", "rotations.first.turn", "turn.long"),
    ("days: [sat, sun]", "days: [sat, zon]", "rotations.first.hours[1].days[1]", "days"),
    ("days: [sat, sun]", "days: mon-", "rotations.first.hours[1].days", "days"),
    ("days: [sat, sun]", "days: []", "rotations.first.hours[1].days", "list.empty"),
    ('from: "17:00"', 'from: "24:00"', "rotations.first.hours[0].from", "clock"),
    ('from: "17:00"', 'from: "17:60"', "rotations.first.hours[0].from", "clock"),
    ('until: "24:00"', 'until: "24:01"', "rotations.first.hours[1].until", "clock"),
    ("rotation: first", "rotation: frist", "overrides[0].rotation", "rotation.unknown"),
    ("person: bo", "person: eva", "overrides[0].person", "person.unknown"),
    ("until: 2026-12-25T09:00Z", "until: 2026-12-24T16:00Z", "overrides[0].until", "span.order"),
    ("ring: first", "ring: frist", "policies.crisis.steps[0].ring", "ring.unknown"),
    ("ring: [ada, bo]", "ring: [ada, eva]", "policies.desk.steps[0].ring[1]", "ring.unknown"),
    ("ring: [ada, bo]", "ring: []", "policies.desk.steps[0].ring", "list.empty"),
    ("ring: [ada, bo]", "ring: ~", "policies.desk.steps[0].ring", "list.empty"),
    ("ring: [ada, bo]", "ring: {ada: bo}", "policies.desk.steps[0].ring", "shape.list"),
    ("seconds: 25", "seconds: 9", "policies.crisis.steps[0].seconds", "number"),
    ("seconds: 25", "seconds: 61", "policies.crisis.steps[0].seconds", "number"),
    ("seconds: 25", "seconds: true", "policies.crisis.steps[0].seconds", "number"),
    ("seconds: 25", 'seconds: "25"', "policies.crisis.steps[0].seconds", "number"),
    ("seconds: 25", "seconds: 25.0", "policies.crisis.steps[0].seconds", "number"),
    ("seconds: 25", "seconds: 0x19", "policies.crisis.steps[0].seconds", "number"),
    ("seconds: 25", "seconds: " + "9" * 5000, "policies.crisis.steps[0].seconds", "text.long"),
    ("rounds: 2", "rounds: 0", "policies.crisis.rounds", "number"),
    ("rounds: 2", "rounds: 11", "policies.crisis.rounds", "number"),
    ("rounds: 2", "rounds: yes", "policies.crisis.rounds", "number"),
    ("otherwise: callback", "otherwise: nobody", "policies.crisis.otherwise", "policy.unknown"),
    ("otherwise: callback", "otherwise: crisis", "policies.crisis.otherwise", "policy.loop"),
    ("open: desk", "open: reception", "lines.helpdesk.open", "policy.unknown"),
    ("open: desk", "open: callback", "lines.helpdesk.open", "policy.unknown"),
    ("    closed: crisis\n", "", "lines.helpdesk", "key.missing"),
    ('mon-thu: "09:00-17:00"', 'mon-thu: "9 to 5"', "lines.helpdesk.hours.mon-thu", "opening"),
    ('mon-thu: "09:00-17:00"', 'mon-thu: "17:00-09:00"', "lines.helpdesk.hours.mon-thu", "opening.order"),
    ('mon-thu: "09:00-17:00"', 'mon-fri: "09:00-17:00"', "lines.helpdesk.hours.fri", "days.twice"),
    ('mon-thu: "09:00-17:00"', 'ma-do: "09:00-17:00"', "lines.helpdesk.hours.ma-do", "days"),
    ("country: NL", "country: Nederland", "lines.helpdesk.holidays.country", "country"),
    ("country: NL", "country: XX", "lines.helpdesk.holidays.country", "country"),
    ("good_friday: open", "good_friday: maybe", "lines.helpdesk.holidays.good_friday", "choice"),
    ("liberation_day: lustrum", "liberation_day: true", "lines.helpdesk.holidays.liberation_day", "choice"),
    ("closed: [2026-12-24]", "closed: [24-12-2026]", "lines.helpdesk.holidays.closed[0]", "date"),
    ("closed: [2026-12-24]", "closed: [2026-02-30]", "lines.helpdesk.holidays.closed[0]", "date"),
    ("closed: [2026-12-24]", "closed: [1999-12-24]", "lines.helpdesk.holidays.closed[0]", "moment.range"),
    ("    name: Ada", "    name: &a Ada", "people.ada.name", "yaml.anchor"),
    ("    name: Ada", "    name: !!str Ada", "people.ada.name", "yaml.tag"),
    ("    name: Ada", "    name: *a", "people.ada.name", "yaml.alias"),
    ("    name: Ada", "    name: Ada\n    <<: {name: Bo}", "people.ada", "yaml.merge"),
    ("    name: Ada", "    name: Ada\n    name: Bo", "people.ada.name", "yaml.duplicate"),
]


@pytest.mark.parametrize(("old", "new", "path", "code"), MISTAKES)
def test_a_mistake_is_told_with_its_place(old: str, new: str, path: str, code: str) -> None:
    problems = [each for each in found(changed(old, new)) if each[1:] == (path, code)]
    assert len(problems) == 1
    changed_at = line_of(GOOD, old if not old.startswith("\n") else old[1:])
    assert abs(problems[0][0] - changed_at) <= 2 or code == "key.missing"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("seconds: 25", "seconds: 5", (37, "policies.crisis.steps[0].seconds", "number")),
        ("ring: first", "ring: frist", (36, "policies.crisis.steps[0].ring", "ring.unknown")),
        ("    name: Ada\n", "", (5, "people.ada", "key.missing")),
        ("    name: Bo", "    name: Bo\n    name: Bob", (14, "people.bo.name", "yaml.duplicate")),
        ('fri: ["13:00-17:00"', 'fri: ["13:00-12:00"', (48, "lines.helpdesk.hours.fri[0]", "opening.order")),
    ],
)
def test_the_line_is_the_one_to_look_at(old: str, new: str, problem: tuple[int, str, str]) -> None:
    assert found(changed(old, new)) == [problem]


def test_one_mistake_does_not_hide_another() -> None:
    text = GOOD
    for old, new in (
        ("Europe/Amsterdam", "Mars/Olympus"),
        ('"+46701740605"', "+46701740605"),
        ("until: 2027-01-03T00:00", "until: 2026-01-03T00:00"),
        ("turn: 7 days", "turn: 0 days"),
        ("person: bo", "person: eva"),
        ("seconds: 20", "seconds: 5"),
        ("otherwise: callback", "otherwise: desk"),
        ("open: desk", "open: counter"),
        ("country: NL", "country: XX"),
    ):
        text = text.replace(old, new)
    assert [problem[2] for problem in found(text)] == [
        "zone",
        "phone.unquoted",
        "span.order",
        "turn.zero",
        "person.unknown",
        "number",
        "policy.loop",
        "policy.loop",
        "country",
        "policy.unknown",
    ]


def test_policies_that_lead_to_each_other_are_both_told() -> None:
    assert found(changed("otherwise: callback", "otherwise: desk")) == [
        (33, "policies.desk.otherwise", "policy.loop"),
        (39, "policies.crisis.otherwise", "policy.loop"),
    ]


def test_a_policy_that_only_leads_into_a_loop_is_not_blamed() -> None:
    assert found(changed("otherwise: callback", "otherwise: crisis")) == [
        (39, "policies.crisis.otherwise", "policy.loop")
    ]


def test_a_policy_cannot_be_called_callback() -> None:
    text = GOOD.replace("  desk:\n", "  callback:\n").replace("open: desk", "open: callback")
    assert found(text) == [(30, "policies.callback", "policy.callback")]


def test_a_name_is_a_person_or_a_rotation() -> None:
    assert (18, "rotations.bo", "id.twice") in found(GOOD.replace("  first:\n", "  bo:\n"))


def test_a_name_with_a_space_or_an_accent_is_no_key() -> None:
    text = GOOD.replace("  desk:\n", "  de balie:\n").replace("open: desk", "open: de balie")
    assert found(text) == [(30, "policies.de balie", "id.shape")]


def test_two_lines_cannot_have_one_number() -> None:
    block = GOOD[GOOD.index("  helpdesk:") :]
    text = GOOD + block.replace("helpdesk:", "second:", 1)
    assert found(text) == [(line_of(text, "  second:") + 1, "lines.second.number", "line.number")]


def test_a_line_has_at_most_nine_languages_to_choose_from() -> None:
    languages = "[nl, en, de, fr, es, pl, ro, bg, hu, uk]"
    text = GOOD.replace(
        "name: Helpdesk\n    languages: [nl, en]", f"name: Helpdesk\n    languages: {languages}"
    )
    assert [problem[2] for problem in found(text)] == ["language.many"]


@pytest.mark.parametrize("section", ["people", "policies", "lines"])
def test_a_section_without_anything_is_told(section: str) -> None:
    text = re.sub(rf"(?ms)^{section}:\n.*?(?=^\S|\Z)", f"{section}:\n", GOOD)
    assert (section, "list.empty") in [problem[1:] for problem in found(text)]


@pytest.mark.parametrize("section", ["people", "rotations", "policies", "lines"])
@pytest.mark.parametrize("value", ["[]", "7", "[{}]"])
def test_a_section_of_the_wrong_shape_is_told(section: str, value: str) -> None:
    text = re.sub(rf"(?ms)^{section}:\n.*?(?=^\S|\Z)", f"{section}: {value}\n", GOOD)
    assert (section, "shape.table") in [problem[1:] for problem in found(text)]


# -- files that are no roster at all ----------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", (1, "", "file.empty")),
        (b"# nothing but a note\n", (1, "", "file.empty")),
        (b"just a sentence", (1, "", "shape.table")),
        (b"- a\n- b\n", (1, "", "shape.table")),
        (GOOD.encode("utf-16"), (1, "", "file.encoding")),
        (GOOD.encode("utf-16-le"), (1, "", "file.control")),
        (changed("name: Ada", "name: Zoë").encode("latin-1"), (6, "", "file.encoding")),
        (GOOD.encode() + b"\x00", (52, "", "file.control")),
        (changed("name: Ada", "name: A\x1bda").encode(), (6, "", "file.control")),
        (GOOD.encode() + b"#" * MAX_BYTES, (1, "", "file.large")),
        (b"a" * 10_000_000, (1, "", "file.large")),
        (GOOD.encode() + b"---\nversion: 1\n", (52, "", "yaml.documents")),
        (changed("    name: Ada", "\tname: Ada").encode(), (6, "", "yaml.tab")),
        (changed('"+46701740605"', '"+46701740605').encode(), (14, "", "yaml.unfinished")),
        (changed("[ada, bo]\n", "[ada, bo\n").encode(), (20, "", "yaml.unfinished")),
        (changed("name: Helpdesk", "name: Help: desk").encode(), (44, "", "yaml.broken")),
        (b'a: "\\UFFFFFFFF"', (1, "", "yaml.broken")),
        (b"{? [a] : b}", (1, "", "yaml.key")),
        (b"[" * 1000, (1, "[0]" * 12, "yaml.deep")),
        (b"a: " + b"[1," * 30, (1, "a" + "[1]" * 11, "yaml.deep")),
    ],
)
def test_a_file_that_is_no_roster_is_refused(data: bytes, problem: tuple[int, str, str]) -> None:
    assert problem in found(data)
    assert len(found(data)) <= 6


def test_a_file_that_was_only_half_written_is_refused() -> None:
    data = GOOD.encode()
    complete = len(data.rstrip())
    for length in range(0, complete, 7):
        assert read_roster(data[:length]).roster is None


def test_aliases_are_never_followed() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
    started = time.perf_counter()
    codes = {problem[2] for problem in found("l0: &l0 [lol]\n" + levels)}
    assert {"yaml.alias", "yaml.anchor"} <= codes
    assert time.perf_counter() - started < 0.6


PART = 12 * 1024
HOSTILE = {
    "brackets": "[" * PART,
    "braces": "{a: " * PART,
    "brackets on lines": "[\n" * PART,
    "dashes": "- " * PART,
    "question marks": "? " * PART,
    "many texts": "[" + "a," * PART,
    "one key again and again": "a: 1\n" * PART,
    "unknown keys": "".join(f"k{n}: 1\n" for n in range(PART)),
    "aliases": "[" + "*a," * PART,
    "anchors": "&" * PART,
    "one long text": "a: " + "b" * PART,
    "one long quoted text": '"' + "\\n" * PART,
    "comments": "#\n" * PART,
    "empty lines": "\n" * PART,
    "directives": "%YAML 1.2\n" * PART,
    "a chain of policies": "policies:\n" + "".join(f" p{n}: {{otherwise: p{n + 1}}}\n" for n in range(PART)),
    "many people": "people:\n" + "".join(f" p{n}: {{}}\n" for n in range(PART)),
    "overrides": "overrides:\n" + "".join(f"- {{rotation: r{n}}}\n" for n in range(PART)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_little_time(name: str) -> None:
    started = time.process_time()
    reading = read_roster(HOSTILE[name].encode()[:PART])
    assert time.process_time() - started < 0.6
    assert reading.roster is None
    assert 1 <= len(reading.problems) <= MOST_PROBLEMS + 1


def test_the_worst_file_that_is_allowed_in_size_takes_seconds_at_most() -> None:
    started = time.process_time()
    assert read_roster(HOSTILE["a chain of policies"].encode()[:MAX_BYTES]).roster is None
    assert time.process_time() - started < 5


def test_a_hostile_file_takes_little_memory() -> None:
    with forked(tell_the_memory_for, HOSTILE["aliases"].encode()[:PART]) as (told, _):
        assert told.recv() < 5_000_000


def test_the_largest_file_allowed_is_read() -> None:
    row = "  - {rotation: first, from: %s-01-01T00:00, until: 2090-01-01T00:00, person: bo, reason: %s}\n"
    rows = "".join(row % (2027 + number % 60, "a" * 200) for number in range(880))
    text = re.sub(r"(?m)^  - \{rotation.*\n", rows, GOOD)
    assert MAX_BYTES * 0.9 < len(text) <= MAX_BYTES
    assert found(text) == []


# -- anything at all --------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_give_a_reading(data: bytes) -> None:
    found(data)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 40),
    st.text("\n\t :-[]{}\"'&*!|>%@#,?~0179abTZ+<=ë", max_size=12),
)
def test_a_good_file_with_any_piece_replaced_gives_a_reading(place: int, length: int, piece: str) -> None:
    found(GOOD[:place] + piece + GOOD[place + length :])


VALUES = [
    "",
    "~",
    "true",
    "0",
    "-1",
    "1e9",
    "[]",
    "{}",
    "''",
    "[[]]",
    "{a: b}",
    "- a",
    "2026-12-24",
    "'\U0001f600'",
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(re.findall(r": (\S[^\n,{}\[\]]*)", GOOD)), st.sampled_from(VALUES))
def test_a_good_file_with_any_value_replaced_gives_a_reading(old: str, new: str) -> None:
    found(GOOD.replace(old, new, 1))
