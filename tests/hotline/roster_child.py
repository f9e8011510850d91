"""An editor that saves as fast as it can, and says how often it had to try: in a thread or a process."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from hotline.roster.publishing import Conflict, Result, Saved
from hotline.storage.engine import make_engine
from tests.hotline.roster_desk import EVA, NOW, Desk, counted_up, desk


def save_once(here: Desk, person: str, base: str) -> Result:
    """Counts one up in the person's name, in the text that is in force."""
    text = counted_up(here.file.in_force.text, person)
    return here.store.save(text, base_version=base, author=EVA, why=person, now=NOW)


def save_often(here: Desk, person: str, times: int) -> int:
    """Saves on top of whatever is in force until that was done so often; how many conflicts there were."""
    conflicts = saved = 0
    while saved < times:
        result = save_once(here, person, here.version)
        if isinstance(result, Saved):
            saved += 1
        else:
            assert isinstance(result, Conflict), result
            conflicts += 1
    return conflicts


def editor(said: Connection, folder: Path, url: str, person: str, times: int) -> None:
    """A whole process: it says when it is ready, and begins when it is told."""
    here = desk(folder, make_engine(url), None)
    said.send("ready")
    said.recv()
    said.send(save_often(here, person, times))
