from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.harness import Box
from tests.worktrees.conftest import Repository
from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.worktrees.checkouts import checkouts, find_checkout
from wg.worktrees.leftovers import Leftovers
from wg.worktrees.merge import merge
from wg.worktrees.workplace import prepare, remove, serial_reason


def branches(repository: Repository) -> list[str]:
    return repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()


def test_a_worktree_on_its_own_branch_from_the_recorded_base(repository: Repository) -> None:
    place = repository.prepare(7, "build")
    assert place == Workplace(
        str(repository.wg_dir / "worktrees" / "agent-7"), "wg/agent-7/build", "main", repository.tip()
    )
    assert (Path(place.directory) / "README").read_text() == "hello\n"
    assert repository.git("branch", "--show-current", cwd=Path(place.directory)) == place.branch
    assert serial_reason(str(repository.root)) == ""


def test_the_users_work_in_the_main_checkout_does_not_reach_the_worktree(repository: Repository) -> None:
    (repository.root / "README").write_text("edited\n")
    (repository.root / "untracked").write_text("mine\n")
    place = repository.prepare()
    assert (Path(place.directory) / "README").read_text() == "hello\n"
    assert not (Path(place.directory) / "untracked").exists()


def test_a_base_that_is_not_checked_out(repository: Repository) -> None:
    repository.git("checkout", "-qb", "feature")
    repository.commit("feature", "f")
    place = repository.prepare(base="main")
    assert place.base_commit == repository.tip("main")
    assert not (Path(place.directory) / "feature").exists()


def test_a_plain_directory_is_the_place_itself(box: Box) -> None:
    root = str(box.project)
    assert prepare(root, f"{root}/.wg", "agent-1", "build", "") == Workplace(root, "", "", "")
    assert "not in a git repository" in serial_reason(root)


def test_before_the_first_commit_the_project_directory_is_the_place(box: Box) -> None:
    box.git("init", "-q")
    root = str(box.project)
    assert prepare(root, f"{root}/.wg", "agent-1", "build", "main") == Workplace(root, "", "", "")
    assert "no commit yet" in serial_reason(root)


def test_a_failed_worktree_add_is_an_error_and_never_the_project_directory(repository: Repository) -> None:
    in_the_way = repository.wg_dir / "worktrees" / "agent-1"
    in_the_way.mkdir(parents=True)
    (in_the_way / "someone's").write_text("work")
    with pytest.raises(WgError, match="already exists"):
        repository.prepare(1)
    assert (in_the_way / "someone's").read_text() == "work"


def test_a_missing_base_branch_is_an_error(repository: Repository) -> None:
    with pytest.raises(WgError, match="'trunk' does not exist"):
        repository.prepare(base="trunk")
    with pytest.raises(WgError, match="'' does not exist"):
        repository.prepare(base="")


def test_many_at_once(repository: Repository) -> None:
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(repository.prepare, range(1, 13)))
    assert len({place.directory for place in places}) == 12
    assert {c.branch for c in checkouts(str(repository.root))} == {"main", *(p.branch for p in places)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(repository.remove, places))
    assert branches(repository) == ["main"]


def test_prepare_twice_gives_the_same_even_when_the_base_moved(repository: Repository) -> None:
    first = repository.prepare()
    repository.commit("later", "1")
    assert repository.prepare() == first


def test_takes_over_a_branch_without_its_worktree(repository: Repository) -> None:
    repository.git("branch", "wg/agent-1/build")
    place = repository.prepare()
    assert (Path(place.directory) / "README").exists()


def test_takes_over_a_worktree_whose_directory_is_gone(repository: Repository) -> None:
    place = repository.prepare()
    shutil.rmtree(place.directory)
    assert repository.prepare() == place
    assert (Path(place.directory) / "README").exists()


@pytest.mark.parametrize("with_directory", [True, False])
def test_makes_a_half_made_worktree_again(repository: Repository, with_directory: bool) -> None:
    """What git leaves when it is killed in the middle of `worktree add`."""
    path = repository.wg_dir / "worktrees" / "agent-1"
    repository.git(
        *("worktree", "add", "-q", "--no-checkout", "--lock", "--reason", "initializing"),
        *("-b", "wg/agent-1/build", str(path)),
    )
    if not with_directory:
        shutil.rmtree(path)
    place = repository.prepare()
    assert (path / "README").read_text() == "hello\n"
    found = find_checkout(str(repository.root), place.directory)
    assert found is not None
    assert found.locked is None
    assert repository.git("status", "--porcelain", cwd=path) == ""


