"""A git that is killed while it brings the base branch into an agent's worktree (F21: out of memory, power cut)."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.harness import wait_for
from tests.worktrees.conftest import Repository
from wg.errors import WgError
from wg.graph.attempt import Workplace


class Stop:
    """A filter that stops the checkout of `z.slow` half way, while there is a gate."""

    def __init__(self, repository: Repository) -> None:
        self.reached = repository.box.root / "reached"
        self.gate = repository.box.root / "gate"
        self.gate.touch()
        stop = f"touch {self.reached}; while test -e {self.gate}; do sleep 0.02; done; cat"
        repository.git("config", "filter.slow.smudge", stop)
        repository.git("config", "filter.slow.clean", "cat")


@pytest.fixture
def stop(repository: Repository) -> Stop:
    return Stop(repository)


def later_base(repository: Repository) -> str:
    """A commit on main that changes, adds, removes and moves into the place of each other."""
    root = repository.root
    (root / ".gitattributes").write_text("*.slow filter=slow\n")
    (root / "README").write_text("of the base\n")
    (root / "new" / "deep").mkdir(parents=True)
    (root / "new" / "deep" / "file").write_text("new\n")
    (root / "gone").unlink()
    (root / "thing").unlink()
    (root / "thing").mkdir()
    (root / "thing" / "inside").write_text("a file that became a directory\n")
    (root / "z.slow").write_text("slow\n")
    repository.git("add", "-A")
    repository.git("-c", "filter.slow.smudge=cat", "commit", "-qm", "later")
    return repository.tip()


def kill_git_in(repository: Repository, place: Workplace, stop: Stop) -> list[str]:
    """Take the worktree over, and kill git in the middle of it; returns what was said."""
    said: list[str] = []

    def take_over() -> None:
        try:
            repository.take_over(place)
        except WgError as error:
            said.append(error.message)

    thread = threading.Thread(target=take_over)
    thread.start()
    wait_for(stop.reached.exists, "git is half way")
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it was a sleep of 20 ms
            child.kill()
    thread.join()
    stop.gate.unlink()
    return said


def begun(repository: Repository) -> Workplace:
    """A worktree, made before main goes on."""
    for name in ("gone", "thing", "work"):
        repository.commit(name, f"{name}\n")
    return repository.prepare()


def is_whole(repository: Repository, tree: Path) -> bool:
    return repository.git("status", "--porcelain", cwd=tree) == "" and (tree / "z.slow").read_text() == "slow\n"


def test_a_killed_fast_forward_is_put_back_and_done_again(repository: Repository, stop: Stop) -> None:
    place = begun(repository)
    tree = Path(place.directory)
    later = later_base(repository)
    assert kill_git_in(repository, place, stop) == [f"git merge was killed in {tree}"]
    assert repository.git("status", "--porcelain", cwd=tree), "it was half way"
    assert repository.take_over(place) == place._replace(base_commit=later)
    assert is_whole(repository, tree)


def test_a_killed_merge_is_put_back_and_done_again(repository: Repository, stop: Stop) -> None:
    place = begun(repository)
    tree = Path(place.directory)
    repository.commit("work", "of the agent\n", tree)
    later = later_base(repository)
    merging = place._replace(merging=later)
    assert kill_git_in(repository, merging, stop) == [f"git merge was killed in {tree}"]
    (tree / "mine").write_text("not committed\n")
    assert repository.take_over(merging) == merging
    assert (tree / "mine").read_text() == "not committed\n"
    (tree / "mine").unlink()
    assert is_whole(repository, tree)
    assert repository.git("merge-base", "--is-ancestor", later, place.branch) == ""
    assert (tree / "work").read_text() == "of the agent\n"


def test_what_was_not_clean_before_is_never_put_back(repository: Repository, stop: Stop) -> None:
    place = begun(repository)
    tree = Path(place.directory)
    repository.commit("work", "of the agent\n", tree)
    (tree / "README").write_text("edited, not committed\n")
    merging = place._replace(merging=later_base(repository))
    stop.gate.unlink()
    for _ in range(2):
        with pytest.raises(WgError, match="README"):
            repository.take_over(merging)
        assert (tree / "README").read_text() == "edited, not committed\n"
