"""Jobs beside the tick."""

from __future__ import annotations

import subprocess
import sys
import threading

from tests.dispatch.lines import Lines
from wg.dispatch.jobs import Jobs, Then
from wg.errors import WgError


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_the_rest_of_a_job_is_done_by_who_collects_it() -> None:
    jobs = Jobs(Lines(), Clock(), 5.0)
    threads: list[threading.Thread] = []

    def work() -> Then:
        threads.append(threading.current_thread())
        return lambda: threads.append(threading.current_thread())

    jobs.start("a", work)
    assert jobs.finish(90.0)
    assert threads[0] is not threading.current_thread()
    assert threads[1] is threading.current_thread()
    assert not jobs.finish(0.0)


def test_one_job_at_a_time_for_each_key() -> None:
    jobs = Jobs(Lines(), Clock(), 5.0)
    gate, done = threading.Event(), []

    def work() -> Then:
        gate.wait(90)
        return lambda: done.append("a")

    for _ in range(3):
        jobs.start("a", work)
    jobs.start("b", lambda: lambda: done.append("b"))
    assert jobs.finish(90.0)
    gate.set()
    assert jobs.finish(90.0)
    assert done == ["b", "a"]


def test_a_job_that_fails_is_logged_once_and_rests() -> None:
    clock, log, runs = Clock(), Lines(), []
    jobs = Jobs(log, clock, 5.0)

    def work() -> Then:
        runs.append(clock.time)
        raise WgError("git is gone")

    jobs.start("a", work)
    assert jobs.finish(90.0)
    jobs.start("a", work)
    assert not jobs.finish(0.0)
    assert runs == [0.0]
    assert not jobs.due()
    clock.time = 5.0
    assert jobs.due()
    assert not jobs.due(), "it is told once"
    jobs.start("a", work)
    jobs.finish(90.0)
    assert runs == [0.0, 5.0]
    assert log.lines == ["a: git is gone"]


def test_closing_tells_jobs_to_stop() -> None:
    jobs = Jobs(Lines(), Clock(), 5.0)
    stopped = threading.Event()

    def work() -> Then:
        jobs.cancelled.wait(90)
        stopped.set()
        return lambda: None

    jobs.start("a", work)
    jobs.close(90.0)
    assert stopped.is_set()


SIGNALLED = """
import signal, sys
from wg.dispatch.jobs import Jobs
jobs = Jobs(None, lambda: 0.0, 0.0)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.00103, 0.00103)
for _ in range(1000):
    jobs.finish(0.001)
signal.setitimer(signal.ITIMER_REAL, 0)
"""


def test_a_signal_that_comes_as_the_time_is_up_does_not_hang_it() -> None:
    """Else `wg service stop` ends no dispatcher: its signal is one."""
    assert subprocess.run([sys.executable, "-c", SIGNALLED], timeout=90).returncode == 0
