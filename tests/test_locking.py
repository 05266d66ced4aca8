"""The lock by which all that writes takes turns; the tests of the stores show that it excludes and names its holder."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from wg.errors import BusyError
from wg.locking import FileLock
from wg.patience import Patience

WAIT = 1.5  # seconds; what a busy machine may keep a thread from running is less


def test_waiting_goes_on_while_the_lock_goes_from_hand_to_hand(tmp_path: Path) -> None:
    """F21: among very many writers a turn may come only after longer than any one of them may keep it."""
    path = str(tmp_path / "lock")
    got = threading.Event()

    def wait_for_turn() -> None:
        with FileLock(path, wait=WAIT):
            got.set()

    waiter = threading.Thread(target=wait_for_turn)
    with FileLock(path):
        waiter.start()
        end = time.monotonic() + 3 * WAIT
        while time.monotonic() < end:
            Path(path).touch()  # as each next holder does, who writes its pid
            assert not got.wait(WAIT / 100)
    waiter.join()
    assert got.is_set()


def test_one_holder_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with FileLock(path), pytest.raises(BusyError, match="is locked by process"):
        FileLock(path, wait=WAIT).acquire()
    with FileLock(path, wait=0.0):
        pass


def test_time_in_which_nothing_ran_is_not_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """F6: a machine that was paused for a minute, while its clock went on."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    patience = Patience(2.5)
    for later, is_over in ((60.0, False), (0.5, False), (3600.0, True)):
        now += later
        assert patience.is_over() == is_over
