from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import Box
from tests.worktrees.conftest import Repository
from tests.worktrees.test_git import shim
from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.worktrees.merge import Merge, has_work, merge


def worked(repository: Repository, name: str = "work", text: str = "done\n", fence: int = 1) -> Workplace:
    """An attempt that committed one file."""
    place = repository.prepare(fence)
    repository.commit(name, text, Path(place.directory))
    return place


def picture(root: Path, *without: str) -> dict[str, tuple[int, bytes]]:
    """Every file below a checkout (mode and bytes), git's own and wg's left out."""
    found = {}
    for directory, below, names in os.walk(root):
        below[:] = [name for name in below if name not in (".git", ".wg")]  # a dispatcher may be at work in them
        for path in (Path(directory) / name for name in names):
            inside = str(path.relative_to(root))
            if inside not in without:
                found[inside] = (path.lstat().st_mode, path.read_bytes())
    return found


def test_a_two_parent_commit_with_trailers(repository: Repository) -> None:
    place = worked(repository, fence=12)
    theirs = repository.commit("users", "1")
    done = repository.merge(place, fence=12, task="build")
    assert done == Merge("merged", repository.tip(), (), "")
    assert repository.git("log", "-1", "--format=%P", "main").split() == [theirs, repository.tip(place.branch)]
    assert repository.git("log", "-1", "--format=%B", "main").rstrip() == (
        "Merge the work\n\nWg-Attempt: 12\nWg-Task: build\nWg-Agent: agent-12"
    )
    trailers = repository.git("log", "-1", "--format=%(trailers:key=Wg-Attempt,valueonly)", "main")
    assert trailers.strip() == "12"
    assert (repository.root / "work").read_text() == "done\n"
    assert repository.git("status", "--porcelain") == ""


def test_a_merge_commit_even_where_the_base_did_not_move(repository: Repository) -> None:
    place = worked(repository)
    repository.merge(place)
    assert repository.git("log", "-1", "--format=%P", "main").split() == [
        place.base_commit,
        repository.tip(place.branch),
    ]


def test_without_commits_there_is_nothing(repository: Repository) -> None:
    place = repository.prepare()
    assert not has_work(str(repository.root), place)
    assert repository.merge(place).state == "nothing"
    repository.commit("users", "1")
    assert repository.merge(place).state == "nothing"
    repository.commit("work", "1", Path(place.directory))
    assert has_work(str(repository.root), place)


def test_in_the_project_directory_there_is_nothing(box: Box) -> None:
    place = Workplace(str(box.project), "", "", "")
    assert merge(str(box.project), place, "Merge", 1, "build").state == "nothing"
    assert not has_work(str(box.project), place)


def test_a_merge_that_was_done_is_merged(repository: Repository) -> None:
    place = worked(repository)
    first = repository.merge(place)
    later = repository.commit("users", "1")
    assert repository.merge(place) == first
    repository.remove(place)
    assert not has_work(str(repository.root), place)
    assert repository.merge(place) == first
    assert repository.tip() == later


def test_a_branch_that_someone_else_merged_is_merged(repository: Repository) -> None:
    place = worked(repository)
    repository.git("merge", "-q", "--ff-only", place.branch)
    assert repository.merge(place) == Merge("merged", repository.tip(), (), "")


def test_a_lost_branch_is_an_error(repository: Repository) -> None:
    place = worked(repository)
    repository.git("worktree", "remove", "--force", place.directory)
    repository.git("branch", "-qD", place.branch)
    with pytest.raises(WgError, match="is gone"):
        repository.merge(place)


def test_a_conflict_names_the_paths_and_changes_nothing(repository: Repository) -> None:
    place = repository.prepare()
    tree = Path(place.directory)
    for name in ("README", "ünïcode", "new\nline"):
        repository.commit(name, "agent\n", tree)
        repository.commit(name, "user\n")
    before = (picture(repository.root), repository.tip(), repository.tip(place.branch))
    done = repository.merge(place)
    assert (done.state, done.commit) == ("conflict", "")
    assert set(done.paths) == {"README", "ünïcode", "new\\nline"}
    assert "main" in done.reason
    assert (picture(repository.root), repository.tip(), repository.tip(place.branch)) == before
    assert repository.git("status", "--porcelain") == ""


def test_two_merges_in_sequence_and_the_second_conflicts_with_the_first(repository: Repository) -> None:
    one, two = worked(repository, "one", fence=1), worked(repository, "two", fence=2)
    three = worked(repository, "one", "other\n", fence=3)
    assert repository.merge(one, 1).state == "merged"
    assert repository.merge(two, 2).state == "merged"
    assert repository.files("main") == {"README", "one", "two"}
    assert repository.merge(three, 3).paths == ("one",)


