"""What an agent has committed is held until a person has seen it; what a person has committed is decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worktrees.conftest import Repository
from wg.graph.attempt import Workplace

SECRET = (("test.pem", "looks like a secret"),)


@pytest.fixture
def place(repository: Repository) -> Workplace:
    return repository.prepare()


@pytest.fixture
def tree(place: Workplace) -> Path:
    return Path(place.directory)


def test_what_a_person_commits_after_the_first_look_is_decided(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    (tree / "test.pem").write_text("x\n")
    assert repository.leftovers(place).held == SECRET
    repository.commit("test.pem", "x\n", tree)
    assert not repository.leftovers(place).needs_person


def test_it_stays_decided_for_the_next_agent_whose_own_are_held(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    repository.leftovers(place)
    repository.commit("test.pem", "x\n", tree)
    repository.take_over(place)
    repository.take_over(place)
    repository.commit("id_rsa", "y\n", tree)
    repository.commit("test.pem", "the agent's\n", tree)
    assert [path for path, _ in repository.leftovers(place).by_agent] == ["test.pem", "id_rsa"]
    assert [path for path, _ in repository.leftovers(place).by_agent] == ["test.pem", "id_rsa"]


def test_an_agents_stays_held_when_a_person_amends_or_rebases_it_or_another_agent_goes_on(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    repository.commit("test.pem", "x\n", tree)
    assert repository.leftovers(place).by_agent == SECRET
    repository.git("commit", "-q", "--amend", "-m", "another message", cwd=tree)
    assert repository.leftovers(place).by_agent == SECRET
    repository.commit("users", "1")
    repository.git("rebase", "-q", "main", cwd=tree)
    assert repository.leftovers(place).by_agent == SECRET
    repository.git("rm", "-q", "test.pem", cwd=tree)
    repository.git("commit", "-qm", "away", cwd=tree)
    assert repository.leftovers(place).by_agent == SECRET, "it is in the history"
    repository.take_over(place)
    assert repository.leftovers(place).by_agent == SECRET


def test_taken_back_and_committed_again_by_a_person_it_is_decided(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    repository.commit(".env.example", "A=1\n")
    place = repository.prepare(2)
    tree = Path(place.directory)
    repository.commit(".env.example", "A=1\nB=2\n", tree)
    assert repository.leftovers(place).by_agent
    repository.git("reset", "-q", "--soft", place.base_commit, cwd=tree)
    left = repository.leftovers(place)
    assert (left.by_agent, left.held) == ((), ((".env.example", "looks like a secret"),))
    repository.git("commit", "-qam", "yes", cwd=tree)
    assert not repository.leftovers(place).needs_person


@pytest.mark.parametrize("note", ["", "{}", "[1]", '{"persons": 3}', '{"persons": [["test.pem"]]}', "ä"])
def test_with_a_damaged_note_everything_counts_as_the_agents(
    repository: Repository, place: Workplace, tree: Path, note: str
) -> None:
    repository.leftovers(place)
    path = Path(repository.git("rev-parse", "--absolute-git-dir", cwd=tree)) / "wg-committed"
    assert path.exists()
    path.write_text(note)
    repository.commit("test.pem", "x\n", tree)
    assert repository.leftovers(place).by_agent == SECRET


def test_in_a_worktree_made_again_everything_counts_as_the_agents(
    repository: Repository, place: Workplace, tree: Path
) -> None:
    repository.leftovers(place)
    repository.commit("test.pem", "x\n", tree)
    repository.git("worktree", "remove", str(tree))
    repository.take_over(place)
    assert repository.leftovers(place).by_agent == SECRET
