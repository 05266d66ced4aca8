"""wg begins the merge of the base into an agent's worktree, and concludes exactly that one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worktrees.conftest import Repository
from wg.errors import WgError
from wg.graph.attempt import Workplace


@pytest.fixture
def place(repository: Repository) -> Workplace:
    """An attempt that conflicts with the base branch in README and in `both`, and the base is brought in."""
    made = repository.prepare()
    tree = Path(made.directory)
    repository.commit("README", "the agent's\n", tree)
    repository.commit("README", "the user's\n")
    base = repository.commit("secret.pem", "the user's own\n")
    taken = repository.take_over(made._replace(merging=base))
    assert taken is not None
    return taken


@pytest.fixture
def tree(place: Workplace) -> Path:
    return Path(place.directory)


def parents(repository: Repository, name: str) -> list[str]:
    return repository.git("log", "-1", "--format=%P", name).split()


def test_conflicts_are_left_with_their_markers(repository: Repository, place: Workplace, tree: Path) -> None:
    text = (tree / "README").read_text()
    assert "<<<<<<< " in text and "the agent's" in text and "the user's" in text
    assert (tree / "secret.pem").exists()
    assert repository.take_over(place) == place, "it is begun once"
    assert (tree / "README").read_text() == text


def test_with_markers_nothing_is_committed(repository: Repository, place: Workplace, tree: Path) -> None:
    tip = repository.tip(place.branch)
    (tree / "new").write_text("x\n")
    left = repository.leftovers(place)
    assert left.conflicts == ("README",)
    assert left.held == (("README", "unresolved conflict"),)
    assert repository.tip(place.branch) == tip
    assert (tree / "new").exists()


@pytest.mark.parametrize("staged", [True, False])
def test_what_is_resolved_is_concluded_whether_or_not_git_was_told(
    repository: Repository, place: Workplace, tree: Path, staged: bool
) -> None:
    tip = repository.tip(place.branch)
    (tree / "README").write_text("both\n")
    (tree / "new").write_text("x\n")
    if staged:
        repository.git("add", "README", cwd=tree)
    left = repository.leftovers(place)
    assert left.held == (), "what the base branch holds itself is no secret of the agent's"
    assert parents(repository, place.branch) == [tip, place.merging]
    assert repository.show(place.branch, "README") == "both"
    assert repository.files(place.branch) == {"README", "new", "secret.pem"}
    assert repository.git("status", "--porcelain", cwd=tree) == ""
    assert repository.leftovers(place).committed == ()
    assert repository.merge(place).state == "merged"


def test_markers_that_were_staged_are_seen(repository: Repository, place: Workplace, tree: Path) -> None:
    repository.git("add", "README", cwd=tree)
    assert repository.leftovers(place).conflicts == ("README",)


def test_resolved_to_what_was_there_before_it_is_concluded(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    (tree / "README").write_text("the agent's\n")
    (tree / "secret.pem").unlink()
    assert repository.leftovers(place).held == ()
    assert len(parents(repository, place.branch)) == 2
    assert repository.files(place.branch) == {"README"}


def test_a_file_that_was_deleted_to_resolve_the_conflict(repository: Repository, place: Workplace, tree: Path) -> None:
    (tree / "README").unlink()
    assert repository.leftovers(place).held == ()
    assert repository.files(place.branch) == {"secret.pem"}


def test_a_new_secret_is_held_in_a_merge_too(repository: Repository, place: Workplace, tree: Path) -> None:
    (tree / "README").write_text("both\n")
    (tree / "id_rsa").write_text("secret\n")
    (tree / "secret.pem").write_text("changed\n")
    left = repository.leftovers(place)
    assert dict(left.held) == {"id_rsa": "looks like a secret", "secret.pem": "looks like a secret"}
    assert "id_rsa" not in repository.files(place.branch)


def test_a_merge_that_the_agent_began_is_not_concluded(repository: Repository) -> None:
    place = repository.prepare()
    tree = Path(place.directory)
    repository.commit("README", "the agent's\n", tree)
    ours = repository.commit("README", "the user's\n")
    other = repository.commit("README", "the user's later\n")
    repository.git("merge", "-q", other, cwd=tree, code=None)
    (tree / "README").write_text("both\n")
    for merging in ("", ours):
        left = repository.leftovers(place._replace(merging=merging))
        assert left.trouble is not None and left.trouble.what == "a merge is unfinished in the worktree"
        assert left.conflicts == ()


def test_without_conflicts_the_merge_is_committed_at_once(repository: Repository) -> None:
    place = repository.prepare()
    tip = repository.commit("work", "1", Path(place.directory))
    base = repository.commit("users", "1")
    place = place._replace(merging=base)
    assert repository.take_over(place) == place
    assert parents(repository, place.branch) == [tip, base]
    assert repository.take_over(place) == place
    assert parents(repository, place.branch) == [tip, base]


def test_what_is_in_the_way_is_not_overwritten(repository: Repository) -> None:
    place = repository.prepare()
    tree = Path(place.directory)
    repository.commit("work", "1", tree)
    base = repository.commit("users", "1")
    (tree / "users").write_text("held back\n")
    with pytest.raises(WgError, match="cannot be merged into"):
        repository.take_over(place._replace(merging=base))
    assert (tree / "users").read_text() == "held back\n"


def test_f17_what_the_base_no_longer_contains_is_not_brought_back(repository: Repository) -> None:
    place = repository.prepare()
    tip = repository.commit("work", "1", Path(place.directory))
    dropped = repository.commit("dropped", "1")
    place = place._replace(merging=dropped)
    repository.git("reset", "-q", "--hard", "HEAD~1")
    assert repository.take_over(place) == place
    assert repository.tip(place.branch) == tip
    assert repository.merge(place).state == "merged"
    assert "dropped" not in repository.files("main")


def test_f17_what_was_brought_in_and_then_dropped_from_the_base_blocks_the_merge(repository: Repository) -> None:
    place = repository.prepare()
    repository.commit("work", "1", Path(place.directory))
    place = place._replace(merging=repository.commit("dropped", "1"))
    repository.take_over(place)
    repository.git("reset", "-q", "--hard", "HEAD~1")
    blocked = repository.merge(place)
    assert blocked.state == "blocked"
    assert "no longer contains what was merged from it" in blocked.reason
    assert "dropped" not in repository.files("main")


@pytest.fixture
def unmarked(repository: Repository) -> Workplace:
    """Conflicts in which git leaves no markers: `mod`, `bin`, a directory `d` that is a file, and a link."""
    (repository.root / "bin").write_bytes(b"0\0")
    (repository.root / "link").symlink_to("0")
    repository.git("add", ".")
    repository.commit("mod", "0\n")
    repository.commit("d/f", "0\n")
    made = repository.prepare(2)
    tree = Path(made.directory)
    change(repository, tree, b"agent\0", "agent")
    repository.commit("mod", "agent\n", tree)
    repository.commit("d/f", "agent\n", tree)
    change(repository, repository.root, b"user\0", "user")
    repository.git("rm", "-q", "mod")
    repository.git("rm", "-q", "d/f")
    base = repository.commit("d", "a file\n")
    taken = repository.take_over(made._replace(merging=base))
    assert taken is not None
    return taken


def change(repository: Repository, where: Path, content: bytes, target: str) -> None:
    (where / "bin").write_bytes(content)
    (where / "link").unlink()
    (where / "link").symlink_to(target)
    repository.git("add", ".", cwd=where)


def test_without_markers_nothing_is_decided_by_doing_nothing(repository: Repository, unmarked: Workplace) -> None:
    made_up = f"d~{unmarked.merging}"
    assert repository.leftovers(unmarked).conflicts == ("bin", "d/f", made_up, "link", "mod")
    assert len(parents(repository, unmarked.branch)) == 1
    assert repository.take_over(unmarked) == unmarked
    assert len(repository.leftovers(unmarked).conflicts) == 5, "nor in another round"


def test_what_is_changed_or_removed_is_decided(repository: Repository, unmarked: Workplace) -> None:
    tree = Path(unmarked.directory)
    (tree / "mod").unlink()
    (tree / "bin").write_bytes(b"user\0")
    (tree / "link").unlink()
    (tree / "link").symlink_to("both")
    assert repository.leftovers(unmarked).conflicts == ("d/f", f"d~{unmarked.merging}")
    (tree / "d" / "f").unlink()
    (tree / "d").rmdir()
    (tree / f"d~{unmarked.merging}").rename(tree / "d")
    assert not repository.leftovers(unmarked).needs_person
    assert len(parents(repository, unmarked.branch)) == 2
    assert repository.files(unmarked.branch) == {"README", "bin", "d", "link"}
    assert repository.merge(unmarked).state == "merged"


def test_what_git_was_told_is_decided_but_not_under_a_name_that_git_made_up(
    repository: Repository, unmarked: Workplace
) -> None:
    tree = Path(unmarked.directory)
    repository.git("add", "-A", cwd=tree)
    made_up = f"d~{unmarked.merging}"
    assert repository.leftovers(unmarked).conflicts == (made_up,)
    (tree / made_up).unlink()
    assert not repository.leftovers(unmarked).needs_person
    assert repository.files(unmarked.branch) == {"README", "bin", "d/f", "link", "mod"}
    assert repository.git("log", "-1", "--format=%s", unmarked.branch) == "left over"


def test_a_name_that_git_made_up_is_seen_where_the_agent_commits_the_merge(
    repository: Repository, unmarked: Workplace
) -> None:
    tree = Path(unmarked.directory)
    repository.git("add", "-A", cwd=tree)
    repository.git("commit", "-qm", "all of it", cwd=tree)
    made_up = f"d~{unmarked.merging}"
    assert repository.leftovers(unmarked).conflicts == (made_up,)
    (tree / made_up).unlink()
    assert not repository.leftovers(unmarked).needs_person
    assert made_up not in repository.files(unmarked.branch)


def test_a_name_that_git_made_up_on_the_agents_side(repository: Repository) -> None:
    repository.commit("d/f", "0\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    repository.git("rm", "-q", "d/f", cwd=tree)
    repository.commit("d", "a file\n", tree)
    place = place._replace(merging=repository.commit("d/f", "user\n"))
    repository.take_over(place)
    assert "d~HEAD" in repository.leftovers(place).conflicts
    repository.git("add", "-A", cwd=tree)
    assert repository.leftovers(place).conflicts == ("d~HEAD",)


def test_names_on_both_sides_of_a_rename_are_to_be_decided(repository: Repository) -> None:
    repository.commit("old", "a\nb\nc\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    repository.git("mv", "old", "agents", cwd=tree)
    repository.git("commit", "-qm", "renamed", cwd=tree)
    repository.git("mv", "old", "users")
    repository.git("commit", "-qm", "renamed")
    place = place._replace(merging=repository.tip())
    repository.take_over(place)
    assert repository.leftovers(place).conflicts == ("agents", "users")
    (tree / "agents").unlink()
    repository.git("add", "users", cwd=tree)
    assert not repository.leftovers(place).needs_person
    assert repository.files(place.branch) == {"README", "users"}


def test_other_line_ends_in_the_worktree_are_no_decision(repository: Repository) -> None:
    repository.commit(".gitattributes", "* text=auto eol=crlf\n")
    repository.commit("mod", "0\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    repository.commit("mod", "agent\n", tree)
    repository.git("rm", "-q", "mod")
    repository.git("commit", "-qm", "away")
    place = place._replace(merging=repository.tip())
    (tree / "mod").unlink()
    repository.git("checkout", "-q", "--", "mod", cwd=tree)
    assert (tree / "mod").read_bytes() == b"agent\r\n"
    repository.take_over(place)
    assert repository.leftovers(place).conflicts == ("mod",)