def test_strange_file_names_arrive(repository: Repository) -> None:
    place = repository.prepare()
    names = {"ünïcode-漢字", "new\nline", "-dash", '"quoted"'}
    for name in names:
        (Path(place.directory) / name).write_text("x")
    repository.leftovers(place)
    assert repository.merge(place).state == "merged"
    assert {*os.listdir(repository.root)} - {".git", ".wg"} == {"README", *names}


# F26: the user's own work in the checkout of the base branch


def stage(root: Path, repository: Repository, name: str) -> None:
    (root / name).write_bytes(b"staged by the user\r\n\0")
    repository.git("add", name)


def stage_and_edit(root: Path, repository: Repository, name: str) -> None:
    stage(root, repository, name)
    (root / name).write_bytes(b"and edited after that")


def edit(root: Path, repository: Repository, name: str) -> None:
    (root / name).write_bytes(b"edited by the user\r\n\0")


def ignore(root: Path, repository: Repository, name: str) -> None:
    (root / ".git" / "info" / "exclude").write_text(f".wg/\n{name}\n")
    (root / name).write_bytes(b"ignored\r\n\0")


def remove_staged(root: Path, repository: Repository, name: str) -> None:
    repository.git("rm", "-q", name)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("README", stage),
        ("README", stage_and_edit),
        ("README", edit),
        ("README", remove_staged),
        ("work", edit),
        ("work", stage),
        ("work", ignore),
        ("ünïcode", edit),
    ],
)
def test_F26_an_overlap_blocks_with_the_path_and_touches_nothing(
    repository: Repository, name: str, change: Callable[[Path, Repository, str], None]
) -> None:
    place = worked(repository, name)
    change(repository.root, repository, name)
    (repository.root / "other").write_text("untracked")

    def state() -> tuple[object, ...]:
        index = repository.git("ls-files", "--stage")
        status = repository.git("status", "--porcelain", "--ignored")
        return picture(repository.root), index, status, repository.tip()

    before = state()
    done = repository.merge(place)
    assert (done.state, done.commit, done.paths) == ("blocked", "", (name,))
    assert str(repository.root) in done.reason
    assert state() == before

    repository.git("rm", "-qf", "--cached", "--ignore-unmatch", name)
    repository.git("reset", "-q")
    (repository.root / name).unlink(missing_ok=True)
    repository.git("checkout", "-q", "--", ".")
    assert repository.merge(place).state == "merged"
    assert (repository.root / name).read_text() == "done\n"


def test_F26_a_directory_of_the_user_where_a_file_arrives(repository: Repository) -> None:
    place = worked(repository, "work")
    (repository.root / "work").mkdir()
    (repository.root / "work" / "mine").write_text("mine")
    done = repository.merge(place)
    assert (done.state, done.paths) == ("blocked", ("work",))
    assert (repository.root / "work" / "mine").read_text() == "mine"


def test_F26_work_that_does_not_overlap_stays_byte_for_byte(repository: Repository) -> None:
    for name in ("staged", "unstaged", "both", "gone"):
        repository.commit(name, "old\n")
    place = worked(repository)
    root = repository.root
    stage(root, repository, "staged")
    stage(root, repository, "staged-new")
    edit(root, repository, "unstaged")
    stage_and_edit(root, repository, "both")
    remove_staged(root, repository, "gone")
    edit(root, repository, "untracked")
    ignore(root, repository, "ignored")
    files = picture(root)
    status = repository.git("status", "--porcelain", "--ignored")
    staged = repository.git("diff", "--cached")
    assert repository.merge(place).state == "merged"
    assert (root / "work").read_text() == "done\n"
    assert picture(root, "work") == files
    assert repository.git("status", "--porcelain", "--ignored") == status
    assert repository.git("diff", "--cached") == staged


@pytest.mark.parametrize("setting", ["merge.autoStash", "rebase.autoStash", "merge.verifySignatures"])
def test_F26_the_users_settings_do_not_change_what_a_merge_does(repository: Repository, setting: str) -> None:
    place = worked(repository, "README")
    repository.git("config", setting, "true")
    repository.git("config", "branch.main.mergeOptions", "--squash --no-commit --autostash")
    repository.git("config", "fetch.prune", "true")
    (repository.root / "README").write_text("edited\n")
    assert repository.merge(place).paths == ("README",)
    assert (repository.root / "README").read_text() == "edited\n"
    assert repository.git("stash", "list") == ""
    repository.git("checkout", "README")
    assert repository.merge(place).state == "merged"


