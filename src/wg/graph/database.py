"""One SQLite file: opening it, short transactions, and errors that say what to do."""

from __future__ import annotations

import os
import sqlite3

from wg.errors import BusyError, NotFoundError, WgError
from wg.graph import schema
from wg.locking import FileLock

# how long one writer may keep the others waiting: a kernel gives a disk 30 s for one request before it asks again, and
# a writer that waits for its fsync has been seen to take that long
BUSY_SECONDS = 90.0
# up to this size a write-ahead log is left to the next process, which reads all of it: a third of a millisecond
LEFT_BYTES = 64 * 4120
_CANTOPEN, _READONLY = 14, 8
_FROM_SQLITE = (sqlite3.Error, UnicodeEncodeError)  # the second when it binds a text with lone surrogates
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


_left: list[sqlite3.Connection] = []  # kept, because an object that goes away is closed


class Database:
    """A connection to the file at `path`. `reading()` and `writing()` are context managers over it."""

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    def reading(self) -> Reading:
        """Run queries. Without a transaction around them, each sees the newest committed state."""
        return Reading(self)

    def writing(self) -> Writing:
        """One write transaction: committed at the end of the block, rolled back by an exception."""
        return Writing(self)

    def close(self) -> None:
        """Close the connection; the last one to close also folds the write-ahead log into the file."""
        self.connection.close()

    def leave(self) -> None:
        """Instead of `close`, by a process that is about to end: its end closes what is open.

        Folding the write-ahead log into the file, as the last one to close does, costs two fsyncs and the removal of
        two files, and the next write two more fsyncs to make them again. A log that is left is as durable: the next
        process goes on with it. Only one that has grown is folded in, so that it neither grows on nor is slow to read.
        """
        try:
            grown = os.stat(self.path + "-wal").st_size > LEFT_BYTES
        except OSError:  # it is not there: nothing has been written
            grown = False
        if grown:
            self.close()
        else:
            _left.append(self.connection)


class Reading:
    """Turns what sqlite3 raises in the block into errors for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        return self._database.connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _FROM_SQLITE):
            raise explain(error, self._database.path) from error


class Writing:
    """A write transaction under the file lock, which makes many writers take turns (decision 2)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = _lock_beside(database.path)

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
            if isinstance(error, _FROM_SQLITE):
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
        if isinstance(error, _FROM_SQLITE):
            raise explain(error, self._database.path) from error


def create(path: str) -> Database:
    """Make the file (0600) and its directory (0700), or bring those that exist up to date."""
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        connection = _connect(path)
        with _lock_beside(path):  # changing the journal's mode does not wait for others who do it too
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return _migrated(Database(path, connection))


def open_existing(path: str) -> Database:
    """Open the file. NotFoundError if it is not there; WgError if it is empty or a newer wg has written it."""
    if not os.path.exists(path):
        raise NotFoundError(f"{path} does not exist", "make a project with: wg init")
    try:
        connection, version = _connect_to_read(path)
    except sqlite3.Error as error:
        raise explain(error, path) from error
    database = Database(path, connection)
    if not version:
        database.close()
        raise WgError(f"{path} is empty", "restore a backup, or start anew with: wg init")
    return database if version == len(schema.MIGRATIONS) else _migrated(database)


def explain(error: Exception, path: str) -> WgError:
    """What sqlite3 raised, for people."""
    if isinstance(error, UnicodeEncodeError):
        return WgError(f"{path}: a text that is not valid UTF-8 cannot be stored or looked up", "convert it to UTF-8")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (5, 6, 15):  # SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL
        return BusyError(f"{path} is locked by another process", "repeat the command when that process is done")
    what, hint = _EXPLAINED.get(code, (str(error), "wg doctor looks at the whole installation"))
    return WgError(f"{path}: {what}", hint)


def _migrated(database: Database) -> Database:
    try:
        with database.writing() as connection:
            schema.migrate(connection, database.path)
    except BaseException:
        database.close()
        raise
    return database


def _connect_to_read(path: str) -> tuple[sqlite3.Connection, int]:
    """A connection, and the schema's version.

    To read a database in WAL mode SQLite needs its two side files, and makes them where it may. Where it may
    not and they are not there, nobody writes: the file alone is the whole truth, and is read as one that does
    not change.
    """
    try:
        return _connect_and_look(path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (_READONLY, _CANTOPEN) or os.path.exists(path + "-wal"):
            raise
    return _connect_and_look(path, immutable=True)


def _connect_and_look(path: str, *, immutable: bool = False) -> tuple[sqlite3.Connection, int]:
    connection = _connect(path, immutable=immutable)
    try:
        return connection, schema.version(connection, path)
    except BaseException:
        connection.close()
        raise


def _connect(path: str, *, immutable: bool = False) -> sqlite3.Connection:
    if immutable:
        escaped = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        path = f"file:{escaped}?immutable=1"
    connection = sqlite3.connect(path, uri=immutable, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _lock_beside(path: str) -> FileLock:
    return FileLock(os.path.join(os.path.dirname(path), "lock"), wait=BUSY_SECONDS)


def _roll_back(connection: sqlite3.Connection) -> None:
    """Undo what is not committed; some errors have made SQLite do it already."""
    if connection.in_transaction:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # the error that led here is the one to tell
