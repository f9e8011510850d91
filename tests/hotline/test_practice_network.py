"""The practice network follows the roster in force, and `app.py` starts and ends it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from hotline.practice.live import practised
from hotline.settings import SettingsRefused, load_settings
from tests.ports import free_port
from tests.practising import QUICK_ROSTER, Eventually, PracticeDesk, practice_desk
from tests.stories.cast import HELPDESK, PHONES
from tests.stories.servers import Server
from tests.stories.world import environ_of

WITHOUT_CHI = QUICK_ROSTER.replace(
    '  chi: {name: Chi Voorbeeld, phone: "+46701740607", languages: [en, nl]}\n', ""
).replace("ring: [chi, dee]", "ring: [dee]")
ANOTHER_NUMBER = QUICK_ROSTER.replace("+46701740606", "+46701740666")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PracticeDesk]:
    with practice_desk(tmp_path, speed=20) as desk:
        assert "Chi Voorbeeld" in desk.page()
        yield desk


def test_who_leaves_the_roster_leaves_the_page(desk: PracticeDesk) -> None:
    desk.change_roster(WITHOUT_CHI)
    assert "Chi Voorbeeld" not in desk.page()
    assert PHONES["chi"] not in desk.provider.network.phones


def test_who_gets_another_number_is_rung_there_and_behaves_as_before(desk: PracticeDesk) -> None:
    desk.post("/practice/phones/bo/behaviour", behaviour="voicemail")
    desk.change_roster(ANOTHER_NUMBER)
    assert '<option value="voicemail" selected>' in desk.page()
    assert PHONES["bo"] not in desk.provider.network.phones
    assert "+46701740666" in desk.provider.network.phones


def test_a_line_with_another_number_is_dialled_on_that_one(desk: PracticeDesk) -> None:
    desk.change_roster(QUICK_ROSTER.replace(HELPDESK, "+442079460002"))
    desk.page()
    assert set(desk.provider.network.numbers) == {"+442079460002"}


def test_who_left_stays_until_their_call_is_over(desk: PracticeDesk, eventually: Eventually) -> None:
    call = desk.dial(when="weekday")
    eventually(desk.asked(call))
    desk.post(f"/practice/calls/{call.sid}/press", key="1")
    eventually(lambda: desk.phone("chi")["state"] == "ringing")
    desk.change_roster(WITHOUT_CHI)
    desk.page(call)
    assert PHONES["chi"] in desk.provider.network.phones
    desk.post(f"/practice/calls/{call.sid}/hang-up")

    def has_left() -> bool:
        desk.page(call)
        return PHONES["chi"] not in desk.provider.network.phones

    eventually(has_left)


def test_a_host_that_is_not_this_machine_is_refused_in_words(tmp_path: Path) -> None:
    environ = {
        "HOST": "192.0.2.1",
        "INSTANCE_DIR": str(tmp_path),
        "ROSTER_FILE": str(tmp_path / "roster.yaml"),
    }
    settings = load_settings(environ, dotenv=None)
    with pytest.raises(SettingsRefused, match="HOST must be"), practised(settings):
        pass


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_in_seconds(tmp_path: Path, ending: signal.Signals) -> None:
    (tmp_path / "roster.yaml").write_text(QUICK_ROSTER, encoding="utf-8")
    origin = f"http://127.0.0.1:{(port := free_port())}"
    with Server(tmp_path, environ_of(tmp_path, {"PORT": str(port)})).run() as server:
        assert origin in server.said.read_text()
        form = {"when": "christmas"}
        assert requests.post(f"{origin}/practice/calls", form, headers={"Origin": origin}, timeout=10).ok
        told_at = time.monotonic()
        server.stop(ending)
        # A tenth of a second, and what the interpreter needs to fold up on a busy machine.
        assert time.monotonic() - told_at < 6
        assert '"level": "error"' not in server.log.read_text()
