from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Box, wait_for
from tests.worktrees.conftest import Repository
from wg.errors import WgError
from wg.worktrees import git
from wg.worktrees.checkouts import checkouts
from wg.worktrees.workplace import serial_reason


def shim(directory: Path, body: str) -> str:
    """A program called git in a directory of its own; returns the PATH that finds it first."""
    directory.mkdir()
    program = directory / "git"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return f"{directory}{os.pathsep}{os.environ['PATH']}"


def test_an_error_names_command_directory_and_message(repository: Repository) -> None:
    with pytest.raises(WgError) as caught:
        git.run(str(repository.root), "rev-parse", "--verify", "nonsense")
    assert "git rev-parse --verify nonsense failed" in caught.value.message
    assert str(repository.root) in caught.value.message
    assert "Needed a single revision" in caught.value.message
    assert caught.value.hint


def test_inherited_git_variables_do_not_redirect_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    repository.git("init", "-q", str(other))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    assert git.branch_tip(str(repository.root), "main") == repository.tip()
    assert repository.prepare().base_commit == repository.tip()


def test_hooks_do_not_run(repository: Repository) -> None:
    for name in ("post-checkout", "pre-commit", "commit-msg", "post-commit", "post-merge", "reference-transaction"):
        hook = repository.root / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\necho {name} >> '{repository.box.root}/hooks'\nexit 1\n")
        hook.chmod(0o755)
    place = repository.prepare()
    (Path(place.directory) / "new").write_text("new")
    assert repository.leftovers(place).committed == ("new",)
    assert repository.merge(place).state == "merged"
    repository.remove(place)
    assert not (repository.box.root / "hooks").exists()


def test_a_git_outlives_a_killed_parent_and_finishes(box: Box, tmp_path: Path) -> None:
    """With pipes it would die of its next line, in the middle of what it does."""
    started, gate, finished = (tmp_path / name for name in ("started", "gate", "finished"))
    body = f"touch {started}; while ! test -f {gate}; do sleep 0.05; done; echo out; echo err >&2; touch {finished}"
    env = {**box.env, "PATH": shim(tmp_path / "bin", body)}
    call = f"from wg.worktrees import git; git.run({str(box.project)!r}, 'status')"
    parent = subprocess.Popen([sys.executable, "-c", call], env=env)
    wait_for(started.exists, "git runs")
    parent.kill()
    parent.wait()
    gate.touch()
    wait_for(finished.exists, "git has finished")
    wait_for(lambda: not box.processes(), "its last command has ended")


def test_a_git_that_hangs_is_ended_with_its_children(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", shim(tmp_path / "bin", "sleep 1000 & sleep 1000"))
    monkeypatch.setattr(git, "TIMEOUT_SECONDS", 0.3)
    with pytest.raises(WgError, match="not finished after"):
        git.run(str(box.project), "status")
    wait_for(lambda: not box.processes(), "git and its children gone")


def test_an_old_git_is_refused(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git.require_version()
    monkeypatch.setenv("PATH", shim(tmp_path / "bin", "echo git version 2.37.9"))
    with pytest.raises(WgError, match=r"git 2\.37\.9 is too old"):
        git.require_version()


def test_a_mac_version_with_words_behind_is_read(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", shim(tmp_path / "bin", "echo 'git version 2.39.5 (Apple Git-154)'"))
    git.require_version()


def test_without_git_a_plain_directory_works_and_a_repository_is_an_error(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    monkeypatch.setenv("PATH", str(plain))
    assert not git.is_repository(str(plain))
    with pytest.raises(WgError, match="git is not on PATH"):
        git.is_repository(str(repository.root))


def test_a_broken_repository_is_an_error_and_not_a_plain_directory(repository: Repository) -> None:
    (repository.root / ".git" / "HEAD").unlink()
    with pytest.raises(WgError, match="not a git repository"):
        serial_reason(str(repository.root))


def test_an_empty_dot_git_is_no_repository(box: Box) -> None:
    (box.root / ".git").mkdir()  # codex's sandbox makes one in /tmp, above other people's directories
    assert not git.is_repository(str(box.project))
    (box.root / ".git").rmdir()
    (box.root / ".git").symlink_to("nowhere")
    with pytest.raises(WgError, match=r"rev-parse --git-dir"):
        git.is_repository(str(box.project))


def test_head_branch(repository: Repository, tmp_path: Path) -> None:
    assert git.head_branch(str(repository.root)) == "main"
    repository.git("checkout", "-q", "--detach")
    assert git.head_branch(str(repository.root)) is None
    unborn = tmp_path / "unborn"
    repository.git("init", "-q", str(unborn))
    assert git.head_branch(str(unborn)) is None
    assert not git.has_commits(str(unborn))
    assert git.has_commits(str(repository.root))


def test_a_worktree_that_is_just_being_made_does_not_hide_the_commits(repository: Repository, tmp_path: Path) -> None:
    """`git worktree add` writes a HEAD of zeros first, and every agent's start looks for commits."""
    repository.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    head = repository.root / ".git" / "worktrees" / "other" / "HEAD"
    head.write_text("0" * 40 + "\n")
    assert git.has_commits(str(repository.root))


def test_is_ancestor(repository: Repository) -> None:
    first = repository.tip()
    second = repository.commit("two", "2")
    assert git.is_ancestor(str(repository.root), first, second)
    assert not git.is_ancestor(str(repository.root), second, first)


def test_a_directory_that_is_missing_is_an_error(box: Box) -> None:
    with pytest.raises(WgError, match="the directory does not exist"):
        git.is_repository(str(box.root / "missing"))


def test_a_worktree_that_is_just_being_made_does_not_stop_the_listing(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git says "failed to read .git/worktrees/…/commondir" while another git writes that file."""
    seen = tmp_path / "seen"
    stumble = f"case \" $* \" in *\" worktree list \"*) test -f '{seen}' || {{ touch '{seen}'; exit 128; }};; esac"
    path = shim(tmp_path / "bin", f"{stumble}\nexec '{shutil.which('git')}' \"$@\"")
    monkeypatch.setenv("PATH", path)
    assert [each.branch for each in checkouts(str(repository.root))] == ["main"]
    assert seen.exists()
