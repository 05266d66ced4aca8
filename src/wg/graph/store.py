"""The store of one project: the SQLite implementation of `protocol.TaskStore`."""

from __future__ import annotations

from wg.graph import database
from wg.graph.stored.attempts import Attempts
from wg.graph.stored.coordination import Coordination
from wg.graph.stored.mailbox import Mailbox
from wg.graph.stored.tasks import Tasks
from wg.graph.stored.views import Views
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wg.graph.interchange.lines import Problems
    from wg.graph.interchange.record import Record, Taken


class Store(Tasks, Coordination, Attempts, Views, Mailbox):
    """Tasks, attempts, their history, the dispatcher's mailbox. `TaskStore` says what each method does."""

    def __init__(self, opened: database.Database, *, brief: bool = False) -> None:
        super().__init__(opened)
        self._brief = brief

    @classmethod
    def create(cls, path: str) -> Store:
        """Make the database at `path` (`.wg/db/graph.db`) and its directory, or upgrade what is there."""
        return cls(database.create(path))

    @classmethod
    def open(cls, path: str, *, brief: bool = False) -> Store:
        """Open the database at `path`, upgrading an older schema. NotFoundError if there is none.

        `brief` is for a process that ends soon after it has closed the store (see `Database.leave`).
        """
        return cls(database.open_existing(path), brief=brief)

    @property
    def path(self) -> str:
        """The database's file."""
        return self._database.path

    def close(self) -> None:
        if self._brief:
            self._database.leave()
        else:
            self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def records(self) -> Iterator[Record]:
        from wg.graph.interchange import storing  # only for an export

        with self._database.reading() as connection:
            yield from storing.records(connection)

    def take_in(
        self,
        records: Iterable[Record],
        problems: Problems,
        *,
        skip_existing: bool,
        dry_run: bool,
        now: float,
        actor: str,
    ) -> Taken:
        from wg.graph.interchange import taking  # only for an import

        return taking.take_in(
            self._database, records, problems, skip_existing=skip_existing, dry_run=dry_run, now=now, actor=actor
        )

    def data_version(self) -> int:
        with self._database.reading() as connection:
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
            return version

    def integrity_check(self) -> list[str]:
        with self._database.reading() as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                found.append(f"row {row} of {table} names one of {parent} that does not exist")
            return found
