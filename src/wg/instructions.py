"""The section on wg in a project's AGENTS.md and CLAUDE.md, for the agent programs that read these.

Files are handled as bytes: outside of the section nothing of them ever changes. The section takes up whole lines; the
line end before or after it that was added with it goes with it.
"""

from __future__ import annotations

import os
import re

from wg.errors import WgError
from wg.files import remove_if_there, write_atomically
from wg.records import NamedTuple

FILES = ("AGENTS.md", "CLAUDE.md")
WRITTEN, REMOVED, UNCHANGED = "written", "removed", "unchanged"

_BEGIN = "<!-- wg:begin: written by wg setup-agents; what you change in here is lost -->"
_END = "<!-- wg:end -->"
_SECTION = f"""\
{_BEGIN}
## Tasks: wg

The work on this project is planned in `wg`, a graph of tasks. If `WG_TASK_ID` is set, you are the agent of that task:
call the program as `"$WG_BIN"`, report with its `log`, `done` and `fail`, and do not merge or push. Else it is `wg`.

- Look: `wg list`, `wg ready`, `wg show ID`.
- Add work as a task: `wg add "TITLE" -d "ALL THAT IS NEEDED TO KNOW" --after ID`. A dispatcher starts an agent on it.
- Leave `.wg/` and tasks that are in progress alone.

`wg guide` says more.
{_END}"""
# what a line is without its spaces and its end; the rest of the first one's wording may change with versions
_MARK = re.compile(rb"<!-- wg:(begin|end)\b[^\n]*-->")


class Change(NamedTuple):
    """What is to become of one file."""

    path: str  # as it is called in the project
    real: str  # the file that it leads to
    before: bytes | None  # None: there is no such file
    after: bytes | None  # None: it is to be removed, or not to be made
    changed: str  # WRITTEN or REMOVED: what it is if `after` is not `before`

    @property
    def state(self) -> str:
        """WRITTEN, REMOVED or UNCHANGED: what `apply` comes to."""
        return UNCHANGED if self.before == self.after else self.changed


def plan(root: str, *, remove: bool = False) -> list[Change]:
    """What is to be changed so that each file has the section as it is now, or with `remove` none has it.

    Names that lead to the same file are one change, under the first of them. WgError, naming the file and line,
    where a file cannot be changed: then none should be.
    """
    names: dict[str, list[str]] = {}
    for name in FILES:
        path = os.path.join(root, name)
        names.setdefault(os.path.realpath(path), []).append(path)
    return [_change(root, real, paths, remove) for real, paths in names.items()]


def apply(changes: list[Change]) -> None:
    """Make the changes; each file changes in one step. Raises WgError naming the file that could not be written."""
    for change in changes:
        if change.state == UNCHANGED:
            continue
        try:
            if change.after is None:
                remove_if_there(change.real)
            else:
                write_atomically(change.real, change.after, 0o644 if change.before is None else None)
        except OSError as error:
            raise WgError(f"{change.path} cannot be written: {error.strerror or error}") from None


def _change(root: str, real: str, paths: list[str], remove: bool) -> Change:
    path = paths[0]
    changed = REMOVED if remove else WRITTEN
    if not real.startswith(os.path.join(os.path.realpath(root), "")):
        raise WgError(f"{path} leads out of the project, to {real}", "make it a file of its own, for this project")
    before = _read(path)
    if before is None:
        return Change(path, real, None, None if remove else _section(b"\n") + b"\n", changed)
    after: bytes | None = _without(path, before) if remove else _with(path, before)
    is_linked = any(os.path.islink(each) for each in paths)
    if remove and after == b"" != before and not is_linked:
        after = None  # there was nothing else in it
    if after != before:
        _require_writable(path, real)
    return Change(path, real, before, after, changed)


def _read(path: str) -> bytes | None:
    if os.path.exists(path) and not os.path.isfile(path):
        raise WgError(f"{path} is not a file", "move it away")
    try:
        with open(path, "rb") as file:
            data = file.read()
        data.decode()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WgError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise WgError(f"{path} is not UTF-8 text", "convert it, or write the section by hand: wg guide") from None
    return data


def _require_writable(path: str, real: str) -> None:
    """It would be replaced, which its own permissions do not prevent."""
    if not os.access(real, os.W_OK) or not os.stat(real).st_mode & 0o222:
        raise WgError(f"{path} is read-only", f"make it writable: chmod u+w {real}")


def _with(path: str, data: bytes) -> bytes:
    found = _find(path, data)
    if found:
        begin, end = found
        return data[:begin] + _section(_line_end(data[begin:])) + data[end:]
    line_end = _line_end(data)
    if not data or data.endswith(b"\n"):
        return data + _section(line_end) + line_end
    return data + line_end + _section(line_end)


def _without(path: str, data: bytes) -> bytes:
    found = _find(path, data)
    if not found:
        return data
    begin, end = found
    before, after = data[:begin], data[end:]
    if after:
        return before + after.removeprefix(b"\r").removeprefix(b"\n")
    return before.removesuffix(_line_end(data[begin:]))


def _find(path: str, data: bytes) -> tuple[int, int] | None:
    """Where the section begins and ends, its last line end not included; None if there is none. WgError if unclear."""
    marks: list[tuple[bytes, int, int, int]] = []  # begin or end, its line number, where it begins and ends
    position = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        found = _MARK.fullmatch(line.strip())
        if found:
            marks.append((found[1], number, position, position + len(line.removesuffix(b"\r"))))
        position += len(line) + 1
    if not marks:
        return None
    for (kind, number, _, _), wanted in zip(marks, (b"begin", b"end"), strict=False):
        if kind != wanted:
            what = "ends without a beginning" if kind == b"end" else "begins inside another one"
            raise _unclear(path, number, what)
    if len(marks) == 1:
        raise _unclear(path, marks[0][1], "begins and does not end")
    if len(marks) > 2:
        raise _unclear(path, marks[2][1], "is there twice")
    return marks[0][2], marks[1][3]


def _unclear(path: str, line: int, what: str) -> WgError:
    return WgError(
        f"{path}:{line}: the section of wg {what}; nothing was changed",
        "remove what is left of it, lines like <!-- wg:begin --> and <!-- wg:end --> included, and try again",
    )


def _section(line_end: bytes) -> bytes:
    return _SECTION.encode().replace(b"\n", line_end)


def _line_end(data: bytes) -> bytes:
    """That of the first line."""
    end = data.find(b"\n")
    return b"\r\n" if end > 0 and data[end - 1 : end] == b"\r" else b"\n"
