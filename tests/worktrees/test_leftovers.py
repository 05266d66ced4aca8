from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.harness import Box, obeying
from tests.worktrees.conftest import Repository
from wg.graph.attempt import Workplace
from wg.worktrees.changes import LARGE_BYTES
from wg.worktrees.leftovers import Leftovers, commit_leftovers, remove_traces

NOTHING = Leftovers((), ())
COMMIT_LEFTOVERS = """
import sys
from wg.graph.attempt import Workplace
from wg.worktrees.leftovers import commit_leftovers
print(commit_leftovers(sys.argv[1], Workplace(*sys.argv[2:]), "left over").held)
"""


@pytest.fixture
def place(repository: Repository) -> Workplace:
    return repository.prepare()


@pytest.fixture
def tree(place: Workplace) -> Path:
    return Path(place.directory)


def trouble(left: Leftovers) -> str:
    assert left.trouble is not None
    assert left.needs_person
    return left.trouble.what


def test_nothing_left_is_no_commit(repository: Repository, place: Workplace) -> None:
    assert repository.leftovers(place) == NOTHING
    assert repository.tip(place.branch) == place.base_commit


def test_commits_new_changed_staged_deleted_and_mode(repository: Repository, tree: Path) -> None:
    for name in ("gone", "gone-staged", "script", "edited", "partly"):
        repository.commit(name, "old\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    (tree / "new" / "deep").mkdir(parents=True)
    (tree / "new" / "deep" / "file").write_text("new\n")
    (tree / "edited").write_text("new\n")
    (tree / "gone").unlink()
    repository.git("rm", "-q", "gone-staged", cwd=tree)
    (tree / "script").chmod(0o755)
    (tree / "partly").write_text("staged\n")
    repository.git("add", "partly", cwd=tree)
    (tree / "partly").write_text("last\n")
    (tree / "added").write_text("staged only\n")
    repository.git("add", "added", cwd=tree)

    left = repository.leftovers(place)

    assert set(left.committed) == {"new/deep/file", "edited", "gone", "gone-staged", "script", "partly", "added"}
    assert left.held == ()
    assert repository.files(place.branch) == {"README", "added", "edited", "new/deep/file", "partly", "script"}
    assert repository.show(place.branch, "partly") == "last"
    assert repository.git("ls-tree", place.branch, "script").startswith("100755")
    assert repository.git("status", "--porcelain", cwd=tree) == ""
    assert repository.git("log", "--format=%s", f"main..{place.branch}") == "left over"
    assert repository.leftovers(place) == NOTHING


def test_gitignore_is_respected_but_not_against_what_the_agent_forced(repository: Repository, tree: Path) -> None:
    repository.commit(".gitignore", "*.log\n.env\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    (tree / "build.log").write_text("x")
    (tree / ".env").write_text("KEY=1")
    (tree / "wanted.log").write_text("x")
    repository.git("add", "-f", "wanted.log", cwd=tree)
    assert repository.leftovers(place) == Leftovers(("wanted.log",), ())
    assert (tree / "build.log").exists()


@pytest.mark.parametrize("name", [".env", ".env.local", "certs/server.pem", "id_rsa", "keys/id_ed25519.pub"])
def test_secrets_stay_in_the_worktree(repository: Repository, place: Workplace, tree: Path, name: str) -> None:
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("secret\n")
    (tree / "work").write_text("work\n")
    left = repository.leftovers(place)
    assert left == Leftovers(("work",), ((name, "looks like a secret"),))
    assert (tree / name).read_text() == "secret\n"
    assert repository.files(place.branch) == {"README", "work"}
    assert repository.leftovers(place) == Leftovers((), left.held)


def test_large_files_stay_and_10_mb_is_not_over_it(repository: Repository, place: Workplace, tree: Path) -> None:
    for name, size in (("large", LARGE_BYTES + 1), ("limit", LARGE_BYTES)):
        with open(tree / name, "wb") as file:
            file.truncate(size)
    left = repository.leftovers(place)
    assert left == Leftovers(("limit",), (("large", "larger than 10 MB"),))
    assert (tree / "large").stat().st_size == LARGE_BYTES + 1


def test_a_secret_that_the_agent_staged_is_unstaged(repository: Repository, place: Workplace, tree: Path) -> None:
    (tree / ".env").write_text("secret\n")
    (tree / "work").write_text("work\n")
    repository.git("add", "-A", cwd=tree)
    left = repository.leftovers(place)
    assert left == Leftovers(("work",), ((".env", "looks like a secret"),))
    assert ".env" not in repository.files(place.branch)
    assert repository.git("status", "--porcelain", cwd=tree) == "?? .env"
    assert (tree / ".env").read_text() == "secret\n"


def test_a_change_to_a_tracked_secret_is_held(repository: Repository) -> None:
    repository.commit(".env", "old\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    (tree / ".env").write_text("new\n")
    repository.git("add", ".env", cwd=tree)
    assert repository.leftovers(place) == Leftovers((), ((".env", "looks like a secret"),))
    assert repository.tip(place.branch) == place.base_commit
    assert (tree / ".env").read_text() == "new\n"


def test_removing_a_secret_is_committed(repository: Repository) -> None:
    repository.commit(".env", "old\n")
    place = repository.prepare(2)
    (Path(place.directory) / ".env").unlink()
    assert repository.leftovers(place) == Leftovers((".env",), ())


def test_secrets_and_large_files_in_the_agents_own_commits_are_listed(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    repository.commit(".env", "secret\n", tree)
    repository.git("rm", "-q", ".env", cwd=tree)
    repository.git("commit", "-qm", "away again", cwd=tree)
    with open(tree / "large", "wb") as file:
        file.truncate(LARGE_BYTES + 1)
    repository.git("add", "large", cwd=tree)
    repository.git("commit", "-qm", "large", cwd=tree)
    repository.commit("work", "fine", tree)
    left = repository.leftovers(place)
    assert left.committed == ()
    assert left.held == ()
    assert dict(left.by_agent) == {".env": "looks like a secret", "large": "larger than 10 MB"}


def test_a_secret_that_hides_in_a_merge_commit_is_listed(repository: Repository, place: Workplace, tree: Path) -> None:
    repository.commit("other", "1")
    repository.git("merge", "-q", "--no-ff", "--no-commit", "main", cwd=tree)
    repository.git("checkout", "-qb", "side", "main")
    repository.commit("side", "1")
    repository.git("checkout", "-q", "main")
    (tree / "id_rsa").write_text("secret\n")
    repository.git("add", "id_rsa", cwd=tree)
    repository.git("commit", "-qm", "merge", "--allow-empty", cwd=tree)
    repository.commit("one", "1", tree)
    repository.git("merge", "-q", "--no-ff", "--no-commit", "side", cwd=tree)
    (tree / "id_dsa").write_text("secret\n")
    repository.git("add", "id_dsa", cwd=tree)
    repository.git("commit", "-qm", "merge with more in it", cwd=tree)
    assert {path for path, _ in repository.leftovers(place).by_agent} == {"id_rsa", "id_dsa"}


def test_what_came_from_the_base_branch_is_not_the_agents(repository: Repository, place: Workplace, tree: Path) -> None:
    repository.commit(".env", "known to the user\n")
    repository.commit("work", "1", tree)
    repository.git("merge", "-q", "--no-edit", "main", cwd=tree)
    assert repository.leftovers(place) == NOTHING


NAMES = ["-leading-dash", "with space", "new\nline", "tab\there", "ünïcode-漢字", '"quoted"', "*", ":(top)x", "a\\b"]


def test_strange_file_names(repository: Repository, place: Workplace, tree: Path) -> None:
    for name in NAMES:
        (tree / name).write_text(f"{name!r}\n")
        (tree / f".env{name}").write_text("secret\n")
    left = repository.leftovers(place)
    assert repository.files(place.branch) == {"README", *NAMES}
    assert len(left.committed) == len(left.held) == len(NAMES)
    assert "ünïcode-漢字" in left.committed
    assert "new\\nline" in left.committed
    assert all(path.isprintable() for path in left.committed)
    assert repository.leftovers(place) == Leftovers((), left.held)


def test_a_file_name_that_is_not_text(repository: Repository, place: Workplace, tree: Path) -> None:
    try:
        (tree / os.fsdecode(b"caf\xe9")).write_text("x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    left = repository.leftovers(place)
    assert left.committed == ("caf\\xe9",)
    left.committed[0].encode()  # can be stored


def test_a_link_is_committed_as_a_link(repository: Repository, place: Workplace, tree: Path) -> None:
    outside = repository.box.root / "outside"
    outside.mkdir()
    (outside / "file").write_text("not ours\n")
    (tree / "file-link").symlink_to(outside / "file")
    (tree / "directory-link").symlink_to(outside)
    (tree / "dangling").symlink_to("nowhere")
    left = repository.leftovers(place)
    assert set(left.committed) == {"file-link", "directory-link", "dangling"}
    assert repository.git("ls-tree", place.branch, "file-link").startswith("120000")
    assert repository.show(place.branch, "directory-link") == str(outside)


def test_a_directory_replaced_by_a_link_and_a_file_by_a_directory(repository: Repository) -> None:
    repository.commit("tracked/a", "1\n")
    repository.commit("file", "1\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    outside = repository.box.root / "outside"
    outside.mkdir()
    (outside / "a").write_text("not ours\n")
    shutil.rmtree(tree / "tracked")
    (tree / "tracked").symlink_to(outside)
    (tree / "file").unlink()
    (tree / "file").mkdir()
    (tree / "file" / "inner").write_text("2\n")
    (tree / "file" / ".env").write_text("secret\n")
    left = repository.leftovers(place)
    assert left.held == (("file/.env", "looks like a secret"),)
    assert repository.files(place.branch) == {"README", "file/inner", "tracked"}


def test_a_directory_replaced_by_a_file(repository: Repository) -> None:
    repository.commit("tracked/a", "1\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    shutil.rmtree(tree / "tracked")
    (tree / "tracked").write_text("now a file\n")
    assert repository.leftovers(place).held == ()
    assert repository.files(place.branch) == {"README", "tracked"}


@pytest.mark.parametrize("staged", [False, True])
def test_a_nested_repository_is_held(repository: Repository, place: Workplace, tree: Path, staged: bool) -> None:
    repository.git("init", "-q", str(tree / "nested"))
    repository.commit("inner", "1", tree / "nested")
    (tree / "work").write_text("1")
    if staged:
        repository.git("add", "-A", cwd=tree)
    left = repository.leftovers(place)
    assert left.committed == ("work",)
    assert [path for path, _ in left.held] == ["nested"]
    assert "git repository of its own" in left.held[0][1]
    assert (tree / "nested" / "inner").read_text() == "1"
    assert repository.files(place.branch) == {"README", "work"}


def test_a_nested_repository_that_the_agent_committed_is_listed(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    repository.git("init", "-q", str(tree / "nested"))
    repository.commit("inner", "1", tree / "nested")
    repository.git("add", "-A", cwd=tree)
    repository.git("commit", "-qm", "all", cwd=tree)
    by_agent = dict(repository.leftovers(place).by_agent)
    assert "content is not on the branch" in by_agent["nested"]


def test_work_inside_a_submodule_is_held(repository: Repository) -> None:
    library = repository.box.root / "library"
    repository.git("init", "-q", str(library))
    repository.commit("code", "1", library)
    allow = ("-c", "protocol.file.allow=always")
    repository.git(*allow, "submodule", "--quiet", "add", str(library), "library")
    repository.git("commit", "-qm", "submodule")
    place = repository.prepare(2)
    tree = Path(place.directory)
    repository.git(*allow, "submodule", "--quiet", "update", "--init", cwd=tree)
    assert repository.leftovers(place) == NOTHING
    (tree / "library" / "code").write_text("2")
    assert [path for path, _ in repository.leftovers(place).held] == ["library"]
    repository.commit("code", "2", tree / "library")
    assert [path for path, _ in repository.leftovers(place).held] == ["library"]
    assert repository.tip(place.branch) == place.base_commit


def test_a_file_that_cannot_be_read_is_held(repository: Repository, place: Workplace, tree: Path) -> None:
    (tree / "closed").write_text("x")
    (tree / "closed").chmod(0)
    argv = (*obeying(), sys.executable, "-c", COMMIT_LEFTOVERS, str(repository.root), *place[:4])
    assert repository.box.run(*argv).out == "(('closed', 'cannot be read'),)\n"


def conflicting(repository: Repository, place: Workplace, tree: Path) -> None:
    repository.commit("README", "the user's\n")
    repository.commit("README", "the agent's\n", tree)


@pytest.mark.parametrize(
    ("operation", "named"),
    [(("merge", "main"), "a merge"), (("rebase", "main"), "a rebase"), (("cherry-pick", "main"), "a cherry-pick")],
)
def test_an_unfinished_operation_holds_the_worktree(
    repository: Repository, place: Workplace, tree: Path, operation: tuple[str, ...], named: str
) -> None:
    conflicting(repository, place, tree)
    repository.git(*operation, cwd=tree, code=None)
    before = (tree / "README").read_text()
    tip = repository.tip(place.branch)
    left = repository.leftovers(place)
    assert not left.committed and not left.held
    assert trouble(left) == f"{named} is unfinished in the worktree"
    assert ((tree / "README").read_text(), repository.tip(place.branch)) == (before, tip)


def test_an_unresolved_conflict_without_a_merge_holds(repository: Repository, place: Workplace, tree: Path) -> None:
    (tree / "README").write_text("stashed\n")
    repository.git("stash", "-q", cwd=tree)
    repository.commit("README", "committed\n", tree)
    repository.git("stash", "pop", "-q", cwd=tree, code=None)
    (tree / "new").write_text("x")
    assert repository.leftovers(place) == Leftovers((), (("README", "unresolved conflict"),))


def test_another_branch_in_the_worktree_holds_it(repository: Repository, place: Workplace, tree: Path) -> None:
    repository.git("checkout", "-qb", "mine", cwd=tree)
    (tree / "new").write_text("x")
    assert trouble(repository.leftovers(place)) == f"the worktree is on mine, not on {place.branch}"
    repository.git("checkout", "-q", "--detach", cwd=tree)
    assert trouble(repository.leftovers(place)) == f"the worktree is on no branch, not on {place.branch}"


def test_without_its_git_file_the_users_checkout_is_not_taken_for_the_worktree(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    (tree / ".git").unlink()
    (tree / "new").write_text("x")
    (repository.root / "users").write_text("mine")
    left = repository.leftovers(place)
    assert "the worktree's .git is missing, or not that of this repository" in trouble(left)
    assert repository.git("status", "--porcelain") == "?? users"
    shutil.rmtree(tree)
    assert "the worktree is gone" in trouble(repository.leftovers(place))


def test_a_git_file_that_leads_to_another_repository_is_not_followed(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    other = repository.box.root / "other"
    repository.git("init", "-q", str(other))
    (tree / ".git").write_text(f"gitdir: {other}/.git\n")
    (tree / "new").write_text("x")
    left = repository.leftovers(place)
    assert "the worktree's .git is missing, or not that of this repository" in trouble(left)
    assert repository.git("status", "--porcelain", cwd=other) == ""


def test_locks_of_killed_processes_do_not_stop_it(repository: Repository, place: Workplace, tree: Path) -> None:
    git_dir = Path(repository.git("rev-parse", "--absolute-git-dir", cwd=tree))
    (git_dir / "index.lock").write_text("")
    (git_dir / "HEAD.lock").write_text("")
    (repository.root / ".git" / "refs" / "heads" / f"{place.branch}.lock").write_text("")
    (repository.root / ".git" / "index.lock").write_text("the user's own")
    (tree / "new").write_text("x")
    assert repository.leftovers(place).committed == ("new",)
    assert (repository.root / ".git" / "index.lock").exists()


def test_the_users_identity_is_used_and_else_wgs_own(repository: Repository, place: Workplace, tree: Path) -> None:
    who = "--format=%an <%ae> %cn <%ce>"
    (tree / "one").write_text("x")
    repository.leftovers(place)
    assert repository.git("log", "-1", who, place.branch) == " ".join(["Test <test@example.invalid>"] * 2)
    (repository.box.home / ".gitconfig").write_text("[init]\n\tdefaultBranch = main\n")
    (tree / "two").write_text("x")
    repository.leftovers(place)
    assert repository.git("log", "-1", who, place.branch) == " ".join(["wg <wg@localhost>"] * 2)


def test_signing_by_default_does_not_stop_it(repository: Repository, place: Workplace, tree: Path) -> None:
    repository.git("config", "commit.gpgSign", "true")
    repository.git("config", "gpg.program", "/bin/false")
    (tree / "one").write_text("x")
    assert repository.leftovers(place).committed == ("one",)
    assert repository.merge(place).state == "merged"


def test_in_the_project_directory_nothing_is_committed(repository: Repository, box: Box) -> None:
    (repository.root / "users").write_text("mine")
    root = str(repository.root)
    assert commit_leftovers(root, Workplace(root, "", "", ""), "left over") == NOTHING
    assert repository.git("status", "--porcelain") == "?? users"


def test_a_git_file_that_leads_to_another_attempt_is_not_followed(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    sibling = repository.prepare(2)
    shutil.copy(Path(sibling.directory) / ".git", tree / ".git")
    (tree / "new").write_text("x")
    found = repository.leftovers(place).trouble
    assert found is not None and found.way_out.startswith(f"move {tree} away"), (
        "git there would change the other's HEAD"
    )
    assert repository.tip(sibling.branch) == sibling.base_commit


def test_a_staged_secret_whose_name_reads_like_a_pattern_is_held(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    (tree / ":(top)x.pem").write_text("secret\n")
    repository.git("add", "-A", cwd=tree)
    assert repository.leftovers(place) == Leftovers((), ((":(top)x.pem", "looks like a secret"),))
    assert repository.files(place.branch) == {"README"}


def test_traces_are_removed_in_the_worktree_and_nowhere_else(repository: Repository, place: Workplace) -> None:
    tree = Path(place.directory)
    (repository.root / "untracked").write_text("the user's")
    (repository.root / "README").write_text("the user's\n")
    for name in ("README", "junk"):
        (tree / name).write_text("a check's\n")
    remove_traces(str(repository.root), place)
    assert repository.git("status", "--porcelain", cwd=tree) == ""
    (tree / ".git").unlink()
    (tree / "junk").write_text("x")
    remove_traces(str(repository.root), place)
    remove_traces(str(repository.root), Workplace(str(repository.root), "", "", ""))
    assert (tree / "junk").exists()
    assert (repository.root / "untracked").exists()
    assert (repository.root / "README").read_text() == "the user's\n"
