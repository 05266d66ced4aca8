"""Who a process is, which belong to an attempt, and how they are ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.harness import Box, wait_for
from wg import processes
from wg.graph.attempt import ProcessIdentity


@pytest.fixture
def sleeper(box: Box) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "1000"], env=box.env)
    yield process
    process.kill()
    process.wait()


def identity(pid: int) -> ProcessIdentity:
    found = processes.identity_of(pid)
    assert found is not None
    return found


def test_this_process_lives() -> None:
    assert processes.own_identity().pid == os.getpid()
    assert processes.is_alive(processes.own_identity())


def test_a_process_that_ended_is_dead_even_before_it_is_reaped(sleeper: subprocess.Popen[bytes]) -> None:
    was = identity(sleeper.pid)
    assert processes.is_alive(was)
    sleeper.kill()
    wait_for(lambda: psutil.Process(sleeper.pid).status() == psutil.STATUS_ZOMBIE, "it is a zombie")
    assert not processes.is_alive(was)
    assert processes.identity_of(sleeper.pid) is None
    assert not processes.send(was, signal.SIGTERM)


def test_a_reused_pid_is_another_process(sleeper: subprocess.Popen[bytes]) -> None:
    other = identity(sleeper.pid)._replace(started="1")
    assert not processes.is_alive(other)
    assert not processes.send(other, signal.SIGKILL)
    assert sleeper.poll() is None


def test_a_name_in_brackets_does_not_confuse_the_start_time(box: Box) -> None:
    program = box.root / "a) R 1 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([str(program), "1000"], env=box.env)
    wait_for(lambda: psutil.Process(process.pid).cmdline()[:1] == [str(program)], "the program is loaded")
    started = identity(process.pid).started
    assert started.isdecimal() and int(started) > int(identity(os.getppid()).started)
    process.kill()
    process.wait()


def test_a_reboot_kills_everything_of_this_machine(sleeper: subprocess.Popen[bytes]) -> None:
    assert not processes.is_alive(identity(sleeper.pid)._replace(boot_id="before"))


def test_a_new_host_name_does_not_make_another_machine(sleeper: subprocess.Popen[bytes]) -> None:
    here = identity(sleeper.pid)._replace(host="renamed")
    assert processes.is_alive(here)
    sleeper.kill()
    sleeper.wait()
    assert not processes.is_alive(here)


def test_nothing_proves_the_death_of_another_machines_process() -> None:
    elsewhere = ProcessIdentity("elsewhere", "another", os.getpid(), "1")
    assert processes.is_alive(elsewhere)
    assert not processes.send(elsewhere, signal.SIGTERM)


def test_marked_finds_what_carries_the_mark_and_nothing_else(box: Box) -> None:
    def start(fence: str, wg_dir: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["sleep", "1000"], env={**box.env, "WG_ATTEMPT": fence, "WG_DIR": wg_dir})

    ours, theirs = str(box.root / "p" / ".wg"), str(box.root / "q" / ".wg")
    mine, other_attempt, other_project = start("7", ours), start("77", ours), start("7", theirs)
    found = wait_for(lambda: processes.marked(7, ours), "it is found")
    assert [process.pid for process in found] == [mine.pid]
    for process in (mine, other_attempt, other_project):
        process.kill()
        process.wait()
    assert processes.marked(7, ours) == []


class FakeTree:
    """Processes that end on a given signal, and a clock that only their poller moves."""

    def __init__(self, ends_on: list[signal.Signals | None]) -> None:
        self.living = [_Fake(number + 1, on) for number, on in enumerate(ends_on)]
        self.time = 0.0

    def find(self) -> list[psutil.Process]:
        return [one for one in self.living if one.alive]  # type: ignore[misc]

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class _Fake:
    def __init__(self, pid: int, ends_on: signal.Signals | None) -> None:
        self.pid = pid
        self.ends_on = ends_on
        self.alive = True
        self.got: list[signal.Signals] = []

    def send_signal(self, number: signal.Signals) -> None:
        self.got.append(number)
        self.alive = number != self.ends_on


def test_signals_grow_stronger_and_come_once() -> None:
    tree = FakeTree([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    assert processes.end(tree.find, clock=lambda: tree.time, sleep=tree.sleep)
    assert [one.got for one in tree.living] == [
        [signal.SIGINT],
        [signal.SIGINT, signal.SIGTERM],
        [signal.SIGINT, signal.SIGTERM, signal.SIGKILL],
    ]


def test_what_does_not_die_is_said() -> None:
    tree = FakeTree([None])
    assert not processes.end(tree.find, clock=lambda: tree.time, sleep=tree.sleep)
    assert tree.time >= sum(grace for _, grace in processes.STOP_STEPS)


def test_what_is_forked_meanwhile_ends_too() -> None:
    tree = FakeTree([signal.SIGKILL])

    def sleep(seconds: float) -> None:
        tree.sleep(seconds)
        if len(tree.living) < 4:
            tree.living.append(_Fake(len(tree.living) + 1, signal.SIGKILL))

    assert processes.end(tree.find, clock=lambda: tree.time, sleep=sleep)
    assert len(tree.living) == 4


ORPHAN = """
import os, subprocess, sys, time
from wg import processes
processes.adopt_orphans()
subprocess.run(["sh", "-c", "setsid sleep 1000 & setsid setsid sleep 1000 &"])
while [one.ppid() for one in processes.descendants()] != [os.getpid()] * 2: time.sleep(0.01)
print(processes.end(processes.descendants, processes.LEFTOVER_STEPS))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="orphans can only be adopted on Linux")
def test_orphans_in_sessions_of_their_own_are_adopted_and_ended(box: Box) -> None:
    done = box.run(sys.executable, "-c", ORPHAN)
    assert done.out.split() == ["True"]


DIES = """
import os, subprocess, time
from wg import processes
me = os.getpid()
child = subprocess.Popen(["sleep", "1000"], preexec_fn=lambda: processes.die_with(me))
print(child.pid, flush=True)
time.sleep(1000)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a parent's death can only be followed on Linux")
def test_a_child_dies_with_its_parent(box: Box) -> None:
    parent = subprocess.Popen([sys.executable, "-c", DIES], env=box.env, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = identity(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    wait_for(lambda: not processes.is_alive(child), "the child is dead")
