"""What every store of tasks can do; `tests/graph/test_store.py` holds each implementation to it.

Times (`now`, `at`) are seconds since the epoch and come from the caller. Every method is one transaction and
may raise BusyError (another writer holds the store) or WgError (disk full, damaged, not writable). What names
a task or attempt that does not exist raises NotFoundError.
"""

from __future__ import annotations

from typing import Protocol

from wg.graph.contract.attempts import Attempts
from wg.graph.contract.coordination import Coordination
from wg.graph.contract.mailbox import Mailbox
from wg.graph.contract.tasks import Tasks
from wg.graph.contract.views import Views
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wg.graph.interchange.lines import Problems
    from wg.graph.interchange.record import Record, Taken


class TaskStore(Tasks, Coordination, Attempts, Views, Mailbox, Protocol):
    """Tasks, attempts, their history, and the dispatcher's mailbox."""

    def close(self) -> None:
        """Give up the connection. Nothing else may be called afterwards."""

    def records(self) -> Iterator[Record]:
        """Every task with all that belongs to it, in order of the ids, as it was at one moment.

        What an attempt works on, or has ended and is held, comes as open: attempts are this machine's.
        """

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
        """Store the tasks of an import, in order of their creation, all of them or none.

        Raises Refused with all `problems`, those that were found while the records were read among them. What is
        there already is one, unless it is to be skipped. A dry run looks at everything and stores nothing.
        """

    def data_version(self) -> int:
        """A number that changes when anybody else has written."""

    def integrity_check(self) -> list[str]:
        """What is damaged, in the database's words; empty when sound."""
