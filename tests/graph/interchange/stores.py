"""Stores, files of tasks, and what an import of one into the other comes to."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from wg.graph.interchange import exporting
from wg.graph.interchange.importing import Wanted, bring_in
from wg.graph.interchange.lines import Refused
from wg.graph.interchange.report import Report
from wg.graph.store import Store

NOW = 5000.0


@contextmanager
def new_store() -> Iterator[Store]:
    """An empty one, in a directory of its own."""
    with tempfile.TemporaryDirectory() as directory, Store.create(os.path.join(directory, "db", "graph.db")) as store:
        yield store


def exported(store: Store) -> bytes:
    return b"".join(exporting.lines(store))


def tasks_of(store: Store) -> dict[str, dict[str, Any]]:
    """The exported tasks by their ids."""
    found = [json.loads(line) for line in exported(store).splitlines()]
    return {task["id"]: task for task in found}


def file_of(*objects: object) -> bytes:
    """Lines of JSON."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def one(task_id: str, **fields: Any) -> dict[str, Any]:
    """An open task as a line of a file."""
    return {"id": task_id, "title": task_id.upper(), "status": "open", "created_at": 1.5, **fields}


def take(store: Store, data: bytes, wanted: Wanted = Wanted()) -> Report:  # noqa: B008  it does not change
    return bring_in(store, io.BytesIO(data), "FILE", wanted, NOW, "ann")


def refusal(store: Store, data: bytes, wanted: Wanted = Wanted()) -> str:  # noqa: B008  it does not change
    """What is said of a file that is refused; that nothing has changed is looked at."""
    before = (exported(store), store.last_event())
    with pytest.raises(Refused) as caught:
        take(store, data, wanted)
    assert (exported(store), store.last_event()) == before
    return caught.value.message


def assert_sound(store: Store) -> None:
    """What `wg check` looks at, and the database itself."""
    assert store.miscounted() == []
    assert store.unattended() == []
    assert store.integrity_check() == []


def edges(path: Path) -> set[tuple[str, str, int]]:
    """Every edge (task, dependency, implied) of a database."""
    import sqlite3

    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT task.id, other.id, implied FROM edges JOIN tasks AS task ON task.key = edges.task"
        " JOIN tasks AS other ON other.key = edges.dependency"
    ).fetchall()
    connection.close()
    return set(found)
