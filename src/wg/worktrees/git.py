"""Runs git: with a clean environment, no hooks, no prompts and a time limit, and asks it simple questions."""

from __future__ import annotations

import os
import signal
import subprocess
from tempfile import TemporaryFile
from typing import IO

from wg.errors import WgError
from wg.records import NamedTuple
from wg.text import printable

TIMEOUT_SECONDS = 600.0
OLDEST = (2, 38)  # the first with `merge-tree --write-tree`

# in the environment of each git: the pid of the process that has started it
PARENT = "WG_GIT_PARENT"

# Hooks and signing belong to the user's own commands; background jobs would outlive this one.
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "i18n.commitEncoding=UTF-8",
    "protocol.version=2",  # lets `fetch .` ask for a commit that no ref names
)
# Everything else that starts with GIT_ could point git at another repository, index or config.
_KEPT_VARIABLES = (
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
)


class Result(NamedTuple):
    """What a git command printed. `out` is bytes, because file names need not be text."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """The output as text, without the last newline."""
        return os.fsdecode(self.out).rstrip("\n")

    @property
    def items(self) -> list[str]:
        """The output of a `-z` option, split, as file system names."""
        return [os.fsdecode(item) for item in self.out.split(b"\0") if item]


def run(
    directory: str,
    *arguments: str,
    codes: tuple[int, ...] = (0,),
    stdin: bytes = b"",
    settings: tuple[str, ...] = (),
) -> Result:
    """Run git in `directory`. An exit code not in `codes` raises WgError with the command and git's message.

    `settings` are `key=value` for `-c`. Names of files given as arguments are literal, never patterns.
    """
    result = try_run(directory, *arguments, stdin=stdin, settings=settings)
    if result.code not in codes:
        raise _failure(directory, arguments, result.err.strip() or f"exit code {result.code}")
    return result


def try_run(directory: str, *arguments: str, stdin: bytes = b"", settings: tuple[str, ...] = ()) -> Result:
    """`run`, leaving every exit code to the caller. Raises WgError where git cannot be run, or hangs."""
    argv = ["git"]
    for setting in (*_SETTINGS, *settings):
        argv += ["-c", setting]
    try:
        # files, not pipes: when this process is killed, git is to finish what it has begun, and not to die of a
        # broken pipe in the middle of a checkout, or take half of its input for all of it
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            process = subprocess.Popen(
                [*argv, *arguments],
                cwd=directory,
                env=_environment(),
                stdin=given,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            _await_end(process, directory, arguments)
            return Result(process.returncode, _all_of(out), _all_of(err).decode("utf-8", "replace"))
    except OSError as error:
        if error.filename == "git":  # EACCES, too, where a directory on PATH may not be looked into
            raise WgError("git is not on PATH", f"install git {_dotted(OLDEST)} or newer") from error
        is_gone = isinstance(error, FileNotFoundError)
        said = "the directory does not exist" if is_gone else error.strerror or str(error)
        raise _failure(directory, arguments, said) from error


def require_version() -> None:
    """Raises WgError where git is missing or older than 2.38."""
    words = run(os.sep, "version").text.split()
    numbers = tuple(int(part) for part in words[2].split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        raise WgError(f"git {words[2]} is too old", f"install git {_dotted(OLDEST)} or newer")


def is_repository(directory: str) -> bool:
    """Whether `directory` lies in a git repository. Raises WgError where there is one that git cannot use."""
    dot_git = nearest_dot_git(directory)
    try:
        result = try_run(directory, "rev-parse", "--git-dir")
    except WgError:
        if dot_git or not os.path.isdir(directory):
            raise
        return False  # no repository, so it does not matter that there is no git
    if result.code == 0:
        return True
    if dot_git or "not a git repository" not in result.err:
        raise _failure(directory, ("rev-parse", "--git-dir"), result.err.strip())
    return False


def head_branch(directory: str) -> str | None:
    """The branch checked out in `directory`; None where HEAD is detached or has no commit yet."""
    name = run(directory, "symbolic-ref", "--quiet", "--short", "HEAD", codes=(0, 1))
    if name.code != 0 or branch_tip(directory, name.text) is None:
        return None
    return name.text


def has_commits(directory: str) -> bool:
    """Whether anything was ever committed in this repository."""
    # not --all: it also reads the HEAD of every worktree, which is no commit yet while one is being made
    return run(directory, "rev-list", "--max-count=1", "--glob=*").out != b""


def branch_tip(directory: str, branch: str) -> str | None:
    """The commit that a local branch points at, or None where there is no such branch."""
    name = f"refs/heads/{branch}^{{commit}}"
    result = run(directory, "rev-parse", "--verify", "--quiet", name, codes=(0, 1))
    return result.text if result.code == 0 else None


def is_ancestor(directory: str, ancestor: str, descendant: str) -> bool:
    """Whether one commit is the other, or in its history."""
    return run(directory, "merge-base", "--is-ancestor", ancestor, descendant, codes=(0, 1)).code == 0


def identity(directory: str) -> tuple[str, ...]:
    """Settings that let git commit: none where the user has configured who they are, else wg's own name."""
    known = try_run(directory, "var", "GIT_COMMITTER_IDENT", settings=("user.useConfigOnly=true",))
    return () if known.code == 0 else ("user.name=wg", "user.email=wg@localhost")


def display(path: str) -> str:
    """A file system name as text that can be stored and printed."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT_VARIABLES}
    return {
        **kept,
        PARENT: str(os.getpid()),
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
    }


def _await_end(process: subprocess.Popen[bytes], directory: str, arguments: tuple[str, ...]) -> None:
    try:
        process.wait(TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise _failure(directory, arguments, f"not finished after {TIMEOUT_SECONDS:g} s, ended") from error
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)  # git's own children, too
            process.wait()


def _all_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _failure(directory: str, arguments: tuple[str, ...], why: str) -> WgError:
    command = printable(" ".join(arguments))
    return WgError(
        f"git {command} failed in {printable(directory)}: {printable(why, multiline=True)}",
        f"see what git says there: git -C {printable(directory)} status",
    )


def nearest_dot_git(directory: str) -> str:
    """The `.git` in `directory` or the nearest one above it; "" where there is none.

    An empty directory is none to git; codex's sandbox makes such placeholders, in /tmp among others, while it runs.
    """
    while True:
        candidate = os.path.join(directory, ".git")
        if os.path.lexists(candidate) and not _is_empty_directory(candidate):
            return candidate
        parent = os.path.dirname(directory)
        if parent == directory:
            return ""
        directory = parent


def _is_empty_directory(path: str) -> bool:
    try:
        return not os.listdir(path)
    except FileNotFoundError:  # a link that leads nowhere, or gone meanwhile
        return not os.path.islink(path)
    except OSError:  # a file, or not ours to look into
        return False


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)
