"""A git repository as a user has it, for calling the worktree functions in this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.harness import Box
from wg.graph.attempt import Workplace
from wg.worktrees.leftovers import Leftovers, commit_leftovers
from wg.worktrees.merge import Merge, merge
from wg.worktrees.takeover import take_over
from wg.worktrees.workplace import prepare, remove


class Repository:
    """The box's project, with one commit on main and an ignored `.wg`."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.root = box.repository()
        self.wg_dir = self.root / ".wg"
        self.wg_dir.mkdir()
        (self.root / ".git" / "info" / "exclude").write_text(".wg/\n")

    def git(self, *argv: str, cwd: Path | None = None, code: int | None = 0) -> str:
        return self.box.git(*argv, cwd=cwd, code=code)

    def tip(self, name: str = "main") -> str:
        return self.git("rev-parse", name)

    def commit(self, name: str, text: str, where: Path | None = None, message: str = "change") -> str:
        """Write a file and commit it, in the main checkout or in `where`."""
        path = (where or self.root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.git("add", "--", name, cwd=where)
        self.git("commit", "-qm", message, cwd=where)
        return self.git("rev-parse", "HEAD", cwd=where)

    def prepare(self, fence: int = 1, task: str = "build", base: str = "main") -> Workplace:
        return prepare(str(self.root), str(self.wg_dir), f"agent-{fence}", task, base)

    def remove(self, place: Workplace) -> None:
        remove(str(self.root), str(self.wg_dir), place)

    def take_over(self, place: Workplace) -> Workplace | None:
        return take_over(str(self.root), str(self.wg_dir), place)

    def leftovers(self, place: Workplace) -> Leftovers:
        return commit_leftovers(str(self.root), place, "left over")

    def merge(self, place: Workplace, fence: int = 1, task: str = "build") -> Merge:
        return merge(str(self.root), place, "Merge the work", fence, task)

    def show(self, commit: str, name: str) -> str:
        return self.git("show", f"{commit}:{name}")

    def files(self, commit: str) -> set[str]:
        return set(self.git("ls-tree", "-r", "-z", "--name-only", commit).strip("\0").split("\0"))


@pytest.fixture(autouse=True)
def environment(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process sees the box's environment, and nothing of git's own."""
    for name in os.environ:
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repository(box: Box) -> Repository:
    return Repository(box)
