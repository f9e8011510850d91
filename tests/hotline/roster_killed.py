"""Saves without end, until it is killed. A line on stdout before the first.

python roster_killed.py FOLDER DATABASE
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from hotline.storage.engine import make_engine
from tests.hotline.roster_child import save_once
from tests.hotline.roster_desk import desk

if __name__ == "__main__":
    here = desk(Path(sys.argv[1]), make_engine(sys.argv[2]), None)
    print("ready", flush=True)
    for _ in itertools.count():
        save_once(here, "Ada", here.version)
