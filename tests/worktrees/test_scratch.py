"""Worktrees in which merges are checked: made, and removed with all in them, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worktrees.conftest import Repository
from wg.errors import WgError
from wg.worktrees.checkouts import checkouts
from wg.worktrees.scratch import remove_scratch, scratch_checkout


def test_it_holds_the_commit_on_no_branch_and_is_gone_afterwards(repository: Repository) -> None:
    refs = repository.git("for-each-ref")
    with scratch_checkout(str(repository.root), str(repository.wg_dir), 7, repository.tip()) as path:
        assert (Path(path) / "README").read_text() == "hello\n"
        assert repository.git("branch", "--show-current", cwd=Path(path)) == ""
        (Path(path) / "junk").write_text("x")
        (Path(path) / "link").symlink_to(repository.root)
    assert not Path(path).exists()
    assert (repository.root / "README").exists()
    assert len(checkouts(str(repository.root))) == 1
    assert repository.git("for-each-ref") == refs


def test_what_a_killed_dispatcher_left_is_replaced(repository: Repository) -> None:
    left = scratch_checkout(str(repository.root), str(repository.wg_dir), 7, repository.tip())
    path = Path(left.__enter__())
    (path / "junk").write_text("x")
    (path / ".git").unlink()
    with scratch_checkout(str(repository.root), str(repository.wg_dir), 7, repository.tip()) as again:
        assert not (Path(again) / "junk").exists()


@pytest.mark.parametrize("what", ["directory", "branch", "link"])
def test_F16_anything_else_in_its_place_is_left_alone(repository: Repository, what: str) -> None:
    inside = repository.wg_dir / "worktrees"
    inside.mkdir()
    path = inside / "merge-7"
    if what == "directory":
        path.mkdir()
        (path / "mine").write_text("x")
    elif what == "branch":
        repository.git("worktree", "add", "-q", "-b", "mine", str(path))
        (path / "mine").write_text("x")
    else:
        target = repository.box.root / "target"
        repository.git("worktree", "add", "-q", "--detach", str(target))
        (target / "mine").write_text("x")
        path.symlink_to(target)
    with pytest.raises(WgError, match="no worktree that wg has made"):
        remove_scratch(str(repository.root), str(repository.wg_dir), 7)
    assert (path / "mine").read_text() == "x"
