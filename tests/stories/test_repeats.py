"""Every webhook of a call arrives many times at once, at one server and at two: one record, one answer."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hotline.services import Services, build_services
from hotline.storage import tables
from simulator.channels import Call
from simulator.delivery import Duplicate
from simulator.phones import Human, Voicemail
from simulator.webhooks import Webhook
from tests.ports import free_port
from tests.rounds import rounds
from tests.stories.cast import PHONES
from tests.stories.servers import Server, server_beside
from tests.stories.world import Helpdesk, environ_of, helpdesk, settings_for

ORIGIN = "https://hotline.example.org"
TIMES = rounds(8, 50)


def one_of_everything(desk: Helpdesk, call: Call) -> None:
    assert call.rung == [PHONES["ada"], PHONES["bo"]]
    assert call.talked_with == [PHONES["bo"]]
    record = desk.record(call)
    assert [leg["outcome"] for leg in record["legs"]] == ["not confirmed", "accepted"]
    for table in (tables.calls, tables.contacts, tables.cases):
        assert len(desk.rows(table)) == 1
    assert len(desk.rows(tables.events, call)) == len(desk.net.webhooks)


def every_answer_is_the_same(webhooks: list[Webhook]) -> None:
    for webhook in webhooks:
        assert {answer.status for answer in webhook.answers} == {200}
        assert len({answer.body for answer in webhook.answers}) == 1, webhook.kind


def test_fifty_times_at_once_is_once(tmp_path: Path) -> None:
    with helpdesk(tmp_path, ada=Voicemail(), bo=Human()) as desk:
        desk.net.delivery.add(Duplicate(25, parallel=True))
        desk.net.delivery.add(Duplicate(24, parallel=True, same_token=False))
        call = desk.dial()
        one_of_everything(desk, call)
        every_answer_is_the_same(desk.net.webhooks)


def test_many_times_a_day_later_is_still_once(tmp_path: Path) -> None:
    with helpdesk(tmp_path, ada=Voicemail(), bo=Human()) as desk:
        call = desk.dial()
        before = desk.record(call), desk.rows(tables.events, call)
        desk.net.run_for(86_400)
        for webhook in desk.net.webhooks:
            desk.net.repeat(webhook, TIMES, parallel=True)
        one_of_everything(desk, call)
        every_answer_is_the_same(desk.net.webhooks)
        assert (desk.record(call), desk.rows(tables.events, call)) == before


class Balanced(dict[str, str]):
    """Sends every other request for our origin to the other server."""

    def __init__(self, servers: list[str]) -> None:
        super().__init__({ORIGIN: servers[0]})
        self._turns = itertools.cycle(servers)

    def __getitem__(self, origin: str) -> str:
        return next(self._turns)


@contextmanager
def two_servers(
    folders: tuple[Path, Path], environ: Mapping[str, str], **phones: Any
) -> Iterator[tuple[Helpdesk, Services]]:
    """Two processes behind one address. The second one's services are for looking at its journal."""
    environ = {"PUBLIC_URL": ORIGIN, **environ}
    with server_beside(folders[0], environ, **phones) as (desk, first):
        if folders[1] != folders[0]:
            secrets = folders[0] / "instance" / "practice-secrets.json"
            (folders[1] / "instance").mkdir(parents=True)
            shutil.copy(secrets, folders[1] / "instance")
        port = str(free_port())
        settings = settings_for(folders[1], {**environ, "PORT": port})
        with Server(folders[1], environ_of(folders[1], {**environ, "PORT": port})).run() as second:
            beside = build_services(settings)
            try:
                origins = [f"http://127.0.0.1:{server.environ['PORT']}" for server in (first, second)]
                desk.net.exchange.sender.reach = Balanced(origins)
                yield desk, beside
                second.stop()
                desk.log.write(second.log.read_text())
            finally:
                beside.stop()


def test_at_two_servers_that_share_a_folder_it_is_once(tmp_path: Path) -> None:
    with two_servers((tmp_path, tmp_path), {}, ada=Voicemail(), bo=Human()) as (desk, _):
        desk.net.delivery.add(Duplicate(TIMES - 1, parallel=True))
        call = desk.dial()
        one_of_everything(desk, call)
        every_answer_is_the_same(desk.net.webhooks)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_at_two_servers_that_share_a_database_it_is_once(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    url = (
        f"sqlite:///{tmp_path / 'shared.db'}"
        if kind == "sqlite"
        else request.getfixturevalue("postgresql_url")
    )
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    with two_servers(folders, {"DATABASE_URL": url}, ada=Voicemail(), bo=Human()) as (desk, second):
        desk.net.delivery.add(Duplicate(TIMES - 1, parallel=True))
        call = desk.dial()
        beside = Helpdesk(second.settings, second, desk.net)
        beside.catch_up()
        one_of_everything(desk, call)
        # Which of the two heard the advisor press 1 only decides how the question behind the talk is put.
        every_answer_is_the_same(
            [webhook for webhook in desk.net.webhooks if webhook.get("DialBridged") != "true"]
        )
        assert desk.heard(call, "reconnect") or desk.heard(call, "unsure")
