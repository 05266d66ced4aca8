"""Bad input: each is refused as SPEC-profiles.md, sections 3 and 6, say, with its exit code, and changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, tree
from tests.harness import Box, wait_for
from wg.errors import BusyError
from wg.locking import FileLock

BROKEN = {
    "broken TOML": ("[agent\n", ":1: not valid TOML"),
    "half a line": ('[agent]\nmodel = "codex:m', ":2: not valid TOML"),
    "no text": (b"\xff\xfe\x00", ":1: this is not UTF-8 text"),
    "null bytes": (b"\x00" * 4096, ":1: not valid TOML"),
    "empty": ("", ": [agent].model is missing"),
    "wrong type": (
        small("codex:m") + "[dispatcher]\nmax_agents = '8'\n",
        ":4: dispatcher.max_agents must be an integer",
    ),
    "table for a value": ("[agent.model]\n", ":1: agent.model must be a string"),
    "value for a table": ("agent = 1\n", ":1: [agent] must be a table"),
    "no model": ("[agent]\n", ":1: [agent].model is missing"),
    "unknown provider": (small("cluade:opus"), ":2: agent.model: unknown provider 'cluade'"),
    "no provider": (small("opus"), ":2: agent.model: 'opus' is not provider:model"),
    "endpoints are a number": (small("nex:m") + "[llm_endpoints]\nendpoints = 3\n", ":4: llm_endpoints.endpoints must"),
    "nested without end": ("a = " + "[" * 50_000, "nested too deeply"),
    "a million lines": ("[agent]\n" + "# x\n" * 200_000, ":1: [agent].model is missing"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file(links: ProfileBox, content: str | bytes, message: str) -> None:
    links.prepare("codex")
    data = content if isinstance(content, bytes) else content.encode()
    links.snapshot("broken").write_bytes(data)
    before = tree(links.home)
    for command in (["profile", "use", "broken"], ["--profile", "broken", "explain", "--role", "triage"]):
        refused = links.wg(*command, code=5).err
        assert f"{links.snapshot('broken')}" in refused and message in refused
    for command in (
        ["config", "-m", "claude:opus", "-e", "http://x"],
        ["config", "set", "log.rotation_threshold", "9999"],
    ):
        if "agent.model" not in message and "agent].model" not in message:  # -m would mend those
            links.wg(*command, code=5, env={"WG_PROFILE": "broken"})
    assert links.wg("status", code=5, env={"WG_PROFILE": "broken"}).code == 5
    assert "invalid" in links.wg("profile", "list").out
    assert tree(links.home) == before


def test_unknown_keys_are_warnings(links: ProfileBox) -> None:
    links.home.mkdir()
    links.config.write_text('zzz = 1\n[agent]\nmodel = "codex:m"\nmodle = 2\n[dispacher]\nmax_agents = 3\n')
    said = links.wg("profile", "show").err
    assert f"warning: {links.config}:1: unknown key zzz" in said
    assert f"warning: {links.config}:4: unknown key agent.modle: nothing reads it; did you mean agent.model?" in said
    assert f"warning: {links.config}:5: unknown section [dispacher]: nothing reads it; did you mean dispatcher?" in said


@pytest.mark.parametrize("name", ["../x", "a.b", "CON", "", "x" * 300, "/etc/passwd", "a/b", "default", "é"])
def test_names_that_cannot_be(box: Box, name: str) -> None:
    commands = [
        ["profile", "use", name],
        ["profile", "use", name, "--project"],
        ["profile", "show", name] if name else ["profile", "delete", name],
        ["profile", "create", name, "-m", "codex:m"],
        ["profile", "rename", "codex", name],
        ["profile", "save", name],
        ["--profile", name, "status"],
    ]
    for command in commands:
        refused = box.wg(*command, code=2).err
        assert refused.startswith("wg: error: ") and "\nhint: " in refused
        assert len(refused) < 400
    assert not box.wg_home.exists()


# what stands at config.toml


def make_dangling(path: Path) -> None:
    path.symlink_to("config.toml.gone")


def make_loop(path: Path) -> None:
    path.with_name("other").symlink_to("config.toml")
    path.symlink_to("other")


def make_directory(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("x")


STATES = {
    "dangling": (make_dangling, "config.toml -> config.toml.gone leads nowhere", True),
    "loop": (make_loop, "config.toml -> other leads in a circle", True),
    "directory": (make_directory, "config.toml is not a file", False),
}


@pytest.mark.parametrize(("make", "message", "replaceable"), STATES.values(), ids=STATES)
def test_what_cannot_be_read_stops_the_search(links: ProfileBox, make: object, message: str, replaceable: bool) -> None:
    own = links.project_made()
    links.wg("profile", "install")
    assert callable(make)
    make(links.config)
    before = tree(links.home)
    for command in (["status"], ["config", "which"], ["config", "-m", "codex:m"], ["explain", "--role", "triage"]):
        refused = links.wg(*command, code=5).err
        assert message in refused and "hint: " in refused
    assert tree(links.home) == before
    used = links.wg("profile", "use", "codex", code=0 if replaceable else 1)
    if replaceable:
        links.assert_active("codex")
    else:
        assert message in used.err
        assert tree(links.home) == before
        (links.config / "inside").unlink()
        links.config.rmdir()
        links.wg("profile", "use", "codex")
    make(own / "config.toml")  # and a pin does not fall through to the home, which is well again
    assert message in links.wg("status", code=5).err


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xff", b"../../x\nsha256:00\n", b"codex\n" * 500, b"codex\nsha256:zz\nnext: x\n"]
)
def test_a_pointer_that_makes_no_sense(copies: ProfileBox, content: bytes) -> None:
    copies.prepare("codex")
    files = set(copies.home.glob("config.toml.*"))
    copies.pointer.write_bytes(content)
    copies.wg("status", code=None)
    copies.wg("profile", "use", "claude")
    copies.assert_active("claude")
    assert files <= set(copies.home.glob("config.toml.*"))
    assert STARTER["codex"] in [path.read_text() for path in copies.home.glob("config.toml.*")]
    assert not (copies.box.root / "x").exists()


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"\xff", b'{"linked": 3, "previous": ["x"]}', b'{"previous": "../x"}']
)
def test_a_state_that_makes_no_sense(links: ProfileBox, content: bytes) -> None:
    links.prepare("codex")
    (links.home / "state.json").write_bytes(content)
    (links.home / "projects.json").write_bytes(content)
    links.wg("profile", "use", "-", code=None)
    links.wg("profile", "use", "claude")
    links.wg("profile", "delete", "nex")
    links.wg("init")
    links.assert_active("claude")


def test_editors_that_cannot_be(links: ProfileBox) -> None:
    links.prepare("codex")
    before = tree(links.home)
    for editor in ("'unbalanced", "/nowhere", str(links.home), " "):
        assert "internal error" not in links.wg("profile", "edit", "codex", env={"EDITOR": editor}, code=1).err
        assert tree(links.home) == before


# busy

HOLDER = """
import sys, time
from wg.locking import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(120)
"""


@pytest.fixture
def holder(links: ProfileBox) -> subprocess.Popen[bytes]:
    links.prepare("codex")
    argv = [sys.executable, "-c", HOLDER, str(links.home / "lock")]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, env=links.box.env)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_the_holder_of_the_lock_is_named(links: ProfileBox, holder: subprocess.Popen[bytes]) -> None:
    try:
        with pytest.raises(BusyError) as caught:
            FileLock(str(links.home / "lock"), wait=0.2).acquire()
    finally:
        end(holder)
    assert str(holder.pid) in caught.value.message
    assert caught.value.exit_code == 4


def test_a_switch_waits_for_the_lock(links: ProfileBox, holder: subprocess.Popen[bytes]) -> None:
    argv = [*links.launcher, str(Path(sys.executable).with_name("wg")), "profile", "use", "claude"]
    waiting = subprocess.Popen(argv, stdout=subprocess.PIPE, env=links.box.env, cwd=links.box.project)
    try:
        lock = str(links.home / "lock")
        wait_for(lambda: lock in opened(waiting.pid), "the command waits at the lock")
        assert os.readlink(links.config) == "config.toml.codex"
        assert links.wg("status").code == 0  # reading waits for nobody
    finally:
        end(holder)
    assert waiting.communicate(timeout=150)[0].startswith(b"Active profile: claude")
    links.assert_active("claude")


def opened(pid: int) -> list[str]:
    """What a process has open."""
    try:
        return [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return []


if os.environ.get("WG_TEST_FULL") == "1":  # it takes those 30 seconds

    def test_waiting_ends_after_30_seconds(links: ProfileBox, holder: subprocess.Popen[bytes]) -> None:
        before = tree(links.home)
        began = time.monotonic()
        try:
            refused = links.wg("profile", "use", "claude", code=4).err
        finally:
            end(holder)
        assert time.monotonic() - began >= 30
        assert f"is locked by process {holder.pid}" in refused
        assert tree(links.home) == before
