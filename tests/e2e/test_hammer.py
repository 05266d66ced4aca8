"""Many swaps while others read: no reader ever misses config.toml, or sees half of it (SPEC-profiles.md, section 5)."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import Box
from wg.config.starters import STARTERS, starter_text

Figure = Callable[[str], None]
FULL = os.environ.get("WG_TEST_FULL") == "1"
SWAPS, COMMANDS, READERS = (20_000, 300, 4) if FULL else (200, 20, 2)
PROFILES = ("claude", "codex", "nex")

# reads until its stdin is closed, then prints what it saw
READER = """
import json, sys, threading
path, *snapshots = sys.argv[1:]
whole = {open(snapshot, "rb").read() for snapshot in snapshots}
seen, reads, wrong, ended = set(), 0, [], []
threading.Thread(target=lambda: ended.append(sys.stdin.read()), daemon=True).start()
print("reading", flush=True)
while not ended and len(wrong) < 5:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        wrong.append(str(error))
        continue
    reads += 1
    if data in whole:
        seen.add(data)
    else:
        wrong.append(f"{len(data)} bytes of no snapshot")
print(json.dumps({"reads": reads, "seen": len(seen), "wrong": wrong}), flush=True)
"""
SWAPPER = """
import sys
from wg.profiles.switch import GLOBAL, use
names = sys.argv[2:]
for number in range(int(sys.argv[1])):
    use(None, names[number % len(names)], GLOBAL)
"""


@pytest.fixture
def home(box: Box) -> Path:
    for number, name in enumerate(PROFILES):
        box.wg("profile", "use", name)
        # different lengths: half of one file can never be the whole of another
        path = box.wg_home / f"config.toml.{name}"
        path.write_text(path.read_text() + "# filler\n" * 2000 * number)
    box.wg("profile", "list")
    return box.wg_home


@contextlib.contextmanager
def readers(box: Box, home: Path, figure: Figure, what: str) -> Iterator[None]:
    """Readers that run meanwhile; at the end each must have read a lot, seen every snapshot, and nothing else."""
    snapshots = [str(home / f"config.toml.{name}") for name in PROFILES]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(home / "config.toml"), *snapshots],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=box.env,
            text=True,
        )
        for _ in range(READERS)
    ]
    try:
        for reader in started:
            assert reader.stdout and reader.stdout.readline() == "reading\n"
        yield
    finally:
        outputs = [reader.communicate(timeout=150)[0] for reader in started]
    results = [json.loads(output) for output in outputs]
    for result in results:
        assert result["wrong"] == []
        assert result["seen"] == len(PROFILES)
        assert result["reads"] > len(PROFILES)
    reads = sum(result["reads"] for result in results)
    figure(f"hammer: {what}: {reads} reads by {READERS} readers, 0 misses, 0 halves")


@pytest.mark.parametrize("mode", ["symlink", "copy"])
def test_readers_never_miss_while_one_process_swaps(box: Box, home: Path, mode: str, figure: Figure) -> None:
    box.env["WG_PROFILE_MODE"] = mode
    with readers(box, home, figure, f"{SWAPS} swaps by one process, {mode} mode"):
        box.run(sys.executable, "-c", SWAPPER, str(SWAPS), *PROFILES, timeout=1800)
    assert (home / "config.toml").read_bytes() == (home / f"config.toml.{PROFILES[(SWAPS - 1) % 3]}").read_bytes()
    assert_only_snapshots(home)


@pytest.mark.parametrize("mode", ["symlink", "copy"])
def test_readers_never_miss_while_commands_swap(box: Box, home: Path, mode: str, figure: Figure) -> None:
    box.env["WG_PROFILE_MODE"] = mode
    with readers(box, home, figure, f"{COMMANDS} swaps by command, {mode} mode"):
        for number in range(COMMANDS):
            box.wg("profile", "use", PROFILES[number % 3])
    assert_only_snapshots(home)


def test_readers_never_miss_while_the_mode_changes(box: Box, home: Path, figure: Figure) -> None:
    with readers(box, home, figure, f"{COMMANDS} swaps by command, the mode changing each time"):
        for number in range(COMMANDS):
            box.wg("profile", "use", PROFILES[number % 3], env={"WG_PROFILE_MODE": ("copy", "symlink")[number % 2]})
    assert_only_snapshots(home)


def assert_only_snapshots(home: Path) -> None:
    """No swap left anything behind, and no snapshot was changed."""
    allowed = {"config.toml", "active-profile", "state.json", "lock", *(f"config.toml.{name}" for name in PROFILES)}
    assert {path.name for path in home.iterdir()} <= allowed
    for name in STARTERS:
        assert (home / f"config.toml.{name}").read_text().startswith(starter_text(name))
