"""The directory of one attempt."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.dispatch.attempt_files import AttemptFiles, Launch
from wg.errors import WgError
from wg.executors.base import LaunchPlan
from wg.graph.attempt import Outcome, Usage
from wg.locations import Project

OUTCOME = Outcome(1, False, "quota", "käputt\n", "s-1", Usage(1, 2, 3, 0.5), 12.5, 99.5)


@pytest.fixture
def files(tmp_path: Path) -> AttemptFiles:
    return AttemptFiles(Project(str(tmp_path), str(tmp_path / ".wg")), 7)


def test_a_launch_is_read_as_it_was_written_and_holds_no_environment(files: AttemptFiles) -> None:
    plan = LaunchPlan(("codex", "exec", "ü"), {"API_KEY": "planted-secret"}, "/p", "the prompt \ud800")
    files.create()
    files.write_launch("codex", plan, 60.0)
    assert files.read_launch() == Launch("codex", ("codex", "exec", "ü"), "/p", 60.0)
    assert Path(files.prompt).read_bytes() == b"the prompt ?"
    directory = Path(files.directory)
    assert not [path for path in directory.iterdir() if b"planted-secret" in path.read_bytes()]
    assert [oct(path.stat().st_mode & 0o777) for path in (directory, *directory.iterdir())] == ["0o700", *["0o600"] * 2]


def test_an_outcome_is_read_as_it_was_written(files: AttemptFiles) -> None:
    assert files.read_outcome() is None
    Path(files.directory).mkdir(parents=True)
    files.write_outcome(OUTCOME)
    assert files.read_outcome() == OUTCOME


@given(cut=st.integers(min_value=0, max_value=150))
def test_a_damaged_outcome_is_said_and_never_guessed(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    root = tmp_path_factory.mktemp("p")
    files = AttemptFiles(Project(str(root), str(root / ".wg")), 7)
    Path(files.directory).mkdir(parents=True)
    files.write_outcome(OUTCOME)
    path = Path(files.outcome)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(WgError, match="damaged"):
        files.read_outcome()
