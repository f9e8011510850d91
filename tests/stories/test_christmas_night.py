"""The call this product exists for, and what else can become of it."""

from pathlib import Path

from simulator.phones import Human, Voicemail
from tests.stories.world import helpdesk


def test_at_night_the_first_does_not_answer_and_the_second_takes_the_call(tmp_path: Path) -> None:
    with helpdesk(tmp_path, bo=Human(talks_for=120)) as desk:
        call = desk.dial(["1", "1"])
        print("\n".join(desk.net.transcript(call).lines()))
        record = desk.record(call)
    assert not desk.net.errors
    assert call.talked_with == ["+46701740606"]
    assert call.heard("1 1 2")
    assert (record["kind"], record["outcome"], record["language"]) == ("crisis", "connected", "nl")
    assert [(leg["person"], leg["outcome"]) for leg in record["legs"]] == [("ada", "no answer"), ("bo", "accepted")]
    assert record["case"] == "2026-0001"
    assert 120 <= record["talked_seconds"] < 140


def test_a_voicemail_never_takes_a_call(tmp_path: Path) -> None:
    with helpdesk(tmp_path, ada=Voicemail(), bo=Human(talks_for=60)) as desk:
        call = desk.dial()
        record = desk.record(call)
    assert not desk.net.errors
    assert [leg["outcome"] for leg in record["legs"]] == ["not confirmed", "accepted"]
