"""Kills the dispatcher, supervisors and agents at random moments, in a thread of its own."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from random import Random

import psutil

from tests.e2e.service_box import ServiceBox
from wg.dispatch import state

_KINDS = ("dispatcher", "supervisor", "supervisor", "newborn", "agent", "agent", "agent")


class Chaos:
    """From `start` to `stop`, every `seconds` on average; `kills` counts what it has hit."""

    def __init__(self, service: ServiceBox, seed: int, seconds: float) -> None:
        self.kills: Counter[str] = Counter()
        self._service = service
        self._random = Random(seed)
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chaos")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._random.uniform(0.1, 1.9) * self._seconds):
            kind = self._random.choice(_KINDS)
            pids = self._pids(kind)
            if not pids:
                continue
            try:
                os.kill(self._random.choice(pids), signal.SIGKILL)
            except ProcessLookupError:
                continue
            self.kills[kind] += 1

    def _pids(self, kind: str) -> list[int]:
        """What may be killed as that kind. Attempts whose supervisor has told of itself, but for newborn ones."""
        with self._service.store() as store:
            if kind == "dispatcher":
                found = state.read(store)
                return [found.identity.pid] if found else []
            running = [one for one in store.attempts(("running",)) if one.supervisor]
        supervisors = [one.supervisor.pid for one in running if one.supervisor]
        if kind == "supervisor":
            return supervisors
        if kind == "newborn":
            return [pid for pid in self._all_supervisors() if pid not in supervisors]
        return [pid for one in supervisors for pid in _children(one)]

    def _all_supervisors(self) -> list[int]:
        found = []
        for process in self._service.box.processes():
            try:
                if "supervisor" in process.cmdline():
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found


def _children(pid: int) -> list[int]:
    """A supervisor's: the agent, and what it has adopted. None where it has just ended, and its pid is another's."""
    try:
        process = psutil.Process(pid)
        if "supervisor" not in process.cmdline():
            return []
        return [child.pid for child in process.children(recursive=True)]
    except psutil.Error:
        return []
