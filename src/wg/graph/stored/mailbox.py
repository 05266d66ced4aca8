"""What the dispatcher and the commands say to each other, in SQLite."""

from __future__ import annotations

from wg.graph import servicepause
from wg.graph.attempt import Pause
from wg.graph.stored.part import Part


class Mailbox(Part):
    """`contract.mailbox.Mailbox` says what each method does."""

    def request(self, kind: str, now: float) -> None:
        with self._database.writing() as connection:
            connection.execute("INSERT INTO requests (kind, at) VALUES (?, ?)", (kind, now))

    def take_requests(self) -> list[str]:
        with self._database.reading() as connection:
            if connection.execute("SELECT 1 FROM requests LIMIT 1").fetchone() is None:
                return []
        with self._database.writing() as connection:
            found = [row[0] for row in connection.execute("SELECT kind FROM requests ORDER BY seq")]
            connection.execute("DELETE FROM requests")
            return found

    def set_dispatcher(self, text: str) -> None:
        with self._database.writing() as connection:
            connection.execute("UPDATE dispatcher SET state = ?", (text,))

    def dispatcher(self) -> str:
        with self._database.reading() as connection:
            text: str = connection.execute("SELECT state FROM dispatcher").fetchone()[0]
            return text

    def pause_service(self, now: float, actor: str) -> bool:
        with self._database.writing() as connection:
            return servicepause.begin(connection, now, actor)

    def resume_service(self, now: float, actor: str) -> bool:
        with self._database.writing() as connection:
            return servicepause.end(connection, now, actor)

    def service_pause(self) -> Pause | None:
        with self._database.reading() as connection:
            return servicepause.get(connection)
