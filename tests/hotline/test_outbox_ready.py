from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, update

from hotline.storage import tables
from hotline.web.ops import run_checks
from tests.hotline.checkin_desk import checkin_desk
from tests.hotline.duty_desk import MONDAY


def test_an_outbox_nobody_empties_makes_the_server_unready(tmp_path: Path) -> None:
    with checkin_desk(tmp_path) as desk:

        def is_ready(minutes: int) -> bool:
            checks = run_checks(desk.services, MONDAY + timedelta(minutes=minutes))
            return bool(checks["outbox"]["ok"])

        assert is_ready(0)
        row = {"key": "a", "kind": "text", "person": "ada", "line": "helpdesk", "template": "abandoned"}
        with desk.services.engine.begin() as connection:
            connection.execute(
                insert(tables.outbox).values(**row, details={}, due_at=MONDAY, state="due", attempts=0)
            )
        assert is_ready(-60), "what is due in an hour is not late"
        assert is_ready(9)
        assert not is_ready(10)
        with desk.services.engine.begin() as connection:
            connection.execute(update(tables.outbox).values(state="failed"))
        assert is_ready(10), "what has failed is told elsewhere"