def test_does_not_take_over_a_branch_that_has_work(repository: Repository) -> None:
    place = repository.prepare()
    tip = repository.commit("work", "1", Path(place.directory))
    with pytest.raises(WgError, match="has commits of its own"):
        repository.prepare()
    assert repository.tip(place.branch) == tip


def test_remove_takes_the_worktree_and_the_merged_branch(repository: Repository) -> None:
    place = repository.prepare()
    repository.commit("work", "1", Path(place.directory))
    assert repository.merge(place).state == "merged"
    repository.remove(place)
    assert not Path(place.directory).exists()
    assert branches(repository) == ["main"]
    repository.remove(place)  # again: nothing to do


def test_remove_keeps_a_branch_that_is_not_merged(repository: Repository) -> None:
    place = repository.prepare()
    tip = repository.commit("work", "1", Path(place.directory))
    repository.remove(place)
    assert not Path(place.directory).exists()
    assert repository.tip(place.branch) == tip


def test_remove_judges_by_the_base_branch_and_not_by_the_users_head(repository: Repository) -> None:
    place = repository.prepare()
    repository.commit("work", "1", Path(place.directory))
    repository.git("checkout", "-qb", "feature", place.branch)
    repository.remove(place)
    assert place.branch in branches(repository)


def test_remove_finishes_what_was_begun(repository: Repository) -> None:
    place = repository.prepare()
    shutil.rmtree(place.directory)
    repository.remove(place)
    assert len(checkouts(str(repository.root))) == 1
    assert branches(repository) == ["main"]


@pytest.mark.parametrize("name", ["new", "README", ".env"])
def test_remove_refuses_what_is_not_committed(repository: Repository, name: str) -> None:
    place = repository.prepare()
    (Path(place.directory) / name).write_text("mine\n")
    with pytest.raises(WgError, match="modified or untracked"):
        repository.remove(place)
    assert (Path(place.directory) / name).read_text() == "mine\n"


def test_remove_without_a_branch_of_its_own_does_nothing(repository: Repository) -> None:
    repository.remove(Workplace(str(repository.root), "", "", ""))
    assert (repository.root / "README").exists()


def refused(repository: Repository, place: Workplace, why: str) -> None:
    before = sorted(str(path) for path in repository.box.root.rglob("*") if ".git" not in path.parts)
    refs = repository.git("for-each-ref")
    with pytest.raises(WgError, match=why):
        repository.remove(place)
    after = sorted(str(path) for path in repository.box.root.rglob("*") if ".git" not in path.parts)
    assert [path for path in after if not path.endswith("worktrees.lock")] == [
        path for path in before if not path.endswith("worktrees.lock")
    ]
    assert repository.git("for-each-ref") == refs


def test_F16_remove_refuses_every_place_that_is_not_the_attempts(repository: Repository) -> None:
    place = repository.prepare(1)
    sibling = repository.prepare(2)
    inside = repository.wg_dir / "worktrees"
    (inside / "plain").mkdir()
    (inside / "plain" / "file").write_text("x")
    outside = repository.box.root / "outside"
    repository.git("worktree", "add", "-q", "-b", "wg/outside/build", str(outside))
    for directory, branch, why in (
        (str(repository.root), "wg/project/build", "not directly inside"),
        (str(repository.root), "main", "not directly inside"),
        (str(outside), "wg/outside/build", "not directly inside"),
        (str(inside), "wg/worktrees/build", "not directly inside"),
        (f"{inside}/", "wg/worktrees/build", "not directly inside"),
        (f"{inside}/..", "wg/../build", "not directly inside"),
        (f"{inside}/agent-1/..", "wg/agent-1/build", "not directly inside"),
        (f"{inside}/agent-1/../../..", "wg/agent-1/build", "not directly inside"),
        (f"{inside}/plain", "wg/plain/build", "not a linked worktree"),
        (sibling.directory, place.branch, "not a branch of agent-2"),
        (sibling.directory, "wg/agent-2/other", "it is on wg/agent-2/build"),
    ):
        refused(repository, Workplace(directory, branch, "main", place.base_commit), why)


def test_F16_remove_does_not_follow_a_link_in_the_worktrees_place(repository: Repository) -> None:
    place, sibling = repository.prepare(1), repository.prepare(2)
    shutil.rmtree(place.directory)
    Path(place.directory).symlink_to(sibling.directory)
    refused(repository, place, "symbolic link")
    Path(place.directory).unlink()
    Path(place.directory).symlink_to(repository.root)
    refused(repository, place, "symbolic link")


