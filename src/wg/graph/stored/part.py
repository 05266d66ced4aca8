"""What the parts of the store have in common."""

from __future__ import annotations

from wg.graph.database import Database


class Part:
    """Has the database. Every method of a part is one transaction."""

    def __init__(self, opened: Database) -> None:
        self._database = opened