def unfinished(repository: Repository, *operation: str) -> None:
    """Bring the user's checkout into the middle of an operation that conflicts."""
    repository.git("checkout", "-qb", "side")
    repository.commit("README", "side\n")
    repository.git("checkout", "-q", "main")
    repository.commit("README", "main\n")
    repository.git(*operation, code=None)


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        (("rebase", "side"), "git does not move main"),
        (("merge", "side"), "a merge is unfinished"),
        (("cherry-pick", "side"), "a cherry-pick is unfinished"),
        (("revert", "HEAD~1"), "a revert is unfinished"),
        (("bisect", "start"), "a bisect is unfinished"),
        (("bisect", "start", "HEAD", "HEAD~1"), ""),
    ],
)
def test_F26_an_unfinished_operation_on_the_base_blocks(
    repository: Repository, operation: tuple[str, ...], named: str
) -> None:
    place = worked(repository)
    unfinished(repository, *operation)
    before = (picture(repository.root), repository.git("status"), repository.tip())
    done = repository.merge(place)
    assert done.state == "blocked"
    assert named in done.reason
    assert (picture(repository.root), repository.git("status"), repository.tip()) == before


def test_F26_a_rebase_of_the_base_in_another_worktree_blocks(repository: Repository) -> None:
    place = worked(repository)
    unfinished(repository, "checkout", "-q", "--detach")
    other = repository.box.root / "other"
    repository.git("worktree", "add", "-q", str(other), "main")
    repository.git("rebase", "side", cwd=other, code=None)
    tip = repository.tip()
    assert repository.merge(place).state == "blocked"
    assert repository.tip() == tip


def test_the_users_index_lock_blocks(repository: Repository) -> None:
    place = worked(repository)
    (repository.root / ".git" / "index.lock").write_text("")
    done = repository.merge(place)
    assert (done.state, done.paths) == ("blocked", ())
    assert "index.lock" in done.reason
    assert (repository.root / ".git" / "index.lock").exists()


def test_a_detached_head_does_not_move(repository: Repository) -> None:
    place = worked(repository)
    repository.git("checkout", "-q", "--detach")
    before = (picture(repository.root), repository.tip("HEAD"))
    done = repository.merge(place)
    assert done == Merge("merged", repository.tip("main"), (), "")
    assert (picture(repository.root), repository.tip("HEAD")) == before
    assert not (repository.root / ".git" / "FETCH_HEAD").exists()


def test_a_base_that_is_checked_out_nowhere(repository: Repository) -> None:
    place = worked(repository)
    repository.git("checkout", "-qb", "feature")
    feature = repository.commit("feature", "1")
    (repository.root / "work").write_text("the user's own, untracked")
    assert repository.merge(place).state == "merged"
    assert repository.files("main") == {"README", "work"}
    assert repository.tip("feature") == feature
    assert (repository.root / "work").read_text() == "the user's own, untracked"


def test_a_base_that_is_checked_out_in_another_worktree(repository: Repository) -> None:
    place = worked(repository)
    repository.git("checkout", "-qb", "feature")
    other = repository.box.root / "other"
    repository.git("worktree", "add", "-q", str(other), "main")
    (other / "work").write_text("the user's own")
    done = repository.merge(place)
    assert (done.state, done.paths) == ("blocked", ("work",))
    assert str(other) in done.reason
    (other / "work").unlink()
    assert repository.merge(place).state == "merged"
    assert (other / "work").read_text() == "done\n"
    assert not (repository.root / "work").exists()
    assert repository.git("status", "--porcelain", cwd=other) == ""


def test_a_base_that_is_checked_out_twice_or_in_a_lost_worktree_blocks(repository: Repository) -> None:
    place = worked(repository)
    other = repository.box.root / "other"
    repository.git("worktree", "add", "-q", "--force", str(other), "main")
    done = repository.merge(place)
    assert done.state == "blocked"
    assert "more than one place" in done.reason
    repository.git("checkout", "-q", "--detach")
    shutil.rmtree(other)
    done = repository.merge(place)
    assert done.state == "blocked"
    assert "which is gone" in done.reason
    assert repository.tip() == place.base_commit


# F17: the base branch moves only forward, from the tip the merge was computed on


def test_F17_a_base_that_lost_the_starting_commit_blocks(repository: Repository) -> None:
    repository.commit("second", "2")
    place = worked(repository)
    repository.git("reset", "-q", "--hard", "HEAD~1")
    done = repository.merge(place)
    assert done.state == "blocked"
    assert "no longer contains" in done.reason
    assert repository.files("main") == {"README"}


def test_F17_a_branch_that_lost_the_starting_commit_blocks(repository: Repository) -> None:
    repository.commit("second", "2")
    place = repository.prepare()
    tree = Path(place.directory)
    repository.git("reset", "-q", "--hard", "HEAD~1", cwd=tree)
    repository.commit("work", "1", tree)
    done = repository.merge(place)
    assert done.state == "blocked"
    assert "rewritten" in done.reason
    repository.git("checkout", "-q", "--orphan", "new", cwd=tree)
    repository.commit("work", "2", tree)
    repository.git("branch", "-qM", "new", place.branch, cwd=tree)
    assert repository.merge(place).state == "blocked"
    assert repository.files("main") == {"README", "second"}


