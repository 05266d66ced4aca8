"""Work that must not hold up the tick (git, checks, ending processes): each job in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wg.dispatch.log import Log
from wg.patience import Patience

# What is left to do with the store, which only the main thread touches, once a job's work is done.
Then = Callable[[], None]
Work = Callable[[], Then]

_AT_ONCE = 4
_LOOK_SECONDS = 0.1


class Jobs:
    """Jobs by key: one at a time for each key, a few at a time in all.

    A job that raises is logged, and its key rests for `rest` seconds, so that a lasting fault is not repeated
    in a tight loop.
    """

    def __init__(self, log: Log, clock: Callable[[], float], rest: float) -> None:
        self.cancelled = threading.Event()
        self._log = log
        self._clock = clock
        self._rest = rest
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._threads: dict[str, threading.Thread] = {}
        self._resting: dict[str, float] = {}
        # not a SimpleQueue: in CPython 3.11 its `get` never returns when a signal comes just as its time is up
        self._finished: queue.Queue[tuple[str, Then]] = queue.Queue()

    def start(self, key: str, work: Work) -> None:
        """Do `work` in the background, unless a job of that key is under way or rests."""
        if key in self._threads or key in self._resting:
            return
        thread = threading.Thread(target=self._do, args=(key, work), name=key, daemon=True)
        thread.start()  # first: what could not be started must not count as under way
        self._threads[key] = thread

    def are_under_way(self) -> bool:
        """Whether there are jobs that `finish` has not finished."""
        return bool(self._threads)

    def is_under_way(self, key: str) -> bool:
        """Whether a job of that key is not finished yet."""
        return key in self._threads

    def rest(self, key: str) -> None:
        """Refuse jobs of that key for a while."""
        self._resting[key] = self._clock() + self._rest

    def due(self) -> bool:
        """Whether a key has rested long enough, so that its job can be started again; told once."""
        now = self._clock()
        rested = [key for key, until in self._resting.items() if until <= now]
        for key in rested:
            del self._resting[key]
        return bool(rested)

    def finish(self, seconds: float) -> bool:
        """Finish the jobs that are done, waiting up to `seconds` for one. Whether there were any."""
        some = False
        while True:
            try:
                key, then = self._finished.get(timeout=0.0 if some else seconds)
            except queue.Empty:
                return some
            some = True
            self._threads.pop(key).join()
            then()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Inside a job: leave its place to others while it does what may take very long."""
        self._slots.release()
        try:
            yield
        finally:
            self._slots.acquire()

    def close(self, seconds: float) -> None:
        """Tell every job to stop, and give them `seconds`; what they did is found again by the next dispatcher."""
        self.cancelled.set()
        patience = Patience(seconds)
        for thread in self._threads.values():
            while thread.is_alive() and not patience.is_over():
                thread.join(_LOOK_SECONDS)

    def _do(self, key: str, work: Work) -> None:
        with self._slots:
            try:
                then = work()
            except Exception as error:  # a job may call git, the user's check and the file system: anything
                then = self._failure(key, error)
        self._finished.put((key, then))

    def _failure(self, key: str, error: Exception) -> Then:
        def tell() -> None:
            self._log.error(key, error)
            self.rest(key)

        return tell
