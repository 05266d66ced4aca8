"""The next attempt goes on where the last one worked: same directory, same branch, nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.worktrees.conftest import Repository
from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.worktrees.checkouts import checkouts


@pytest.fixture
def place(repository: Repository) -> Workplace:
    """A worktree with a commit of its own."""
    made = repository.prepare()
    repository.commit("work", "done\n", Path(made.directory))
    return made


@pytest.fixture
def tree(place: Workplace) -> Path:
    return Path(place.directory)


def test_goes_on_with_all_that_is_there(repository: Repository, place: Workplace, tree: Path) -> None:
    tip = repository.tip(place.branch)
    (tree / "README").write_text("edited\n")
    (tree / "untracked").write_text("mine\n")
    repository.commit("later", "1")
    assert repository.take_over(place) == place
    assert repository.tip(place.branch) == tip, "it is not rebased"
    assert ((tree / "README").read_text(), (tree / "untracked").read_text()) == ("edited\n", "mine\n")


def test_a_worktree_that_is_gone_is_made_again_from_its_branch(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    shutil.rmtree(tree)
    assert repository.take_over(place) == place
    assert (tree / "work").read_text() == "done\n"
    repository.git("worktree", "remove", str(tree))
    assert repository.take_over(place) == place
    assert (tree / "work").read_text() == "done\n"


def test_where_branch_and_worktree_are_gone_there_is_nothing_to_go_on_with(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    shutil.rmtree(tree)
    repository.git("update-ref", "-d", f"refs/heads/{place.branch}")
    assert repository.take_over(place) is None
    assert len(checkouts(str(repository.root))) == 1
    assert repository.take_over(place) is None


def test_a_worktree_whose_branch_is_gone_is_left_alone(repository: Repository, place: Workplace, tree: Path) -> None:
    (tree / "mine").write_text("x")
    repository.git("update-ref", "-d", f"refs/heads/{place.branch}")
    with pytest.raises(WgError, match="is gone"):
        repository.take_over(place)
    assert (tree / "mine").exists()


def test_locks_of_killed_processes_are_removed_but_not_the_users(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    git_dir = Path(repository.git("rev-parse", "--absolute-git-dir", cwd=tree))
    (git_dir / "index.lock").touch()
    (repository.root / ".git" / "index.lock").touch()
    repository.take_over(place)
    assert not (git_dir / "index.lock").exists()
    assert (repository.root / ".git" / "index.lock").exists()


def test_without_its_git_file_the_users_checkout_is_not_taken_for_the_worktree(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    (repository.root / ".git" / "index.lock").touch()
    (tree / ".git").unlink()
    with pytest.raises(WgError, match=r"\.git is missing"):
        repository.take_over(place)
    assert (repository.root / ".git" / "index.lock").exists(), "the user's own lock"


def test_where_nothing_was_done_it_begins_at_the_base_again(repository: Repository) -> None:
    empty = repository.prepare()
    later = repository.commit("later", "1")
    assert repository.take_over(empty) == empty._replace(base_commit=later)
    assert (Path(empty.directory) / "later").exists()
    assert repository.take_over(empty) == empty._replace(base_commit=later), "also if nobody lived to record it"


def test_what_is_not_committed_stays_where_nothing_else_was_done(repository: Repository) -> None:
    empty = repository.prepare()
    (Path(empty.directory) / "README").write_text("edited\n")
    repository.commit("README", "later\n")
    assert repository.take_over(empty) == empty
    assert (Path(empty.directory) / "README").read_text() == "edited\n"


def test_another_branch_in_the_worktree_is_refused(repository: Repository, place: Workplace, tree: Path) -> None:
    repository.git("checkout", "-qb", "elsewhere", cwd=tree)
    with pytest.raises(WgError, match="it is on elsewhere"):
        repository.take_over(place)
    repository.git("checkout", "-q", "--detach", cwd=tree)
    with pytest.raises(WgError, match="it is on no branch"):
        repository.take_over(place)


def test_an_unfinished_rebase_can_be_finished_by_the_next_attempt(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    repository.commit("work", "the user's\n")
    repository.git("rebase", "main", cwd=tree, code=None)
    assert repository.take_over(place) == place
    assert "<<<<<<<" in (tree / "work").read_text()


def test_F16_only_what_the_record_names_is_taken_over(repository: Repository, place: Workplace) -> None:
    sibling = repository.prepare(2)
    outside = repository.box.root / "outside"
    repository.git("worktree", "add", "-q", "-b", "wg/outside/build", str(outside))
    inside = repository.wg_dir / "worktrees"
    (inside / "plain").mkdir()
    for directory, branch in (
        (str(repository.root), "main"),
        (str(outside), "wg/outside/build"),
        (f"{inside}/agent-1/..", place.branch),
        (sibling.directory, place.branch),
    ):
        with pytest.raises(WgError, match="is not used again"):
            repository.take_over(Workplace(directory, branch, "main", place.base_commit))
    shutil.rmtree(place.directory)
    Path(place.directory).symlink_to(sibling.directory)
    with pytest.raises(WgError, match="symbolic link"):
        repository.take_over(place)
