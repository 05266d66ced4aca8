"""One SQLite file: opening it, short transactions, and errors that say what to do."""

from __future__ import annotations

import os
import sqlite3

from wg.errors import BusyError, NotFoundError, WgError
from wg.graph import schema
from wg.locking import FileLock

BUSY_SECONDS = 30.0
_CANTOPEN, _READONLY = 14, 8
# SQLite's primary result codes -> what is wrong, and the way out
_EXPLAINED: dict[int, tuple[str, str]] = {
    _READONLY: ("it cannot be written", "check the permissions of the file and its directory"),
    10: (
        "the disk or filesystem failed",
        "check the disk and its free space; .wg must not lie on a network filesystem",
    ),
    11: ("it is damaged", "keep a copy of its directory, then restore a backup"),
    13: ("the disk is full; nothing was changed", "make room, and repeat the command"),
    _CANTOPEN: ("it cannot be opened", "check the permissions of the file and its directory"),
    26: ("it is not a database", "something has overwritten it: restore a backup"),
}


class Database:
    """A connection to the file at `path`. `reading()` and `writing()` are context managers over it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.connection = _connect(path)

    def reading(self) -> Reading:
        """Run queries. Without a transaction around them, each sees the newest committed state."""
        return Reading(self)

    def writing(self) -> Writing:
        """One write transaction: committed at the end of the block, rolled back by an exception."""
        return Writing(self)

    def close(self) -> None:
        """Close the connection; the last one to close also folds the write-ahead log into the file."""
        with self.reading():
            self.connection.close()


class Reading:
    """Turns what sqlite3 raises in the block into errors for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        return self._database.connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise explain(error, self._database.path) from error


class Writing:
    """A write transaction under the file lock, which makes many writers take turns (decision 2)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = FileLock(os.path.join(os.path.dirname(database.path), "lock"))

    def __enter__(self) -> sqlite3.Connection:
        connection = self._database.connection
        try:
            self._lock.acquire()
        except OSError as error:
            raise WgError(
                f"{self._lock.path} cannot be locked: {error.strerror}",
                "this command writes: it needs write access to that directory",
            ) from error
        try:
            connection.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            self._lock.release()
            if isinstance(error, sqlite3.Error):
                raise explain(error, self._database.path) from error
            raise
        return connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        connection = self._database.connection
        try:
            if error is None:
                connection.execute("COMMIT")
        except sqlite3.Error as failed:
            error = failed
        finally:
            _roll_back(connection)
            self._lock.release()
        if isinstance(error, sqlite3.Error):
            raise explain(error, self._database.path) from error


def create(path: str) -> Database:
    """Make the file (0600) and its directory (0700), or bring those that exist up to date."""
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    database = Database(path)
    try:
        with database.reading() as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        _migrate(database)
    except BaseException:
        database.connection.close()
        raise
    return database


def open_existing(path: str) -> Database:
    """Open the file. NotFoundError if it is not there; WgError if a newer wg has written it."""
    if not os.path.exists(path):
        raise NotFoundError(f"{path} does not exist", "make a project with: wg init")
    database = Database(path)
    try:
        with database.reading():
            found = _first_look(database)
        if found < len(schema.MIGRATIONS):
            _migrate(database)
    except BaseException:
        database.connection.close()
        raise
    return database


def _first_look(database: Database) -> int:
    """The schema's version; where nothing can be written, the connection becomes one that needs no writing.

    To read a database in WAL mode SQLite needs its two side files, and makes them if it may. Where they are not
    there nobody writes, so that the file alone is the whole truth and can be read as one that does not change.
    """
    try:
        return schema.version(database.connection, database.path)
    except sqlite3.OperationalError as error:
        wal = database.path + "-wal"
        if error.sqlite_errorcode & 0xFF not in (_READONLY, _CANTOPEN) or os.path.exists(wal):
            raise
    database.connection.close()
    database.connection = _connect(database.path, immutable=True)
    return schema.version(database.connection, database.path)


def _migrate(database: Database) -> None:
    with database.writing() as connection:
        schema.migrate(connection, database.path)


def explain(error: sqlite3.Error, path: str) -> WgError:
    """What sqlite3 raised, for people."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (5, 6):  # SQLITE_BUSY, SQLITE_LOCKED
        return BusyError(
            f"{path} is locked by another process", "repeat the command; wg doctor looks for what holds it"
        )
    what, hint = _EXPLAINED.get(code, (str(error), "wg doctor looks at the whole installation"))
    return WgError(f"{path}: {what}", hint)


def _connect(path: str, *, immutable: bool = False) -> sqlite3.Connection:
    if immutable:
        escaped = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        path = f"file:{escaped}?immutable=1"
    connection = sqlite3.connect(path, uri=immutable, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _roll_back(connection: sqlite3.Connection) -> None:
    """Undo what is not committed; some errors have made SQLite do it already."""
    if connection.in_transaction:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # the error that led here is the one to tell
