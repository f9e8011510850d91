from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from hotline.storage import schema, tables
from hotline.storage.engine import make_engine, reading
from hotline.storage.tables import Instant
from tests.forks import forked
from tests.hotline.storage_child import upgrading
from tests.postgresql import PostgresqlServer

AT = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)
VERSION = {"version": "a", "sealed": "x"}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hotline.db'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.make_database(empty=True)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_url)
    yield engine
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_the_code_knows(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_migrations_have_one_head() -> None:
    assert len(ScriptDirectory(str(Path(schema.__file__).with_name("migrations"))).get_heads()) == 1


def test_a_database_is_current_once_it_was_upgraded_and_upgrading_again_changes_nothing(
    empty: Engine,
) -> None:
    assert not schema.is_current(empty)
    schema.upgrade(empty)
    assert schema.is_current(empty)
    schema.upgrade(empty)
    assert set(tables.metadata.tables) < set(inspect(empty).get_table_names())


def test_a_migration_that_fails_leaves_nothing_behind(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE outbox (in_the_way INTEGER)"))
    with pytest.raises(DBAPIError):
        schema.upgrade(empty)
    assert inspect(empty).get_table_names() == ["outbox"]
    with empty.begin() as connection:
        connection.execute(text("DROP TABLE outbox"))
    schema.upgrade(empty)
    assert schema.is_current(empty)


def test_a_database_of_a_newer_version_is_told_and_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not schema.is_current(engine)
    with pytest.raises(schema.SchemaUnknown):
        schema.upgrade(engine)


def test_processes_that_start_at_once_upgrade_one_database_once(empty_url: str) -> None:
    with ExitStack() as all_of_them:
        processes = [all_of_them.enter_context(forked(upgrading, empty_url)) for _ in range(4)]
        for said, _ in processes:
            assert said.recv() == "ready"
        for said, _ in processes:
            said.send("go")
        for _, process in processes:
            process.join(60)
            assert process.exitcode == 0


def test_four_writers_that_read_first_lose_no_update(engine: Engine) -> None:
    table = tables.case_sequences
    with engine.begin() as connection:
        connection.execute(insert(table).values(year=2026, last=0))

    def count(_: int) -> None:
        for _ in range(50):
            with engine.begin() as connection:
                last = connection.execute(select(table.c.last).with_for_update()).scalar_one()
                connection.execute(update(table).values(last=last + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    with reading(engine) as connection:
        assert connection.execute(select(table.c.last)).scalar_one() == 200


def test_a_reader_waits_for_no_writer_and_cannot_write(engine: Engine) -> None:
    with engine.begin() as writer:
        writer.execute(insert(tables.case_sequences).values(year=2026, last=1))
        began = time.monotonic()
        with reading(engine) as connection:
            assert connection.execute(select(tables.case_sequences)).all() == []
        assert time.monotonic() - began < 1
    with reading(engine) as connection, pytest.raises(DBAPIError):
        connection.execute(insert(tables.case_sequences).values(year=2027, last=1))
    with engine.begin() as connection:
        connection.execute(insert(tables.case_sequences).values(year=2027, last=1))


def test_a_claim_is_won_once_by_several_threads(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(tables.outbox),
            [
                {
                    "key": f"k{number}",
                    "kind": "text",
                    "person": "advisor",
                    "line": "helpdesk",
                    "template": "alert",
                    "details": {},
                    "due_at": AT,
                    "state": "due",
                    "attempts": 0,
                }
                for number in range(60)
            ],
        )

    def claim(worker: int) -> list[str]:
        won = []
        for number in range(60):
            with engine.begin() as connection:
                due = (tables.outbox.c.key == f"k{number}") & (tables.outbox.c.state == "due")
                taken = update(tables.outbox).where(due).values(state="claimed", claimed_by=str(worker))
                won += list(connection.execute(taken.returning(tables.outbox.c.key)).scalars())
        return won

    with ThreadPoolExecutor(3) as pool:
        won = [key for keys in pool.map(claim, range(3)) for key in keys]
    assert len(won) == len(set(won)) == 60


def test_an_instant_comes_back_in_utc_to_the_microsecond(engine: Engine) -> None:
    amsterdam = datetime(2026, 10, 25, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    with engine.begin() as connection:
        connection.execute(insert(tables.roster_versions).values(**VERSION, sequence=1, at=amsterdam))
        found = connection.execute(select(tables.roster_versions.c.at)).scalar_one()
    assert found == amsterdam
    assert found.tzinfo is UTC or found.utcoffset() == timedelta(0)


def test_an_instant_without_an_offset_is_refused(engine: Engine) -> None:
    naive = AT.replace(tzinfo=None)
    with engine.begin() as connection, pytest.raises(StatementError, match="offset"):
        connection.execute(insert(tables.roster_versions).values(**VERSION, sequence=1, at=naive))


@given(st.datetimes(timezones=st.timezones()))
def test_any_aware_instant_is_bound_as_the_same_instant_in_utc(at: datetime) -> None:
    try:
        at.astimezone(UTC)
    except OverflowError:
        return
    bound = Instant().process_bind_param(at, make_engine("sqlite:///x").dialect)
    assert bound is not None
    assert bound.utcoffset() == timedelta(0)
    assert bound == at.astimezone(UTC)


def test_a_leg_of_a_call_nobody_knows_is_refused(engine: Engine) -> None:
    leg = {"call": "CA1", "ring": 1, "person": "p", "sid": "CA2", "policy": "night", "round": 1, "step": 1}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(tables.legs).values(**leg, why="turn", rang_at=AT))


def test_a_locked_sqlite_is_given_up_in_seconds_and_well_again_afterwards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hotline.db'}"
    first, second = make_engine(url), make_engine(url)
    schema.upgrade(first)
    row = insert(tables.case_sequences).values(year=2026, last=1)
    with first.begin():
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"), second.begin() as connection:
            connection.execute(row)
        assert time.monotonic() - began < 5
    with second.begin() as connection:
        connection.execute(row)
    first.dispose()
    second.dispose()


def test_sqlite_keeps_its_promises_on_every_connection(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new folder' / 'hotline.db'}")
    with reading(engine) as one, reading(engine) as other:
        for connection in (one, other):
            settings = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            assert settings == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 3000,
            }
    engine.dispose()


def test_postgresql_speaks_utc_and_gives_up_a_statement_that_hangs(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with reading(engine) as connection:
        shown = [
            connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("timezone", "statement_timeout", "lock_timeout", "transaction_read_only")
        ]
    assert shown == ["UTC", "5s", "3s", "on"]
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_that_is_away_is_told_within_seconds(scheme: str) -> None:
    engine = make_engine(f"{scheme}://hotline@127.0.0.1:1/hotline")
    began = time.monotonic()
    with pytest.raises(OperationalError):
        schema.is_current(engine)
    assert time.monotonic() - began < 4
    engine.dispose()


def test_many_threads_may_use_one_engine(engine: Engine) -> None:
    barrier = threading.Barrier(8)

    def note(number: int) -> None:
        barrier.wait()
        with engine.begin() as connection:
            connection.execute(insert(tables.roster_versions).values(**VERSION, sequence=number, at=AT))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(8)))
    with reading(engine) as connection:
        assert len(connection.execute(select(tables.roster_versions)).all()) == 8


def test_two_databases_are_upgraded_at_once_in_one_process(tmp_path: Path) -> None:
    engines = [make_engine(f"sqlite:///{tmp_path}/{number}.db") for number in range(4)]
    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(schema.upgrade, engines))
    assert all(schema.is_current(engine) for engine in engines)
    for engine in engines:
        engine.dispose()
