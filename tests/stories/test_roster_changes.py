"""The roster breaks, vanishes or changes in mid-call: what is in force stays, loudly, until it is mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.channels import Call
from simulator.phones import Human, NoAnswer
from simulator.webhooks import Webhook
from tests.conftest import Eventually
from tests.stories.cast import HELPDESK, PHONES, ROSTER
from tests.stories.conftest import MakeDesk
from tests.stories.promises import counted
from tests.stories.world import Helpdesk, helpdesk

ADA, BO, CHI, DEE = (PHONES[person] for person in ("ada", "bo", "chi", "dee"))
OTHER_LINE = "+442079460002"
SECOND_LINE = f"""\
  second:
    number: "{OTHER_LINE}"
    name: Tweede lijn
    languages: [nl]
    hours: {{mon-fri: "09:00-17:00"}}
    holidays: {{country: NL}}
    open: desk
    closed: crisis
"""
BAD = {
    "broken": ROSTER.replace("rotations:", "rotations: [").encode(),
    "half-written": ROSTER.encode()[: len(ROSTER) * 2 // 3],
    "emptied": b"",
    "zeros": bytes(4096),
    "in another encoding": ROSTER.encode("utf-16"),
    "with a key twice": (ROSTER + "timezone: Europe/Amsterdam\n").encode(),
    "a phone without quotes": ROSTER.replace('"+46701740605"', "+46701740605").encode(),
    "nobody by that name": ROSTER.replace("members: [bo]", "members: [nobody]").encode(),
    "ten megabytes": b"# " + b"x" * 10_000_000,
    "nested without end": b"[" * 100_000,
    "a bomb": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"b%d: &b%d [*a,*a,*a,*a]\n" % (n, n) for n in range(9)),
}


def roster_of(desk: Helpdesk) -> Path:
    return desk.settings.roster_file


def at_the_first_ring(desk: Helpdesk, change: Callable[[], object]) -> None:
    """What happens while the first phone rings, and is noticed at once."""
    done: list[Webhook] = []

    def hook(webhook: Webhook) -> None:
        if webhook.kind == "leg-status" and not done:
            done.append(webhook)
            change()
            desk.services.roster_file.look()

    desk.net.delivery.before.append(hook)


def write(desk: Helpdesk, text: str) -> Callable[[], int]:
    return lambda: roster_of(desk).write_text(text, encoding="utf-8")


def it_is_loud(desk: Helpdesk) -> None:
    ready = desk.get("/readyz")
    assert ready.status_code == 503
    check = ready.json()["checks"]["roster"]
    assert not check["ok"] and (check["errors"] or check["unreadable"])
    assert check["version"], "the roster in force is still there"
    assert counted("roster_refused") == 1
    assert "roster_refused 1.0" in desk.get("/metrics").text
    logged = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    assert [line for line in logged if line["level"] == "error" and line["event"].startswith("roster file")]


def all_is_well(desk: Helpdesk) -> None:
    check = desk.get("/readyz").json()["checks"]["roster"]
    assert check["ok"] and not check["errors"] and not check["unreadable"]
    assert counted("roster_refused") == 0


def ladder_as_before(call: Call) -> None:
    assert call.rung == [ADA, BO]
    assert call.talked_with == [BO]


@pytest.mark.parametrize("how", BAD)
def test_a_bad_file_in_mid_call_changes_nothing_and_is_loud(make_desk: MakeDesk, how: str) -> None:
    desk = make_desk(bo=Human())
    version = desk.get("/readyz").json()["checks"]["roster"]["version"]
    at_the_first_ring(desk, lambda: roster_of(desk).write_bytes(BAD[how]))
    ladder_as_before(desk.dial())
    it_is_loud(desk)
    ladder_as_before(desk.dial())
    roster_of(desk).write_text(ROSTER)
    assert not desk.services.roster_file.look(), "it is the same roster"
    all_is_well(desk)
    assert desk.get("/readyz").json()["checks"]["roster"]["version"] == version


def test_a_deleted_file_changes_nothing_and_is_loud(tmp_path: Path) -> None:
    with helpdesk(tmp_path, bo=Human()) as desk:
        at_the_first_ring(desk, lambda: roster_of(desk).unlink())
        ladder_as_before(desk.dial())
        it_is_loud(desk)
        roster_of(desk).write_text(ROSTER)
        desk.services.roster_file.look()
        all_is_well(desk)


def test_a_folder_in_the_place_of_the_file_changes_nothing_and_is_loud(tmp_path: Path) -> None:
    with helpdesk(tmp_path, bo=Human()) as desk:

        def swap() -> None:
            roster_of(desk).unlink()
            roster_of(desk).mkdir()

        at_the_first_ring(desk, swap)
        ladder_as_before(desk.dial())
        it_is_loud(desk)


def test_a_good_file_takes_over_in_mid_call(tmp_path: Path) -> None:
    with helpdesk(tmp_path, bo=Human(), chi=Human()) as desk:
        at_the_first_ring(desk, write(desk, ROSTER.replace("members: [bo]", "members: [chi]")))
        call = desk.dial()
        assert call.rung == [ADA, CHI]
        assert call.talked_with == [CHI]
        all_is_well(desk)
        record = desk.record(call)
        assert [leg["person"] for leg in record["legs"]] == ["ada", "chi"]


def test_a_change_is_noticed_by_itself(tmp_path: Path, eventually: Eventually) -> None:
    with helpdesk(tmp_path) as desk:
        before = desk.services.roster_file.roster()
        write(desk, ROSTER.replace("members: [bo]", "members: [chi]"))()
        eventually(lambda: desk.services.roster_file.roster() is not before)


def test_an_advisor_who_leaves_the_roster_while_being_rung_can_still_take_the_call(tmp_path: Path) -> None:
    without_bo = ROSTER.replace("  bo: {name: Bo", "  eva: {name: Eva").replace("[bo]", "[chi]")
    with helpdesk(tmp_path, bo=Human(talks_for=20), chi=Human()) as desk:
        change = write(desk, without_bo.replace("+46701740606", "+46701740609"))

        def hook(webhook: Webhook) -> None:
            if webhook.kind == "screen":
                change()
                desk.services.roster_file.look()

        desk.net.delivery.before.append(hook)
        call = desk.dial(["1", "1", "1"])
        # Cut off, the caller asks for the advisor again, who is nobody's any more: the ladder from its foot.
        assert call.rung == [ADA, BO, ADA, CHI]
        assert call.talked_with == [BO, CHI]
        assert [leg["outcome"] for leg in desk.record(call)["legs"]] == [
            "no answer",
            "accepted",
            "no answer",
            "accepted",
        ]


def test_a_policy_that_is_renamed_in_mid_call_begins_anew_under_its_new_name(tmp_path: Path) -> None:
    renamed = ROSTER.replace("  crisis:\n", "  night:\n").replace("otherwise: crisis", "otherwise: night")
    renamed = renamed.replace("closed: crisis", "closed: night")
    with helpdesk(tmp_path, ada=[NoAnswer(), Human()]) as desk:
        at_the_first_ring(desk, write(desk, renamed))
        call = desk.dial()
        assert call.rung == [ADA, ADA]
        assert call.talked_with == [ADA]


def test_a_step_that_is_gone_in_mid_call_is_passed_over(tmp_path: Path) -> None:
    shorter = ROSTER.replace("      - {ring: crisis-backup, seconds: 20}\n", "")
    with helpdesk(tmp_path) as desk:
        at_the_first_ring(desk, write(desk, shorter))
        call = desk.dial(["1", "1", "1"])
        assert call.rung == [ADA]
        assert desk.heard(call, "promised")


def test_a_line_that_is_removed_in_mid_call_does_not_lose_its_caller(tmp_path: Path) -> None:
    before, _, _ = ROSTER.partition("  helpdesk:\n")
    with helpdesk(tmp_path, bo=Human()) as desk:
        desk.net.add_number(OTHER_LINE, desk.origin + "/voice/incoming")
        at_the_first_ring(desk, write(desk, before + SECOND_LINE))
        call = desk.dial()
        ladder_as_before(call)
        # The next one hears that the number is no longer in use, in both languages.
        later = desk.dial([])
        assert desk.heard(later, "no_line") and desk.heard(later, "no_line", "en") and not later.rung
        assert desk.record(later)["line"] is None
        assert desk.record(later)["outcome"] == "informed"


def test_a_number_that_changes_in_mid_call_is_the_one_shown_from_then_on(tmp_path: Path) -> None:
    with helpdesk(tmp_path, bo=Human()) as desk:
        desk.net.add_number(OTHER_LINE, desk.origin + "/voice/incoming")
        at_the_first_ring(desk, write(desk, ROSTER.replace(HELPDESK, OTHER_LINE)))
        call = desk.dial()
        ladder_as_before(call)
        assert call.shown == {HELPDESK, OTHER_LINE}


def test_started_beside_a_broken_file_it_goes_on_with_the_last_good_one(tmp_path: Path) -> None:
    with helpdesk(tmp_path):
        pass
    (tmp_path / "roster.yaml").write_bytes(BAD["half-written"])
    with helpdesk(tmp_path, bo=Human()) as desk:
        ladder_as_before(desk.dial())
        it_is_loud(desk)


def test_started_without_any_file_it_goes_on_with_the_last_good_one(tmp_path: Path) -> None:
    with helpdesk(tmp_path):
        pass
    with helpdesk(tmp_path, {"ROSTER_FILE": str(tmp_path / "nowhere.yaml")}, bo=Human()) as desk:
        ladder_as_before(desk.dial())
        it_is_loud(desk)


@pytest.mark.parametrize("kept", [None, b"", BAD["half-written"], bytes(100)])
def test_without_any_roster_callers_hear_what_to_do_in_both_languages(
    tmp_path: Path, kept: bytes | None
) -> None:
    (tmp_path / "roster.yaml").write_bytes(BAD["broken"])
    if kept is not None:
        (tmp_path / "instance").mkdir()
        (tmp_path / "instance" / "last-good-roster.yaml").write_bytes(kept)
    with helpdesk(tmp_path, bo=Human()) as desk:
        call = desk.dial([])
        assert {said.language for said in call.said} == {"nl-NL", "en-GB"}
        assert call.heard("bel 1 1 2") and call.heard("call 1 1 2")
        assert not call.rung
        assert desk.record(call)["outcome"] == "message"
        ready = desk.get("/readyz")
        assert ready.status_code == 503 and ready.json()["checks"]["roster"]["errors"]
        assert desk.get("/healthz").status_code == 200
        # It is mended, and the next caller is helped.
        roster_of(desk).write_text(ROSTER)
        desk.services.roster_file.look()
        ladder_as_before(desk.dial())
        all_is_well(desk)