def test_F17_what_others_added_meanwhile_is_not_deleted(repository: Repository) -> None:
    place = worked(repository)
    repository.commit("added-later", "1")
    repository.git("rm", "-q", "README")
    repository.git("commit", "-qm", "remove")
    assert repository.merge(place).state == "merged"
    assert repository.files("main") == {"added-later", "work"}


def test_a_missing_base_branch_blocks(repository: Repository) -> None:
    place = worked(repository)
    repository.git("branch", "-m", "main", "trunk")
    done = repository.merge(place)
    assert done.state == "blocked"
    assert "main is gone" in done.reason


MOVE = """real={git}
case " $* " in *" commit-tree "*)
  if [ {limit} -gt $(cat '{count}' 2>/dev/null | wc -l) ]; then
    echo moved >> '{count}'
    (cd '{where}' && echo x >> theirs && $real add theirs && $real commit -qm theirs) </dev/null >/dev/null
  fi;;
esac
exec $real "$@"
"""


@pytest.mark.parametrize("checked_out", [True, False])
@pytest.mark.parametrize(("limit", "state"), [(1, "merged"), (1000, "blocked")])
def test_someone_commits_to_the_base_while_it_is_merged(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    checked_out: bool,
    limit: int,
    state: str,
) -> None:
    """A git that lets another commit arrive just before the merge commit is made."""
    place = worked(repository)
    where = repository.root
    if not checked_out:  # as in a clone that pushes
        where = tmp_path / "clone"
        repository.git("clone", "-q", str(repository.root), str(where))
        repository.git("checkout", "-qb", "feature")
    body = MOVE.format(git=shutil.which("git"), limit=limit, count=tmp_path / "count", where=where)
    if not checked_out:
        body = body.replace("commit -qm theirs)", "commit -qm theirs && $real push -q origin main)")
    monkeypatch.setenv("PATH", shim(tmp_path / "bin", body))
    done = repository.merge(place)
    monkeypatch.undo()
    assert done.state == state
    files = repository.files("main")
    assert "theirs" in files
    assert ("work" in files) == (state == "merged")
    if state == "merged":
        assert done.commit == repository.tip()
        assert repository.git("log", "-1", "--format=%s", "main^1") == "theirs"
    else:
        assert "kept moving" in done.reason


def test_killed_after_the_merge_commit_was_made_it_goes_on(repository: Repository) -> None:
    place = worked(repository)
    tree = repository.git("rev-parse", f"{place.branch}^{{tree}}")
    repository.git("commit-tree", "-p", "main", "-p", place.branch, "-m", "Wg-Attempt: 1", tree)
    done = repository.merge(place)
    assert done == Merge("merged", repository.tip(), (), "")
    assert repository.git("rev-list", "--count", "--merges", "main") == "1"


STOP = """echo call >> '{count}'
if [ $(wc -l < '{count}') -eq {stop} ]; then '{git}' "$@" >/dev/null 2>&1; exit 137; fi
exec '{git}' "$@"
"""


def test_stopped_after_any_step_and_run_again_it_ends_the_same(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every git command in turn does its work, and wg does not live to hear of it."""
    program, path = shutil.which("git"), os.environ["PATH"]
    stop, calls = 0, 0
    while calls >= stop:
        stop += 1
        count = tmp_path / f"count-{stop}"
        body = STOP.format(git=program, count=count, stop=stop)
        monkeypatch.setenv("PATH", shim(tmp_path / f"bin-{stop}", body))
        recorded: list[Workplace] = []
        with contextlib.suppress(WgError):
            _one_attempt(repository, stop, recorded)
        calls = count.read_text().count("call")
        monkeypatch.setenv("PATH", path)
        assert _one_attempt(repository, stop, recorded).state == "merged"
        assert repository.git("rev-list", "--count", f"--grep=^Wg-Attempt: {stop}$", "main") == "1"
        assert repository.show("main", f"work-{stop}") == "done"
    assert stop > 20
    assert repository.git("status", "--porcelain") == ""


def _one_attempt(repository: Repository, fence: int, recorded: list[Workplace]) -> Merge:
    """From the worktree to the merge; what `prepare` returned is recorded, and then not asked again."""
    if not recorded:
        recorded.append(repository.prepare(fence))
    work = Path(recorded[0].directory) / f"work-{fence}"
    if not work.exists():
        work.write_text("done\n")
    repository.leftovers(recorded[0])
    return repository.merge(recorded[0], fence)
