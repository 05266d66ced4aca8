"""Every store. To hold another implementation to the tests, add its factory to FACTORIES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wg.graph.protocol import TaskStore
from wg.graph.store import Store


def sqlite_store(directory: Path) -> TaskStore:
    path = str(directory / ".wg" / "db" / "graph.db")
    return Store.open(path) if Path(path).exists() else Store.create(path)


# each opens the store that belongs to a directory, and makes it the first time
FACTORIES: list[Callable[[Path], TaskStore]] = [sqlite_store]


@pytest.fixture(params=FACTORIES)
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], TaskStore]]:
    """Opens one and the same store, as often as it is called."""
    opened: list[TaskStore] = []

    def make() -> TaskStore:
        opened.append(request.param(tmp_path))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(again: Callable[[], TaskStore]) -> TaskStore:
    return again()