def test_F16_remove_refuses_a_worktree_that_moved_to_another_branch(repository: Repository) -> None:
    place = repository.prepare()
    repository.git("checkout", "-qb", "elsewhere", cwd=Path(place.directory))
    refused(repository, place, "it is on elsewhere")


def test_F16_remove_does_not_follow_links_inside_the_worktree(repository: Repository) -> None:
    (repository.root / ".git" / "info" / "exclude").write_text(".wg/\nlink\n")
    place = repository.prepare()
    (Path(place.directory) / "link").symlink_to(repository.root)
    repository.remove(place)
    assert (repository.root / "README").exists()


def test_remove_keeps_a_merged_branch_that_the_user_has_checked_out(repository: Repository) -> None:
    place = repository.prepare()
    repository.git("worktree", "remove", place.directory)
    repository.git("checkout", "-q", place.branch)
    repository.remove(place)
    assert place.branch in branches(repository)


def test_a_bare_repository_with_linked_worktrees(repository: Repository) -> None:
    """The layout with a hidden bare repository and every branch in a directory of its own."""
    root = repository.box.root / "layout"
    repository.git("clone", "-q", "--bare", str(repository.root), str(root / ".bare"))
    (root / ".git").write_text("gitdir: ./.bare\n")
    repository.git("worktree", "add", "-q", str(root / "main"), "main", cwd=root)
    (root / ".wg").mkdir()
    place = prepare(str(root), str(root / ".wg"), "agent-1", "build", "main")
    assert (Path(place.directory) / "README").exists()
    repository.commit("work", "1", Path(place.directory))
    assert merge(str(root), place, "Merge", 1, "build").state == "merged"
    assert (root / "main" / "work").read_text() == "1"


def test_a_project_in_a_submodule(repository: Repository) -> None:
    above = repository.box.root / "above"
    repository.git("init", "-q", str(above))
    allow = ("-c", "protocol.file.allow=always")
    repository.git(*allow, "submodule", "--quiet", "add", str(repository.root), "inner", cwd=above)
    inner = above / "inner"
    place = prepare(str(inner), str(repository.wg_dir), "agent-1", "build", "main")
    repository.commit("work", "1", Path(place.directory))
    assert merge(str(inner), place, "Merge", 1, "build").state == "merged"
    assert (inner / "work").read_text() == "1"


def test_a_project_that_is_reached_through_a_link(repository: Repository) -> None:
    """Prepared under one name of the project's directory, finished under another."""
    alias = repository.box.root / "alias"
    alias.symlink_to(repository.root)
    place = prepare(str(alias), str(alias / ".wg"), "agent-1", "build", "main")
    (Path(place.directory) / "work").write_text("1")
    assert repository.leftovers(place).committed == ("work",)
    assert repository.merge(place).state == "merged"
    repository.remove(place)
    assert branches(repository) == ["main"]
    assert not Path(place.directory).exists()


def test_what_was_read_only_is_removed_with_all_in_it(repository: Repository) -> None:
    place = repository.prepare()._replace(read_only=True)
    tree = Path(place.directory)
    repository.commit("work", "1", tree)
    (tree / "junk").write_text("x")
    (tree / "link").symlink_to(repository.root)
    repository.git("checkout", "-q", "--detach", cwd=tree)
    assert repository.leftovers(place) == Leftovers((), ())
    repository.remove(place)
    assert branches(repository) == ["main"]
    assert not tree.exists()
    assert (repository.root / "README").exists()


def test_F16_discarding_removes_no_other_branch_and_no_other_place(repository: Repository) -> None:
    place, sibling = repository.prepare(1), repository.prepare(2)
    (Path(sibling.directory) / "mine").write_text("x")
    root, wg_dir = str(repository.root), str(repository.wg_dir)
    for directory in (sibling.directory, str(repository.root), f"{wg_dir}/worktrees"):
        with pytest.raises(WgError, match="is not removed"):
            remove(root, wg_dir, place._replace(directory=directory), discard=True)
    repository.git("checkout", "-qb", "elsewhere", cwd=Path(place.directory))
    with pytest.raises(WgError, match="it is on elsewhere"):
        remove(root, wg_dir, place, discard=True)
    assert (Path(sibling.directory) / "mine").exists()
    assert Path(place.directory).exists()
