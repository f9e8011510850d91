"""What must hold at the end of every story, whatever went wrong in it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import REGISTRY

from hotline.storage import tables
from routing.hours import opening_at
from routing.ladder import ladder
from routing.roster import Roster
from simulator.channels import Call
from simulator.webhooks import Webhook
from tests.stories.cast import CALLER, NAMES, PEOPLE, PHONES

if TYPE_CHECKING:
    from tests.stories.world import Helpdesk

GRAMMAR = Path(__file__).parents[3] / "shared" / "data" / "twiml_grammar.json"
VERBS = frozenset({"Say", "Play", "Pause", "Gather", "Dial", "Number", "Redirect", "Hangup"})
SLOWEST = 2.0  # seconds; the provider gives up after fifteen, a caller long before
OUTCOMES = frozenset({"connected", "callback", "message", "informed", "abandoned"})

# Ours, of which none may ever move: a webhook we failed at, an event or a record we lost.
_NEVER: tuple[tuple[str, dict[str, str]], ...] = (
    ("answers_failed_total", {}),
    ("journal_lost_total", {}),
    ("recording_failures_total", {"reason": "record"}),
    ("log_fields_dropped_total", {}),
)


def counted(name: str, **labels: str) -> float:
    """A figure of /metrics in this process; 0 while nothing was counted."""
    # Not the whole registry: that reads what the system tells of the process, too.
    found = REGISTRY.restricted_registry([name]).collect()
    return sum(
        sample.value
        for metric in found
        for sample in metric.samples
        if sample.name == name and sample.labels == labels
    )


def failures() -> list[float]:
    return [counted(name, **labels) for name, labels in _NEVER]


def keep_promises(desk: Helpdesk, failed_before: list[float], recorded: bool = True) -> None:
    """Nobody stranded, nothing lost or twice, nobody exposed, nobody rung who should not be."""
    assert not desk.net.errors, desk.net.errors
    assert desk.slowest < SLOWEST
    assert failures() == failed_before, "our own code failed somewhere"
    documents_are_right(desk.net.webhooks, lines=set(desk.net.numbers))
    nobody_is_exposed(desk.log.getvalue())
    for call in desk.net.calls:
        nobody_is_stranded(call)
        phones_show_the_line_only(call, set(desk.net.numbers))
        if recorded:
            the_record_is_true(desk, call)


def nobody_is_stranded(call: Call) -> None:
    """A human, a promise or spoken advice, never the provider's apology. Who hangs up has chosen to."""
    assert call.over
    assert not call.heard_application_error
    if call.ended_by == "network":
        assert call.talked_with or call.heard("1 1 2"), [said.text for said in call.said]


def the_record_is_true(desk: Helpdesk, call: Call) -> None:
    """One record, with every ring as the network saw it, in its order."""
    record = desk.record(call)
    nobody_off_duty_is_rung(desk, call, record)
    assert not record["open"]
    assert record["outcome"] in OUTCOMES
    assert record["case"]
    assert [leg["person"] for leg in record["legs"]] == [PEOPLE[number] for number in call.rung]
    assert all(leg["outcome"] and leg["why"] for leg in record["legs"])
    joined = [leg["person"] for leg in record["legs"] if leg["outcome"] == "accepted"]
    assert set(joined) <= {PEOPLE[number] for number in call.talked_with}
    started, ended = record["started"], record["ended"]
    assert started <= ended
    assert all(started <= leg["rang_at"] <= ended for leg in record["legs"])
    steps = [row["key"] for row in desk.rows(tables.events, call)]
    assert len(steps) == len(set(steps))


def nobody_off_duty_is_rung(desk: Helpdesk, call: Call, record: dict[str, Any]) -> None:
    """Unless the roster changed meanwhile, only who stood on the line's ladder when the call came."""
    roster = desk.services.roster_file.roster()
    if roster is not None and roster.version == record["roster_version"]:
        assert set(call.rung) <= set(due_ladder(roster, record["line"], call))


def only_the_ladder_was_rung(desk: Helpdesk, call: Call) -> None:
    """The ladder from its foot, nobody left out, nobody twice. For a call with the roster as it was."""
    roster = desk.services.roster_file.roster()
    assert roster is not None
    due = due_ladder(roster, next(iter(roster.lines)), call)
    assert call.rung == due[: len(call.rung)]


def due_ladder(roster: Roster, line: str | None, call: Call) -> list[str]:
    """The telephones that were due to ring, in order, when the call came; none for a number no line has."""
    if line is None:
        return []
    begins = int(call.entries[0].at.timestamp())
    policy = opening_at(roster, line, begins).policy
    return [roster.people[rung.person].phone for rung in ladder(roster, policy, begins)]


def phones_show_the_line_only(call: Call, lines: set[str]) -> None:
    """No advisor's phone ever shows a caller's number."""
    assert call.shown <= lines


def nobody_is_exposed(text: str, *more: str) -> None:
    """No number and no name in a log, a metric, a URL or a message; `more` are secrets of this story."""
    for secret in (CALLER, *PHONES.values(), *NAMES, *more):
        assert secret not in text
        if secret.startswith("+"):
            assert secret[1:] not in text
            assert secret[3:] not in text


def documents_are_right(webhooks: Iterable[Webhook], lines: set[str]) -> None:
    for webhook in webhooks:
        nobody_is_exposed(webhook.url)
        for answer in webhook.answers:
            if answer.ok:
                document_is_right(answer.body, lines)
            assert answer.status < 500


def document_is_right(body: bytes, lines: set[str]) -> None:
    """Well-formed, with our verbs only, as the provider knows them; it rings people of the roster."""
    root = ET.fromstring(body)
    assert root.tag == "Response"
    for element in root.iter():
        assert element is root or element.tag in VERBS
        _fits_the_grammar(element)
    for dial in root.iter("Dial"):
        assert dial.get("callerId") in lines
        assert all(number.text in PEOPLE for number in dial)


def _fits_the_grammar(element: ET.Element) -> None:
    grammar = _grammar()
    if grammar:
        assert set(element.attrib) <= set(grammar[element.tag]["attrs"])
        assert {child.tag for child in element} <= set(grammar[element.tag]["children"])


@cache
def _grammar() -> Any:
    return json.loads(GRAMMAR.read_text()) if GRAMMAR.exists() else {}


def verbs(body: bytes) -> list[str]:
    """The verbs of a document, in order, those inside others behind them."""
    return [element.tag for element in ET.fromstring(body).iter()][1:]
