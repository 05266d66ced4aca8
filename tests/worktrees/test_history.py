"""What an attempt left on its branch, as the next one is told."""

from __future__ import annotations

from pathlib import Path

from tests.worktrees.conftest import Repository
from wg.worktrees.history import on_branch


def test_commits_and_files_that_the_base_does_not_have(repository: Repository) -> None:
    place = repository.prepare()
    root = str(repository.root)
    assert on_branch(root, place) == ""
    where = Path(place.directory)
    first = repository.commit("a.txt", "a\n", where, "first\n\nwith more text")
    second = repository.commit("b.txt", "b\n", where, "second \x1b[2J")
    repository.commit("c.txt", "c\n")
    found = on_branch(root, place).splitlines()
    assert [line.split(" ", 1)[1] for line in found[:2]] == ["second \x1b[2J", "first"]
    assert second.startswith(found[0].split()[0]) and first.startswith(found[1].split()[0])
    assert [line.split() for line in found[2:4]] == [["a.txt", "|", "1", "+"], ["b.txt", "|", "1", "+"]]
    assert "2 files changed" in found[4] and len(found) == 5


def test_it_is_bounded(repository: Repository) -> None:
    place = repository.prepare()
    for number in range(40):
        repository.commit(f"{number}.txt", "a\n", Path(place.directory))
    lines = on_branch(str(repository.root), place).splitlines()
    assert len(lines) == 20 + 30 + 2


def test_nothing_is_told_of_what_is_merged_or_gone_or_had_no_branch(repository: Repository) -> None:
    place = repository.prepare()
    root = str(repository.root)
    repository.commit("a.txt", "a\n", Path(place.directory))
    assert on_branch(root, place._replace(branch="")) == ""
    assert on_branch(root, place._replace(branch="wg/agent-9/gone")) == ""
    assert on_branch(root, place._replace(base_branch="gone")) == ""
    assert repository.merge(place).state == "merged"
    assert on_branch(root, place) == ""
