"""A whole process that saves without end, until it is killed. It says so before the first save."""

from __future__ import annotations

import itertools
from multiprocessing.connection import Connection
from pathlib import Path

from hotline.storage.engine import make_engine
from tests.hotline.roster_child import save_once
from tests.hotline.roster_desk import desk


def saves_without_end(said: Connection, folder: Path, url: str) -> None:
    here = desk(folder, make_engine(url), None)
    said.send("ready")
    for _ in itertools.count():
        save_once(here, "Ada", here.version)
