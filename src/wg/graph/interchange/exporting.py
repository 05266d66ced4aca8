"""A store's tasks as the lines of a file."""

from __future__ import annotations

from collections.abc import Iterator

from wg.errors import WgError
from wg.graph.interchange import form
from wg.graph.protocol import TaskStore


def lines(store: TaskStore) -> Iterator[bytes]:
    """One task a line, sorted by id; the same tasks make the same bytes."""
    for record in store.records():
        try:
            yield form.line(record).encode()
        except ValueError as error:
            raise WgError(f"{record.task.id} cannot be exported: {error}", "wg check looks at the store") from None
