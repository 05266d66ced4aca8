"""What is particular to the SQLite store: its files, its errors, its plan."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.graph.records import claim, run_to_end
from tests.harness import Box
from wg.errors import BusyError, NotFoundError, WgError
from wg.graph import database, rows, schema, tasks
from wg.graph.database import LEFT_BYTES
from wg.graph.store import Store
from wg.graph.task import Loop, NewTask
from wg.locking import FileLock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".wg" / "db" / "graph.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.create(str(path)) as made:
        yield made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_files_are_private(path: Path) -> None:
    before = os.umask(0)
    try:
        with Store.create(str(path)) as store:
            store.add(NewTask("t"), 1.0, "ann")
            names = sorted(each.name for each in path.parent.iterdir())
            assert names == ["graph.db", "graph.db-shm", "graph.db-wal", "lock"]
            assert {each.name: mode(each) for each in path.parent.iterdir()} == dict.fromkeys(names, 0o600)
            assert mode(path.parent) == 0o700
    finally:
        os.umask(before)


def test_creating_again_keeps_everything(path: Path) -> None:
    with Store.create(str(path)) as store:
        store.add(NewTask("t"), 1.0, "ann")
    with Store.create(str(path)) as store:
        assert [task.id for task in store.tasks()] == ["t"]


def test_write_ahead_log_and_full_sync(store: Store) -> None:
    query = store._database.connection.execute
    assert query("PRAGMA journal_mode").fetchone() == ("wal",)
    assert query("PRAGMA synchronous").fetchone() == (2,)
    assert query("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_command_leaves_the_write_ahead_log_to_the_next_one(box: Box) -> None:
    box.wg("init")
    log = box.project / ".wg" / "db" / "graph.db-wal"
    sizes = []
    for number in range(30):
        task_id = box.wg("add", f"task {number}", "-d", "x" * 5000, "--json").json["id"]
        sizes.append(log.stat().st_size if log.exists() else 0)
        assert box.wg("show", task_id, "--json").json["title"] == f"task {number}"
    # it grows over several commands, and is folded in before it is long to read
    assert 0 < sizes[0] < sizes[1] and max(sizes) <= LEFT_BYTES and 0 in sizes
    with Store.open(str(log.with_name("graph.db"))) as store:
        assert len(store.tasks()) == 30
        assert store.integrity_check() == []
    assert not log.exists()  # a process that lasts closes it


def test_the_ledger_names_each_migration(store: Store) -> None:
    found = store._database.connection.execute("SELECT version, name FROM migrations").fetchall()
    assert found == [(number, name) for number, (name, _) in enumerate(schema.MIGRATIONS, start=1)]


def test_an_older_schema_is_upgraded_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.create(str(path)).close()
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, ("later", "CREATE TABLE later (x);")])
    for _ in range(2):
        with Store.open(str(path)) as store:
            assert store._database.connection.execute("SELECT max(version), count(*) FROM migrations").fetchone() == (
                len(schema.MIGRATIONS),
                len(schema.MIGRATIONS),
            )


def test_a_store_of_the_first_version_is_migrated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        Store.create(str(path)).close()
    connection = sqlite3.connect(path)
    columns = "id, title, status, paused, unmet, model, tier, needs_work, timeout, reason, note, created_at"
    for key, name in enumerate(("old", "next"), start=1):
        row = f"'{name}', 'Title', 'open', 0, {key - 1}, 'codex:m', '', 1, 90.0, '', '', 5.0"
        connection.execute(f"INSERT INTO tasks ({columns}) VALUES ({row})")
        connection.execute("INSERT INTO bodies VALUES (?, 'text', '', 'make test')", (key,))
    connection.execute("INSERT INTO edges (task, dependency) VALUES (2, 1)")
    connection.commit()
    connection.close()
    with Store.open(str(path)) as store:
        task = store.task("old")
        assert (task.title, task.description, task.check, task.timeout) == ("Title", "text", "make test", 90.0)
        assert (task.claimed_by, task.failures, task.superseded_by) == ("", 0, "")
        assert (task.priority, task.not_before, task.max_attempts, task.visibility) == (10, None, None, "internal")
        assert not any(store.labels("old").values())
        assert [each.id for each in store.ready()] == ["old"]
        store.person_done("old", 6.0, "ann")
        assert [each.id for each in store.ready()] == ["next"]
        assert store.integrity_check() == []


def test_a_failed_migration_leaves_the_old_schema(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.create(str(path)).close()
    with monkeypatch.context() as patched:
        later = "CREATE TABLE later (x);\nnonsense;\n"
        patched.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, ("later", later)])
        with pytest.raises(WgError):
            Store.open(str(path))
    with Store.open(str(path)) as store:
        names = store._database.connection.execute("SELECT name FROM sqlite_schema WHERE name = 'later'").fetchall()
        assert names == []


@pytest.mark.parametrize("opened", [Store.open, Store.create])
def test_a_newer_schema_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[str], Store]) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, ("later", "")])
        Store.create(str(path)).close()
    with pytest.raises(WgError, match="this wg knows schemas up to") as caught:
        opened(str(path))
    assert "upgrade" in caught.value.hint


def test_no_store_is_not_found(path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        Store.open(str(path))
    assert "wg init" in caught.value.hint
    assert not path.exists()


def test_an_empty_file_is_not_taken_for_a_new_store(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    with pytest.raises(WgError, match="is empty"):
        Store.open(str(path))


@pytest.mark.parametrize("opened", [Store.open, Store.create])
def test_what_is_no_database_is_refused_and_kept(path: Path, opened: Callable[[str], Store]) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"hello " * 1000)
    with pytest.raises(WgError, match="not a database"):
        opened(str(path))
    assert path.read_bytes() == b"hello " * 1000


def test_another_programs_database_is_refused(path: Path) -> None:
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (x)")
    connection.close()
    with pytest.raises(WgError, match="another program"):
        Store.open(str(path))


def test_a_directory_in_its_place_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(WgError, match="cannot be opened"):
        Store.open(str(path))


@pytest.mark.parametrize("keep", [1, 100, 4096, 20_000])
def test_a_file_cut_short_is_reported(path: Path, keep: int) -> None:
    with Store.create(str(path)) as store:
        store.add(NewTask("t", description="x" * 50_000), 1.0, "ann")
    with path.open("rb+") as file:
        file.truncate(keep)
    with pytest.raises(WgError, match=r"damaged|not a database|failed|empty"), Store.open(str(path)) as store:
        assert store.integrity_check() == []
        store.task("t")


def test_integrity_check_tells_of_damage(store: Store) -> None:
    claim(store, store.add(NewTask("t"), 1.0, "ann").id)
    connection = store._database.connection
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("INSERT INTO edges (task, dependency) VALUES (1, 99)")
    assert store.integrity_check() == ["row None of edges names one of tasks that does not exist"]


def test_a_full_disk_is_explained_and_nothing_changed(store: Store) -> None:
    store.add(NewTask("first"), 1.0, "ann")
    pages = store._database.connection.execute("PRAGMA page_count").fetchone()[0]
    store._database.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WgError, match="disk is full"):
        store.add(NewTask("second", description="x" * 100_000), 2.0, "ann")
    assert [task.id for task in store.tasks()] == ["first"]
    store._database.connection.execute("PRAGMA max_page_count = 100000")
    store.add(NewTask("third"), 3.0, "ann")


def test_a_held_lock_is_busy_and_names_its_holder(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_lock_beside", lambda path: FileLock(f"{os.path.dirname(path)}/lock", wait=0.05))
    with FileLock(f"{os.path.dirname(store._database.path)}/lock"), pytest.raises(BusyError, match=str(os.getpid())):
        store.add(NewTask("t"), 1.0, "ann")
    store.add(NewTask("t"), 1.0, "ann")


def test_a_writer_that_ignores_the_lock_is_waited_for(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    free = threading.Timer(0.2, lambda: other.execute("COMMIT"))
    free.start()
    store.add(NewTask("t"), 1.0, "ann")
    free.join()
    other.close()


def test_one_that_never_ends_is_busy_and_the_lock_is_free_again(store: Store, path: Path) -> None:
    store._database.connection.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match="locked by another process"):
        store.add(NewTask("t"), 1.0, "ann")
    other.execute("ROLLBACK")
    other.close()
    store.add(NewTask("t"), 1.0, "ann")


def test_reading_does_not_wait_for_a_writer(store: Store, path: Path) -> None:
    store.add(NewTask("t"), 1.0, "ann")
    with Store.open(str(path)) as reader, FileLock(str(path.parent / "lock")):
        store._database.connection.execute("BEGIN IMMEDIATE")
        assert [task.id for task in reader.ready()] == ["t"]
        store._database.connection.execute("ROLLBACK")


def test_ready_is_one_index_range(store: Store) -> None:
    plan = store._database.connection.execute(
        f"EXPLAIN QUERY PLAN {rows.TASK} WHERE {tasks._READY} AND {tasks._DUE} {tasks._ORDER} LIMIT 9", (1.0,)
    ).fetchall()
    assert plan[0][3] == "SEARCH tasks USING INDEX tasks_by_readiness (status=? AND paused=? AND unmet=?)"
    assert [row[3] for row in plan[1:]] == ["SEARCH bodies USING INTEGER PRIMARY KEY (rowid=?)"]


def test_the_database_itself_refuses_a_twin(store: Store) -> None:
    claim(store, store.add(NewTask("t"), 1.0, "ann").id)
    columns = "task, state, executor, model, source, config_path, config_digest, profile, timeout, claimed_at"
    with pytest.raises(sqlite3.IntegrityError):
        store._database.connection.execute(
            f"INSERT INTO attempts ({columns}, launch_deadline) VALUES (1, 'claimed', '', '', '', '', '', '', 1, 1, 1)"
        )


@pytest.mark.parametrize("statement", ["DELETE FROM events", "UPDATE events SET message = 'x'"])
def test_events_are_append_only(store: Store, statement: str) -> None:
    store.add(NewTask("t"), 1.0, "ann")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store._database.connection.execute(statement)


def test_events_tell_the_whole_story(store: Store) -> None:
    task_id = store.add(NewTask("t"), 1.0, "ann").id
    fence = run_to_end(store, task_id)
    store.claim_result(fence, "fail", "late", 140.0)
    store.hold(fence, "conflict", 150.0)
    store.person_fail(task_id, "enough", 160.0, "ann")
    rows = store._database.connection.execute("SELECT type, actor, attempt, message, data FROM events ORDER BY seq")
    told = [
        (kind, who, attempt, message, json.loads(data) if data else {}) for kind, who, attempt, message, data in rows
    ]
    assert told == [
        ("added", "ann", None, "", {}),
        ("status", "dispatcher", fence, "", {"event": "claimed", "from": "open", "to": "in-progress"}),
        ("started", f"agent-{fence}", fence, "", {}),
        ("ended", f"agent-{fence}", fence, "", {}),
        ("reported-late", f"agent-{fence}", fence, "late", {"result": "fail"}),
        ("status", "dispatcher", fence, "conflict", {"event": "held", "from": "in-progress", "to": "waiting"}),
        ("status", "ann", None, "enough", {"event": "person-fail", "from": "waiting", "to": "failed"}),
    ]


def steps(directory: Path, length: int) -> int:
    """What SQLite does for a loop of so many tasks, each with one outside that depends on it: instructions, by 100."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    with Store.create(str(directory / str(length) / "db" / "graph.db")) as store:
        connection = store._database.connection
        connection.execute("PRAGMA synchronous = OFF")
        for number in range(length):
            after = (f"t{number - 1}",) if number else ()
            store.add(NewTask("t", id=f"t{number}", after=after), 1.0, "ann")
            store.add(NewTask("o", id=f"o{number}", after=(f"t{number}",)), 1.0, "ann")
        connection.set_progress_handler(count, 100)
        store.declare_loop(Loop(f"t{length - 1}", "t0", 2), 2.0, "ann")
        store.add_dependency("o5", "t2", 3.0, "ann")
        store.remove_dependency("o5", "t2", 4.0, "ann")
        store.remove_loop(f"t{length - 1}", 5.0, "ann")
        connection.set_progress_handler(None, 0)
    return counted[0]


def test_a_loop_takes_time_in_proportion_to_its_length(tmp_path: Path) -> None:
    """A loop of 20,000 tasks held the write lock for two minutes: its members were looked for anew at each of them."""
    assert steps(tmp_path, 800) < 5 * steps(tmp_path, 200)
