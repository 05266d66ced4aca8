"""A box whose `wg` makes links, or cannot: the same tests run in symlink mode and in copy mode."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.harness import WG, Box, Completed
from wg.config.starters import starter_text
from wg.profiles.state import State, write_state

LAUNCHER = str(Path(__file__).with_name("no_symlinks.py"))
SYMLINK, COPY, FORCED_COPY = "symlink", "copy", "forced copy"


class ProfileBox:
    """A box, how `wg` is run in it, and what stands in its home."""

    def __init__(self, box: Box, mode: str = SYMLINK) -> None:
        self.box = box
        self.mode = mode
        self.home = box.wg_home
        self.config = box.wg_home / "config.toml"
        self.pointer = box.wg_home / "active-profile"
        self.launcher = [sys.executable, "-I", "-S", LAUNCHER] if mode == COPY else []
        if mode == FORCED_COPY:
            box.env["WG_PROFILE_MODE"] = "copy"
        if mode == COPY:
            refused = box.run(*self.launcher, "ln", "-s", "target", str(box.root / "link"), code=None)
            assert refused.code and "not permitted" in refused.err

    @property
    def copies(self) -> bool:
        return self.mode != SYMLINK

    def wg(
        self,
        *argv: str,
        code: int | None = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> Completed:
        """Run `wg` in this mode."""
        return self.box.run(*self.launcher, WG, *argv, code=code, cwd=cwd, env=env, stdin=stdin)

    def snapshot(self, name: str) -> Path:
        return self.home / f"config.toml.{name}"

    def prepare(self, active: str) -> None:
        """What `wg profile install` and `wg profile use ACTIVE` make, in a fresh home; a test holds it to that."""
        self.home.mkdir(mode=0o700)
        for name, text in STARTER.items():
            write_private(self.snapshot(name), text)
        digest = hashlib.sha256(STARTER[active].encode()).hexdigest()
        write_state(str(self.home), State(linked=active, digest=digest))
        if self.copies:
            write_private(self.config, STARTER[active])
            write_private(self.pointer, f"{active}\nsha256:{digest}\n")
        else:
            self.config.symlink_to(f"config.toml.{active}")

    def project_made(self) -> Path:
        """Make a project, without git; returns its `.wg`."""
        self.wg("init")
        return self.box.project / ".wg"

    def assert_active(self, name: str, directory: Path | None = None) -> None:
        """config.toml is the snapshot `name`, by a relative link or by a settled copy, and no temp file is left."""
        directory = directory or self.home
        config, snapshot = directory / "config.toml", directory / f"config.toml.{name}"
        if self.copies:
            assert not config.is_symlink()
            digest = hashlib.sha256(snapshot.read_bytes()).hexdigest()
            assert (directory / "active-profile").read_text() == f"{name}\nsha256:{digest}\n"
        else:
            assert os.readlink(config) == f"config.toml.{name}"
            assert not (directory / "active-profile").exists()
        assert config.read_bytes() == snapshot.read_bytes()
        assert not [path for path in directory.iterdir() if path.name.startswith(".wg-tmp")]


def write_private(path: Path, text: str) -> None:
    """A file that only this user can read, as wg makes them."""
    path.touch(0o600)
    path.write_text(text)


def tree(root: Path) -> dict[str, tuple[int, bytes | str]]:
    """Everything below `root`: mode, and content or target. Locks hold a pid, and are left out."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        if path.is_symlink():
            found[str(path)] = (mode, os.readlink(path))
        elif path.is_file() and path.name not in ("lock", "graph.db.lock"):
            found[str(path)] = (mode, path.read_bytes())
        elif path.is_dir():
            found[str(path)] = (mode, "")
    return found


def small(model: str) -> str:
    """A valid config with one model."""
    return f'[agent]\nmodel = "{model}"\n'


STARTER = {name: starter_text(name) for name in ("claude", "codex", "nex")}
