"""What all forked processes know from the start: the code, and what it reads once in a process and keeps.

The kept is read from files of ours that no test changes, and found by their contents.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory

import holidays
import pytest
import twilio.rest.api

import app
import hotline.practice.live
import tests.hotline.roster_killed
import tests.stories.servers
from hotline.storage.engine import make_engine
from hotline.storage.schema import is_current
from hotline.telephony.prompts import read_prompts
from routing.reading import read_roster
from tests import remembered
from tests.hotline.roster_desk import TINY
from tests.stories.cast import ROSTER

#: pytest is there because a child imports what its parent was started with.
PRELOADED = (
    app,
    hotline.practice.live,
    pytest,
    tests.hotline.roster_killed,
    tests.stories.servers,
    twilio.rest.api,
)

for text in (ROSTER, TINY):
    read_roster(text.encode())
read_prompts()
holidays.country_holidays("NL", years=2026)
app.create_app()
with TemporaryDirectory() as folder:
    engine = make_engine(f"sqlite:///{folder}/hotline.db")
    is_current(engine)
    engine.dispose()
remembered.keep()
